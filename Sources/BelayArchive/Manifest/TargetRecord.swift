/// The database of a backup, and the driver and programs that made the backup.
package struct TargetRecord: Codable, Sendable, Equatable {
  /// Its name in belay.yaml, if it has one.
  package var name: String?
  /// Without secrets.
  package var url: String
  /// What a relative path in the URL starts from: an absolute path on the machine that made the archive.
  package var folder: String?
  /// The driver's word for "the same database", which a URL is not: two URLs can lead to one.
  package var identity: String
  package var driver: String
  package var driverVersion: String
  package var driverSHA256: String
  package var serverName: String
  package var serverVersion: String
  /// Its size on the server; 0 if unknown.
  package var databaseBytes: UInt64
  /// How its SQL writes a text by hex digits, which `?` marks; nil: `CAST(X'?' AS TEXT)`, or it is not known.
  package var hexText: String?

  package init(
    name: String? = nil, url: String, folder: String? = nil, identity: String, driver: String, driverVersion: String,
    driverSHA256: String,
    serverName: String, serverVersion: String, databaseBytes: UInt64, hexText: String? = nil
  ) {
    self.name = name
    self.url = url
    self.folder = folder
    self.identity = identity
    self.driver = driver
    self.driverVersion = driverVersion
    self.driverSHA256 = driverSHA256
    self.serverName = serverName
    self.serverVersion = serverVersion
    self.databaseBytes = databaseBytes
    self.hexText = hexText
  }
}
