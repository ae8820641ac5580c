import Foundation

/// What was installed: `belay-driver-NAME.so.json` next to the driver. The driver must be one of the files that it
/// lists.
///
/// It lists the installed file and the previous one, because the record is written before the file is renamed: after a
/// power failure either of them may be there, and both are accepted.
package struct DriverRecord: Codable, Sendable, Equatable {
  package struct Entry: Codable, Sendable, Equatable {
    /// 64 hex digits.
    package var sha256: String
    package var version: String?
    /// The schemes of its URLs, in lower case; nil in a record of an older belay.
    package var schemes: [String]?
    /// RFC 3339, UTC; nil for a file that was not installed by `belay driver install`.
    package var installed: String?
    /// The path that it was copied from.
    package var from: String?
    /// The complete text of ssh-keygen's signature.
    package var signature: String?

    package init(
      sha256: String, version: String?, schemes: [String]?, installed: String?, from: String?, signature: String?
    ) {
      self.sha256 = sha256
      self.version = version
      self.schemes = schemes
      self.installed = installed
      self.from = from
      self.signature = signature
    }
  }

  package var installed: Entry
  package var previous: Entry?

  package init(installed: Entry, previous: Entry?) {
    self.installed = installed
    self.previous = previous
  }

  package static func path(of driver: String) -> String { driver + ".json" }

  func entry(for sha256: String) -> Entry? {
    [installed, previous].compactMap { $0 }.first { $0.sha256 == sha256 }
  }

  /// nil if there is none. driver: the path of its file.
  static func read(beside driver: String) throws(FileFlaw) -> DriverRecord? {
    guard let bytes = try SideFile.read(path(of: driver)) else { return nil }
    do {
      return try JSONDecoder().decode(DriverRecord.self, from: Data(bytes))
    } catch {
      throw FileFlaw(reason: "its record \(path(of: driver)) cannot be read", hint: "belay driver install FILE")
    }
  }
  /// The schemes of the driver at this path according to its record; nil if the record does not say. Problems of the
  /// record or the file are reported when the driver is loaded.
  static func schemes(beside driver: String) -> [String]? {
    let record: DriverRecord
    do {
      guard let read = try read(beside: driver) else { return nil }
      record = read
    } catch {
      return nil
    }
    // The whole file is read only if it matters which of the two files it is.
    guard let previous = record.previous, previous.schemes != record.installed.schemes else {
      return record.installed.schemes
    }
    return (record.entry(for: FileDigest.sha256(ofFile: driver)) ?? record.installed).schemes
  }
}
