import BelayDrivers
import Foundation
import Testing

@testable import BelayChecks

@Suite("moments as databases store them")
struct StoredMomentTests {
  static let same: [Value] = [
    .text("2026-11-20T14:30:22Z"), .text("2026-11-20 14:30:22"), .native("2026-11-20 14:30:22+00"),
    .native("2026-11-20 16:00:22.000+01:30"), .text("2026-11-20 14:30:22 UTC"), .native("2026-11-20 10:30:22-0400"),
    .integer(1_795_185_022), .integer(1_795_185_022_000), .integer(1_795_185_022_000_000), .text("1795185022"),
    .real(1_795_185_022), .real(2_461_365.104421296),
  ]

  @Test("every usual form is read as the same moment", arguments: same)
  func forms(value: Value) throws {
    let moment = try #require(StoredMoment(value)).date.timeIntervalSince1970
    #expect(abs(moment - 1_795_185_022) < 0.01, "\(moment)")
  }

  @Test("a date alone is its first moment")
  func date() throws {
    #expect(StoredMoment(.text("2026-11-20"))?.date.timeIntervalSince1970 == 1_795_132_800)
  }

  @Test(
    "anything else is none",
    arguments: [Value.text("yesterday"), .native("infinity"), .null, .text("nan"), .real(.nan), .blob([1])])
  func none(value: Value) { #expect(StoredMoment(value) == nil) }
}
