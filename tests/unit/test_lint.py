"""Tests of .ci/lint, which runs the linters side by side."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

LINT = Path(__file__, "../../../.ci/lint").resolve()
LINTERS = ["bandit", "black", "flake8", "isort", "lint-imports", "mypy", "pylint"]


@pytest.fixture(name="tree")
def fixture_tree(tmp_path: Path) -> Path:
    """A folder with the script, and with linters that find nothing."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(LINT, tmp_path / ".ci")
    for name in LINTERS:
        write_linter(tmp_path, name, "echo All is well.")
    return tmp_path


def write_linter(tree: Path, name: str, script: str) -> None:
    """Make a shell script the linter of this name."""
    linter = tree / ".venv/bin" / name
    linter.parent.mkdir(parents=True, exist_ok=True)
    linter.write_text(f"#!/bin/sh\necho {name} $* >>ran\n{script}\n", "utf-8")
    linter.chmod(0o755)


def lint(tree: Path, *folders: str) -> "subprocess.CompletedProcess[str]":
    """Run the script for these folders."""
    return subprocess.run(
        [tree / ".ci/lint", *folders],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )


def ran(tree: Path) -> list[str]:
    """Return the names of the linters that have run."""
    return sorted(line.split()[0] for line in commands(tree))


def commands(tree: Path) -> list[str]:
    """Return the commands of the linters that have run."""
    return (tree / "ran").read_text("utf-8").splitlines()


def test_should_print_nothing_when_no_linter_finds_something(tree: Path) -> None:
    result = lint(tree)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert ran(tree) == LINTERS


@pytest.mark.parametrize("name", LINTERS)
def test_should_fail_and_say_why_when_a_linter_finds_something(
    tree: Path, name: str
) -> None:
    write_linter(
        tree, name, "echo 'a.py:1: a flaw'; echo 'a.py:2: another' >&2; exit 1"
    )

    result = lint(tree)

    assert result.returncode != 0
    assert result.stdout.startswith(f"== {name}")
    assert result.stdout.endswith("\na.py:1: a flaw\na.py:2: another\n")
    assert ran(tree) == LINTERS


def test_should_read_all_code(tree: Path) -> None:
    lint(tree)

    assert "pylint page_tracker tests" in commands(tree)
    assert "mypy page_tracker tests" in commands(tree)


def test_should_read_only_the_folder_that_is_named(tree: Path) -> None:
    lint(tree, "page_tracker")

    assert ran(tree) == LINTERS
    assert not [command for command in commands(tree) if "tests" in command]


def test_should_fail_when_no_linter_is_installed(tree: Path) -> None:
    shutil.rmtree(tree / ".venv")

    result = lint(tree)

    assert result.returncode == 1
    assert "The linters are not installed. Run: " in result.stderr
