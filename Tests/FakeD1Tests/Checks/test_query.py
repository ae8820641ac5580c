"""Envelope, authentication, databases, statements, values and limits."""

import unittest

from client import FakeTest, http


class AuthenticationTests(FakeTest):
    def test_both_ways_to_authenticate(self):
        self.assertEqual(self.call("GET").json["success"], True)
        keys = {"X-Auth-Email": self.email, "X-Auth-Key": self.key}
        self.assertEqual(self.call("GET", headers=keys).json["success"], True)

    def test_refusals(self):
        self.assertEqual(self.call("GET", token="wrong").error, (401, 10000, "Authentication error"))
        self.control("settings", auth_status=403, error_result=[])
        self.assertEqual(self.call("GET", token="wrong").error[:2], (403, 10000))
        self.assertEqual(self.query("nonsense").json["result"], [])
        self.control("settings", error_result=None)
        self.assertEqual(self.call("GET", headers={}).error[:2], (400, 9106))
        malformed = self.call("GET", headers={"Authorization": "Bearer a b"})
        self.assertEqual(malformed.error, (400, 6003, "Invalid request headers"))
        self.assertEqual(malformed.json["errors"][0]["error_chain"][0]["code"], 6111)
        self.assertEqual(self.call("GET", account="0" * 32).error[:2], (403, 7403))

    def test_another_accounts_token(self):
        other = http("POST", self.origin + "/_fake/accounts", {}).json
        self.assertEqual(self.call("GET", token=other["token"]).error[:2], (403, 7403))

    def test_a_token_that_may_not(self):
        self.control("tokens", token="limited", refused=["create_database"])
        self.assertEqual(self.call("GET", token="limited").status, 200)
        self.assertEqual(self.call("POST", "", {"name": "x"}, token="limited").error[:2], (403, 10000))


class WireTests(FakeTest):
    def test_a_body_in_chunks(self):
        url = f"{self.origin}/client/v4/accounts/{self.account}/d1/database/{self.id}/query"
        headers = {"Authorization": f"Bearer {self.token}", "Transfer-Encoding": "chunked"}
        self.assertEqual(http("POST", url, {"sql": "SELECT 1 AS a"}, headers).result[0]["results"], [{"a": 1}])


class DatabaseTests(FakeTest):
    def test_made_looked_up_and_deleted(self):
        card = self.call("POST", "", {"name": "two"}).result
        self.assertEqual(set(card), {"uuid", "name", "version", "created_at"})
        for reference in ("two", card["uuid"]):
            shown = self.call("GET", f"/{reference}").result
            self.assertEqual((shown["uuid"], shown["num_tables"]), (card["uuid"], 0))
            self.assertGreater(shown["file_size"], 0)
        gone = self.call("DELETE", f"/{card['uuid']}")
        self.assertEqual((gone.status, gone.result, gone.json["success"]), (200, None, True))
        self.assertEqual(self.call("DELETE", f"/{card['uuid']}").error[:2], (404, 7404))
        self.assertEqual(self.call("GET", f"/{card['uuid']}").error,
                         (404, 7404, f"The database {card['uuid']} could not be found"))

    def test_a_search_by_name_matches_several(self):
        for name in ("shop", "shop-staging", "other"):
            self.call("POST", "", {"name": name})
        found = self.call("GET", name="shop").json
        self.assertEqual({card["name"] for card in found["result"]}, {"shop", "shop-staging"})
        page = self.call("GET", page="2", per_page="3").json
        self.assertEqual((len(page["result"]), page["result_info"]),
                         (1, {"page": 2, "per_page": 3, "count": 1, "total_count": 4}))

    def test_refusals(self):
        self.assertEqual(self.call("POST", "/one/query", {"sql": "SELECT 1"}).error,
                         (400, 7400, "Invalid property: databaseId => Invalid uuid"))
        self.assertEqual(self.call("POST", "", {"name": "one"}).error[:2], (400, 7502))
        self.control("settings", databases=1)
        self.assertEqual(self.call("POST", "", {"name": "more"}).error[:2], (400, 7406))


