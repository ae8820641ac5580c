"""The API's envelope, its errors, and an answer on its way to the wire."""

import json


class Answer:
    """What goes out. announced: a Content-Length other than the body's. sent: how many bytes of the body leave."""

    def __init__(self, status, body=b"", headers=None, kind="application/json"):
        self.status = status
        self.body = body
        self.headers = {"Content-Type": kind, **(headers or {})}
        self.announced = None
        self.sent = None


class Refusal(Exception):
    """An error in the envelope."""

    def __init__(self, status, code, message, chain=None, headers=None):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.chain, self.headers = chain, headers

    def answer(self, result=None):
        error = {"code": self.code, "message": self.message}
        if self.chain:
            error["error_chain"] = [{"code": code, "message": message} for code, message in self.chain]
        return envelope(result, status=self.status, errors=[error], headers=self.headers)


class TaskFailure(Exception):
    """An export or import that failed, in one of the shapes in which that is said."""

    def __init__(self, kind, error, shape):
        super().__init__(str(error))
        self.kind, self.error, self.shape = kind, error, shape

    def answer(self):
        if self.shape == "envelope":
            return Refusal(400, 7500, text_of(self.error)).answer()
        result = {"type": self.kind, "messages": []}
        if self.shape == "success":
            result.update(success=False, error=self.error)
        elif self.shape == "errors":
            result.update(success=False, errors=[self.error])
        else:
            result.update(success=True, status="error", error=self.error)
        return envelope(result)


def text_of(error):
    return error if isinstance(error, str) else json.dumps(error, separators=(",", ":"))


def envelope(result, status=200, errors=(), headers=None, result_info=None):
    content = {"result": result, "errors": list(errors), "messages": [], "success": not errors}
    if result_info is not None:
        content["result_info"] = result_info
    return Answer(status, json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), headers)


def plain_json(content, status=200):
    return Answer(status, json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))
