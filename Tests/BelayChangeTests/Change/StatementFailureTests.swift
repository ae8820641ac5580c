import BelayBase
import BelayDrivers
import CoreTesting
import SystemPackage
import Testing

@testable import BelayChange

@Suite("A statement that the engine refuses")
struct StatementFailureTests {
  private func failure(_ sql: String, _ error: DriverError) throws -> BelayError {
    let folder = try TemporaryFolder()
    let file = try MigrationFile(try folder.write(sql, to: "1.sql"))
    let statement = Statement(offset: 0, length: sql.utf8.count, line: 5, flags: [], writes: [], sql: sql)
    return StatementFailure(error: error, statement: statement, file: file).belayError
  }

  @Test("its line, the position in it, SQLSTATE and the engine's hint are all reported")
  func whole() throws {
    let error = try failure(
      "INSERT INTO a\n\tSELECT bad FROM b",
      DriverError(.sql, sqlState: "42703", sqlOffset: 22, message: "no column bad", hint: "detail\nhint"))
    #expect(error.message == "1.sql, line 6: no column bad")
    #expect(error.causes == ["SQLSTATE 42703", "\tSELECT bad FROM b\n\t       ^"])
    #expect(error.hint == "detail\nhint")
    #expect(error.kind == .migrationFailed)
  }

  @Test("an offset beyond the text, and none at all, do no harm", arguments: [99, -1, nil] as [Int?])
  func offsets(offset: Int?) throws {
    let error = try failure("SELECT 1", DriverError(.sql, sqlOffset: offset, message: "no"))
    #expect(error.message == "1.sql, line 5: no")
    #expect(error.causes.first?.hasPrefix("SELECT 1") == true)
  }

  @Test("a lock that others hold is reported with what to do")
  func busy() throws {
    #expect(try failure("SELECT 1", DriverError(.busy, message: "locked")).hint?.contains("lock-timeout") == true)
  }

  @Test(
    "durations of directives", arguments: [("30s", 30), ("10min", 600), ("2m", 120), ("1h", 3600), ("0", 0)])
  func durations(text: String, seconds: Int) throws {
    let directives = try Directives(
      sql: "-- belay: lock-timeout \(text)\n-- belay: statement-timeout \(text)", file: "1")
    #expect(directives.lockTimeoutSeconds == seconds)
    #expect(directives.statementTimeoutSeconds == seconds)
  }

  @Test("what is no duration is refused", arguments: ["", "30", "-1s", "s", "1 s", "99999999999999999h"])
  func noDuration(text: String) {
    #expect(throws: BelayError.self) { try Directives(sql: "-- belay: lock-timeout \(text)", file: "1") }
  }
}
