import Foundation

/// What was installed: `belay-driver-NAME.so.json` beside the driver. The file must be one of those that it names.
///
/// It names the installed file and the one before, because the record is written before the file is renamed into place:
/// whichever of the two lies there when the power fails is accepted.
package struct DriverRecord: Codable, Sendable, Equatable {
  package struct Entry: Codable, Sendable, Equatable {
    /// 64 hex digits.
    package var sha256: String
    package var version: String?
    /// The schemes of its URLs, in lower case; nil in a record of an older belay.
    package var schemes: [String]?
    /// RFC 3339, UTC; nil for a file that was put there by other means than `belay driver install`.
    package var installed: String?
    /// The path that it was copied from.
    package var from: String?
    /// The whole text of ssh-keygen's signature.
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

  /// nil where there is none. driver: the path of its file.
  static func read(beside driver: String) throws(FileFlaw) -> DriverRecord? {
    guard let bytes = try SideFile.read(path(of: driver)) else { return nil }
    do {
      return try JSONDecoder().decode(DriverRecord.self, from: Data(bytes))
    } catch {
      throw FileFlaw(reason: "its record \(path(of: driver)) cannot be read", hint: "belay driver install FILE")
    }
  }
  /// The schemes of the driver that lies at this path, as its record has them; nil where the record does not say. What
  /// is wrong with the record or the file, loading says.
  static func schemes(beside driver: String) -> [String]? {
    let record: DriverRecord
    do {
      guard let read = try read(beside: driver) else { return nil }
      record = read
    } catch {
      return nil
    }
    // Only where it matters which of the two files lies there is the file read from end to end.
    guard let previous = record.previous, previous.schemes != record.installed.schemes else {
      return record.installed.schemes
    }
    return (record.entry(for: FileDigest.sha256(ofFile: driver)) ?? record.installed).schemes
  }
}
