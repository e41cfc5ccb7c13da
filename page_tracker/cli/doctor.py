"""page-tracker doctor"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import click

from page_tracker.backends.choice import choose
from page_tracker.backends.maintenance import examine
from page_tracker.backends.url import MEMORY_URL, describe_storage
from page_tracker.cli.options import backend_option, json_option
from page_tracker.cli.output import print_json, print_table
from page_tracker.operations.findings import Finding
from page_tracker.settings import Settings
from page_tracker.settings.misspelled import misspelled_variables


@click.command()
@json_option
@backend_option
def doctor(as_json: bool, backend_url: str | None) -> None:
    """Check the settings and the backend, and suggest changes."""
    settings = Settings.read(os.environ, {"--backend": backend_url})
    findings = [
        *_check_variables(os.environ),
        _check_token(settings),
        *_check_backend(settings),
    ]
    healthy = all(finding.level == "ok" for finding in findings)
    if as_json:
        print_json(
            {"ok": healthy, "findings": [asdict(finding) for finding in findings]}
        )
    else:
        print_table(
            ["LEVEL", "CHECK", "FINDING", "WHAT TO CHANGE"],
            [
                [finding.level, finding.check, finding.text, finding.advice]
                for finding in findings
            ],
        )
    if not healthy:
        sys.exit(1)


def _check_variables(environ: Mapping[str, str]) -> Iterator[Finding]:
    misspelled = list(misspelled_variables(environ))
    for each in misspelled:
        yield Finding(
            "variables",
            "warning",
            f"{each.name} is not a setting of the tracker",
            f"remove it, or set {each.nearest} instead",
        )
    if not misspelled:
        yield Finding(
            "variables", "ok", "all PAGE_TRACKER_ variables are settings of the tracker"
        )


def _check_token(settings: Settings) -> Finding:
    if settings.rules.token:
        return Finding("token", "ok", "PAGE_TRACKER_TOKEN is set")
    if settings.is_local:
        return Finding(
            "token",
            "ok",
            "PAGE_TRACKER_TOKEN is not set: the dashboard opens only with the link "
            "that the tracker prints on a terminal",
        )
    return Finding(
        "token",
        "warning",
        "PAGE_TRACKER_TOKEN is not set, and the tracker listens on "
        f"{settings.host}: nobody can open the dashboard",
        "set the variable that page-tracker token prints",
    )


def _check_backend(settings: Settings) -> Iterator[Finding]:
    choice = settings.backend or choose(settings.data_folder)
    text = f"{describe_storage(choice.url)}: {choice.reason}"
    if choice.url == MEMORY_URL:
        advice = "choose a SQLite file or a Redis, which keeps the counts"
        yield Finding("backend", "warning", text, advice)
        return
    yield Finding("backend", "ok", text)
    yield from examine(
        choice, deadline_s=settings.deadline_s, data_folder=settings.data_folder
    )
