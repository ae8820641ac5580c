import BelayBase
import BelayStore
import CoreTesting
import Foundation
import SystemPackage
import Testing

@Suite("The order of archives")
struct ArchiveOrderTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = Store(folder.path)
    try store.runs.prepare()
  }

  /// An archive that a run makes while the clock shows a day of January.
  @discardableResult
  private func make(day: Int, _ label: String) throws -> String {
    let id = try store.newID(
      now: try #require(Moment.parse("2026-01-\(String(format: "%02d", day))T00:00:00Z")), label: label)
    _ = try folder.write("x", to: id + ".tar")
    return id
  }

  private func order() throws -> [String] { try store.archivesByAge().map(\.id) }
  private var hasFile: Bool { FileManager.default.fileExists(atPath: folder.path.appending("order").string) }

  @Test("is by the moments in their names as long as the clock goes forward, and nothing is written for it")
  func forward() throws {
    let made = try [1, 2, 2, 3].map { try make(day: $0, "x") }
    #expect(try order() == made)
    #expect(!hasFile)
  }

  @Test(
    "is the one in which they were made, however the clock was set",
    arguments: [[5, 3, 4], [9, 1, 1, 1], [5, 5, 4, 4, 5, 5], [1, 9, 2, 3, 9, 9, 10, 4], [3, 2, 1]])
  func setBack(days: [Int]) throws {
    let made = try days.map { try make(day: $0, "x") }
    #expect(try order() == made)
  }

  @Test("leaves an archive that is copied in at its own moment")
  func copiedIn() throws {
    let first = try make(day: 5, "x")
    let second = try make(day: 3, "x")
    _ = try folder.write("x", to: "20260104T000000Z-copy.tar")
    _ = try folder.write("x", to: "20260109T000000Z-copy.tar")
    #expect(
      try order() == ["20260104T000000Z-copy", first, second, "20260109T000000Z-copy"])
    // What is made afterwards is later than whatever is there.
    let third = try make(day: 6, "x")
    #expect(try order().last == third)
  }

  @Test(
    "is by the moments where the file of the order is gone or damaged", arguments: ["", "nonsense\n\u{0}\n a b c\n"])
  func damaged(text: String) throws {
    let first = try make(day: 5, "x")
    let second = try make(day: 3, "x")
    _ = try folder.write(text, to: "order")
    #expect(try order() == [second, first])
  }
}
