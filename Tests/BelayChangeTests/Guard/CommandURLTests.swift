import BelayBase
import Foundation
import Testing

@testable import BelayChange

@Suite("The URL that a command gets")
struct CommandURLTests {
  @Test(
    "a copy's has the form of the target's",
    arguments: [
      ("sqlite:/srv/shop.db", "sqlite:/tmp/copy.db", "sqlite:/tmp/copy.db"),
      ("sqlite:shop.db", "sqlite:/tmp/copy.db", "sqlite:/tmp/copy.db"),
      ("sqlite:///srv/shop.db", "sqlite:/tmp/copy.db", "sqlite:///tmp/copy.db"),
      ("sqlite:////srv/shop.db", "sqlite:/tmp/copy.db", "sqlite:////tmp/copy.db"),
      ("postgres://u:p@h/shop", "postgres://u:p@h/copy", "postgres://u:p@h/copy"),
      ("postgres:///shop", "postgres:///copy", "postgres:///copy"),
    ])
  func form(target: String, url: String, expected: String) {
    #expect(CommandURL(Target(url: target)).text(of: url) == expected)
  }

  @Test("a relative path to a file becomes absolute, and nothing else does")
  func relative() throws {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "belay-url-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appending(path: "shop.db"))
    let file = Target(url: "sqlite:shop.db", folder: folder.path)
    #expect(CommandURL(file).text(of: file.url) == "sqlite:\(folder.path)/shop.db")
    let account = Target(url: "d1:shop", folder: folder.path)
    #expect(CommandURL(account).text(of: account.url) == "d1:shop")
  }
}