class StatementTests(FakeTest):
    def test_query_and_raw(self):
        response = self.query("CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t (b) VALUES ('x'), ('y'); "
                              "SELECT a, b, b FROM t -- the end")
        self.assertEqual([result["results"] for result in response.result],
                         [[], [], [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]])
        meta = response.result[1]["meta"]
        self.assertEqual((meta["changes"], meta["last_row_id"], meta["changed_db"]), (2, 2, True))
        self.assertEqual(self.post("raw", sql="SELECT a, b, b FROM t").result[0]["results"],
                         {"columns": ["a", "b", "b"], "rows": [[1, "x", "x"], [2, "y", "y"]]})
        batch = self.post("query", batch=[{"sql": "SELECT ?1 AS v", "params": ["p"]}, {"sql": "SELECT 2 AS v"}])
        self.assertEqual([result["results"] for result in batch.result], [[{"v": "p"}], [{"v": 2}]])

    def test_values(self):
        self.query("CREATE TABLE t (a TEXT, b INTEGER, c REAL, d)")
        self.query("INSERT INTO t VALUES (?, ?, ?, ?)", [1, 1, 1, 1])
        self.assertEqual(self.direct("SELECT * FROM t"), [["'1.0'", "1", "1.0", "1.0"]])
        self.assertEqual(
            self.rows("SELECT 9007199254740993, 9223372036854775807, CAST(9223372036854775807 AS TEXT), x'00ff', "
                      "9e999, 1.5, 2.0, NULL, 'a' || char(0) || 'b', 1e300"),
            [[9007199254740992, 9223372036854776000, "9223372036854775807", [0, 255], None, 1.5, 2, None, "a\0b", 1e300]])

    def test_errors_of_sql(self):
        self.query("CREATE TABLE u (a UNIQUE); INSERT INTO u VALUES (1)")
        self.assertEqual(self.refused("SELECT * FROM t"), "no such table: t: SQLITE_ERROR")
        self.assertEqual(self.refused("INSERT INTO u VALUES (1)"), "UNIQUE constraint failed: u.a: SQLITE_CONSTRAINT")
        self.assertEqual(self.refused("SELECT ?", []), "Wrong number of parameter bindings for SQL query.: SQLITE_ERROR")
        self.assertEqual(self.refused("SELECT ?; SELECT 1", ["x"]),
                         "Wrong number of parameter bindings for SQL query.: SQLITE_ERROR")
        self.assertIn("No SQL statements detected", self.refused(" -- nothing"))
        self.assertEqual(self.query("SELECT ?", [[1]]).error[:2], (400, 7400))
        self.assertEqual(self.post("query", sql=1).error[:2], (400, 7400))

    def test_one_call_is_one_transaction(self):
        self.query("CREATE TABLE t (a)")
        before = self.content()
        self.refused("INSERT INTO t VALUES (1); CREATE TABLE v (a); INSERT INTO missing VALUES (1)")
        self.assertEqual(self.content(), before)
        self.control("settings", query_applies_parts=True)
        self.refused("INSERT INTO t VALUES (1); INSERT INTO missing VALUES (1)")
        self.assertEqual(self.direct("SELECT a FROM t"), [["1"]])

    def test_refused_statements(self):
        for sql in ("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT s", "RELEASE s"):
            self.assertIn("To execute a transaction", self.refused(sql), sql)
        for sql in ("CREATE TEMP TABLE q (a)", "CREATE TABLE temp.t (a)", "CREATE TEMP VIEW v AS SELECT 1",
                    "ATTACH ':memory:' AS x", "PRAGMA page_count", "PRAGMA integrity_check", "PRAGMA user_version = 1",
                    "CREATE TABLE _cf_x (a)", "DROP TABLE _cf_KV", "CREATE VIRTUAL TABLE d USING dbstat"):
            with self.subTest(sql):
                self.assertEqual(self.refused(sql), "not authorized: SQLITE_AUTH")
        self.assertIn("prohibited: SQLITE_AUTH", self.refused("SELECT * FROM _cf_KV"))
        self.assertIn("sqlite_version", self.refused("SELECT sqlite_version()"))
        self.assertIn(["_cf_KV"], self.rows("SELECT name FROM sqlite_schema"))

    def test_foreign_keys(self):
        self.query("CREATE TABLE p (a PRIMARY KEY); CREATE TABLE c (a REFERENCES p ON DELETE CASCADE)")
        self.query("INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)")
        self.assertEqual(self.refused("INSERT INTO c VALUES (2)"), "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT")
        self.refused("PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (2)")
        self.refused("PRAGMA defer_foreign_keys = ON; INSERT INTO c VALUES (2)")
        self.query("PRAGMA defer_foreign_keys = ON; INSERT INTO c VALUES (2); INSERT INTO p VALUES (2)")
        self.assertEqual(self.direct("SELECT count(*) FROM c"), [["2"]])
        # A table that is built anew takes its children with it.
        self.query("PRAGMA foreign_keys = OFF; CREATE TABLE n (a PRIMARY KEY); INSERT INTO n SELECT * FROM p; "
                   "DROP TABLE p; ALTER TABLE n RENAME TO p")
        self.assertEqual(self.direct("SELECT count(*) FROM c"), [["0"]])

    def test_full_text_tables_work(self):
        self.query("CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('one two')")
        self.assertEqual(self.rows("SELECT body FROM f WHERE f MATCH 'two'"), [["one two"]])
        self.query("ALTER TABLE f RENAME TO g; DROP TABLE g")

    def test_alterations_work(self):
        self.query("CREATE TABLE t (a, b, c); CREATE INDEX i ON t (b); INSERT INTO t VALUES (1, 2, 3)")
        self.query("ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO z; ALTER TABLE u DROP COLUMN c; "
                   "ALTER TABLE u ADD COLUMN d INTEGER NOT NULL DEFAULT 4 CHECK (d > 0); ANALYZE; REINDEX; PRAGMA optimize")
        self.assertEqual(self.post("query", sql="SELECT * FROM u").result[0]["results"], [{"z": 1, "b": 2, "d": 4}])

    def test_triggers(self):
        plain = "CREATE TRIGGER g AFTER INSERT ON t BEGIN\n  DELETE FROM t;\n  SELECT 1;\nEND;"
        cut = {
            "case": plain.replace("SELECT 1", "SELECT CASE WHEN 1 THEN 2 END"),
            "lower": plain.replace("BEGIN", "begin"),
            "crlf": plain.replace("\n", "\r\n"),
        }
        self.query("CREATE TABLE t (a)")
        self.assertEqual(self.query(plain + "DROP TRIGGER g").status, 200)
        for name, sql in cut.items():
            self.assertEqual(self.refused(sql), "incomplete input: SQLITE_ERROR", name)
        self.assertEqual(self.query(cut["case"].replace("CASE", "(CASE").replace("END;\nEND", "END);\nEND")).status, 200)
        self.query("DROP TRIGGER g")
        self.control("settings", query_cuts_triggers="always")
        self.assertEqual(self.refused(plain), "incomplete input: SQLITE_ERROR")
        self.control("settings", query_cuts_triggers="never")
        for sql in cut.values():
            self.assertEqual(self.query(sql + "DROP TRIGGER g").status, 200)


