"""The choice of a backend if none is set."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from page_tracker import BackendError
from page_tracker.backends.choice import Choice, choose
from tests.servers import RedisServer

FOLDER = Path("/folder")


def test_should_use_a_redis_that_answers(own_redis: RedisServer) -> None:
    choice = choose(FOLDER, host="127.0.0.1", port=own_redis.port)

    assert choice.url == own_redis.url
    assert choice.reason.startswith("no backend is set")


def test_should_use_a_redis_that_is_loading() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with ThreadPoolExecutor(1) as thread:
            chosen = thread.submit(choose, FOLDER, host="127.0.0.1", port=port)
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"-LOADING Redis is loading the dataset\r\n")

                assert chosen.result().url == f"redis://127.0.0.1:{port}"


def test_should_refuse_to_choose_without_a_folder(own_redis: RedisServer) -> None:
    own_redis.kill()

    with pytest.raises(BackendError, match="no home folder .* PAGE_TRACKER_BACKEND"):
        choose(None, host="127.0.0.1", port=own_redis.port)


def test_should_use_a_file_when_nothing_listens(own_redis: RedisServer) -> None:
    own_redis.kill()

    choice = choose(FOLDER, host="127.0.0.1", port=own_redis.port)

    assert choice == Choice(
        "sqlite:///folder/counts.db",
        "no backend is set, and no Redis answers at "
        f"127.0.0.1:{own_redis.port} (Connection refused)",
    )


def test_should_use_a_file_when_redis_requires_a_password(
    own_redis: RedisServer,
) -> None:
    with Redis.from_url(own_redis.url) as client:
        client.config_set("requirepass", "s3cret")

    choice = choose(FOLDER, host="127.0.0.1", port=own_redis.port)

    assert choice.url == "sqlite:///folder/counts.db"
    assert "NOAUTH" in choice.reason


def test_should_use_a_file_when_there_is_no_answer_within_a_quarter_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        choice = choose(FOLDER, host="127.0.0.1", port=silent.getsockname()[1])
        elapsed = time.monotonic() - begun

    assert choice.url == "sqlite:///folder/counts.db"
    assert "timed out" in choice.reason
    assert 0.25 <= elapsed < 2
