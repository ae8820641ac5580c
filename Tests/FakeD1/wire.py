"""HTTP: reads a request whole, finds out whom it is for, and writes the answer, or as much of it as shall go out."""

import socket
import ssl
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import api
import control
import signed
from answers import Answer


class Request:
    def __init__(self, method, target, headers, body):
        parts = urlsplit(target)
        self.method, self.headers, self.body = method, headers, body
        self.path = [unquote(part) for part in parts.path.split("/")[1:]]
        self.query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world, certificate=None):
        """certificate: files of a certificate and its key in PEM; without them it is no TLS."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = world
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # The handshake is the business of the connection's own thread.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is nothing to complain of."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "cloudflare"
    sys_version = ""
    # Headers and body go out in one piece, without waiting for more.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def handle_any(self):
        # Read whole before any answer: who is still sending might not get it.
        if self.headers.get("Transfer-Encoding"):
            body = self.chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        world = self.server.world
        try:
            if request.path[:2] == ["client", "v4"]:
                answer = api.answer(world, request)
            elif request.path[0] == "_r2":
                answer = signed.answer(world, request)
            elif request.path[0] == "_fake":
                answer = control.answer(world, request)
            else:
                answer = Answer(404)
        except Exception:
            # A defect of the fake: no test shall take it for one of D1's errors.
            answer = Answer(599, traceback.format_exc().encode(), kind="text/plain")
        # No answer goes out, whether the work was done or not.
        if answer.status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def write(self, answer):
        length = len(answer.body) if answer.announced is None else answer.announced
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        body = answer.body if answer.sent is None else answer.body[:answer.sent]
        self.wfile.write(body)
        self.wfile.flush()
        if len(body) < length:
            self.close_connection = True

    def log_message(self, *_):
        """Nothing on stderr: the control interface has the log."""
