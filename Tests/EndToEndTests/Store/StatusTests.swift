import Foundation
import Testing

@Suite("belay status, with several targets and none")
struct StatusTests {
  @Test func `without any backup the status is 3`() throws {
    let shop = try Workspace()
    let run = try shop.belay("status")
    #expect(run.status == 3 && run.output.contains("there is no backup in"), "\(run)")
    let json = try shop.belay("status", "--json")
    #expect(json.status == 3 && json.output.contains(#""event":"no_archive""#), "\(json)")
  }

  @Test func `each target has its own last backup, and one without any is named`() throws {
    let shop = try Workspace()
    try shop.write(
      "targets: { shop: sqlite:shop.db, other: sqlite:other.db, third: sqlite:third.db }\n", to: "belay.yaml")
    try shop.sqlite("CREATE TABLE t (a)", on: shop.folder.appending(path: "other.db"))
    try shop.belay("backup", "shop", "--verify", "manifest")
    let first = try shop.latest()
    try shop.belay("backup", "other", "--verify", "manifest")
    let run = try shop.belay("status")
    #expect(run.status == 3, "\(run)")
    #expect(run.output.split(separator: "\n").contains { $0.contains(first) && $0.hasSuffix(" shop") }, "\(run)")
    #expect(run.output.split(separator: "\n").contains { $0.contains("-other ") && $0.hasSuffix(" other") }, "\(run)")
    #expect(run.output.contains("no backup    third"), "\(run)")
  }
}
