"""Calls a fake of its own, by plain HTTP: for the fake's own tests."""

import atexit
import hashlib
import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from urllib.parse import urlencode

HERE = os.path.dirname(os.path.abspath(__file__))


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def result(self):
        return self.json["result"]

    @property
    def error(self):
        """(status, code, message) of the one error."""
        content = self.json
        assert content["success"] is False and content["result"] is None, content
        return self.status, content["errors"][0]["code"], content["errors"][0]["message"]


def http(method, url, body=None, headers=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return Response(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Response(error.code, error.headers, error.read())


def start():
    process = subprocess.Popen([sys.executable, os.path.join(HERE, "..", "..", "FakeD1", "fake_d1.py")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(process.stdout.readline())
    return process, f"http://127.0.0.1:{port}"


def shared():
    if not hasattr(shared, "origin"):
        process, shared.origin = start()
        atexit.register(lambda: (process.stdin.close(), process.wait(), process.stdout.close()))
    return shared.origin


class FakeTest(unittest.TestCase):
    """A test with an account and a database of its own."""

    settings = {}

    def setUp(self):
        self.origin = shared()
        made = http("POST", self.origin + "/_fake/accounts", {"settings": self.settings}).json
        self.account, self.token, self.email, self.key = (made[name] for name in ("account", "token", "email", "key"))
        self.id = self.control("databases", name="one")["uuid"]

    def control(self, path, method="POST", **body):
        response = http(method, f"{self.origin}/_fake/{self.account}/{path}", body or {})
        self.assertEqual(response.status, 200, response.body)
        return response.json

    def call(self, method, path="", body=None, token=None, headers=None, account=None, **query):
        url = f"{self.origin}/client/v4/accounts/{account or self.account}/d1/database{path}"
        if query:
            url += "?" + urlencode(query)
        if headers is None:
            headers = {"Authorization": f"Bearer {token or self.token}"}
        return http(method, url, body, headers)

    def post(self, path, **body):
        return self.call("POST", f"/{self.id}/{path}", body)

    def query(self, sql, params=None):
        return self.post("query", sql=sql, **({} if params is None else {"params": params}))

    def rows(self, sql, params=None):
        """Of the last statement, by /raw."""
        response = self.post("raw", sql=sql, **({} if params is None else {"params": params}))
        self.assertEqual(response.status, 200, response.body)
        return response.result[-1]["results"]["rows"]

    def refused(self, sql, params=None):
        status, code, message = self.query(sql, params).error
        self.assertEqual((status, code), (400, 7500))
        return message

    def direct(self, sql):
        return self.control("sql", database=self.id, sql=sql)["rows"]

    def content(self):
        return self.control("content", database=self.id)["text"]

    def bookmark(self, **query):
        return self.call("GET", f"/{self.id}/time_travel/bookmark", **query).result["bookmark"]

    def arm(self, call, do, **details):
        self.control("faults", call=call, do=do, **details)

    def counts(self):
        return self.control("counts", "GET")

    # MARK: Import

    def upload(self, sql):
        """init and PUT. The body of ingest."""
        content = sql.encode()
        digest = hashlib.md5(content).hexdigest()
        given = self.post("import", action="init", etag=digest).result
        put = http("PUT", given["upload_url"], content)
        self.assertEqual(put.headers["ETag"].strip('"'), digest)
        return {"action": "ingest", "etag": digest, "filename": given["filename"]}

    def run_import(self, sql):
        """The last answer."""
        response = self.post("import", **self.upload(sql))
        while response.status == 200 and response.result.get("status") == "active":
            response = self.post("import", action="poll", current_bookmark=response.result["at_bookmark"])
        return response

    def export(self, **options):
        """The answers, one after the other."""
        body = {"output_format": "polling", "dump_options": options}
        answers = [self.post("export", **body)]
        while answers[-1].status == 202:
            answers.append(self.post("export", **body, current_bookmark=answers[0].result["at_bookmark"]))
        return answers

    def dump(self, **options):
        return http("GET", self.export(**options)[-1].result["result"]["signed_url"]).body.decode()
