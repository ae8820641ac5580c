import BelayDrivers
import Testing

@testable import BelayChange

@Suite("Names that a directive means")
struct DeclaredNamesTests {
  private let names = DeclaredNames(
    catalog: Catalog(objects: [
      SchemaObject(kind: "table", schema: "public", name: "posts"), SchemaObject(kind: "table", name: "Tag"),
      SchemaObject(kind: "table", name: "tag"), SchemaObject(kind: "column", name: "title", parent: "posts"),
      SchemaObject(kind: "index", name: "Posts_By_Title", parent: "posts"),
    ]), statements: [])

  @Test(
    "are those of the database, whatever their case where only one is like them",
    arguments: [
      ("posts", "posts"), ("Posts", "posts"), ("public.posts", "public.posts"), ("PUBLIC.Posts", "public.posts"),
      ("tag", "tag"),
      ("Tag", "Tag"), ("TAG", nil), ("title", nil), ("posts_by_title", "Posts_By_Title"), ("postz", nil), ("", nil),
    ])
  func resolve(typed: String, meant: String?) {
    #expect(names.resolve(typed) == meant)
  }

  @Test("a slip of the pen has a name that was meant")
  func hint() {
    #expect(names.hint(for: "postz") == "did you mean posts?")
    #expect(names.hint(for: "something else") == nil)
  }
}
