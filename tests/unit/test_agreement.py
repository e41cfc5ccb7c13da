"""Facts that several files state, and that must agree."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from page_tracker.server.configuration import configuration
from page_tracker.settings import Settings
from page_tracker.settings.misspelled import misspelled_variables
from page_tracker.settings.settings import variables
from page_tracker.web.formats.badge_options import COLORS
from page_tracker.web.formats.badge_styles import STYLES
from page_tracker.web.formats.shown_number import SHOWN_NUMBERS
from tests.unit.test_documentation import DOCUMENTATION, README

ROOT = Path(__file__, "../../..").resolve()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
CONTAINERFILE = (ROOT / "Containerfile").read_text()
STAGES = dict(re.findall(r"(?ms)^FROM \S+ AS (\w+)$(.*?)(?=^FROM|\Z)", CONTAINERFILE))
COMPOSE_FILES = sorted(ROOT.glob("*compose*.yml"))
COMPOSE_TEXTS = "".join(file.read_text() for file in COMPOSE_FILES)
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

OF_COMPOSE = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXTS))
"""The variables that the Compose files read."""

EXAMPLE = (ROOT / ".env.example").read_text()
SECOND_NAMES = {"PAGE_TRACKER_ADDRESS", "PORT", "REDIS_URL", "WEB_CONCURRENCY"}


class Loader(yaml.SafeLoader):  # pylint: disable=too-many-ancestors  # PyYAML has 7
    """A YAML loader that ignores the tags of Compose."""


Loader.add_multi_constructor("!", lambda *_: None)


def load(file: Path) -> Any:
    """Read a YAML file."""
    return yaml.load(file.read_text(), Loader)  # nosec B506  # a SafeLoader


def packaged(path: str) -> str:
    """Return the text of a file of the installed package."""
    return files("page_tracker").joinpath(path).read_text("utf-8")


COMPOSE = load(ROOT / "compose.yml")
CI = load(ROOT / ".github/workflows/ci.yml")
WEB = COMPOSE["services"]["web"]
ALONE = load(ROOT / "compose.sqlite.yml")

PYTHONS = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["project"]["classifiers"]
    if re.search(r":: 3\.\d+$", classifier)
]
DEFAULTS = Settings.read({})


JOBS = {
    f"{file.stem}-{name}": job
    for file in WORKFLOWS
    for name, job in load(file)["jobs"].items()
}
STEPS = [step for job in JOBS.values() for step in job.get("steps", [])]


class TestPython:
    """The supported versions of Python."""

    def test_should_be_those_of_the_matrix(self) -> None:
        for job in "test", "parallel":
            assert CI["jobs"][job]["strategy"]["matrix"]["python"] == PYTHONS

    def test_should_start_at_the_minimum_of_the_package(self) -> None:
        assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"
        for requirements in ROOT.glob("requirements*.txt"):
            assert f"--python-version {PYTHONS[0]} " in requirements.read_text()

    def test_should_be_named_in_the_readme(self) -> None:
        *others, last = PYTHONS
        assert f"Python {', '.join(others)} and {last}" in README

    def test_should_be_the_latest_in_the_image_and_in_every_other_job(self) -> None:
        assert set(re.findall(r"python:(3\.\d+)-", CONTAINERFILE)) == {PYTHONS[-1]}
        set_up = [step for step in STEPS if "setup-python" in step.get("uses", "")]
        named = {step["with"]["python-version"] for step in set_up}
        assert named == {PYTHONS[-1], "${{ matrix.python }}"}


class TestServers:
    """Redis and Valkey."""

    def test_should_have_one_version_each(self) -> None:
        used = set(
            re.findall(r"docker\.io/\S+/(?:redis|valkey):[0-9.]+", COMPOSE_TEXTS)
        )
        tested = CI["jobs"]["test"]["strategy"]["matrix"]["image"]

        assert set(tested) == used
        assert len(used) == 2

    def test_should_start_with_the_same_options(self) -> None:
        valkey = load(ROOT / "compose.valkey.yml")["services"]["redis"]["command"]

        assert valkey == ["valkey-server", *COMPOSE["services"]["redis"]["command"][1:]]


class TestVersion:
    """The version of the tracker, and of its build tools."""

    def test_should_be_that_of_the_image(self) -> None:
        assert f"\nARG VERSION={PROJECT['project']['version']}\n" in CONTAINERFILE

    def test_should_be_built_with_pinned_tools(self) -> None:
        pinned = PROJECT["dependency-groups"]["build"]
        assert set(PROJECT["build-system"]["requires"]) < set(pinned)


class TestSettings:
    """Ports, variables and times."""

    def test_should_agree_on_the_port(self) -> None:
        port = DEFAULTS.port
        assert f"\nEXPOSE {port}\n" in CONTAINERFILE
        assert f"http://127.0.0.1:{port}" in README
        assert WEB["environment"]["PAGE_TRACKER_PORT"] == str(port)
        assert WEB["ports"] == [f"${{PAGE_TRACKER_PORT:-{port}}}:{port}"]
        assert f'("127.0.0.1", {port}, ' in WEB["healthcheck"]["test"][-1]
        assert set(re.findall(r"\bweb[ :](\d+)", COMPOSE_TEXTS)) == {str(port)}

    def test_should_pass_the_whole_env_to_the_container(self) -> None:
        assert WEB["env_file"] == [{"path": ".env", "required": False}]
        decided = {"PAGE_TRACKER_ADDRESS", "PAGE_TRACKER_BACKEND", "PAGE_TRACKER_PORT"}
        assert set(WEB["environment"]) == decided

    def test_should_let_both_names_replace_the_address_of_the_image(self) -> None:
        (name,) = re.findall(r"\b(\w+)=0\.0\.0\.0\b", CONTAINERFILE)
        for other in (name, "PAGE_TRACKER_HOST"):
            assert Settings.read({name: "0.0.0.0", other: "::"}).host == "::"

    def test_should_document_every_variable_of_the_compose_files(self) -> None:
        assert OF_COMPOSE
        assert not [name for name in OF_COMPOSE if f"| `{name}` |" not in DOCUMENTATION]

    def test_should_know_every_variable_of_the_compose_files(self) -> None:
        assert not list(misspelled_variables(dict.fromkeys(OF_COMPOSE, "8000")))

    def test_should_allow_enough_time_to_stop(self) -> None:
        gunicorn = configuration(Settings.read({"REDIS_URL": "memory://"}))
        allowed = int(WEB["stop_grace_period"].removesuffix("s"))
        assert allowed > gunicorn["graceful_timeout"]


class TestEnvExample:
    """The settings in .env.example."""

    LINES = re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)

    def test_should_name_each_setting_of_a_container_once(self) -> None:
        of_the_image = {"STATE_DIRECTORY", "XDG_DATA_HOME"}
        known = variables() | OF_COMPOSE | {"COMPOSE_FILE"}

        names = sorted(name for name, _ in self.LINES)

        assert names == sorted(known - of_the_image - SECOND_NAMES)

    def test_should_set_nothing(self) -> None:
        assert not [
            line for line in EXAMPLE.splitlines() if line and not line.startswith("#")
        ]

    def test_should_get_nothing_but_the_token_from_the_documented_command(self) -> None:
        # Docker Compose writes the log of a build to standard output, too.
        containers = (ROOT / "docs/containers.md").read_text("utf-8")

        for text in README, EXAMPLE, containers, packaged("web/auth.py"):
            ends = re.findall(r" -T web token(.*)", text)
            assert ends == [" | grep TOKEN= >> .env"]

    def test_should_give_examples_that_are_allowed(self) -> None:
        examples = dict(self.LINES)
        Settings.read(examples)
        for file in examples["COMPOSE_FILE"].split(":"):
            assert ROOT / file in COMPOSE_FILES


class TestContainers:
    """The permissions and the networks of containers."""

    def test_should_reach_redis_over_an_internal_network(self) -> None:
        redis = COMPOSE["services"]["redis"]
        default = "${PAGE_TRACKER_BACKEND:-redis://redis}"
        assert WEB["environment"]["PAGE_TRACKER_BACKEND"] == default
        assert "ports" not in redis
        assert redis["networks"] == ["counts"]
        assert COMPOSE["networks"]["counts"] == {"internal": True}

    @pytest.mark.parametrize("name", ["web", "redis", "caddy"])
    def test_should_be_confined(self, name: str) -> None:
        services = load(ROOT / "compose.https.yml")["services"] | COMPOSE["services"]
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"]
        assert service["restart"] == "unless-stopped"

    def test_should_differ_only_in_the_storage(self) -> None:
        for_redis = ("depends_on", "dns_opt", "networks")
        others = {name: WEB[name] for name in WEB if name not in for_redis}
        place = "${PAGE_TRACKER_BACKEND:-sqlite:///data/counts.db}"

        assert ALONE["services"]["web"] == others | {
            "environment": WEB["environment"] | {"PAGE_TRACKER_BACKEND": place},
            "tmpfs": ["/tmp"],
            "volumes": ["counts:/data"],
        }
        assert ALONE["name"] != COMPOSE["name"]

    def test_should_agree_on_the_folder_of_the_counts(self) -> None:
        assert " STATE_DIRECTORY=/data\n" in CONTAINERFILE
        assert "\nVOLUME /data\n" in CONTAINERFILE
        # Nothing can be counted in the volume of a container that uses Redis.
        assert WEB["tmpfs"] == ["/tmp", "/data:ro"]

    @pytest.mark.parametrize(
        "stage, command",
        [
            ("lint", ".ci/lint page_tracker"),
            ("tested", "pytest tests/unit"),
        ],
    )
    def test_should_release_the_image_only_after_its_checks(
        self, stage: str, command: str
    ) -> None:
        *_, (_, last) = STAGES.items()
        assert f"\nCOPY --from={stage} /passed /\n" in last
        # Without a mounted cache, no finding can be that of an earlier build.
        assert f"\nRUN {command} && mkdir /passed\n" in STAGES[stage]
        (build,) = [step for step in STEPS if "build-push" in step.get("uses", "")]
        assert not {"target", "cache-from"} & set(build["with"])

    def test_should_test_the_installed_package_in_the_image(self) -> None:
        assert STAGES["test"].rstrip().endswith("\nRUN rm -r page_tracker")
        assert STAGES["tested"].startswith("\nRUN pytest")

    def test_should_keep_secrets_out_of_the_image(self) -> None:
        allowed = (ROOT / ".dockerignore").read_text().splitlines()
        assert "*" in allowed and "**/.env" in allowed


class TestWorkflows:
    """The workflows that GitHub runs."""

    def test_should_run_only_documented_commands(self) -> None:
        commands = [
            step["run"]
            for name, job in CI["jobs"].items()
            if name != "passed"
            for step in job["steps"]
            if "run" in step
        ]
        assert len(commands) > 10
        assert not [line for line in commands if f"    {line}\n" not in CONTRIBUTING]

    def test_should_require_every_job(self) -> None:
        passed = CI["jobs"]["passed"]
        assert passed["needs"] == [name for name in CI["jobs"] if name != "passed"]
        # GitHub treats a skipped job as successful.
        assert passed["if"] == "always()"
        assert "all(.result == " in passed["steps"][0]["run"]

    def test_should_run_on_each_change_and_release_nothing_else(self) -> None:
        # YAML 1.1 reads the key `on` as true.
        assert set(CI[True]) == {"pull_request", "push", "workflow_call"}
        release = load(ROOT / ".github/workflows/release.yml")["jobs"]
        assert release["ci"]["uses"] == "$/.github/workflows/ci.yml"
        for name in ("image", "pypi"):
            assert release[name]["needs"] == ["ci", "version"]

    @pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
    def test_should_permit_nothing_by_default(self, file: Path) -> None:
        workflow = load(file)
        assert workflow["permissions"] == {}
        assert "concurrency" in workflow

    @pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
    def test_should_limit_the_permissions_and_the_time_of_a_job(
        self, job: dict[str, Any]
    ) -> None:
        assert isinstance(job["permissions"], dict)
        assert "continue-on-error" not in job
        assert "uses" in job or job["timeout-minutes"] <= 60

    def test_should_pin_each_action_to_one_commit_with_its_version(self) -> None:
        texts = "".join(file.read_text() for file in WORKFLOWS)
        used = re.findall(r"uses: ([^$].*)$", texts, re.MULTILINE)
        assert used
        pins: dict[str, str] = {}
        for line in used:
            pin = re.fullmatch(r"(\S+)@([0-9a-f]{40}  # v[0-9.]+)", line)
            assert pin, line
            owner_and_name = "/".join(pin[1].split("/")[:2])
            assert pins.setdefault(owner_and_name, pin[2]) == pin[2]

    def test_should_leave_no_credentials_behind(self) -> None:
        checkouts = [step for step in STEPS if "checkout@" in step.get("uses", "")]
        assert checkouts
        for step in checkouts:
            assert step["with"]["persist-credentials"] is False


class TestDashboard:
    """The form of the dashboard that makes badges."""

    SNIPPETS = packaged("web/static/dashboard/snippets.js")

    def test_should_offer_every_style(self) -> None:
        assert self.offered("STYLES") == set(STYLES)

    def test_should_offer_every_color_under_one_name(self) -> None:
        assert self.offered("COLORS") == set(COLORS) - {"gray", "lightgray"}

    def test_should_offer_every_number_with_its_label(self) -> None:
        labels = re.search(r"^const LABELS = {(.*?)^};$", self.SNIPPETS, re.M | re.S)

        assert labels
        assert dict(re.findall(r'([\w-]+)"?: "(.*?)"', labels[1])) == {
            name: number.label for name, number in SHOWN_NUMBERS.items()
        }

    def offered(self, constant: str) -> set[str]:
        """Return the texts in an array of snippets.js."""
        array = re.search(
            rf"^const {constant} = \[(.*)\];$", self.SNIPPETS, re.MULTILINE
        )
        assert array
        return set(re.findall('"(.*?)"', array[1]))
