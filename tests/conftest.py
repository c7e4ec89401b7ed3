"""Real databases, one clean for each test; the real model, prepared once in the user's cache."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

# Several processes share the processors: threads of numpy and torch would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import platformdirs
import pytest
from hypothesis import settings
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, create_engine

from tests.receivers import HOST, Collector, Mailbox, Receiver
from tests.vocloop.roadmap.trackers.servers import SECRET, Site, site
from vocloop.encode import Encoder, load_encoder
from vocloop_models import Record, TrackerKind
from vocloop_models.database import open_database, transaction, upgrade

# How long an example takes says more of the machine than of the code.
settings.register_profile("vocloop", deadline=None)
settings.load_profile("vocloop")

POSTGRES_URL = os.environ.get("VOCLOOP_TEST_POSTGRES_URL", "")


def pytest_report_header() -> str:
    if POSTGRES_URL:
        return "databases: SQLite and PostgreSQL"
    return "databases: SQLite only; set VOCLOOP_TEST_POSTGRES_URL to test PostgreSQL too"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first, side by side: one process then loads the models, and none is left
    with a long test when the others have ended."""
    items.sort(key=lambda item: item.get_closest_marker("model") is None)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not go through all of it after every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        kinds = ["sqlite", "postgresql"] if POSTGRES_URL else ["sqlite"]
        metafunc.parametrize("database", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[str]:
    """The address of a database migrated to head; ``engine`` empties it for each test."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'vocloop.db'}"
        engine = open_database(url)
        upgrade(engine)
        engine.dispose()
        yield url
        return
    # A database of its own for each test process, also of runs side by side.
    name = f"vocloop_test_{worker_id}_{os.getpid()}"
    server = create_engine(
        make_url(POSTGRES_URL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        # Nothing here needs to outlive a power failure.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    url = make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    server.dispose()


def empty(engine: Engine) -> None:
    """In one statement: table by table it took longer than most tests."""
    tables = reversed(Record.metadata.sorted_tables)
    deletes = ";".join(f'DELETE FROM "{table.name}"' for table in tables)  # noqa: S608 - our own names
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        run = cursor.executescript if engine.dialect.name == "sqlite" else cursor.execute
        run(deletes)
        connection.commit()
    finally:
        connection.close()


@pytest.fixture(scope="session")
def opened(database: str) -> Engine:
    """One engine a database, since it keeps the statements that it compiled."""
    return open_database(database)


@pytest.fixture(scope="session")
def staying(database: str) -> Iterator[Engine]:
    """Keeps a connection that no test closes. SQLite writes its log back, and waits for the disk,
    when the last one goes; PostgreSQL learns every table anew in each that comes."""
    engine = open_database(database)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(opened: Engine, staying: Engine) -> Iterator[Engine]:
    empty(staying)
    # A view of it, so that what a test listens for ends with the test.
    yield opened.execution_options()
    opened.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A writing session, rolled back on failure and committed at the end of the test."""
    with transaction(engine) as session:
        yield session


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Where the default model is prepared; kept between test runs, as a user's cache is."""
    configured = os.environ.get("VOCLOOP_CACHE_DIR")
    return Path(configured) if configured else platformdirs.user_cache_path("vocloop")


@pytest.fixture(scope="session")
def default_encoder(model_cache: Path) -> Encoder:
    """The real one, loaded once: it takes seconds."""
    return load_encoder("default", model_cache)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that the settings name, with addresses of contacts allowed."""
    server = Mailbox()
    for name, value in {
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(server.port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "voc@vendor.example",
        "PUBLIC_URL": "https://voc.example",
        "ENCRYPTION_KEY": "a key of the tests, long enough",
        "HASH_KEY": "the key of the tests",
    }.items():
        monkeypatch.setenv(f"VOCLOOP_{name}", value)
    yield server
    server.stop()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """An HTTP server that configured addresses may lead to."""
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", f'["{HOST}"]')
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
    server = Receiver()
    yield server
    server.stop()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of traces."""
    server = Collector()
    yield server
    server.stop()


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A GitHub on loopback, for a tracker named web."""
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TOKEN", "key")
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_SECRET", SECRET)
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", f'["{HOST}"]')
    with site(TrackerKind.GITHUB) as made:
        yield made
