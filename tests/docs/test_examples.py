"""Every example of the documentation runs: console lines by the command line, python blocks by the interpreter."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from headgate.cli import root

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.M | re.S)


def pages_with_examples() -> list[str]:
    pages = sorted(DOCS.rglob("*.md"))
    return [str(page.relative_to(DOCS)) for page in pages if BLOCK.search(page.read_text("utf-8"))]


def headgate(line: str) -> None:
    result = CliRunner().invoke(root, shlex.split(line)[1:], catch_exceptions=False, standalone_mode=False)
    assert result.return_value in (None, 0), f"{line}\n{result.output}"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small simulated `world` and the `home` of its replay."""
    folder = tmp_path_factory.mktemp("docs")
    with working_in(folder):
        headgate("headgate simulate world --payments 2500 --days 30 --seed 7")
        headgate("headgate replay world --out home")
    return folder


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.mark.parametrize("page", pages_with_examples())
def test_the_examples_of_a_page_run(page: str, prepared: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    shutil.copytree(prepared, scratch)
    names: dict[str, object] = {}
    with working_in(scratch):
        for language, text in BLOCK.findall((DOCS / page).read_text("utf-8")):
            if language == "python":
                exec(compile(text, page, "exec"), names)  # the page's own example
                continue
            for line in text.splitlines():
                if line.startswith("$ "):
                    assert line.startswith("$ headgate "), f"{page}: only headgate lines are run: {line}"
                    headgate(line[2:])
