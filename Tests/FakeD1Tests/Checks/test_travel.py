"""Time Travel."""

import re
import unittest

from client import FakeTest


class TravelTests(FakeTest):
    def setUp(self):
        super().setUp()
        self.direct("CREATE TABLE t (a)")

    def restore(self, **query):
        return self.call("POST", f"/{self.id}/time_travel/restore", **query)

    def test_bookmarks(self):
        seen = [self.bookmark()]
        for number in range(20):
            self.query("INSERT INTO t VALUES (?)", [number])
            seen.append(self.bookmark())
        self.assertEqual(seen, sorted(set(seen)))
        self.assertTrue(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}", seen[0]))
        self.query("SELECT * FROM t; UPDATE t SET a = 1 WHERE 0; PRAGMA optimize; CREATE TABLE IF NOT EXISTS t (a)")
        self.refused("INSERT INTO t VALUES (1); nonsense")
        self.assertEqual(self.bookmark(), seen[-1])
        self.control("settings", bookmark_drifts=True)
        self.assertLess(self.bookmark(), self.bookmark())

    def test_there_and_back(self):
        self.query("INSERT INTO t VALUES ('before')")
        before, content = self.bookmark(), self.content()
        self.query("DROP TABLE t; CREATE TABLE other (b); INSERT INTO other VALUES (zeroblob(100000))")
        after, changed = self.bookmark(), self.content()
        answer = self.restore(bookmark=before).result
        self.assertEqual((answer["bookmark"], answer["previous_bookmark"]), (before, after))
        self.assertEqual(self.content(), content)
        self.assertGreater(self.bookmark(), after)
        self.query("INSERT INTO t VALUES ('later')")
        self.assertNotEqual(self.content(), content)
        self.restore(bookmark=answer["previous_bookmark"])
        self.assertEqual(self.content(), changed)
        self.assertEqual(self.query("SELECT * FROM other").status, 200)
        self.control("settings", restore_answers="new")
        self.assertEqual(self.restore(bookmark=before).result["bookmark"], self.bookmark())

    def test_by_time(self):
        self.query("INSERT INTO t VALUES (1)")
        first = self.bookmark()
        moment = self.control("clock", advance=10)["now"]
        self.control("clock", advance=10)
        self.query("INSERT INTO t VALUES (2)")
        self.assertEqual(self.bookmark(timestamp=moment), first)
        self.assertEqual(self.bookmark(timestamp=moment.replace("Z", "+00:00")), first)
        self.assertEqual(self.bookmark(timestamp="2999-01-01T00:00:00Z"), self.bookmark())
        self.assertEqual(self.restore(timestamp=moment).result["bookmark"], first)
        self.assertEqual(self.direct("SELECT a FROM t"), [["1"]])

    def test_the_window(self):
        self.control("settings", travel_days=7)
        early = self.bookmark()
        moment = self.control("clock", advance=1)["now"]
        self.query("INSERT INTO t VALUES (1)")
        present = self.bookmark()
        self.control("clock", advance=8 * 86_400)
        for query in ({"bookmark": early}, {"timestamp": moment}):
            self.assertEqual(self.restore(**query).error, (400, 7500, "Time Travel reaches back 7 days at most"))
        self.assertEqual(self.call("GET", f"/{self.id}/time_travel/bookmark", timestamp=moment).status, 400)
        # It is old, and was the present until now.
        self.assertEqual(self.restore(bookmark=present).status, 200)

    def test_refusals(self):
        for query in ({}, {"bookmark": "x"}, {"bookmark": "f" * 8 + "-" + "f" * 8 + "-" + "f" * 8 + "-" + "f" * 32},
                      {"timestamp": "yesterday"}):
            self.assertEqual(self.restore(**query).error[:2], (400, 7400), query)
        created = self.call("GET", f"/{self.id}").result["created_at"]
        earlier = created.replace(created[:4], str(int(created[:4]) - 1), 1)
        self.control("settings", travel_days=1000)
        self.assertEqual(self.restore(timestamp=earlier).error[:2], (400, 7400))

    def test_ten_restores_in_ten_minutes(self):
        present = self.bookmark()
        self.assertEqual({self.restore(bookmark=present).status for _ in range(10)}, {200})
        self.assertEqual(self.restore(bookmark=present).error[:2], (400, 7500))
        self.control("clock", advance=601)
        self.assertEqual(self.restore(bookmark=present).status, 200)

    def test_an_import_is_undone(self):
        before, content = self.bookmark(), self.content()
        self.run_import("INSERT INTO t VALUES (1); CREATE TABLE u (a); nonsense;")
        self.assertNotEqual(self.content(), content)
        self.restore(bookmark=before)
        self.assertEqual(self.content(), content)


if __name__ == "__main__":
    unittest.main()
