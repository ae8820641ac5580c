"""POST /export: a task that is polled, blocks the database, and answers once."""

import re
import secrets

from answers import Refusal, TaskFailure, envelope
from signed import Entry, make_url
from values import dumped

IDLE = "Not currently exporting anything."


class Export:
    kind = "export"

    def __init__(self, database, options):
        account = database.account
        self.options = options
        self.bookmark = database.history.present.bookmark
        self.polls = account.settings.export_polls
        self.polled = account.clock.now()
        self.failure = None
        # Fails at its end, and leaves the database blocked.
        self.is_virtual = False


def call(account, database, body):
    if body.get("output_format") != "polling":
        raise Refusal(400, 7400, "Invalid property: output_format => Required")
    bookmark = body.get("current_bookmark")
    if bookmark is None:
        return start(account, database, body.get("dump_options") or {})
    return poll(account, database, bookmark)


def start(account, database, options):
    database.refuse_if_blocked()
    if options.get("no_schema") and options.get("no_data"):
        raise Refusal(400, 7400, "Invalid property: dump_options => no_data and no_schema exclude each other")
    export = Export(database, options)
    module = virtual_module(database, options.get("tables") or [])
    if module is not None:
        export.failure = f"D1_ERROR: Export error: cannot export databases with Virtual Tables ({module})"
        export.is_virtual = True
    database.task = export
    return step(account, database, export)


def poll(account, database, bookmark):
    database.forget_unpolled()
    export = database.task
    if not isinstance(export, Export) or export.bookmark != bookmark:
        raise TaskFailure("export", IDLE, account.settings.failure_shape)
    export.polled = account.clock.now()
    export.polls -= 1
    return step(account, database, export)


def step(account, database, export):
    settings = account.settings
    if export.failure is not None and (export.polls <= 0 or not export.is_virtual):
        database.task = None
        if export.is_virtual:
            database.blocked_until = account.clock.now() + settings.virtual_export_blocks_seconds
        raise TaskFailure("export", export.failure, settings.failure_shape)
    result = {"success": True, "type": "export", "at_bookmark": export.bookmark, "messages": []}
    if export.polls > 0:
        result.update(status="active", messages=["Generating export"])
        return envelope(result, status=202)
    database.task = None
    filename = f"{database.uuid}-{export.bookmark}-{secrets.token_hex(4)}.sql"
    entry = Entry(account, database, "download", settings.signed_url_seconds, dump(database, export.options))
    finished = {"filename": filename, "signed_url": make_url(account.world, entry, filename)}
    result["status"] = "complete"
    if settings.complete_nesting == "nested":
        result["result"] = finished
    else:
        result.update(finished)
    return envelope(result)


# MARK: The dump, with its defects

def tables(connection):
    return list(connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"))


def virtual_module(database, chosen):
    with database.unlimited() as connection:
        for name, sql in tables(connection):
            match = re.match(r"\s*create\s+virtual\s+table\b.*?\busing\s+(\w+)", sql, re.I | re.S)
            if match and (not chosen or name in chosen):
                return match.group(1)
    return None


def dump(database, options):
    """Table by table, rows at once: what they refer to may come later. Numbers went through a double."""
    chosen = options.get("tables") or []
    lines = ["PRAGMA defer_foreign_keys=TRUE;"]
    with database.unlimited() as connection:
        names = []
        for name, sql in tables(connection):
            if chosen and name not in chosen:
                continue
            names.append(name)
            if not options.get("no_schema"):
                lines.append(f"{sql};")
            if not options.get("no_data"):
                lines += inserts(connection, name)
        has_sequence = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone()
        if has_sequence and not options.get("no_data"):
            lines.append("DELETE FROM sqlite_sequence;")
            lines += inserts(connection, "sqlite_sequence")
        if not options.get("no_schema"):
            others = connection.execute(
                "SELECT tbl_name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL"
                " ORDER BY rowid")
            lines += [f"{sql};" for table, sql in others if not chosen or table in names]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def inserts(connection, name):
    table = '"' + name.replace('"', '""') + '"'
    # Columns that are computed cannot be written.
    columns = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})") if row[6] in (0, 1)]
    listed = ",".join('"' + column.replace('"', '""') + '"' for column in columns)
    return [
        f"INSERT INTO {table} ({listed}) VALUES({','.join(map(dumped, row))});"
        for row in connection.execute(f"SELECT {listed} FROM {table}")
    ]
