"""A page of another origin that does with the official client what the official dashboard does."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from passwords import password_hash
from test_browser import CHROMIUM

pytestmark = pytest.mark.timeout(120)

# The options of the connection and the order of the listeners are those of the dashboard.
SCRIPT = """
([url, auth, transports]) => new Promise((resolve) => {
  const shown = {};
  const socket = io(url + "/admin", {
    forceNew: true, reconnection: false, withCredentials: true, transports, path: "/socket.io", auth });
  socket.once("connect", () => {
    socket.io.reconnection(true);
    for (const name of ["session", "config", "server_stats", "all_sockets"]) {
      socket.on(name, (value) => {
        shown[name] = value;
        if (shown.config && shown.server_stats && shown.all_sockets && (shown.session || auth.sessionId)) {
          socket.disconnect();
          resolve(shown);
        }
      });
    }
  });
  socket.on("connect_error", (error) => resolve({ error: error.message }));
})
"""


@pytest.fixture
def page_server():
    """Serves a page with the official client, on a port of its own: another origin than the chat's."""
    client = Path(os.environ["OFFICIAL_CLIENT"]).read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_script = self.path == "/client.js"
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.end_headers()
            self.wfile.write(client if is_script else b"<!doctype html><script src=/client.js></script>")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_the_dashboard_logs_in_and_returns_with_its_session(page_server, start_chatd, tmp_path):
    origin = f"http://127.0.0.1:{page_server.server_port}"
    path = tmp_path / "password"
    path.write_text(password_hash("secret") + "\n")
    path.chmod(0o600)
    server = start_chatd("--admin-ui-password-file", path, "--cors-origin", origin)
    url = f"http://127.0.0.1:{server.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(origin)

        def connect(transports=("polling", "websocket"), **auth):
            return page.evaluate(SCRIPT, [url, auth, list(transports)])

        assert connect(sessionId=None) == {"error": "invalid credentials"}
        assert connect(username="admin", password="wrong") == {"error": "invalid credentials"}
        shown = connect(username="admin", password="secret")
        assert shown["config"]["supportedFeatures"] == ["AGGREGATED_EVENTS", "ALL_EVENTS"]
        assert [socket["nsp"] for socket in shown["all_sockets"]] == ["/admin"]
        assert shown["server_stats"]["clientsCount"] >= 1
        for transports in [("polling", "websocket"), ("websocket",)]:
            again = connect(transports, sessionId=shown["session"])
            assert again["server_stats"]["pid"] == server.pid and "session" not in again
        page.goto(f"http://localhost:{page_server.server_port}")
        assert "error" in connect(sessionId=shown["session"]), "this origin is not listed"
        browser.close()
