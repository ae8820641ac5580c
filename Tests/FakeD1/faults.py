"""Faults that a test arms: at the Nth call of a kind, something goes wrong."""

import threading
import time

from answers import Answer, Refusal

TRANSIENT = [
    "Network connection lost.",
    "D1 DB reset because its code was updated.",
    "Internal error in D1 DB storage caused object to be reset.",
    "Cannot resolve D1 DB due to transient issue on remote node.",
]

# As counters and the log name them. A call with current_bookmark is a poll.
CALLS = {
    "list_databases", "create_database", "get_database", "delete_database", "query", "raw", "bookmark", "restore",
    "export_start", "export_poll", "import_init", "import_ingest", "import_poll", "download", "upload",
}

# Name → which calls it makes sense for, and what it does. "work": "done" does the call's work all the same.
KINDS = {
    "rate_limit": ("any", "429 with Retry-After: `seconds`, 1 unless told"),
    "status": ("api", "an error in the envelope: `status`, 500 unless told, `code`, `message`"),
    "upstream": ("api", "7009, upstream unavailable, 504"),
    "html": ("any", "an HTML page: `status`, 502 unless told"),
    "transient": ("api", "500 and 7500 with a message that means: try again. `message`, or `index` in the list of them"),
    "cut": ("any", "the connection ends before an answer"),
    "cut_body": ("any", "the connection ends after `bytes` of the body, half of it unless told"),
    "short": ("any", "`bytes` of the body, half of it unless told, and a Content-Length that says no more"),
    "wrong_length": ("any", "a Content-Length that is `bytes` more, 10 unless told"),
    "corrupt": ("signed", "one byte of the body is another, the ETag is the true one's"),
    "wrong_etag": ("signed", "another ETag"),
    "missing_etag": ("signed", "no ETag"),
    "expired_url": ("signed", "the URL has expired"),
    "vanished_task": ("task", "the export or import is gone"),
    "task_error": ("task", "the export or import fails with `message`"),
    "write": ("database", "somebody runs `sql` in the call's database: `when` is before, or after"),
    "slow": ("any", "the answer comes `seconds` later"),
}


class Fault:
    def __init__(self, call, do, at=1, times=1, every=0, work="undone", **details):
        if do not in KINDS:
            raise ValueError(f"there is no fault {do}")
        # A kind of call, or several, or "any". times: 0 is for ever. every: again after so many calls, 0 is at each.
        self.calls = call if isinstance(call, list) else [call]
        if unknown := set(self.calls) - CALLS - {"any"}:
            raise ValueError(f"there is no call {unknown}")
        self.do, self.at, self.times, self.every, self.work, self.details = do, at, times, every, work, details
        self.seen = self.fired = 0

    def is_due(self, kind):
        if kind not in self.calls and "any" not in self.calls:
            return False
        self.seen += 1
        if self.seen < self.at or (self.times and self.fired >= self.times):
            return False
        if self.every and (self.seen - self.at) % self.every:
            return False
        self.fired += 1
        return True

    def card(self):
        return {"call": self.calls, "do": self.do, "at": self.at, "times": self.times, "work": self.work,
                **self.details, "seen": self.seen, "fired": self.fired}

    # MARK: Going wrong

    def around(self, target, work):
        """target: database (or None) and, for a signed URL, its entry."""
        return getattr(self, "do_" + self.do)(target, work)

    def instead(self, answer, work):
        if self.work == "done":
            work()
        return answer

    def do_rate_limit(self, target, work):
        seconds = self.details.get("seconds", 1)
        refusal = Refusal(429, self.details.get("code", 971), "Please wait and consider throttling your request speed",
                          headers={"Retry-After": str(seconds)})
        return self.instead(refusal.answer(), work)

    def do_status(self, target, work):
        details = self.details
        refusal = Refusal(details.get("status", 500), details.get("code", 7500), details.get("message", "internal error"))
        return self.instead(refusal.answer(), work)

    def do_upstream(self, target, work):
        return self.instead(Refusal(504, 7009, "Upstream service unavailable").answer(), work)

    def do_html(self, target, work):
        page = b"<!DOCTYPE html>\n<html><head><title>error | api.cloudflare.com</title></head><body>error</body></html>\n"
        return self.instead(Answer(self.details.get("status", 502), page, kind="text/html; charset=UTF-8"), work)

    def do_transient(self, target, work):
        message = self.details.get("message") or TRANSIENT[self.details.get("index", 0)]
        return self.instead(Refusal(500, 7500, message).answer(), work)

    def do_cut(self, target, work):
        return self.instead(Answer(0), work)

    def do_cut_body(self, target, work):
        answer = work()
        answer.announced = len(answer.body)
        answer.sent = min(self.details.get("bytes", len(answer.body) // 2), len(answer.body))
        return answer

    def do_short(self, target, work):
        answer = work()
        answer.body = answer.body[:self.details.get("bytes", len(answer.body) // 2)]
        return answer

    def do_wrong_length(self, target, work):
        answer = work()
        answer.announced = len(answer.body) + self.details.get("bytes", 10)
        return answer

    def do_corrupt(self, target, work):
        answer = work()
        middle = len(answer.body) // 2
        answer.body = answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1:]
        return answer

    def do_wrong_etag(self, target, work):
        answer = work()
        answer.headers["ETag"] = '"0123456789abcdef0123456789abcdef"'
        return answer

    def do_missing_etag(self, target, work):
        answer = work()
        answer.headers.pop("ETag", None)
        return answer

    def do_expired_url(self, target, work):
        target.entry.expires = 0
        return work()

    def do_vanished_task(self, target, work):
        target.database.task = None
        return work()

    def do_task_error(self, target, work):
        if target.database.task is not None:
            target.database.task.failure = self.details.get("message", "internal error")
        return work()

    def do_write(self, target, work):
        if self.details.get("when", "before") == "before":
            target.database.direct(self.details["sql"])
            return work()
        answer = work()
        target.database.direct(self.details["sql"])
        return answer

    def do_slow(self, target, work):
        answer = work() if self.work == "done" else None
        time.sleep(self.details.get("seconds", 1))
        return answer or work()


class Target:
    def __init__(self, database=None, entry=None):
        self.database, self.entry = database, entry


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.armed = []

    def arm(self, description):
        fault = Fault(**description)
        with self.lock:
            self.armed.append(fault)

    def clear(self):
        with self.lock:
            self.armed = []

    def around(self, account, kind, identity, work, record, entry=None):
        """Does the work, with what is due for this call."""
        with self.lock:
            due = [fault for fault in self.armed if fault.is_due(kind)]
        target = Target(account.databases.get(identity) if identity else None, entry)
        for fault in due:
            record["fault"] = fault.do
            account.count("faults")
            work = wrapped(fault, target, work)
        return work()


def wrapped(fault, target, work):
    return lambda: fault.around(target, work)
