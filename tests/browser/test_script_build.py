"""The script that the tracker serves is made from its source."""

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
STATIC = FOLDER.parents[1] / "page_tracker/web/static"
DECOMPRESS = "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(0)))"


@pytest.fixture(name="built", scope="module")
def fixture_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the source gives."""
    assert (FOLDER / "node_modules").exists(), "run: npm ci --prefix tests/browser"
    built = tmp_path_factory.mktemp("built")
    subprocess.run(["node", FOLDER / "build_script.mjs", built], check=True)
    return built


def test_should_serve_what_the_minifier_makes_of_the_source(built: Path) -> None:
    served = (STATIC / "track.min.js").read_bytes()

    assert served == (built / "track.min.js").read_bytes()
    assert len(served) <= 2048


# Node's releases have different releases of Brotli, which may compress differently.
def test_should_serve_the_same_in_brotli() -> None:
    compressed = (STATIC / "track.min.js.br").read_bytes()

    node = ["node", "--eval", DECOMPRESS]
    decompressed = subprocess.run(
        node, input=compressed, capture_output=True, check=True
    )

    assert decompressed.stdout == (STATIC / "track.min.js").read_bytes()
    assert len(compressed) <= 1024
