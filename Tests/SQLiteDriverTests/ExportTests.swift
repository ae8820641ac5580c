import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct ExportTests {
  @Test("the shared object exports one symbol")
  func oneSymbol() throws {
    let folder = try TemporaryFolder()
    let list = folder("symbols")
    try Compiler.run(
      "sh", ["-c", "nm -D --defined-only --extern-only \"$1\" > \"$2\"", "sh", BuiltDriver.path(), list])
    let symbols = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
    #expect(symbols.map { $0.split(separator: " ").last } == ["belay_driver_v1"])
  }

  @Test("the driver needs neither Foundation nor the host")
  func fewLibraries() throws {
    let folder = try TemporaryFolder()
    let list = folder("libraries")
    try Compiler.run("sh", ["-c", "readelf -d \"$1\" | grep NEEDED > \"$2\"", "sh", BuiltDriver.path(), list])
    let needed = try String(contentsOfFile: list, encoding: .utf8)
    #expect(needed.contains("libsqlite3"))
    #expect(!needed.contains("Foundation"))
    #expect(!needed.contains("archive"))
  }

  @Test("it has every extension that makes sense for SQLite, and no other")
  func extensions() throws {
    let driver = try BuiltDriver.load()
    #expect(driver.id == "sqlite")
    #expect(driver.schemes == ["sqlite", "file"])
    let expected = [
      "script", "snapshot", "token", "scratch", "lock", "explain", "lint", "integrity", "preflight", "rows",
      "draft.archived",
    ]
    #expect(Set(driver.extensionIDs) == Set(expected.map { "belay.\($0)/1" } + ["belay.draft.footprint/2"]))
  }
}
