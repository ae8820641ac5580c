import Foundation

/// A folder of one test's own, gone when the object is. Nobody else can write to it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("belay-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit {
    // What is left in the system's folder for temporary files does no harm.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of an entry.
  package func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Makes a folder in it.
  package func folder(_ name: String, mode: Int = 0o755) throws -> String {
    try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    try setMode(mode, of: name)
    return self(name)
  }

  /// Makes a file in it, with its folder.
  @discardableResult
  package func file(_ name: String, _ content: String, mode: Int = 0o644) throws -> String {
    let folder = (self(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(fileURLWithPath: self(name)))
    try setMode(mode, of: name)
    return self(name)
  }

  package func copy(_ source: String, to name: String, mode: Int = 0o755) throws -> String {
    let folder = (self(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: source, toPath: self(name))
    try setMode(mode, of: name)
    return self(name)
  }

  package func setMode(_ mode: Int, of name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: self(name))
  }
}
