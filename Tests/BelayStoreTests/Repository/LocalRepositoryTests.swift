import BelayArchive
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayStore

@Suite("A repository in a folder")
struct LocalRepositoryTests {
  private let folder: TemporaryFolder
  private let elsewhere: TemporaryFolder
  private let repository: any Repository

  init() throws {
    folder = try TemporaryFolder()
    elsewhere = try TemporaryFolder()
    repository = LocalRepository(folder.path)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path.appending(name).string, encoding: .utf8)
  }
  private func names() throws -> [String] { try repository.list().map(\.name).sorted() }

  @Test func `lists complete files, and nothing else`() throws {
    for name in ["a.tar", "b.tar.partial", ".hidden"] { _ = try folder.write("12345", to: name) }
    #expect(try names() == ["a.tar"])
    #expect(try repository.stat("a.tar")?.bytes == 5)
    #expect(try repository.stat("a.tar")?.location == folder.path.appending("a.tar").string)
    #expect(try repository.stat("b.tar") == nil)
    #expect(try LocalRepository(folder.path.appending("nothing")).list() == [])
  }

  @Test func `reads any range, and nothing behind the end`() throws {
    _ = try folder.write("0123456789", to: "a.tar")
    let source = try repository.source("a.tar")
    #expect(source.size == 10)
    for (offset, expected) in [(0, "0123"), (7, "789"), (10, ""), (99, "")] as [(UInt64, String)] {
      var bytes = [UInt8](repeating: 0, count: 4)
      let count = try bytes.withUnsafeMutableBytes { try source.read(at: offset, into: $0) }
      #expect(String(decoding: bytes[..<count], as: UTF8.self) == expected)
    }
    let missing = #expect(throws: ArchiveError.self) { try repository.source("b.tar") }
    #expect(missing?.kind == .notFound)
  }

  @Test(arguments: [true, false])
  func `takes a file in from beside the name and from elsewhere`(beside: Bool) throws {
    let staging = elsewhere.path
    let local = repository.localPath("a.tar", staging: staging)
    #expect(local == folder.path.appending("a.tar"))
    let file = try (beside ? folder : elsewhere).write("content", to: "a.tar.partial")
    try repository.put(file, as: "a.tar")
    #expect(try text("a.tar") == "content")
    #expect(try names() == ["a.tar"])
    #expect(!FileManager.default.fileExists(atPath: file.string))
  }

  @Test(arguments: [true, false])
  func `never replaces what has the name`(beside: Bool) throws {
    _ = try folder.write("first", to: "a.tar")
    let file = try (beside ? folder : elsewhere).write("second", to: "new.partial")
    #expect(throws: ArchiveError.self) { try repository.put(file, as: "a.tar") }
    #expect(try text("a.tar") == "first")
    #expect(FileManager.default.fileExists(atPath: file.string))
    #expect(try names() == ["a.tar"])
  }

  @Test func `renames and deletes, and deletes again`() throws {
    _ = try folder.write("content", to: "a.tar")
    try repository.rename("a.tar", to: "a.tar.unverified")
    #expect(try names() == ["a.tar.unverified"])
    for _ in 0..<2 { try repository.delete("a.tar.unverified") }
    #expect(try names() == [])
    #expect(throws: ArchiveError.self) { try repository.rename("a.tar", to: "b") }
  }
}
