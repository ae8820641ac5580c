import BelayProcess
import Foundation
import Testing

@Suite("A command is found as a shell finds it")
struct CommandSearchTests {
  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "belay-search-\(UUID().uuidString)")
    for name in ["bin", "more", "bin/folder"] {
      try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    for (name, mode) in [
      ("bin/plain", 0o644), ("more/plain", 0o755), ("more/tool", 0o755), ("here", 0o755), ("bin/text", 0o644),
    ] {
      let file = folder.appending(path: name).path
      try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: file))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }
    return folder
  }

  @Test(
    "in the folders of PATH, in their order, or from a folder",
    arguments: [
      ("tool", "bin:more", "/more/tool"), ("plain", "bin:more", "/more/plain"), ("here", "bin:", "/./here"),
      ("./here", "bin", "/./here"), ("more/tool", "bin", "/more/tool"),
    ])
  func found(name: String, path: String, file: String) throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(CommandSearch(name, path: path, folder: folder.path) == .found(folder.path + file))
  }

  @Test("what is there and cannot be run is told from what is not there")
  func missing() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path
    #expect(CommandSearch("nothing", path: "bin:more", folder: path) == .missing)
    #expect(CommandSearch("here", path: "bin:more", folder: path) == .missing)
    #expect(CommandSearch("", path: "bin", folder: path) == .missing)
    #expect(CommandSearch("text", path: "bin", folder: path) == .notExecutable("\(path)/bin/text"))
    #expect(CommandSearch("bin/folder", path: "bin", folder: path) == .notExecutable("\(path)/bin/folder"))
    #expect(CommandSearch("sh", path: nil, folder: path) != .missing)
  }
}
