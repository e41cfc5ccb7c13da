"""The container image without Compose."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.containers.conftest import RunImage
from tests.containers.engine import Container, Engine
from tests.counting import view_front_page

pytestmark = pytest.mark.timeout(900)

ANY_USER = "--user=12345:12345"


def test_should_run_as_any_user_and_stop_in_time(
    engine: Engine, run_image: RunImage
) -> None:
    container = run_image(ANY_USER, "--env=REDIS_URL=memory://")
    container.wait_until_ready()

    assert view_front_page(container.url) == 1
    assert "Parsing HTTP in C" in container.logs()
    begun = time.monotonic()
    engine.run("stop", container.name)
    assert time.monotonic() - begun < 10
    assert container.exit_code() == 0


def test_should_accept_the_options_of_the_command(engine: Engine, image: str) -> None:
    restrictions = (*Container.RESTRICTIONS, ANY_USER)

    shown = engine.run("run", "--rm", *restrictions, image, "--version")

    assert shown.startswith("page-tracker ")


def test_should_have_labels_and_metadata(engine: Engine, image: str) -> None:
    config = engine.inspect(image)["Config"]

    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["page-tracker"]
    assert config["StopSignal"] == "SIGTERM"
    labels = {
        name.removeprefix("org.opencontainers.image."): text
        for name, text in config["Labels"].items()
    }
    assert labels["version"] == engine.run("run", "--rm", image, "--version").split()[1]
    assert labels["revision"] == "abc"
    assert labels["source"] == "https://example.org"
    assert labels["licenses"] == "MIT"


def test_should_contain_compiled_code_and_no_build_tools(
    engine: Engine, image: str
) -> None:
    arguments = ("run", "--rm", "--user=0", "--entrypoint=find", image)
    found = engine.run(*arguments, "/opt", "/root", "/usr").splitlines()
    paths = [Path(line) for line in found]
    added = [path for path in paths if path.is_relative_to("/opt")]

    (package,) = (path for path in paths if path.match("site-packages/page_tracker"))
    own = Counter(path.suffix for path in paths if path.is_relative_to(package))
    assert own[".pyc"] == own[".py"] > 0
    assert not [path for path in paths if ".cache" in path.parent.parts]
    assert not [path for path in added if path.name.startswith(("pip", "pytest"))]
    assert not [
        path for path in paths if path.parent.name == "bin" and "gcc" in path.name
    ]
