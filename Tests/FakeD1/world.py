"""Accounts, and what each holds."""

import collections
import datetime
import os
import re
import threading
import time
import uuid

from answers import Refusal
from database import Database
from faults import Faults
from settings import Settings


class World:
    def __init__(self, folder):
        self.folder = folder
        # Where it serves: http://127.0.0.1:PORT
        self.origin = ""
        self.accounts = {}
        # Secret of a signed URL → what it is for.
        self.signed = {}

    def make_account(self, settings):
        account = Account(self, uuid.uuid4().hex, settings)
        self.accounts[account.id] = account
        return account

    def owner(self, request):
        """The account whose credentials these are, and the credential's own record."""
        headers = request.headers
        authorization, email, key = (headers.get(name) for name in ("Authorization", "X-Auth-Email", "X-Auth-Key"))
        if authorization is None and (email is None or key is None):
            raise Refusal(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
        if authorization is not None:
            match = re.fullmatch(r"Bearer ([\x21-\x7e]+)", authorization)
            if match is None:
                chain = [(6111, "Invalid format for Authorization header")]
                raise Refusal(400, 6003, "Invalid request headers", chain)
            secret = match.group(1)
        else:
            secret = f"{email}:{key}"
        for account in self.accounts.values():
            if secret in account.tokens:
                return account, account.tokens[secret]
        asked = self.accounts.get(request.path[3]) if len(request.path) > 3 else None
        raise Refusal(asked.settings.auth_status if asked else 401, 10000, "Authentication error")


class Clock:
    """The system's, and what a test has moved it by."""

    def __init__(self):
        self.moved = 0.0

    def now(self):
        return time.time() + self.moved

    @staticmethod
    def text(seconds):
        moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Token:
    def __init__(self, refused=()):
        # Kinds of call that it has no right to.
        self.refused = set(refused)
        self.calls = collections.deque()


class Account:
    def __init__(self, world, identity, settings):
        self.world, self.id = world, identity
        self.settings = Settings(settings)
        self.clock = Clock()
        self.folder = os.path.join(world.folder, identity)
        os.mkdir(self.folder)
        self.lock = threading.RLock()
        self.databases = {}
        self.faults = Faults()
        self.counts = collections.Counter()
        self.log = []
        self.token = uuid.uuid4().hex + "_" + uuid.uuid4().hex[:7]
        self.email, self.key = f"{identity[:8]}@example.com", uuid.uuid4().hex
        self.tokens = {self.token: Token(), f"{self.email}:{self.key}": Token()}

    def count(self, *names):
        with self.lock:
            self.counts.update(names)

    def make_database(self, name, place=None):
        with self.lock:
            if not isinstance(name, str) or not name:
                raise Refusal(400, 7400, "Invalid property: name => Required")
            if any(database.name == name for database in self.databases.values()):
                raise Refusal(400, 7502, f"A database with that name ({name}) already exists")
            if len(self.databases) >= self.settings.databases:
                raise Refusal(400, 7406, "You have reached the maximum number of databases for your account")
            database = Database(self, str(uuid.uuid4()), name, place)
            self.databases[database.uuid] = database
            return database

    def database(self, identity, or_name=False):
        with self.lock:
            if or_name:
                for database in self.databases.values():
                    if database.name == identity:
                        return database
            try:
                found = self.databases.get(str(uuid.UUID(identity)))
            except ValueError:
                if not or_name:
                    raise Refusal(400, 7400, "Invalid property: databaseId => Invalid uuid")
                found = None
            if found is None:
                raise Refusal(404, 7404, f"The database {identity} could not be found")
            return found

    def delete_database(self, database):
        with self.lock:
            if self.databases.pop(database.uuid, None) is not None:
                os.remove(database.path)

    def limit_rate(self, token):
        with self.lock:
            settings, now = self.settings, self.clock.now()
            while token.calls and token.calls[0] <= now - settings.rate_seconds:
                token.calls.popleft()
            if len(token.calls) >= settings.rate_calls:
                self.count("rate_limited")
                wait = max(1, int(token.calls[0] + settings.rate_seconds - now + 0.999))
                raise rate_limited(settings.rate_code, wait)
            token.calls.append(now)


def rate_limited(code, seconds):
    message = "Please wait and consider throttling your request speed"
    return Refusal(429, code, message, headers={"Retry-After": str(seconds)})
