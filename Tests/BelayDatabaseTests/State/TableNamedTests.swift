import BelayArchive
import BelayBase
import BelayDrivers
import Testing

@testable import BelayDatabase

@Suite("A table by its name as a person types it")
struct TableNamedTests {
  private let state = DatabaseState(
    catalog: Catalog(
      objects: [
        ("public", "orders"), ("old", "orders"), ("public", "odd \"name\".x"), ("Über Schema", "T"), ("public", "a.b"),
        ("", "plain"),
      ].map { SchemaObject(kind: "table", schema: $0.0, name: $0.1) }), tables: [:])

  @Test(
    arguments: [
      ("public.orders", "public.orders"), ("old.\"orders\"", "old.orders"), ("T", "Über Schema.T"),
      ("\"Über Schema\".\"T\"", "Über Schema.T"), ("\"odd \"\"name\"\".x\"", "public.odd \"name\".x"),
      ("public.\"odd \"\"name\"\".x\"", "public.odd \"name\".x"), ("odd \"name\".x", "public.odd \"name\".x"),
      ("a.b", "public.a.b"), ("public.\"a.b\"", "public.a.b"), ("`plain`", "plain"), ("plain", "plain"),
    ])
  func `plain and quoted names find it`(typed: String, found: String) throws {
    #expect(try state.table(named: typed, archive: "A").tableName.description == found)
  }

  @Test(
    arguments: [
      ("orders", "add the schema: public.orders, old.orders"), ("public.order", "did you mean public.orders?"),
      ("plian", "did you mean plain?"), ("\"t\"", "did you mean Über Schema.T?"),
      (
        "nothing_like_it",
        "it contains: public.orders, old.orders, public.odd \"name\".x, Über Schema.T, public.a.b, plain"
      ),
      ("\"open", "it contains: public.orders, old.orders, public.odd \"name\".x, Über Schema.T, public.a.b, plain"),
    ])
  func `what finds none, or two, says what there is`(typed: String, hint: String) {
    let error = #expect(throws: BelayError.self) { try state.table(named: typed, archive: "A") }
    #expect(error?.kind == .notFound)
    #expect(error?.hint == hint)
  }
}
