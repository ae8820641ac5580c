/// A format of an engine's own dump, and the extension of its files.
public struct DumpFormat: Sendable, Hashable {
  /// E.g. "sqlite_db".
  public var name: String
  /// Without the dot, e.g. "db".
  public var fileExtension: String
  /// It is already compressed, and is stored in the archive unchanged.
  public var isStored: Bool

  /// A format with the extension of its files.
  public init(_ name: String, fileExtension: String, isStored: Bool = false) {
    self.name = name
    self.fileExtension = fileExtension
    self.isStored = isStored
  }

  /// Parses an `entry`. Without an extension, the files have the name of the format as extension.
  package init(entry: Substring) {
    let parts = entry.split(separator: ":").map(String.init)
    let name = parts.first ?? String(entry)
    self.init(name, fileExtension: parts.count > 1 ? parts[1] : name, isStored: parts.dropFirst(2).contains("stored"))
  }

  /// As `belay_snapshot.formats` lists it: "name:extension", followed by ":stored" if it is stored.
  package var entry: String { "\(name):\(fileExtension)" + (isStored ? ":stored" : "") }
}
