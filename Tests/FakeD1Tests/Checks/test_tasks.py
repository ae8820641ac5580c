"""Export, import and signed URLs."""

import hashlib
import json
import unittest

from client import FakeTest, http

IDLE = "Not currently exporting anything."


class ExportTests(FakeTest):
    def setUp(self):
        super().setUp()
        self.direct("CREATE TABLE child (a INTEGER PRIMARY KEY AUTOINCREMENT, b REFERENCES parent (a)); "
                    "CREATE TABLE parent (a PRIMARY KEY, g AS (a + 1)); INSERT INTO parent VALUES (1); "
                    "INSERT INTO child VALUES (7, 1); CREATE INDEX i ON child (b); CREATE VIEW v AS SELECT 1")

    def test_polled_to_the_end_once(self):
        first, last = self.export()
        self.assertEqual((first.status, last.status), (202, 200))
        self.assertEqual({name: first.result[name] for name in ("success", "type", "status", "at_bookmark")},
                         {"success": True, "type": "export", "status": "active", "at_bookmark": self.bookmark()})
        self.assertEqual((last.result["status"], set(last.result["result"])), ("complete", {"filename", "signed_url"}))
        again = self.post("export", output_format="polling", current_bookmark=first.result["at_bookmark"])
        self.assertEqual((again.status, again.result["status"], again.result["error"]), (200, "error", IDLE))

    def test_the_format_is_asked_for_at_every_poll(self):
        self.assertEqual(self.post("export").error[:2], (400, 7400))
        started = self.post("export", output_format="polling").result
        self.assertEqual(self.post("export", current_bookmark=started["at_bookmark"]).error[:2], (400, 7400))

    def test_the_database_is_blocked_meanwhile(self):
        self.control("settings", export_polls=2)
        started = self.post("export", output_format="polling").result
        blocked = (400, 7500, "Currently processing a long-running export.")
        self.assertEqual(self.query("SELECT 1").error, blocked)
        self.assertEqual(self.post("export", output_format="polling").error, blocked)
        self.assertEqual(self.post("import", action="init", etag="0" * 32).error, blocked)
        self.assertEqual(self.call("GET", f"/{self.id}/time_travel/bookmark").error, blocked)
        self.assertEqual(self.call("GET", f"/{self.id}").status, 200)
        for expected in (202, 200):
            self.assertEqual(self.post("export", output_format="polling",
                                       current_bookmark=started["at_bookmark"]).status, expected)
        self.assertEqual(self.query("SELECT 1").status, 200)

    def test_lost_if_not_polled(self):
        started = self.post("export", output_format="polling").result
        self.control("clock", advance=16)
        self.assertEqual(self.query("SELECT 1").status, 200)
        late = self.post("export", output_format="polling", current_bookmark=started["at_bookmark"])
        self.assertEqual(late.result["error"], IDLE)

    def test_both_nestings(self):
        self.control("settings", complete_nesting="flat")
        self.assertIn("signed_url", self.export()[-1].result)

    def test_every_shape_of_failure(self):
        shapes = {
            "status": lambda answer: (answer.status, answer.result["status"], answer.result["error"]) == (200, "error", IDLE),
            "success": lambda answer: (answer.status, answer.result["success"], answer.result["error"]) == (200, False, IDLE),
            "errors": lambda answer: (answer.status, answer.result["success"], answer.result["errors"]) == (200, False, [IDLE]),
            "envelope": lambda answer: answer.error == (400, 7500, IDLE),
        }
        for shape, is_right in shapes.items():
            self.control("settings", failure_shape=shape)
            answer = self.post("export", output_format="polling", current_bookmark="none")
            self.assertTrue(is_right(answer), (shape, answer.body))

    def test_the_signed_url(self):
        url = self.export()[-1].result["result"]["signed_url"]
        self.assertTrue(url.startswith(self.origin) and "/client/" not in url)
        given = http("GET", url)
        self.assertEqual(given.headers["ETag"], f'"{hashlib.md5(given.body).hexdigest()}"')
        self.assertEqual(int(given.headers["Content-Length"]), len(given.body))
        self.assertEqual(http("PUT", url, b"x").status, 403)
        self.assertEqual(http("GET", url[:-1] + "x").status, 403)
        for header in ("Authorization", "X-Auth-Key"):
            self.assertEqual(http("GET", url, headers={header: f"Bearer {self.token}"}).status, 400)
        self.assertEqual(http("GET", url, headers={"X-Other": self.token}).status, 400)
        self.assertEqual(self.counts()["credentials_leaked"], 3)
        self.control("clock", advance=3601)
        self.assertEqual(http("GET", url).status, 403)

    def test_the_dump_and_its_defects(self):
        self.direct("""CREATE TABLE n (a, b); INSERT INTO n VALUES (9007199254740993, 9e999), ('it''s', x'00ff'), (2.0, NULL)""")
        dump = self.dump()
        lines = dump.splitlines()
        self.assertLess(lines.index('INSERT INTO "child" ("a","b") VALUES(7,1);'),
                        lines.index("CREATE TABLE parent (a PRIMARY KEY, g AS (a + 1));"))
        self.assertIn('INSERT INTO "parent" ("a") VALUES(1);', lines)
        self.assertIn('INSERT INTO "n" ("a","b") VALUES(9007199254740992,Infinity);', lines)
        self.assertIn("""INSERT INTO "n" ("a","b") VALUES('it''s',X'00FF');""", lines)
        self.assertIn('INSERT INTO "n" ("a","b") VALUES(2,NULL);', lines)
        self.assertIn("""INSERT INTO "sqlite_sequence" ("name","seq") VALUES('child',7);""", lines)
        self.assertIn("CREATE INDEX i ON child (b);", lines)
        self.assertIn("CREATE VIEW v AS SELECT 1;", lines)
        self.assertNotIn("_cf_", dump)
        other = self.control("databases", name="two")["uuid"]
        self.id = other
        self.assertIn("no such table: main.parent", self.run_import(dump).result["error"])

    def test_options(self):
        self.assertNotIn("INSERT", self.dump(no_data=True))
        self.assertNotIn("CREATE", self.dump(no_schema=True))
        chosen = self.dump(tables=["parent"])
        self.assertIn("CREATE TABLE parent", chosen)
        self.assertNotIn("CREATE TABLE child", chosen)
        self.assertNotIn('INSERT INTO "child"', chosen)

    def test_virtual_tables(self):
        self.query("CREATE VIRTUAL TABLE f USING fts5(body)")
        started, failed = self.export()
        self.assertEqual(started.status, 202)
        self.assertEqual((failed.result["status"], "Virtual Tables (fts5)" in failed.result["error"]), ("error", True))
        self.assertEqual(self.query("SELECT 1").error[:2], (400, 7500))
        self.control("clock", advance=3601)
        self.assertEqual(self.query("SELECT 1").status, 200)
        self.assertIn("CREATE TABLE parent", self.dump(tables=["parent", "child"]))


