"""`--listen`: clients and proxies connect to Unix domain sockets."""

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
import socketio

import processes
import unix_http
from packets import ChatClient
from processes import run_chatd
from waiting import wait_until
from wire import http

pytestmark = pytest.mark.timeout(60)

UNAVAILABLE, USAGE = 69, 64


@pytest.fixture
def directory():
    """A directory with a short path, because that of a socket has at most 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="chatd-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def path(directory):
    return directory / "chatd.sock"


@pytest.fixture
def serve(tmp_path):
    """Starts chatd with the given options and no port."""
    servers = []

    def start(command, *options, ports=1, environment=()):
        words = [processes.chatd_binary(), command, "--db", "chat.db", *options]
        servers.append(processes.ServerProcess(words, tmp_path, environment, ports=ports))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_clients_connect_to_the_socket_and_there_is_no_port(serve, path):
    server = serve("serve", "--listen", f"unix:{path}")
    assert server.ports == [str(path)]
    assert mode(path) == 0o660
    status, page = unix_http.get(str(path))
    assert status == 200 and b"<title>chatd</title>" in page
    status, body = unix_http.get(str(path), "/socket.io/?EIO=4&transport=polling")
    assert status == 200 and body.startswith(b'0{"sid":')
    assert server.stop() == 0
    assert not path.exists()


def test_a_proxy_may_pass_on_any_host(serve, path):
    serve("serve", "--listen", f"unix:{path}")
    assert unix_http.get(str(path), headers={"Host": "chat.example"})[0] == 200


def test_beside_a_loopback_port_other_hosts_are_refused(serve, path):
    server = serve("serve", "--listen", f"unix:{path}", "--port", "0", ports=2)
    port, socket_path = server.ports
    assert socket_path == str(path)
    assert http(port, "GET", "/").status == 200
    assert unix_http.get(str(path))[0] == 200
    assert unix_http.get(str(path), headers={"Host": "chat.example"})[0] == 403


def test_the_official_python_client_chats_over_the_socket(serve, path):
    serve("serve", "--listen", f"unix:{path}")

    async def chat():
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path=str(path))) as session:
            client = socketio.AsyncClient(http_session=session, reconnection=False)
            received = asyncio.Queue()
            client.on("chat message", lambda text, id, *rest: received.put_nowait(text))
            await client.connect("http://localhost")
            await client.emit("chat message", ("hello", "name-1"))
            assert await asyncio.wait_for(received.get(), 10) == "hello"
            await client.disconnect()

    asyncio.run(chat())


def test_a_name_in_the_abstract_namespace(serve):
    name = f"@chatd-test-{os.getpid()}"
    server = serve("serve", "--listen", f"unix:{name}")
    assert server.ports == [name]
    assert unix_http.get(name)[0] == 200


def test_several_sockets(serve, directory):
    paths = [str(directory / name) for name in ("a", "b")]
    server = serve("serve", "--listen", ",".join(f"unix:{path}" for path in paths), ports=2)
    assert server.ports == paths
    assert [unix_http.get(path)[0] for path in paths] == [200, 200]


def test_the_socket_of_a_killed_server_is_replaced(serve, path):
    first = serve("serve", "--listen", f"unix:{path}")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert path.is_socket()
    serve("serve", "--listen", f"unix:{path}")
    assert unix_http.get(str(path))[0] == 200


def test_the_socket_of_a_running_server_is_in_use(serve, path, directory):
    server = serve("serve", "--listen", f"unix:{path}")
    result = run_chatd("serve", "--db", ":memory:", "--listen", f"unix:{path}", cwd=directory)
    assert result.returncode == UNAVAILABLE
    assert result.stderr == (
        f"chatd: cannot listen on unix:{path}: bind: Address already in use; choose another --listen\n"
    )
    assert server.is_running and unix_http.get(str(path))[0] == 200


def test_a_server_waits_for_its_predecessor_to_stop(serve, path):
    first = serve("serve", "--listen", f"unix:{path}")
    first.send_signal(signal.SIGTERM)
    second = serve("serve", "--listen", f"unix:{path}")
    assert first.wait() == 0
    assert unix_http.get(str(path))[0] == 200
    assert second.stop() == 0
    assert not path.exists()


def test_a_file_that_another_program_has_put_there_is_kept_at_the_end(serve, path):
    server = serve("serve", "--listen", f"unix:{path}")
    path.unlink()
    with closing(socket.socket(socket.AF_UNIX)) as other:
        other.bind(str(path))
        assert server.stop() == 0
        assert path.is_socket()


def test_a_path_that_is_no_socket_is_an_error(path, directory):
    path.write_text("text")
    result = run_chatd("serve", "--db", ":memory:", "--listen", f"unix:{path}", cwd=directory)
    assert result.returncode == UNAVAILABLE
    assert "Socket operation on non-socket" in result.stderr
    assert path.read_text() == "text"


def test_a_failed_start_removes_the_socket(path, directory):
    result = run_chatd("serve", "--db", "/none/chat.db", "--listen", f"unix:{path}", cwd=directory)
    assert result.returncode == UNAVAILABLE
    assert not path.exists()


@pytest.mark.parametrize(
    "value, reason",
    [
        ("/run/chatd.sock", "not unix:PATH"),
        ("unix:chatd.sock", "not absolute"),
        ("unix:/" + "x" * 107, "108 bytes; a socket's path has at most 107"),
        ("unix:/a,unix:/a", "occurs twice"),
    ],
)
def test_an_invalid_list_is_refused(value, reason):
    result = run_chatd("serve", "--listen", value)
    assert result.returncode == USAGE
    assert reason in result.stderr and result.stderr.count("\n") == 1


def test_each_worker_has_its_own_socket(serve, path, directory):
    supervisor = serve("supervise", "--workers", "3", "--listen", f"unix:{path}", ports=3)
    paths = [str(path), f"{path}.1", f"{path}.2"]
    assert supervisor.ports == paths
    assert [unix_http.get(path)[0] for path in paths] == [200, 200, 200]
    assert [mode(Path(path)) for path in paths] == [0o660] * 3
    assert supervisor.stop() == 0
    assert list(directory.iterdir()) == []


def test_a_replaced_worker_serves_the_same_socket(serve, path):
    supervisor = serve("supervise", "--workers", "2", "--listen", f"unix:{path}", ports=2)
    [first, *_] = [
        child for child in processes.children(supervisor.pid) if processes.command_line(child)[1:3] == ["worker", "1"]
    ]
    os.kill(first, signal.SIGKILL)

    def answers():
        try:
            return unix_http.get(f"{path}.1")[0] == 200
        except OSError:
            return False

    wait_until(lambda: not processes.is_alive(first))
    wait_until(answers)
    assert unix_http.get(str(path))[0] == 200


def test_workers_have_sockets_beside_ports(serve, path):
    supervisor = serve("supervise", "--workers", "2", "--listen", f"unix:{path}", "--port", "0", ports=4)
    first, first_path, second, second_path = supervisor.ports
    assert (first_path, second_path) == (str(path), f"{path}.1")
    with ChatClient(first) as one, ChatClient(second) as two:
        assert one.say("hello") == []
        two.read_rows(1)
    body = unix_http.get(second_path, "/socket.io/?EIO=4&transport=polling")[1]
    assert "sid" in json.loads(body[1:])
