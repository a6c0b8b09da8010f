"""A site that says who chatd's clients are (`--auth http://…`)."""

import json
import socketserver
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COOKIES = {"session=ada": {"id": "ada", "name": "Ada", "rooms": ["staff"]}, "session=bob": {"id": "bob"}}


class Site:
    """A site that knows its users by their cookies or tokens."""

    def __init__(self):
        self.requests, self.banned, self.delays = [], set(), {}
        self.extra = {}

    def answer(self, question, headers):
        self.requests.append(question)
        self.authorization = headers.get("Authorization")
        user = COOKIES.get(question["headers"].get("cookie")) or COOKIES.get(f"session={question['token']}")
        time.sleep(self.delays.get(user and user["id"], 0))
        if user is None:
            return 401, {}
        if user["id"] in self.banned:
            return 403, {"message": "banned", "data": {"until": 7}}
        return 200, {**user, **self.extra}


class Server(ThreadingHTTPServer):
    daemon_threads = True


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        return self.socket.accept()[0], ("unix", 0)


@contextmanager
def serving(site, address=("127.0.0.1", 0)):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["Content-Type"] == "application/json"
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = site.answer(question, self.headers)
            self.send_response(status)
            self.end_headers()
            # The body ends with the connection, as many small servers do it.
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = (Server if isinstance(address, tuple) else UnixServer)(address, Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
