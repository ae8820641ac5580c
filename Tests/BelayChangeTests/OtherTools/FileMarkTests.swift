import Testing

@testable import BelayChange

@Suite("Files that are written for another migration tool")
struct FileMarkTests {
  @Test(
    "a file with a way up and a way down is recognised by the comments between them",
    arguments: [
      ("goose", "-- +goose Up\nCREATE TABLE a (x);\n-- +goose Down\nDROP TABLE a;", 3),
      ("goose", "--+goose up\r\nSELECT 1;\r\n--+goose down\r\nDROP TABLE a;", 3),
      ("dbmate", "-- migrate:up\nSELECT 1;\n\n-- migrate:down transaction:false\nDROP TABLE a;", 4),
      ("sql-migrate", "-- +migrate Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;", 3),
      ("Micrate", "-- +micrate Up\nSELECT 1;\n-- +micrate Down\nSELECT 2;", 3),
      ("Rambler", "-- rambler up\nSELECT 1;\n-- rambler down\nSELECT 2;", 3),
      ("MyBatis Migrations", "-- // First.\nSELECT 1;\n-- //@UNDO\nSELECT 2;", 3),
      ("tern", "SELECT 1;\n---- create above / drop below ----\nSELECT 2;", 2),
      ("Play evolutions", "# --- !Ups\nSELECT 1;\n# --- !Downs\nSELECT 2;", 3),
      ("another migration tool", "-- !Ups\nSELECT 1;\n-- !Downs\nSELECT 2;", 3),
      ("another migration tool", "-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT 2;", 3),
      ("another migration tool", "-- ==== UP ====\nSELECT 1;\n-- ==== DOWN ====\nSELECT 2;", 3),
      ("another migration tool", "--@up\nSELECT 1;\n--@down\nSELECT 2;", 3),
      ("another migration tool", "-- Up\nSELECT 1;\n-- Down\nSELECT 2;", 3),
      ("another migration tool", "SELECT 1;\n--@UNDO\nSELECT 2;", 2),
    ])
  func ways(tool: String, sql: String, line: Int) throws {
    let mark = try #require(FileMark(in: sql))
    #expect(mark.tool.name == tool && mark.line == line && mark.beginsDown)
  }

  @Test(
    "so is one that only its tool reads right",
    arguments: [
      ("goose", "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;"),
      ("Liquibase", "--liquibase formatted sql\n--changeset nvoxland:1 context:test\nCREATE TABLE a (x);"),
      ("Liquibase", "-- changeset nvoxland:1\nCREATE TABLE a (x);"),
    ])
  func others(tool: String, sql: String) throws {
    let mark = try #require(FileMark(in: sql))
    #expect(mark.tool.name == tool && !mark.beginsDown)
  }

  @Test(
    "plain SQL is not, whatever its comments are about",
    arguments: [
      "-- adds the down payment\nALTER TABLE a ADD b;",
      "-- Up to here nothing happens\nSELECT 1;\n-- down payments follow\nSELECT 2;",
      "CREATE TABLE a (x);\n-- rollback:\n-- DROP TABLE a;\n",
      "-- Up\nCREATE TABLE a (x);\n-- Down\n-- DROP TABLE a;",
      "/*\n-- +goose Down\n*/\nSELECT 1;",
      "INSERT INTO help VALUES ('\n-- migrate:down\n');",
      "-- migrate: users to accounts\nSELECT 1;", "-- changeset of 2024\nSELECT 1;",
      "-- belay: no-transaction\nVACUUM;", "-- roll back by hand\nSELECT 1;",
      "--> statement-breakpoint\nSELECT 1;",
    ])
  func plain(sql: String) {
    #expect(FileMark(in: sql) == nil)
  }
}