class ImportTests(FakeTest):
    SQL = "CREATE TABLE t (a);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (9007199254740993);\n"

    def test_uploaded_ingested_and_polled(self):
        ingest = self.upload(self.SQL)
        active = self.post("import", **ingest)
        self.assertEqual((active.status, active.result["status"], active.result["type"]), (200, "active", "import"))
        blocked = "Currently processing a long-running import."
        self.assertEqual(self.query("SELECT 1").error, (400, 7500, blocked))
        busy = self.post("import", action="init", etag="0" * 32).result
        self.assertEqual(busy["success"], False)
        self.assertIn("Cannot start another import", busy["error"])
        poll = {"action": "poll", "current_bookmark": active.result["at_bookmark"]}
        done = self.post("import", **poll).result
        self.assertEqual((done["status"], done["result"]["num_queries"], done["result"]["meta"]["rows_written"]),
                         ("complete", 3, 2))
        self.assertEqual(done["result"]["final_bookmark"], self.bookmark())
        self.assertEqual(self.direct("SELECT a FROM t"), [["1"], ["9007199254740993"]])
        self.assertEqual(self.post("import", **poll).result["error"], "Not currently importing anything.")

    def test_the_same_bytes_run_again(self):
        self.direct("CREATE TABLE t (a)")
        self.run_import("INSERT INTO t VALUES (1);")
        digest = hashlib.md5(b"INSERT INTO t VALUES (1);").hexdigest()
        again = self.post("import", action="init", etag=digest).result
        self.assertNotIn("upload_url", again)
        self.assertEqual(again["status"], "active")
        self.post("import", action="poll", current_bookmark=again["at_bookmark"])
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["2"]])
        self.assertEqual(self.counts()["imports_run"], 2)

    def test_the_etag_is_checked(self):
        self.assertEqual(self.post("import", action="init", etag="x").error[:2], (400, 7400))
        ingest = self.upload(self.SQL)
        failed = self.post("import", **{**ingest, "etag": "0" * 32})
        self.assertEqual(failed.result["status"], "error")
        given = self.post("import", action="init", etag="1" * 32).result
        put = http("PUT", given["upload_url"], b"other bytes")
        self.assertEqual((put.status, put.headers["ETag"]), (200, f'"{hashlib.md5(b"other bytes").hexdigest()}"'))
        failed = self.post("import", action="ingest", etag="1" * 32, filename=given["filename"])
        self.assertEqual(failed.result["status"], "error")

    def test_the_upload_wants_no_credentials_and_a_length(self):
        given = self.post("import", action="init", etag="1" * 32).result
        self.assertEqual(http("PUT", given["upload_url"], b"x", {"Authorization": f"Bearer {self.token}"}).status, 400)
        self.assertEqual(self.counts()["credentials_leaked"], 1)
        self.assertEqual(http("PUT", given["upload_url"], b"x", {"Transfer-Encoding": "chunked"}).status, 411)

    def test_not_one_transaction(self):
        failed = self.run_import(self.SQL + "INSERT INTO missing VALUES (1);\nINSERT INTO t VALUES (3);")
        self.assertEqual((failed.result["status"], failed.result["error"]),
                         ("error", "no such table: missing: SQLITE_ERROR"))
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["2"]])
        self.control("settings", import_statements_per_transaction=0)
        self.run_import("INSERT INTO t VALUES (3); INSERT INTO missing VALUES (1);")
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["2"]])

    def test_cancelled_if_not_polled(self):
        self.control("settings", import_polls=2)
        active = self.post("import", **self.upload(self.SQL)).result
        self.control("clock", advance=16)
        late = self.post("import", action="poll", current_bookmark=active["at_bookmark"])
        self.assertEqual(late.result["error"], "Not currently importing anything.")
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["0"]])

    def test_complete_at_once(self):
        self.control("settings", import_polls=0)
        self.assertEqual(self.post("import", **self.upload(self.SQL)).result["status"], "complete")

    def test_success_that_is_forgotten(self):
        self.control("settings", import_forgets_success=True)
        self.assertEqual(self.run_import(self.SQL).result["error"], "Not currently importing anything.")
        self.assertEqual(self.direct("SELECT count(*) FROM t"), [["2"]])

    def test_foreign_keys(self):
        self.direct("CREATE TABLE p (a PRIMARY KEY); CREATE TABLE c (a REFERENCES p)")
        orphan = "INSERT INTO c VALUES (1);"
        self.assertEqual(self.run_import(orphan).result["error"], "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT")
        self.control("settings", import_reset_do="text")
        self.assertEqual(json.loads(self.run_import(orphan + "--1").result["error"]), {"D1_RESET_DO": True})
        self.control("settings", import_reset_do="object")
        self.assertEqual(self.run_import(orphan + "--2").result["error"], {"D1_RESET_DO": True})
        # Only at the top of the file.
        self.assertEqual(self.run_import("CREATE TABLE x (a); PRAGMA foreign_keys=OFF;" + orphan).result["status"], "error")
        self.assertEqual(self.run_import("-- top\nPRAGMA foreign_keys=OFF;" + orphan).result["status"], "complete")
        self.direct("DELETE FROM c")
        # Deferred to where the parents are.
        deferred = "PRAGMA defer_foreign_keys=TRUE;" + orphan + "INSERT INTO c VALUES (2);INSERT INTO p VALUES (1),(2);"
        self.assertEqual(self.run_import(deferred + "CREATE TABLE y (a);").result["status"], "complete")
        self.assertEqual(self.run_import("PRAGMA defer_foreign_keys=TRUE;INSERT INTO c VALUES (9);").result["status"], "error")
        self.assertEqual(self.direct("SELECT count(*) FROM c"), [["2"]])

    def test_what_it_takes(self):
        trigger = "CREATE TRIGGER g AFTER INSERT ON t begin\r\n SELECT CASE WHEN 1 THEN 2 END;\r\nend;"
        self.assertEqual(self.run_import("CREATE TABLE t (a, b); -- a ; b\n" + trigger).result["status"], "complete")
        for sql, error in (("BEGIN; SELECT 1; COMMIT;", "To execute a transaction"), ("VALUES ('" + "x" * 100_000 + "');", "too long"),
                           ("INSERT INTO t VALUES (x'" + "00" * 10 + "', 'a; b'); PRAGMA page_count;", "not authorized")):
            self.assertIn(error, self.run_import(sql).result["error"])
        self.assertEqual(self.direct("SELECT * FROM t"), [["X'00000000000000000000'", "'a; b'"]])
        self.assertEqual(self.run_import("INSERT INTO t VALUES (1, 2)").result["status"], "complete")
        self.control("settings", import_wants_final_semicolon=True)
        self.assertIn("incomplete input", self.run_import("INSERT INTO t VALUES (2, 2)").result["error"])

    def test_size(self):
        self.control("settings", import_bytes=20)
        given = self.post("import", action="init", etag="1" * 32).result
        self.assertEqual(http("PUT", given["upload_url"], b"x" * 21).status, 400)

    def test_both_nestings_and_shapes(self):
        self.control("settings", complete_nesting="flat", failure_shape="errors")
        self.assertEqual(self.run_import(self.SQL).result["num_queries"], 3)
        self.assertEqual(self.run_import("nonsense;").result["errors"], ['near "nonsense": syntax error: SQLITE_ERROR'])


if __name__ == "__main__":
    unittest.main()
