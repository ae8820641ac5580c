"""The API's calls: who may, how often, which, and what they answer."""

import datetime
import json
import re
import uuid

import exports
import imports
from answers import Refusal, TaskFailure, envelope
from history import BOOKMARK

LOGGED_BODY = 200_000


def answer(world, request):
    try:
        account, token = world.owner(request)
    except Refusal as refusal:
        return refusal.answer()
    kind, identity = kind_of(request)
    account.count(kind, "api")
    record = {
        "kind": kind, "method": request.method, "path": "/" + "/".join(request.path), "query": request.query,
        "body": request.body[:LOGGED_BODY].decode("utf-8", "replace"), "status": 0, "fault": None,
    }
    account.log.append(record)
    try:
        account.limit_rate(token)
    except Refusal as refusal:
        record["status"] = refusal.status
        return refusal.answer()

    def work():
        try:
            return call(account, token, kind, identity, request)
        except Refusal as refusal:
            return refusal.answer(account.settings.error_result)
        except TaskFailure as failure:
            return failure.answer()

    result = account.faults.around(account, kind, identity, work, record)
    record["status"] = result.status
    return result


def kind_of(request):
    """The kind of call, as counters and faults name it, and the database's id in it."""
    path = request.path
    if len(path) < 6 or path[2] != "accounts" or path[4:6] != ["d1", "database"]:
        return "unknown", None
    identity = path[6] if len(path) > 6 and path[6] else None
    rest = "/".join(path[7:])
    if identity is None:
        return {"GET": "list_databases", "POST": "create_database"}.get(request.method, "unknown"), None
    kind = {
        ("GET", ""): "get_database",
        ("DELETE", ""): "delete_database",
        ("POST", "query"): "query",
        ("POST", "raw"): "raw",
        ("GET", "time_travel/bookmark"): "bookmark",
        ("POST", "time_travel/restore"): "restore",
        ("POST", "export"): "export",
        ("POST", "import"): "import",
    }.get((request.method, rest), "unknown")
    if kind == "export":
        kind = "export_poll" if body_of(request, lenient=True).get("current_bookmark") else "export_start"
    if kind == "import":
        action = body_of(request, lenient=True).get("action")
        kind = f"import_{action}" if action in ("init", "ingest", "poll") else "unknown"
    return kind, identity


def body_of(request, lenient=False):
    try:
        content = json.loads(request.body)
        if isinstance(content, dict):
            return content
    except ValueError:
        pass
    if lenient:
        return {}
    raise Refusal(400, 7400, "The request is malformed: the body is not a JSON object")


def call(account, token, kind, identity, request):
    if kind == "unknown":
        raise Refusal(404, 7000, "No route for that URI")
    if request.path[3] != account.id:
        raise Refusal(403, 7403, "The given account is not valid or is not authorized to access this service")
    if kind in token.refused:
        raise Refusal(403, 10000, "Authentication error")
    if kind == "list_databases":
        return list_databases(account, request.query)
    if kind == "create_database":
        body = body_of(request)
        return envelope(account.make_database(body.get("name"), body.get("jurisdiction")).card())
    database = account.database(identity, or_name=kind == "get_database")
    with database.lock:
        if kind == "get_database":
            return envelope(database.card(full=True))
        if kind == "delete_database":
            account.delete_database(database)
            return envelope(None)
        if kind in ("query", "raw"):
            return query(account, database, body_of(request), raw=kind == "raw")
        if kind == "bookmark":
            return bookmark(account, database, request.query)
        if kind == "restore":
            return restore(account, database, request.query)
        if kind in ("export_start", "export_poll"):
            return exports.call(account, database, body_of(request))
        return imports.call(account, database, body_of(request))


# MARK: Databases

def list_databases(account, query):
    name = query.get("name", "").lower()
    found = [database for database in list(account.databases.values()) if name in database.name.lower()]
    found.sort(key=lambda database: database.created, reverse=True)
    page, size = natural(query, "page", 1), min(natural(query, "per_page", 100), 10_000)
    shown = found[(page - 1) * size:page * size]
    info = {"page": page, "per_page": size, "count": len(shown), "total_count": len(found)}
    return envelope([database.card() for database in shown], result_info=info)


