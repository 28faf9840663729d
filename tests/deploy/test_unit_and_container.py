"""What operators copy: the systemd unit and the Containerfile name commands, settings and paths that exist."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from headgate.cli import root
from headgate.cli.models import command as models_command
from headgate.limits import STOP_SECONDS
from headgate.service.api.health import OPERATIONS
from headgate.settings.document import PREFIX, load_settings

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "deploy" / "headgate.service").read_text("utf-8")
CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
STATE = "/var/lib/headgate"


def directives() -> dict[str, str]:
    lines = (line for line in UNIT.splitlines() if line and not line.startswith(("#", "[")))
    pairs = [line.split("=", 1) for line in lines]
    assert len(pairs) == len({name for name, _ in pairs}), "each directive stands once"
    return dict(pairs)


def steps() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", CONTAINERFILE)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def step(name: str) -> str:
    (found,) = (text for instruction, text in steps() if instruction == name)
    return found


def check_command(words: list[str]) -> dict[str, str]:
    """Parse a headgate command line by the real command, without running it; return its options."""
    command = root.get_command(click.Context(root), words[0])
    assert command is not None, words[0]
    return {name: str(value) for name, value in command.make_context(words[0], list(words[1:])).params.items()}


def test_the_timer_asks_on_the_same_home_for_a_candidate_only_where_one_is_due() -> None:
    unit = (ROOT / "deploy" / "headgate-retrain.service").read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    words = shlex.split(start)
    assert words[1:3] == ["models", "retrain"]
    retrain = models_command.commands["retrain"]
    options = retrain.make_context("retrain", list(words[3:])).params
    assert options["only_due"]
    assert str(options["home"]) == f"{STATE}/home"
    assert f"ReadWritePaths={STATE}" in unit
    timer = (ROOT / "deploy" / "headgate-retrain.timer").read_text("utf-8")
    assert re.search(r"^OnCalendar=", timer, re.MULTILINE)


def test_the_unit_starts_a_command_that_exists_on_a_home_in_its_state() -> None:
    words = shlex.split(directives()["ExecStart"])
    assert words[0] == "/opt/headgate/bin/headgate"
    options = check_command(words[1:])
    assert options["home"] == f"{STATE}/home"
    assert options["host"] == "127.0.0.1"
    assert f"/var/lib/{directives()['StateDirectory']}" == STATE == directives()["WorkingDirectory"]


def test_the_unit_gives_a_stop_the_time_that_it_takes() -> None:
    assert int(directives()["TimeoutStopSec"]) >= 3 * STOP_SECONDS
    assert f"({STOP_SECONDS} s)" in UNIT
    assert directives()["KillSignal"] == "SIGTERM"


def test_the_unit_restarts_after_failures_and_not_after_wrong_use() -> None:
    assert (directives()["Restart"], directives()["RestartPreventExitStatus"]) == ("on-failure", "2")


def test_the_unit_leaves_nothing_writable_but_its_state_and_no_right_to_gain() -> None:
    expected = {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
        "PrivateDevices": "yes", "CapabilityBoundingSet": "", "StateDirectoryMode": "0700", "UMask": "0077",
        "RestrictSUIDSGID": "yes", "SystemCallArchitectures": "native", "User": "headgate",
    }  # fmt: skip
    assert {name: directives().get(name) for name in expected} == expected
    assert "ReadWritePaths" not in directives()


def test_every_setting_that_is_named_exists(tmp_path: Path) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+__[A-Z_]+=[^\s`]+", UNIT + CONTAINERFILE + GUIDE))
    assert "HEADGATE_SERVER__HTTPS=true" in named
    for each in named:
        name, value = each.split("=", 1)
        load_settings(tmp_path, {name: value})


def test_the_container_is_built_by_the_lock_file_and_runs_as_nobody_special() -> None:
    instructions = [name for name, _ in steps()]
    assert instructions.count("FROM") == 2
    stages = [text for name, text in steps() if name == "FROM"]
    assert stages[0].split()[0] == stages[1].split()[0], "one base for building and running"
    assert "--require-hashes -r requirements.lock" in CONTAINERFILE
    user, group = step("USER").split(":")
    assert (user.isdigit(), group.isdigit(), int(user) > 0) == (True, True, True)
    assert f"--uid {user} --gid {group}" in CONTAINERFILE


def test_the_container_copies_what_exists_and_is_not_left_out() -> None:
    allowed = [line[1:] for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [word for name, text in steps() if name == "COPY" and "--from" not in text for word in text.split()[:-1]]
    assert sorted(copied) == sorted(allowed)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_container_serves_on_its_volume_and_its_port() -> None:
    options = check_command(json.loads(step("CMD")))
    assert json.loads(step("ENTRYPOINT")) == ["headgate"]
    assert options["home"].startswith(step("VOLUME"))
    assert options["port"] == step("EXPOSE")


def test_the_container_is_healthy_when_it_decides() -> None:
    check = json.loads(step("HEALTHCHECK").partition("CMD ")[2])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "healthcheck", "exec")
    (path,) = re.findall(r"http://127\.0\.0\.1:(\d+/\w+)", check[2])
    assert path == f"{step('EXPOSE')}/readyz"
    assert "/readyz" in {operation.path for operation in OPERATIONS}


def test_every_command_of_the_guide_exists() -> None:
    named = set(re.findall(r"^\s*(?:\$ )?headgate ([a-z-]+)", GUIDE, re.M))
    assert {"serve", "replay", "users"} <= named
    assert named <= set(root.list_commands(click.Context(root)))


@pytest.mark.outside
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    assert shutil.which("systemd-analyze"), "tests/outside/install.sh installs systemd"
    unit = tmp_path / "headgate.service"
    unit.write_text(UNIT.replace("/opt/headgate/bin/headgate", sys.executable))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    said = [line for line in (verified.stdout + verified.stderr).splitlines() if "headgate.service" in line]
    assert (verified.returncode, said) == (0, [])
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False
    )  # fmt: skip
    (level,) = re.findall(r"Overall exposure level for headgate\.service: ([\d.]+)", rated.stdout)
    assert float(level) < 2.5
