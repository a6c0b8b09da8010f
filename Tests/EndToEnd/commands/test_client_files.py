"""The scripts below /socket.io/, and a directory in place of the built-in page."""

import os
import resource

import pytest

from engine import PollingSession, polling_target
from processes import run_chatd
from wire import HTTPConnection, http

pytestmark = pytest.mark.timeout(20)

SCRIPTS = ["/socket.io/socket.io.js", "/socket.io/socket.io.min.js", "/socket.io/socket.io.esm.min.js"]


def write(directory, files):
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


# The browser client


@pytest.mark.parametrize("target", SCRIPTS)
def test_a_script_is_served_and_revalidated_by_its_tag(shared_chatd, target):
    with HTTPConnection(shared_chatd.port) as connection:
        response = connection.request("GET", target)
        assert response.status == 200
        assert response.header("content-type") == "text/javascript; charset=utf-8"
        assert response.header("cache-control") == "public, max-age=0, must-revalidate"
        assert response.header("x-content-type-options") == "nosniff"
        tag = response.header("etag")
        assert tag.startswith('"') and len(response.body) > 5_000
        known = connection.request("GET", target, {"If-None-Match": f'"other", W/{tag}'})
        assert (known.status, known.body, known.header("etag")) == (304, b"", tag)
        assert connection.request("GET", target, {"If-None-Match": '"other"'}).body == response.body
        head = connection.request("HEAD", target)
        assert (head.status, head.header("content-length")) == (200, str(len(response.body)))
        assert connection.request("GET", target + "?v=1").body == response.body


