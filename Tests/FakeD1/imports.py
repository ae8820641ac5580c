"""POST /import: upload, ingest, poll. Not one transaction, and the same bytes run again."""

import re

from answers import Refusal, TaskFailure, envelope
from database import SQLFailure
from signed import Entry, etag as etag_of, make_url
from statements import split

IDLE = "Not currently importing anything."
BUSY = "Currently processing a long-running import. Cannot start another import until it is finished."


class Import:
    kind = "import"

    def __init__(self, database, sql):
        account = database.account
        self.bookmark = database.history.present.bookmark
        self.statements = split(sql)
        self.foreign_keys_off = leading_foreign_keys_off(self.statements)
        self.defers = False
        self.done = 0
        self.polls = account.settings.import_polls
        # The part that each step does.
        self.part = -(-len(self.statements) // (self.polls + 1))
        self.polled = account.clock.now()
        self.failure = None
        self.rows_written = 0


def call(account, database, body):
    action = body.get("action")
    if action == "poll":
        return poll(account, database, body.get("current_bookmark"))
    digest = body.get("etag")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{32}", digest):
        raise Refusal(400, 7400, "Invalid property: etag => Invalid md5")
    refuse_if_busy(account, database)
    stored = database.uploads
    if action == "init":
        if any(etag_of(content) == f'"{digest}"' for content in stored.values()):
            return start(account, database, next(c for c in stored.values() if etag_of(c) == f'"{digest}"'))
        filename = f"{database.uuid}.{digest}.sql"
        entry = Entry(account, database, "upload", account.settings.upload_url_seconds,
                      store=lambda content: stored.__setitem__(filename, content))
        return envelope({"success": True, "type": "import", "filename": filename,
                         "upload_url": make_url(account.world, entry, filename)})
    content = stored.get(body.get("filename"))
    if content is None or etag_of(content) != f'"{digest}"':
        raise TaskFailure("import", "The uploaded file was not found, or has another etag.", account.settings.failure_shape)
    return start(account, database, content)


def refuse_if_busy(account, database):
    database.forget_unpolled()
    if isinstance(database.task, Import):
        shape = "success" if account.settings.failure_shape == "status" else account.settings.failure_shape
        raise TaskFailure("import", BUSY, shape)
    database.refuse_if_blocked()


def start(account, database, content):
    if len(content) > account.settings.import_bytes:
        raise TaskFailure("import", "The file is too large to be imported.", account.settings.failure_shape)
    try:
        sql = content.decode("utf-8")
    except UnicodeDecodeError:
        raise TaskFailure("import", "The file is not UTF-8.", account.settings.failure_shape)
    account.count("imports_run")
    database.task = Import(database, sql)
    return step(account, database, database.task)


def poll(account, database, bookmark):
    database.forget_unpolled()
    task = database.task
    if not isinstance(task, Import) or task.bookmark != bookmark:
        raise TaskFailure("import", IDLE, account.settings.failure_shape)
    task.polled = account.clock.now()
    task.polls -= 1
    return step(account, database, task)


def step(account, database, task):
    settings = account.settings
    end = len(task.statements) if task.polls <= 0 else min(task.done + task.part, len(task.statements))
    try:
        if task.failure is None:
            run(database, task, end)
    except SQLFailure as failure:
        task.failure = str(failure)
        if failure.is_foreign_key and settings.import_reset_do:
            task.failure = {"D1_RESET_DO": True} if settings.import_reset_do == "object" else '{"D1_RESET_DO":true}'
    finally:
        database.history.record(account.clock.now())
    if task.failure is not None:
        database.task = None
        raise TaskFailure("import", task.failure, settings.failure_shape)
    result = {"success": True, "type": "import", "at_bookmark": task.bookmark,
              "messages": [f"Processed {task.done} queries."]}
    if task.polls > 0:
        result["status"] = "active"
        return envelope(result)
    database.task = None
    if settings.import_forgets_success:
        raise TaskFailure("import", IDLE, settings.failure_shape)
    finished = {
        "final_bookmark": database.history.present.bookmark, "num_queries": len(task.statements),
        "meta": {"rows_written": task.rows_written, "size_after": database.size(), "served_by": "v3-prod"},
    }
    result["status"] = "complete"
    if settings.complete_nesting == "nested":
        result["result"] = finished
    else:
        result.update(finished)
    return envelope(result)


# MARK: Running the file

FOREIGN_KEYS_OFF = re.compile(r"pragma\s+foreign_keys\s*(?:=|\()\s*['\"]?(?:off|0|false|no)\b", re.I)
DEFER = re.compile(r"pragma\s+defer_foreign_keys\s*(?:=|\()\s*['\"]?(\w+)", re.I)


def uncommented(sql):
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.S).strip()


def leading_foreign_keys_off(statements):
    for sql in statements:
        words = uncommented(sql)
        if FOREIGN_KEYS_OFF.match(words):
            return True
        if not words[:6].lower() == "pragma":
            return False
    return False


def run(database, task, end):
    """Statements up to end, a few in a transaction. One whose foreign keys are deferred stays open as long as it must."""
    settings = database.account.settings
    size = settings.import_statements_per_transaction
    if size == 0:
        size = end = len(task.statements)
    with database.session() as session:
        if task.foreign_keys_off:
            session.connection.execute("PRAGMA foreign_keys = OFF")
        pending = 0
        while task.done < end:
            sql = task.statements[task.done]
            if not session.is_open:
                session.begin()
                if task.defers:
                    session.connection.execute("PRAGMA defer_foreign_keys = ON")
            if settings.import_wants_final_semicolon and not is_terminated(sql):
                raise SQLFailure("incomplete input: SQLITE_ERROR")
            try:
                task.rows_written += session.run(sql)["changes"]
            except SQLFailure:
                session.rollback()
                raise
            if match := DEFER.match(uncommented(sql)):
                task.defers = match.group(1).lower() in ("on", "1", "true", "yes")
            task.done += 1
            pending += 1
            if pending >= size or task.done == end:
                try:
                    session.commit()
                    pending = 0
                except SQLFailure as failure:
                    if not (failure.is_foreign_key and task.defers and task.done < len(task.statements)):
                        session.rollback()
                        raise
                    end = max(end, min(task.done + 1, len(task.statements)))


def is_terminated(sql):
    return uncommented(sql).endswith(";")
