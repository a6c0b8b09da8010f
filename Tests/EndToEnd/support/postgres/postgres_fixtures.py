"""One PostgreSQL server for each test process."""

import pytest
from postgres_server import Template


@pytest.fixture(scope="session")
def postgres_template():
    """A data directory from which a server starts quickly."""
    template = Template()
    yield template
    template.remove()


@pytest.fixture(scope="session")
def postgres_server(postgres_template):
    server = postgres_template.server()
    yield server
    server.remove()
