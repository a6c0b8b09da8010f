"""A new database for each test."""

import itertools

import pytest
from chat_schema import Database

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres(postgres_server):
    return postgres_server


@pytest.fixture
def empty_database(postgres):
    """A database without chatd's schema."""
    database = Database(postgres, f"chat_{next(_numbers)}")
    database.create()
    yield database
    database.drop()


@pytest.fixture
def database(empty_database):
    """A database with chatd's schema."""
    empty_database.install()
    return empty_database
