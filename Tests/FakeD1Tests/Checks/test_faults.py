"""Each fault, at the call it was armed for, with the work done or not."""

import http.client
import time
import unittest
import urllib.error

from client import FakeTest, http as send

GONE = (ConnectionError, http.client.HTTPException, urllib.error.URLError)
INSERT = "INSERT INTO t VALUES (1)"


class FaultTests(FakeTest):
    def setUp(self):
        super().setUp()
        self.direct("CREATE TABLE t (a)")

    def inserted(self):
        return int(self.direct("SELECT count(*) FROM t")[0][0])

    def test_only_the_call_it_is_for(self):
        self.arm("query", "status", at=2, times=2)
        self.assertEqual([self.post("raw", sql="SELECT 1").status] + [self.query("SELECT 1").status for _ in range(4)],
                         [200, 200, 500, 500, 200])
        self.arm(["raw", "bookmark"], "status", times=0)
        self.assertEqual({self.post("raw", sql="SELECT 1").status for _ in range(5)}, {500})
        self.control("faults", "DELETE")
        self.arm("any", "status")
        self.assertEqual([self.query("SELECT 1").status, self.call("GET").status], [500, 200])

    def test_again_and_again(self):
        self.arm("query", "status", at=2, times=0, every=3)
        self.assertEqual([self.query("SELECT 1").status for _ in range(8)], [200, 500, 200, 200, 500, 200, 200, 500])

    def test_answers_instead(self):
        expected = {
            "rate_limit": (429, 971), "status": (500, 7500), "upstream": (504, 7009), "transient": (500, 7500),
        }
        for do, error in expected.items():
            for work in ("undone", "done"):
                before = self.inserted()
                self.arm("query", do, work=work)
                self.assertEqual(self.query(INSERT).error[:2], error)
                self.assertEqual(self.inserted() - before, 1 if work == "done" else 0, (do, work))
        self.arm("query", "rate_limit", seconds=3)
        self.assertEqual(self.query(INSERT).headers["Retry-After"], "3")
        self.arm("query", "transient", index=0)
        self.assertEqual(self.query(INSERT).error[2], "Network connection lost.")
        self.arm("query", "html", status=504)
        page = self.query(INSERT)
        self.assertEqual((page.status, page.headers["Content-Type"][:9], page.body[:5]), (504, "text/html", b"<!DOC"))

    def test_no_answer(self):
        for work, count in (("undone", 0), ("done", 1)):
            self.arm("query", "cut", work=work)
            with self.assertRaises(GONE):
                self.query(INSERT)
            self.assertEqual(self.inserted(), count)
        self.assertEqual(self.query(INSERT).status, 200)

    def test_bodies(self):
        for do in ("cut_body", "wrong_length"):
            self.arm("query", do)
            with self.assertRaises(GONE):
                self.query(INSERT)
        self.assertEqual(self.inserted(), 2)
        self.arm("raw", "short")
        with self.assertRaises(ValueError):
            self.post("raw", sql="SELECT 1").json

    def test_downloads(self):
        url = self.export()[-1].result["result"]["signed_url"]
        whole = send("GET", url)
        self.arm("download", "corrupt")
        corrupt = send("GET", url)
        self.assertEqual((corrupt.headers["ETag"], len(corrupt.body)), (whole.headers["ETag"], len(whole.body)))
        self.assertNotEqual(corrupt.body, whole.body)
        self.arm("download", "wrong_etag")
        self.assertNotEqual(send("GET", url).headers["ETag"], whole.headers["ETag"])
        self.arm("download", "missing_etag")
        self.assertIsNone(send("GET", url).headers["ETag"])
        self.arm("download", "short", bytes=5)
        short = send("GET", url)
        self.assertEqual((len(short.body), short.headers["Content-Length"], short.headers["ETag"]),
                         (5, "5", whole.headers["ETag"]))
        self.arm("download", "cut_body")
        with self.assertRaises(GONE):
            send("GET", url)
        self.assertEqual(send("GET", url).body, whole.body)
        self.arm("download", "expired_url")
        self.assertEqual([send("GET", url).status, send("GET", url).status], [403, 403])

    def test_uploads(self):
        given = self.post("import", action="init", etag="1" * 32).result
        self.arm("upload", "wrong_etag")
        self.assertEqual(send("PUT", given["upload_url"], b"x").headers["ETag"], '"0123456789abcdef0123456789abcdef"')
        self.arm("upload", "status", status=503)
        self.assertEqual(send("PUT", given["upload_url"], b"x").status, 503)
        self.arm("upload", "expired_url")
        self.assertEqual(send("PUT", given["upload_url"], b"x").status, 403)

    def test_tasks(self):
        self.arm("export_poll", "vanished_task")
        self.assertEqual(self.export()[-1].result["error"], "Not currently exporting anything.")
        self.arm("export_poll", "task_error", message="out of luck")
        self.assertEqual(self.export()[-1].result["error"], "out of luck")
        self.arm("import_poll", "vanished_task")
        self.assertEqual(self.run_import(INSERT + "; SELECT 1;").result["error"], "Not currently importing anything.")
        self.arm("import_poll", "task_error", message="out of luck")
        self.assertEqual(self.run_import(INSERT + "; SELECT 2;").result["error"], "out of luck")
        # The first part of a file runs when it is ingested.
        self.assertEqual(self.inserted(), 2)

    def test_an_answer_that_is_lost_though_the_task_is_done(self):
        active = self.post("import", **self.upload(INSERT + "; SELECT 3;")).result
        self.arm("import_poll", "cut", work="done")
        poll = {"action": "poll", "current_bookmark": active["at_bookmark"]}
        with self.assertRaises(GONE):
            self.post("import", **poll)
        self.assertEqual(self.post("import", **poll).result["error"], "Not currently importing anything.")
        self.assertEqual(self.inserted(), 1)

    def test_somebody_else_writes(self):
        before = self.bookmark()
        self.arm("raw", "write", sql=INSERT)
        self.assertEqual(self.rows("SELECT count(*) FROM t"), [[1]])
        self.arm("raw", "write", sql=INSERT, when="after")
        self.assertEqual(self.rows("SELECT count(*) FROM t"), [[1]])
        self.assertEqual(self.inserted(), 2)
        self.assertGreater(self.bookmark(), before)

    def test_slow(self):
        self.arm("query", "slow", seconds=0.3)
        start = time.monotonic()
        self.assertEqual(self.query(INSERT).status, 200)
        self.assertGreaterEqual(time.monotonic() - start, 0.3)
        self.assertEqual(self.inserted(), 1)

    def test_all_are_told_and_counted(self):
        self.arm("query", "html")
        self.query(INSERT)
        self.assertEqual(self.counts()["faults"], 1)
        log = self.control("log", "GET")
        self.assertEqual((log[-1]["kind"], log[-1]["status"], log[-1]["fault"]), ("query", 502, "html"))
        self.assertEqual(self.control("faults", "GET")[0]["fired"], 1)
        for fault in ({"call": "query", "do": "nothing"}, {"call": "querry", "do": "html"}):
            self.assertEqual(send("POST", f"{self.origin}/_fake/{self.account}/faults", fault).status, 400)


if __name__ == "__main__":
    unittest.main()