def test_the_minified_scripts_are_small_and_differ(shared_chatd):
    readable, small, module = [http(shared_chatd.port, "GET", target).body for target in SCRIPTS]
    assert len(small) < 20_000 and len(module) < 20_000 < len(readable)
    assert b"export{" in module and b"export{" not in small
    assert b"//" in readable and b"/**" not in small


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_script_refuses_other_methods(shared_chatd, method):
    response = http(shared_chatd.port, method, SCRIPTS[0], body="")
    assert (response.status, response.header("allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "target, status",
    [
        ("/socket.io/socket.io.msgpack.min.js", 404),
        ("/socket.io/socket.io.js.map", 404),
        ("/socket.io/socket.io.js/", 400),
        ("/socket.io/other.js", 400),
    ],
)
def test_unknown_scripts_are_refused(shared_chatd, target, status):
    assert http(shared_chatd.port, "GET", target).status == status


def test_sessions_can_be_opened_at_the_path_that_has_the_scripts(shared_chatd):
    assert http(shared_chatd.port, "GET", polling_target("/socket.io/")).status == 200


def test_a_directory_can_replace_the_built_in_client(start_chatd, tmp_path):
    bundle = write(
        tmp_path / "bundle",
        {"socket.io.min.js": "official", "socket.io.min.js.map": "{}", "secret.js": "no", ".env": "no"},
    )
    server = start_chatd("--client-bundle", bundle)
    assert http(server.port, "GET", "/socket.io/socket.io.min.js").text == "official"
    map_file = http(server.port, "GET", "/socket.io/socket.io.min.js.map")
    assert (map_file.text, map_file.header("content-type")) == ("{}", "application/json")
    assert http(server.port, "GET", "/socket.io/socket.io.js").status == 404
    for target in ("secret.js", ".env", "../chat.db", "%2e%2e/chat.db"):
        assert http(server.port, "GET", "/socket.io/" + target).status == 400
    PollingSession(server.port).close()


def test_a_link_out_of_the_bundle_or_to_a_hidden_file_is_not_served(start_chatd, tmp_path):
    bundle = write(tmp_path / "bundle", {"real.js": "official", ".hidden": "secret"})
    write(tmp_path, {"outside.js": "secret"})
    (bundle / "socket.io.js").symlink_to("real.js")
    (bundle / "socket.io.min.js").symlink_to(tmp_path / "outside.js")
    (bundle / "socket.io.esm.min.js").symlink_to(".hidden")
    server = start_chatd("--client-bundle", bundle)
    assert http(server.port, "GET", SCRIPTS[0]).text == "official"
    for target in SCRIPTS[1:]:
        assert http(server.port, "GET", target).status == 404


# A directory at /


@pytest.fixture
def root(tmp_path):
    return write(
        tmp_path / "root",
        {
            "index.html": "<h1>home</h1>",
            "app.js": "run()",
            "style.css": "a{}",
            "logo.png": b"\x89PNG\r\n\x00",
            "sub/index.html": "<h1>sub</h1>",
            "sub/a b é.txt": "text",
            "empty/file.bin": "",
            ".env": "secret",
            ".git/config": "secret",
            ".well-known/security.txt": "mail",
        },
    )


@pytest.fixture
def site(start_chatd, root):
    return start_chatd("--web-root", root)


@pytest.mark.parametrize(
    "target, body, content_type",
    [
        ("/", b"<h1>home</h1>", "text/html; charset=utf-8"),
        ("/index.html", b"<h1>home</h1>", "text/html; charset=utf-8"),
        ("/app.js?v=2", b"run()", "text/javascript; charset=utf-8"),
        ("/style.css", b"a{}", "text/css; charset=utf-8"),
        ("/logo.png", b"\x89PNG\r\n\x00", "image/png"),
        ("/sub/", b"<h1>sub</h1>", "text/html; charset=utf-8"),
        ("/sub/a%20b%20%C3%A9.txt", b"text", "text/plain; charset=utf-8"),
        ("/empty/file.bin", b"", "application/octet-stream"),
        ("/.well-known/security.txt", b"mail", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_served(site, target, body, content_type):
    response = http(site.port, "GET", target)
    assert (response.status, response.body, response.header("content-type")) == (200, body, content_type)


def test_a_file_has_a_tag_that_changes_with_it(site, root):
    with HTTPConnection(site.port) as connection:
        first = connection.request("GET", "/app.js")
        tag = first.header("etag")
        assert connection.request("GET", "/app.js", {"If-None-Match": tag}).status == 304
        assert connection.request("HEAD", "/app.js").header("etag") == tag
        (root / "app.js").write_text("run(2)")
        second = connection.request("GET", "/app.js", {"If-None-Match": tag})
        assert (second.status, second.text) == (200, "run(2)")
        assert second.header("etag") != tag


def test_head_has_no_body_and_other_methods_are_refused(site):
    with HTTPConnection(site.port) as connection:
        head = connection.request("HEAD", "/logo.png")
        assert (head.status, head.header("content-length")) == (200, "7")
        assert connection.request("POST", "/logo.png", body="x").status == 405
        assert connection.request("GET", "/").status == 200


OUTSIDE = [
    "/../chat.db", "/%2e%2e/chat.db", "/sub/../../chat.db", "/sub/%2E%2E/%2e%2e/chat.db", "/..%2fchat.db",
    "/sub%2findex.html", "//chat.db", "/sub//index.html", "/.env", "/.git/config", "/%2eenv", "/sub/./index.html",
    "/app.js%00.html", "/app.js/", "/missing", "/empty/", "/%", "/%zz", "/%ff",
]


@pytest.mark.parametrize("target", OUTSIDE)
def test_outside_hidden_and_missing_files_get_404(site, target):
    response = http(site.port, "GET", target)
    assert response.status == 404
    assert b"secret" not in response.body


def test_a_link_is_served_only_if_its_target_is(site, root, tmp_path):
    write(tmp_path, {"outside.txt": "secret", "root-beside/file.txt": "secret"})
    (root / "inside.txt").symlink_to("app.js")
    (root / "outside.txt").symlink_to(tmp_path / "outside.txt")
    (root / "up").symlink_to("..")
    (root / "beside").symlink_to(tmp_path / "root-beside")
    (root / "loop").symlink_to("loop")
    (root / "env.txt").symlink_to(".env")
    (root / "git").symlink_to(".git")
    (root / "known").symlink_to(".well-known")
    os.mkfifo(root / "pipe")
    assert http(site.port, "GET", "/inside.txt").text == "run()"
    assert http(site.port, "GET", "/known/security.txt").text == "mail"
    for target in ("/outside.txt", "/up/outside.txt", "/beside/file.txt", "/loop", "/env.txt", "/git/config"):
        assert http(site.port, "GET", target).status == 404
    assert http(site.port, "GET", "/pipe").status == 403


def test_a_directory_without_a_final_slash_is_redirected_within_this_host(site):
    response = http(site.port, "GET", "/sub")
    assert (response.status, response.header("location")) == (301, "./sub/")
    assert http(site.port, "GET", "/sub?a=b%20c&d").header("location") == "./sub/?a=b%20c&d"


@pytest.mark.parametrize("target", ["/", "/app.js", "/sub/"])
def test_without_free_descriptors_a_file_is_temporarily_unavailable(site, target):
    with HTTPConnection(site.port) as connection:
        assert connection.request("GET", target).status == 200
        before = resource.prlimit(site.pid, resource.RLIMIT_NOFILE)
        # Leaves no descriptor for a file.
        resource.prlimit(site.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        assert connection.request("GET", target).status == 503
        resource.prlimit(site.pid, resource.RLIMIT_NOFILE, before)
        assert connection.request("GET", target).status == 200
    assert "Too many open files" in site.stderr_text()


def test_a_large_file_arrives_whole(site, root):
    content = os.urandom(9 << 20)
    write(root, {"large.bin": content})
    assert http(site.port, "GET", "/large.bin", timeout=15).body == content
    # A sparse file whose size exceeds 32 bits.
    with open(root / "huge.bin", "wb") as file:
        file.truncate((4 << 30) + 1)
    assert http(site.port, "HEAD", "/huge.bin").header("content-length") == str((4 << 30) + 1)


@pytest.mark.parametrize("target", ["/app.js", "/large.bin", "/missing", "/socket.io/socket.io.js"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_client_that_shuts_down_its_side_after_its_requests_gets_every_answer(site, root, target, count):
    write(root, {"large.bin": os.urandom(4 << 20)})
    expected = http(site.port, "GET", target)
    for _ in range(5):
        with HTTPConnection(site.port) as connection:
            connection.send(connection.request_bytes("GET", target) * count)
            connection.half_close()
            for _ in range(count):
                response = connection.read_response()
                assert (response.status, response.body) == (expected.status, expected.body)
            assert connection.wait_for_end() == b""


def test_a_client_that_shuts_down_its_side_during_an_answer_gets_the_rest(site, root):
    content = os.urandom(16 << 20)
    write(root, {"large.bin": content})
    with HTTPConnection(site.port) as connection:
        connection.send(connection.request_bytes("GET", "/large.bin"))
        connection.receive_some()
        connection.half_close()
        assert connection.read_response().body == content
        assert connection.wait_for_end() == b""


def test_requests_in_the_kernel_are_answered_after_a_shutdown(site, root):
    # More requests than the server reads before it answers, and more answers than it queues before it pauses.
    write(root, {"first.bin": os.urandom(4 << 20), "small.bin": os.urandom(20_000)})
    count = 4_000
    with HTTPConnection(site.port) as connection:
        request = connection.request_bytes("GET", "/small.bin")
        assert len(request) * count > 2 * 64 * 1024
        connection.send(connection.request_bytes("GET", "/first.bin") + request * count)
        connection.half_close()
        assert len(connection.read_response().body) == 4 << 20
        assert all(len(connection.read_response().body) == 20_000 for _ in range(count))
        assert connection.wait_for_end() == b""


def test_a_client_that_shuts_down_its_side_within_a_request_is_closed_at_once(site):
    poller = PollingSession(site.port)
    with HTTPConnection(site.port) as connection:
        whole = connection.request_bytes("GET", "/app.js")
        within_body = connection.request_bytes("POST", poller.target, body="4xxxx")[:-1]
    for rest in [whole[:-1], within_body]:
        with HTTPConnection(site.port) as connection:
            connection.send(whole + rest)
            connection.half_close()
            assert connection.read_response().status == 200
            assert connection.wait_for_end(5) == b""


def test_a_client_that_shuts_down_its_side_during_a_poll_or_after_an_upgrade_is_disconnected(site):
    poller = PollingSession(site.port)
    with HTTPConnection(site.port) as connection:
        connection.send(connection.request_bytes("GET", poller.target))
        connection.half_close()
        assert connection.wait_for_end(5) == b""
    with HTTPConnection(site.port) as connection:
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AQIDBAUGBwgJCgsMDQ4PEA==",
        }
        connection.send(connection.request_bytes("GET", "/socket.io/?EIO=4&transport=websocket", headers))
        connection.half_close()
        connection.receive_until(b"101 Switching Protocols\r\n")
        connection.wait_for_end(5)


def test_a_client_that_disconnects_or_sends_many_requests_harms_no_other(site, root):
    write(root, {"large.bin": os.urandom(4 << 20)})
    for _ in range(20):
        with HTTPConnection(site.port) as connection:
            connection.send(connection.request_bytes("GET", "/large.bin") * 5)
    with HTTPConnection(site.port) as connection:
        targets = ["/app.js", "/missing", "/sub/", "/style.css"]
        connection.send(b"".join(connection.request_bytes("GET", target) for target in targets))
        assert [connection.read_response().status for _ in targets] == [200, 404, 200, 200]


def test_sessions_and_the_client_work_while_a_directory_is_served(site):
    assert http(site.port, "GET", polling_target("/socket.io/")).status == 200
    assert http(site.port, "GET", SCRIPTS[0]).status == 200


@pytest.mark.parametrize("option", ["client-bundle", "web-root"])
@pytest.mark.parametrize("kind", ["missing", "file"])
def test_an_invalid_directory_is_refused_at_the_start(tmp_path, option, kind):
    write(tmp_path, {"file": ""})
    result = run_chatd("serve", "--port", 0, "--db", tmp_path / "chat.db", f"--{option}", tmp_path / kind)
    assert result.returncode == 69
    assert len(result.stderr.splitlines()) == 1
    assert str(tmp_path / kind) in result.stderr and f"--{option}" in result.stderr


def test_a_directory_without_a_client_is_refused_at_the_start(tmp_path):
    result = run_chatd("serve", "--port", 0, "--db", tmp_path / "chat.db", "--client-bundle", tmp_path)
    assert result.returncode == 69 and "socket.io.js" in result.stderr
