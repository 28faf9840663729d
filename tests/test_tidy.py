"""The tree stays tidy: small files and functions by ratchet, docstrings, plain names, no unfinished marks."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RATCHET = tomllib.loads((ROOT / "tests" / "ratchet.toml").read_text("utf-8"))
VENDORED = re.compile(r"(^|/)vendor/")
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|X" + "XX:")
VAGUE = {"utils", "helpers", "common", "manager", "misc"}


def tracked(*suffixes: str) -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    paths = [ROOT / name for name in names if name.endswith(suffixes) and not VENDORED.search(name)]
    return [path for path in paths if path.is_file()]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_and_functions_only_get_smaller() -> None:
    sources = [path for path in tracked(".py") if "headgate" in path.relative_to(ROOT).parts[:1]]
    longest_file = max(len(path.read_text("utf-8").splitlines()) for path in sources)
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for path in sources for node in functions(path)]
    assert longest_file <= RATCHET["longest_file_lines"]
    assert max(lengths) <= RATCHET["longest_function_lines"]
    assert sorted(lengths)[len(lengths) // 2] <= RATCHET["median_function_lines"]


@pytest.mark.parametrize("folder", ["headgate", "bench"])
def test_every_module_says_what_it_is(folder: str) -> None:
    for path in tracked(".py"):
        if path.relative_to(ROOT).parts[0] == folder:
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{path.relative_to(ROOT)} has no docstring"


def test_public_functions_and_classes_are_documented() -> None:
    missing = []
    for path in tracked(".py"):
        if path.relative_to(ROOT).parts[0] != "headgate":
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert missing == []


def test_no_module_has_a_vague_name_and_nothing_is_left_unfinished() -> None:
    for path in tracked(".py", ".toml", ".md", ".html", ".js", ".css", "Makefile"):
        assert path.stem not in VAGUE, path
        assert not UNFINISHED.search(path.read_text("utf-8")), f"{path.relative_to(ROOT)} has an unfinished mark"


def test_lock_files_hold_names_versions_and_hashes_but_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        pins = re.findall(r"^[A-Za-z0-9_.-]+==\S+", text, re.M)
        assert text.count("--hash=sha256:") >= len(pins)
