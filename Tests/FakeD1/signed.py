"""Signed URLs: another service under the same address, which wants no credentials. Who sends it some has leaked them."""

import hashlib
import secrets

from answers import Answer

CREDENTIALS = ("Authorization", "X-Auth-Key", "X-Auth-Email", "Cookie")


class Entry:
    """kind: "download" or "upload". content: what a GET gives. store: takes what a PUT brings."""

    def __init__(self, account, database, kind, seconds, content=b"", store=None):
        self.account, self.database, self.kind = account, database, kind
        self.expires = account.clock.now() + seconds
        self.content, self.store = content, store


def make_url(world, entry, filename):
    signature = secrets.token_hex(32)
    world.signed[signature] = entry
    return f"{world.origin}/_r2/d1-{entry.kind}s/{filename}?X-Amz-Expires=3600&X-Amz-Signature={signature}"


def answer(world, request):
    entry = world.signed.get(request.query.get("X-Amz-Signature"))
    if entry is None:
        return failure(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
    account = entry.account
    account.count(entry.kind)
    record = {"kind": entry.kind, "method": request.method, "path": "/" + "/".join(request.path), "query": {}, "body": "",
              "status": 0, "fault": None}
    account.log.append(record)
    whole = str(request.headers) + "/".join(request.path) + str(request.query)
    if any(name in request.headers for name in CREDENTIALS) or any(token in whole for token in account.tokens):
        account.count("credentials_leaked")
        record["status"] = 400
        return failure(400, "InvalidArgument", "Only one auth mechanism allowed")
    identity = entry.database.uuid
    result = account.faults.around(account, entry.kind, identity, lambda: work(entry, request), record, entry)
    record["status"] = result.status
    return result


def work(entry, request):
    if entry.account.clock.now() > entry.expires:
        return failure(403, "AccessDenied", "Request has expired")
    if entry.kind == "upload" and request.method == "PUT":
        if request.headers.get("Transfer-Encoding"):
            return failure(411, "MissingContentLength", "You must provide the Content-Length HTTP header")
        if len(request.body) > entry.account.settings.import_bytes:
            return failure(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        entry.store(request.body)
        return Answer(200, headers={"ETag": etag(request.body)}, kind="application/xml")
    if entry.kind == "download" and request.method in ("GET", "HEAD"):
        return Answer(200, entry.content, {"ETag": etag(entry.content)}, "application/octet-stream")
    return failure(403, "SignatureDoesNotMatch", "The URL is for another method")


def etag(content):
    return f'"{hashlib.md5(content).hexdigest()}"'


def failure(status, code, message):
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, body.encode(), kind="application/xml")
