"""A server that dashboards may look at."""

import pytest

from dashboards import ORIGIN, PASSWORD
from passwords import password_hash


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "password"
    path.write_text(f"ada:{password_hash(PASSWORD)}\n")
    path.chmod(0o600)
    return ["--admin-ui-password-file", path, "--cors-origin", ORIGIN, "--trusted-proxies", "loopback"]


@pytest.fixture(params=["serve", "distinct", "shared"])
def start(request, start_chatd, supervise, options):
    """Starts a server with a dashboard, in one process and with two workers."""

    def start(*more):
        if request.param == "serve":
            return start_chatd(*options, *more)
        return supervise(2, "--ports", request.param, *options, *more)

    return start