class LimitTests(FakeTest):
    def test_statement(self):
        frame = "SELECT length('{}')"
        fits = frame.format("x" * (100_000 - len(frame) + 2))
        self.assertEqual(self.query(fits).status, 200)
        self.assertEqual(self.refused(fits + " "), "statement too long: SQLITE_TOOBIG")
        # The limit is the statement's, not the call's.
        short = fits.replace("xx", "", 1)
        self.assertEqual(self.query(short + ";" + short).status, 200)

    def test_parameters(self):
        self.assertEqual(self.query(f"SELECT 1 IN ({','.join('?' * 100)})", ["x"] * 100).status, 200)
        self.assertIn("too many SQL variables", self.refused(f"SELECT 1 IN ({','.join('?' * 101)})", ["x"] * 101))

    def test_values(self):
        self.query("CREATE TABLE t (a, b)")
        self.assertEqual(self.query("INSERT INTO t (a) VALUES (?)", ["x" * 1_999_000]).status, 200)
        for params in (["x" * 2_000_001, ""], ["x" * 1_500_000, "y" * 500_000]):
            self.assertEqual(self.refused("INSERT INTO t VALUES (?, ?)", params),
                             "string or blob too big: SQLITE_TOOBIG")
        self.assertEqual(self.refused("INSERT INTO t (a) VALUES (zeroblob(2000001))"),
                         "string or blob too big: SQLITE_TOOBIG")

    def test_columns_arguments_and_patterns(self):
        columns = [f"c{number}" for number in range(101)]
        self.assertEqual(self.query(f"CREATE TABLE a ({', '.join(columns[:100])})").status, 200)
        self.assertIn("too many columns on b", self.refused(f"CREATE TABLE b ({', '.join(columns)})"))
        self.assertEqual(self.query(f"SELECT max({', '.join('1' * 32)})").status, 200)
        self.assertIn("too many arguments on function max", self.refused(f"SELECT max({', '.join('1' * 33)})"))
        self.assertEqual(self.query(f"SELECT 'a' LIKE '{'a' * 50}'").status, 200)
        self.assertIn("LIKE or GLOB pattern too complex", self.refused(f"SELECT 'a' LIKE '{'a' * 51}'"))
        self.assertIn("too many terms in compound SELECT", self.refused(" UNION ALL ".join(["SELECT 1"] * 6)))
        self.assertEqual(self.query("CREATE TABLE v (a); INSERT INTO v VALUES " + ", ".join(["(1)"] * 600)).status, 200)

    def test_time(self):
        self.control("settings", query_seconds=0.2)
        endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
        status, code, message = self.query(endless).error
        self.assertEqual((status, code), (500, 7500))
        self.assertIn("exceeded timeout", message)

    def test_size_of_the_database(self):
        self.control("settings", database_bytes=100_000)
        self.query("CREATE TABLE t (a)")
        self.assertIn("Exceeded maximum DB size", self.refused("INSERT INTO t VALUES (zeroblob(200000))"))
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["0"]])

    def test_calls(self):
        self.control("settings", rate_calls=3)
        self.assertEqual([self.query("SELECT 1").status for _ in range(4)], [200, 200, 200, 429])
        limited = self.query("SELECT 1")
        self.assertEqual(limited.error[:2], (429, 971))
        self.assertTrue(290 < int(limited.headers["Retry-After"]) <= 300)
        self.control("settings", rate_code=10429)
        self.assertEqual(self.query("SELECT 1").error[1], 10429)
        self.control("clock", advance=301)
        self.assertEqual(self.query("SELECT 1").status, 200)
        self.assertEqual(self.counts()["rate_limited"], 3)


if __name__ == "__main__":
    unittest.main()
