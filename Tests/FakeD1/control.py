"""The control interface: /_fake/accounts makes an account, /_fake/ACCOUNT/… is for what a test wants of it."""

import json

from answers import Refusal, plain_json
from faults import CALLS, KINDS
from world import Token


def answer(world, request):
    body = json.loads(request.body) if request.body else {}
    try:
        return plain_json(do(world, request.method, request.path[1:], body))
    except Refusal as refusal:
        return plain_json({"error": refusal.message}, 400)
    except Exception as error:
        return plain_json({"error": f"{type(error).__name__}: {error}"}, 400)


def do(world, method, path, body):
    if path == ["accounts"]:
        account = world.make_account(body.get("settings"))
        return {"account": account.id, "token": account.token, "email": account.email, "key": account.key,
                "folder": account.folder}
    account = world.accounts[path[0]]
    return getattr(Control(account), f"{method.lower()}_" + "_".join(path[1:]))(body)


class Control:
    def __init__(self, account):
        self.account = account

    def post_settings(self, body):
        self.account.settings.change(body)
        return dict(self.account.settings)

    def get_settings(self, body):
        return dict(self.account.settings)

    def post_tokens(self, body):
        """refused: kinds of call that the token has no right to."""
        self.account.tokens[body["token"]] = Token(body.get("refused", ()))
        return {}

    def post_databases(self, body):
        database = self.account.make_database(body["name"])
        if body.get("sql"):
            database.direct(body["sql"])
        return {"uuid": database.uuid, "path": database.path}

    def get_databases(self, body):
        return [{**database.card(full=True), "path": database.path} for database in self.account.databases.values()]

    def post_sql(self, body):
        """Past every limit and block. Cells are SQL literals."""
        return {"rows": self.database(body).direct(body["sql"])}

    def post_content(self, body):
        return {"text": self.database(body).content()}

    def post_bookmarks(self, body):
        """Of every version, the oldest first."""
        with self.database(body).lock:
            return {"bookmarks": [version.bookmark for version in self.database(body).history.versions]}

    def post_travel(self, body):
        """Back to a version, past every limit and block."""
        database = self.database(body)
        with database.lock:
            database.task, database.blocked_until = None, 0
            database.history.restore(database.history.find(body["bookmark"]), self.account.clock.now())
        return {}

    def delete_databases(self, body):
        self.account.delete_database(self.database(body))
        return {}

    def post_clock(self, body):
        self.account.clock.moved += body["advance"]
        return {"now": self.account.clock.text(self.account.clock.now())}

    def get_counts(self, body):
        return dict(self.account.counts)

    def delete_counts(self, body):
        self.account.counts.clear()
        self.account.log.clear()
        return {}

    def get_log(self, body):
        return self.account.log

    def post_faults(self, body):
        self.account.faults.arm(body)
        return {}

    def get_faults(self, body):
        return [fault.card() for fault in self.account.faults.armed]

    def delete_faults(self, body):
        self.account.faults.clear()
        return {}

    def get_faults_kinds(self, body):
        return {name: {"calls": calls, "does": does} for name, (calls, does) in KINDS.items()}

    def get_faults_calls(self, body):
        return sorted(CALLS)

    def database(self, body):
        return self.account.database(body["database"], or_name=True)
