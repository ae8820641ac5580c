import Testing

@testable import BelayChange

/// The numbers are those that the tools' own algorithms give, computed by zlib and by Java's `hashCode`.
@Suite("The keys of the tools' locks")
struct ToolLockTests {
  @Test("are the tools' own")
  func keys() {
    #expect(ToolLockKey.golangMigrate(schema: "public", table: "schema_migrations", database: "shop") == 3_689_236_698)
    #expect(ToolLockKey.flyway(schema: "public", table: "flyway_schema_history") == 77_433_833_903_597)
    #expect(ToolLockKey.sqlx(database: "zone") == 2_771_974_297_191_923_538)
    #expect(ToolLockKey.sqlx(database: "zone_test") == 1_283_835_657_316_171_598)
  }
}
