"""The container image without Compose."""

import time
from collections.abc import Iterator

import pytest

from tests import watchdog
from tests.containers.engine import Engine
from tests.counting import view_front_page
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.timeout(900)

IMAGE = "page_tracker_test"

# The restrictions that a cautious administrator sets.
RESTRICTIONS = (
    *("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    "--user=12345:12345",
)


@pytest.fixture(name="image", scope="module")
def fixture_image(engine: Engine) -> str:
    """The image, built with the labels of a release."""
    engine.run(
        # Podman 4 reuses its cache even if a build argument changes a label.
        *("build", "--no-cache"),
        *("--file=Containerfile", "--target=runtime", f"--tag={IMAGE}"),
        *("--build-arg=REVISION=abc", "--build-arg=SOURCE=https://example.org"),
        ".",
    )
    return IMAGE


@pytest.fixture(name="port")
def fixture_port() -> int:
    """A free port to publish."""
    return free_port()


@pytest.fixture(name="container")
def fixture_container(engine: Engine, image: str, port: int) -> Iterator[str]:
    """A restricted container of the image that counts in memory."""
    container = engine.run(
        *("run", "--detach", *RESTRICTIONS, f"--publish=127.0.0.1:{port}:8000"),
        *("--env=REDIS_URL=memory://", image),
    ).strip()
    removal = ("rm", "--force", container)
    watchdog.run_at_end(container, [engine.name, *removal])
    yield container
    engine.run(*removal)
    watchdog.cancel_command(container)


def test_should_run_with_restrictions_and_stop_in_time(
    engine: Engine, container: str, port: int
) -> None:
    wait_until(
        lambda: "Booting worker" in engine.logs(container), "the tracker to serve"
    )

    assert view_front_page(f"http://127.0.0.1:{port}") == 1
    begun = time.monotonic()
    engine.run("stop", container)
    assert time.monotonic() - begun < 10
    assert engine.inspect(container)["State"]["ExitCode"] == 0


def test_should_accept_the_options_of_the_command(engine: Engine, image: str) -> None:
    shown = engine.run("run", "--rm", *RESTRICTIONS, image, "--version")

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
    def found(*conditions: str) -> list[str]:
        arguments = ("run", "--rm", "--user=0", "--entrypoint=find", image)
        return engine.run(*arguments, "/opt", "/root", *conditions).split()

    (package,) = found("-path", "*/site-packages/page_tracker")
    compiled = found("-path", f"{package}/*", "-name", "*.pyc")
    assert len(compiled) == len(found("-path", f"{package}/*", "-name", "*.py"))
    assert not found("-path", "*/.cache/*")
    assert not found("-path", "/opt/*", "-name", "pip*")
    assert not found("-path", "/opt/*", "-name", "pytest*")
