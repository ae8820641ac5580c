import BelayArchive
import Testing

@Suite("Names of members")
struct MemberNameTests {
  @Test(
    "a table's name is encoded so that no member climbs out, hides, or takes another's place",
    arguments: [
      (TableName(name: "users"), "csv/users.csv"),
      (TableName(schema: "public", name: "users"), "csv/public.users.csv"),
      (TableName(name: "a.b"), "csv/a%2Eb.csv"),
      (TableName(schema: "a.b", name: "c"), "csv/a%2Eb.c.csv"),
      (TableName(schema: "a", name: "b.c"), "csv/a.b%2Ec.csv"),
      (TableName(name: "../../etc/passwd"), "csv/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd.csv"),
      (TableName(name: ".hidden"), "csv/%2Ehidden.csv"),
      (TableName(name: "50% \"off\""), "csv/50%25%20%22off%22.csv"),
      (TableName(name: "zażółć"), "csv/za%C5%BC%C3%B3%C5%82%C4%87.csv"),
      (TableName(name: ""), "csv/%.csv"),
    ])
  func encodes(_ table: TableName, _ name: String) {
    #expect(MemberName.csv(table) == name)
    #expect(MemberName.json(table) == name.replacing("csv", with: "json"))
    #expect(MemberName.danger(in: name) == nil)
  }

  @Test("names that are too long for a file system are cut, and remain distinct")
  func long() {
    let one = MemberName.csv(TableName(name: String(repeating: "ż", count: 200) + "1"))
    let two = MemberName.csv(TableName(name: String(repeating: "ż", count: 200) + "2"))
    #expect(one != two)
    for name in [one, two] {
      #expect(name.utf8.count < 200)
      #expect(MemberName.danger(in: name) == nil)
    }
  }

  @Test(
    "dangerous names are known",
    arguments: ["", "/a", "a/", "a//b", "..", "../a", "a/../b", "./a", ".a", "a\\b", "a\u{0}", "a\nb", "é", "a b"])
  func danger(_ name: String) { #expect(MemberName.danger(in: name) != nil) }

  @Test("a dump that is SQL itself does not take the SQL text's name")
  func nativeSQL() {
    #expect(MemberName.native(fileExtension: "db") == "full_backup.db")
    #expect(MemberName.native(fileExtension: "sql") != MemberName.sql)
  }
}
