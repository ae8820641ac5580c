import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

@Suite("What was recorded of a driver")
struct RecordTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.copy(BuiltDrivers.sound(), to: "belay-driver-sound.so")
  }

  private func record(_ sums: String...) throws {
    let entries = sums.map {
      DriverRecord.Entry(sha256: $0, version: "0.1", schemes: nil, installed: nil, from: nil, signature: nil)
    }
    let record = DriverRecord(installed: entries[0], previous: entries.dropFirst().first)
    try JSONEncoder().encode(record).write(to: URL(filePath: DriverRecord.path(of: path)))
  }

  private func sum() -> String { DriverFacts(name: "sound", path: path, keys: .none).sha256 }

  @Test("the file that was installed is loaded")
  func installed() throws {
    try record(sum())
    let driver = try BuiltDrivers.search(folder).load(named: "sound")
    #expect(driver.sha256 == sum())
  }

  @Test("so is the one before, which an installation that was cut off leaves in its place")
  func previous() throws {
    try record(String(repeating: "0", count: 64), sum())
    #expect(BuiltDrivers.refusal(of: "sound", in: folder) == nil)
  }

  @Test("any other file is refused, with the way out")
  func changed() throws {
    try record(sum())
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    let error = try #require(BuiltDrivers.refusal(of: "sound", in: folder))
    #expect(error.kind == .changed)
    #expect(error.message.contains("is not the file that was installed"), "\(error.message)")
    #expect(error.hint?.contains("belay driver install") == true)
    #expect(BuiltDrivers.search(folder).candidates(named: "sound").map(\.verdict).first == .refused(error))
  }

  @Test(
    "a record that cannot be read is no reason to do without it",
    arguments: ["", "{}", "{\"installed\": {\"sha256\": 7}}", "\u{0}"])
  func unreadable(text: String) throws {
    try folder.file("belay-driver-sound.so.json", text)
    #expect(BuiltDrivers.refusal(of: "sound", in: folder)?.kind == .changed)
  }

  @Test("nor is one that others can write to")
  func writable() throws {
    try record(sum())
    try folder.setMode(0o666, of: "belay-driver-sound.so.json")
    let error = try #require(BuiltDrivers.refusal(of: "sound", in: folder))
    #expect(error.message.contains("can be written to by everybody"), "\(error.message)")
  }
}
