import DriverTesting
import Foundation
import Testing

@Suite("belay backup of MariaDB, and what the archive is good for")
struct MariaDBBackupTests {
  /// What is easily lost.
  static let odd = #"""
    CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 2;
    SELECT nextval(numbers);
    CREATE TABLE `se``lect "é"` (`a "b" ``c``` varchar(100) COLLATE utf8mb4_bin PRIMARY KEY, f float, d double,
      e decimal(30,10), g datetime(6), h timestamp(6) NULL, i time(3), j year, k bit(10), l json, m bigint unsigned,
      n enum('x', 'y\\z;'), o blob, p point, q date, r text CHARACTER SET latin1, s int DEFAULT nextval(numbers),
      t varchar(100) AS (upper(r)) STORED, u uuid, CONSTRAINT positive CHECK (s > 0))
      COMMENT 'it''s a \\ backslash, AUTO_INCREMENT=7';
    SET sql_mode = '', time_zone = '+00:00';
    INSERT INTO `se``lect "é"` (`a "b" ``c```, f, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, u) VALUES
      ('', 3.14159274, 0.1, 12345678901234567890.0123456789, '2020-01-02 03:04:05.678901',
       '2020-10-25 00:30:00.000001', '-838:59:59', 2001, b'1010101010', '{"a":[1,null]}', 18446744073709551615,
       'y\\z;', x'00ff5c27', point(1, 2), '0000-00-00', 'née', 3, '00000000-0000-0000-0000-0000000000ff'),
      ('tab\tnew\nline\\.\r\n\\N\0', 1e38, -1e308, -0.5, '0000-00-00', NULL, '00:00:00.5', 0, 0, '[]', 0, NULL, '',
       NULL, '2020-00-10', '', NULL, NULL);
    CREATE TABLE parted (a int, b int) PARTITION BY RANGE (a)
      (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
    INSERT INTO parted VALUES (1, 1), (100, 2);
    CREATE TABLE zeros (id int AUTO_INCREMENT PRIMARY KEY, note text);
    SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
    INSERT INTO zeros VALUES (0, 'zero'), (-1, 'below');
    CREATE VIEW b_view AS SELECT name AS `né` FROM customers;
    CREATE VIEW a_view AS SELECT `né` FROM b_view;

    """#

  @Test("with belay absent, tar, sha256sum and mariadb restore it from the SQL text")
  func byHand() throws {
    let shop = try MariaDBWorkspace(schema: MariaDBWorkspace.shop + MariaDBWorkspace.log + Self.odd)
    let before = try shop.dump()
    let run = try shop.belay("backup", shop.url, "--name", "first")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("verified at level restore"), "\(run)")
    #expect(try shop.dump() == before)
    let (id, copy) = (try shop.latest(), "\(shop.database)_text")
    try shop.server.makeDatabase(copy)
    defer { try? shop.server.dropDatabase(copy) }
    let hand = try Program.run(
      "/bin/sh",
      [
        "-c",
        """
        set -e
        mkdir out && cd out
        tar xf ../backups/\(id).tar
        sha256sum --quiet -c SHA256SUMS
        zstd -q -dc full_backup.sql.zst | mariadb --no-defaults --socket=\(shop.server.folder)/socket --user=root \(copy)
        grep -q mariadb README.txt
        """,
      ], in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    #expect(try shop.server.dump(copy).replacing("`\(copy)`", with: "`\(shop.database)`") == before)
  }

  @Test("it is verified at every level, and restored into a new database that is equal")
  func restore() throws {
    let shop = try MariaDBWorkspace(schema: MariaDBWorkspace.shop + MariaDBWorkspace.log + Self.odd)
    #expect(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    for level in ["manifest", "read", "restore"] {
      let verified = try shop.belay("verify", id, "--level", level)
      #expect(verified.status == 0, "\(verified)")
    }
    let copy = "odd `name` \(shop.database)"
    defer { try? shop.server.dropDatabase(copy) }
    let restored = try shop.belay("restore", id, "--into", shop.server.url(copy))
    #expect(restored.status == 0, "\(restored)")
    let (dump, quoted) = (try shop.server.dump(copy), MariaDBServer.quoted(copy))
    #expect(try dump.replacing(quoted, with: "`\(shop.database)`") == shop.dump())
    let again = try shop.belay("restore", id, "--into", shop.server.url(copy))
    #expect(again.status != 0, "\(again)")
    #expect(try shop.leftovers() == [])
  }

  @Test("a password from the environment appears in no file of the store and in no output")
  func password() throws {
    let shop = try MariaDBWorkspace()
    let (user, word) = ("u_" + shop.database.suffix(8), "secret'wörd\\1")
    try shop.server.client(
      "CREATE USER \(user)@localhost IDENTIFIED BY 'secret\\'wörd\\\\1'; GRANT ALL ON *.* TO \(user)@localhost")
    defer { _ = try? shop.server.client("DROP USER \(user)@localhost") }
    let url = shop.server.url(shop.database, user: user)
    let refused = try shop.belay("backup", url)
    #expect(refused.status != 0 && refused.errors.contains("Access denied"), "\(refused)")
    let run = try shop.belay("backup", url, environment: ["MYSQL_PWD": word])
    #expect(run.status == 0, "\(run)")
    #expect(!run.description.contains("secret"), "\(run)")
    let found = try Program.run("/bin/grep", ["-rlF", word, shop.store.path], in: shop.folder)
    #expect(found.output.isEmpty, "\(found)")
  }

  @Test func `a row that no statement of the engine can hold is in the SQL text, and the archive says so`() throws {
    let shop = try MariaDBWorkspace(
      schema: """
        CREATE TABLE files (id int PRIMARY KEY, body longblob); INSERT INTO files VALUES (1, 'small'), (3, 'small');
        INSERT INTO files SELECT 2, REPEAT(UNHEX('00ff'), 350000)
        """, on: MariaDBServer(settings: ["--max-allowed-packet=1M"]))
    let run = try shop.belay("backup", shop.url)
    #expect(run.status == 0, "\(run)")
    let note = "The SQL text has 1 row of files that MariaDB cannot execute"
    #expect(run.errors.contains(note), "\(run)")
    let readme = try Program.run(
      "/usr/bin/env", ["tar", "xOf", "backups/\(try shop.latest()).tar", "README.txt"], in: shop.folder)
    #expect(readme.output.contains(note), "\(readme)")
  }
}
