import Foundation
import SystemPackage

/// A folder that is gone when the test is.
package final class TemporaryFolder {
  package let path: FilePath

  package init() throws {
    let template = FileManager.default.temporaryDirectory.appending(path: "belay-core-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: template, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = FilePath(template.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  package func write(_ text: String, to name: String) throws -> FilePath {
    try write(Data(text.utf8), to: name)
  }

  package func write(_ bytes: Data, to name: String) throws -> FilePath {
    let file = path.appending(name)
    try FileManager.default.createDirectory(
      atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: file.string))
    return file
  }
}