def natural(query, name, default):
    try:
        value = int(query.get(name, default))
        if value > 0:
            return value
    except ValueError:
        pass
    raise Refusal(400, 7400, f"Invalid property: {name} => Expected a positive number")


# MARK: Statements

def query(account, database, body, raw):
    if "batch" in body:
        items = body["batch"]
        if not isinstance(items, list) or not items:
            raise Refusal(400, 7400, "Invalid property: batch => Expected a list that is not empty")
    else:
        items = [body]
    batch = []
    for item in items:
        sql, params = item.get("sql") if isinstance(item, dict) else None, item.get("params") or []
        if not isinstance(sql, str):
            raise Refusal(400, 7400, "Invalid property: sql => Required")
        if not isinstance(params, list):
            raise Refusal(400, 7400, "Invalid property: params => Expected array")
        batch.append((sql, params))
    return envelope([result(account, ran, raw) for ran in database.query(batch)])


def result(account, ran, raw):
    columns, rows = ran["columns"], ran["rows"]
    meta = {
        "served_by": "v3-prod", "served_by_region": "WEUR", "served_by_primary": True,
        "timings": {"sql_duration_ms": ran["duration"]}, "duration": ran["duration"], "changes": ran["changes"],
        "last_row_id": ran["last_row_id"], "changed_db": ran["changes"] > 0 or not columns,
        "size_after": ran["size_after"], "rows_read": len(rows), "rows_written": ran["changes"],
        "total_attempts": 1,
    }
    # An object has room for one column of a name.
    results = {"columns": columns, "rows": rows} if raw else [dict(zip(columns, row)) for row in rows]
    return {"results": results, "success": True, "meta": meta}


# MARK: Time Travel

def bookmark(account, database, query):
    if account.settings.blocks_time_travel:
        database.refuse_if_blocked()
    version = database.history.present
    if "timestamp" in query:
        version = version_at(account, database, query["timestamp"])
        return envelope({"bookmark": version.bookmark})
    return envelope({"bookmark": database.history.bookmark(version, account.settings.bookmark_drifts)})


def restore(account, database, query):
    if account.settings.blocks_time_travel:
        database.refuse_if_blocked()
    settings, now, history = account.settings, account.clock.now(), database.history
    if "timestamp" in query:
        version = version_at(account, database, query["timestamp"])
    elif "bookmark" in query:
        if not BOOKMARK.fullmatch(query["bookmark"]):
            raise Refusal(400, 7400, "Invalid property: bookmark => Invalid bookmark")
        version = history.find(query["bookmark"])
        if version is None:
            raise Refusal(400, 7400, "Invalid property: bookmark => There is no such bookmark")
        following = history.versions.index(version) + 1
        # It was the present until the next write.
        until = history.versions[following].time if following < len(history.versions) else now
        refuse_if_too_old(account, until)
    else:
        raise Refusal(400, 7400, "Invalid property: bookmark => Required")
    database.restores = [time for time in database.restores if time > now - settings.restore_seconds]
    if len(database.restores) >= settings.restores:
        raise Refusal(400, 7500, "Too many restores: at most "
                      f"{settings.restores} in {settings.restore_seconds} seconds are possible")
    database.restores.append(now)
    previous = history.present.bookmark
    history.restore(version, now)
    shown = version.bookmark if settings.restore_answers == "target" else history.present.bookmark
    return envelope({
        "bookmark": shown, "previous_bookmark": previous,
        "message": f"Your database has been restored to bookmark {version.bookmark}",
    })


def version_at(account, database, text):
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, 7400, "Invalid property: timestamp => Invalid datetime")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    refuse_if_too_old(account, moment.timestamp())
    version = database.history.at(moment.timestamp())
    if version is None:
        raise Refusal(400, 7400, "Invalid property: timestamp => The database did not exist at that time")
    return version


def refuse_if_too_old(account, time):
    days = account.settings.travel_days
    if time < account.clock.now() - days * 86_400:
        raise Refusal(400, 7500, f"Time Travel reaches back {days} days at most")
