"""One D1 database: a SQLite file, its limits, and what blocks it."""

import contextlib
import os
import sqlite3
import threading
import time

from answers import Refusal
from authorizer import Authorizer
from history import PAGE, History
from statements import split, split_as_query
from values import answered, bound, literal, text

# Python does not know the names of all extended codes.
PRIMARY_CODES = {
    getattr(sqlite3, name): name
    for name in ("SQLITE_AUTH", "SQLITE_CONSTRAINT", "SQLITE_CORRUPT", "SQLITE_ERROR", "SQLITE_FULL", "SQLITE_MISMATCH",
                 "SQLITE_TOOBIG")
}
TIMED_OUT = "D1 DB storage operation exceeded timeout which caused object to be reset."


class SQLFailure(Exception):
    """is_foreign_key: imports have words of their own for it."""

    def __init__(self, message, is_foreign_key=False):
        super().__init__(message)
        self.is_foreign_key = is_foreign_key


class Database:
    def __init__(self, account, uuid, name, place):
        self.account, self.uuid, self.name, self.place = account, uuid, name, place
        self.path = os.path.join(account.folder, uuid + ".sqlite")
        self.created = account.clock.now()
        # D1 does one thing after the other in a database.
        self.lock = threading.RLock()
        # An export or an import that runs.
        self.task = None
        self.blocked_until = 0
        self.uploads = {}
        self.restores = []
        with self.unlimited() as connection:
            connection.execute("CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        self.history = History(self.path, uuid, self.created)

    # MARK: Connections

    @contextlib.contextmanager
    def unlimited(self):
        """A connection for the fake itself."""
        connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=0, check_same_thread=False)
        connection.text_factory = text
        try:
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            yield connection
        finally:
            connection.close()

    @contextlib.contextmanager
    def session(self):
        """A connection for a caller's SQL: foreign keys on, and every limit in force."""
        settings = self.account.settings
        with self.unlimited() as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA max_page_count = {max(settings.database_bytes // PAGE, 1)}")
            limits = {
                sqlite3.SQLITE_LIMIT_LENGTH: settings.value_bytes,
                sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: settings.parameters,
                sqlite3.SQLITE_LIMIT_COLUMN: settings.columns,
                sqlite3.SQLITE_LIMIT_FUNCTION_ARG: settings.function_arguments,
                sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: settings.like_pattern_bytes,
                sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: settings.compound_selects,
                sqlite3.SQLITE_LIMIT_EXPR_DEPTH: settings.expression_depth,
            }
            for limit, value in limits.items():
                connection.setlimit(limit, value)
            yield Session(connection, settings)

    # MARK: Statements of callers

    def query(self, batch):
        """batch: [(sql, params)]. One implicit transaction; gives what each statement gave."""
        self.refuse_if_blocked()
        settings = self.account.settings
        steps = []
        for sql, params in batch:
            pieces = split_as_query(sql, settings.query_cuts_triggers)
            if not pieces:
                raise Refusal(400, 7500, "The request is malformed: No SQL statements detected.")
            steps += [(piece, []) for piece in pieces[:-1]] + [(pieces[-1], params)]
        results = []
        with self.session() as session:
            session.begin()
            try:
                for piece, params in steps:
                    results.append(session.run(piece, params))
                session.commit()
            except SQLFailure as failure:
                if settings.query_applies_parts and session.is_open:
                    session.commit()
                session.rollback()
                self.history.record(self.account.clock.now())
                status = 500 if str(failure) == TIMED_OUT else 400
                raise Refusal(status, 7500, str(failure))
        self.history.record(self.account.clock.now())
        for result in results:
            result["size_after"] = self.size()
        return results

    def refuse_if_blocked(self):
        self.forget_unpolled()
        if self.task is not None:
            raise Refusal(400, 7500, f"Currently processing a long-running {self.task.kind}.")
        if self.account.clock.now() < self.blocked_until:
            raise Refusal(400, 7500, "Currently processing a long-running export.")

    def forget_unpolled(self):
        limit = self.account.settings.unpolled_seconds
        if self.task is not None and self.account.clock.now() - self.task.polled > limit:
            self.task = None

    # MARK: The fake's own looks

    def direct(self, sql):
        """Runs SQL past limits and blocks; gives the last statement's rows as SQL literals."""
        rows = []
        with self.lock:
            with self.unlimited() as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                for piece in split(sql):
                    rows = [[literal(value) for value in row] for row in connection.execute(piece)]
            self.history.record(self.account.clock.now())
        return rows

    def content(self):
        """Schema and rows as text, in an order of their own: equal text, equal content."""
        lines = []
        with self.lock, self.unlimited() as connection:
            schema = list(connection.execute(
                "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY type, name"))
            lines += [f"{kind} {name}: {sql}" for kind, name, sql in schema]
            for kind, name, _ in schema:
                if kind == "table":
                    quoted = name.replace('"', '""')
                    rows = [", ".join(map(literal, row)) for row in connection.execute(f'SELECT * FROM "{quoted}"')]
                    lines += [f"{name}: {row}" for row in sorted(rows)]
        return "\n".join(lines)

    def size(self):
        return os.path.getsize(self.path)

    def card(self, full=False):
        card = {
            "uuid": self.uuid, "name": self.name, "version": "production",
            "created_at": self.account.clock.text(self.created),
        }
        if full:
            with self.unlimited() as connection:
                tables = connection.execute(
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'"
                ).fetchone()[0]
            size = self.account.settings.told_file_bytes or self.size()
            card.update(num_tables=tables, file_size=size, running_in_region="WEUR")
            card.update(read_replication={"mode": "disabled"})
        if self.place:
            card["jurisdiction"] = self.place
        return card


class Session:
    def __init__(self, connection, settings):
        self.connection, self.settings = connection, settings
        self.authorizer = Authorizer()
        connection.set_authorizer(self.authorizer)
        self.deadline = time.monotonic() + settings.query_seconds
        connection.set_progress_handler(lambda: time.monotonic() > self.deadline, 10_000)

    @property
    def is_open(self):
        return self.connection.in_transaction

    def begin(self):
        self.connection.execute("BEGIN")

    def commit(self):
        if self.is_open:
            try:
                self.connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self.failure(error)

    def rollback(self):
        if self.is_open:
            self.connection.execute("ROLLBACK")

    def run(self, sql, params=()):
        """One statement. Columns, rows and counts."""
        if len(sql.encode("utf-8", "surrogatepass")) > self.settings.statement_bytes:
            raise SQLFailure("statement too long: SQLITE_TOOBIG")
        values = [bound(value) for value in params]
        before, start = self.connection.total_changes, time.monotonic()
        self.authorizer.watching, self.authorizer.message = True, None
        try:
            cursor = self.connection.execute(sql, values)
            rows = [[answered(value) for value in row] for row in cursor]
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            raise self.failure(error)
        finally:
            self.authorizer.watching = False
        return {
            "columns": [column[0] for column in cursor.description or []],
            "rows": rows,
            "changes": self.connection.total_changes - before,
            "last_row_id": self.connection.execute("SELECT last_insert_rowid()").fetchone()[0],
            "duration": (time.monotonic() - start) * 1000,
        }

    def failure(self, error):
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_INTERRUPT":
            return SQLFailure(TIMED_OUT)
        if name == "SQLITE_FULL":
            return SQLFailure("Exceeded maximum DB size: SQLITE_FULL")
        if self.authorizer.message:
            return SQLFailure(self.authorizer.message)
        if isinstance(error, sqlite3.ProgrammingError) and "bindings" in str(error):
            return SQLFailure("Wrong number of parameter bindings for SQL query.: SQLITE_ERROR")
        message = str(error)
        code = PRIMARY_CODES.get(getattr(error, "sqlite_errorcode", 1) & 0xFF, "SQLITE_ERROR")
        return SQLFailure(f"{message}: {code}", is_foreign_key=name == "SQLITE_CONSTRAINT_FOREIGNKEY")
