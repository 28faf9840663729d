"""Builds a kernel from a folder of sources, beside the one that is installed: `build.py SOURCES FOLDER [--sanitize]`.

Needs cmake, ninja and nanobind in the environment that runs it; FOLDER is kept, so that a second build is quick.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def build(sources: Path, folder: Path, *, sanitize: bool = False) -> Path:
    """Return the module built in `folder` from `sources`. Raises CalledProcessError with what the compiler said."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    settings = [f"-DPython_EXECUTABLE={sys.executable}", f"-DHEADGATE_SANITIZE={'ON' if sanitize else 'OFF'}"]
    steps = [["ninja", "-C", str(folder)]]
    if not (folder / "build.ninja").exists():
        steps.insert(0, ["cmake", "-G", "Ninja", "-S", str(sources), "-B", str(folder), *settings])
    for step in steps:
        subprocess.run(step, env={**os.environ, "PATH": path}, check=True, capture_output=True, text=True)
    (module,) = folder.glob("_kernel*.so")
    return module


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2]), sanitize="--sanitize" in sys.argv))
