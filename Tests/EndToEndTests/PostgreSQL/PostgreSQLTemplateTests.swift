import DriverTesting
import Foundation
import Testing

@Suite("belay.yaml as belay init writes it, for a PostgreSQL database")
struct PostgreSQLTemplateTests {
  @Test("the target in it is one, with its options, once the comment signs are gone")
  func target() throws {
    let shop = try PostgreSQLWorkspace()
    #expect(try shop.belay("init").status == 0)
    let file = shop.folder.appending(path: "belay.yaml")
    let template = try String(contentsOf: file, encoding: .utf8)
    let block = try #require(template.firstMatch(of: /#  warehouse:\n(?:#.*\n)+/)?.output)
    let target = block.replacing(/(?m)^#/, with: "").replacing(/url: .*/, with: "url: \(shop.url)")
    #expect(target.contains("options:"), "\(target)")
    try shop.write(template.replacing(block, with: target), to: "belay.yaml")
    for command in ["doctor", "backup"] {
      let run = try shop.belay(command, "warehouse")
      #expect(run.status == 0, "\(run)")
    }
  }
}
