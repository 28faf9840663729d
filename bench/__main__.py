"""`python -m bench NAME [--data FOLDER]`: one file a benchmark; figures go to bench/results/NAME.json as well."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import tempfile
from pathlib import Path

from bench import stream

RESULTS = Path(__file__).parent / "results"
NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if not module.ispkg)
BENCHES = [name for name in NAMES if name not in ("__main__", "stream")]


def main() -> None:
    """Run one benchmark, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", choices=["all", *BENCHES])
    parser.add_argument("--data", type=Path, help="a dataset folder; without it the simulator makes a stream")
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        dataset = None
        for name in BENCHES if arguments.name == "all" else [arguments.name]:
            bench = importlib.import_module(f"bench.{name}")
            if hasattr(bench, "run_folders"):
                figures = bench.run_folders(arguments.data, Path(scratch))
            else:
                dataset = dataset or stream.dataset(arguments.data, Path(scratch))
                figures = bench.run(dataset)
                figures |= {"payments": dataset.payments, "data": dataset.folder.name}
            figures["python"] = platform.python_version()
            (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
            print(f"== {name}")
            if hasattr(bench, "table"):
                print(bench.table(figures))
                continue
            for key, value in figures.items():
                print(f"{key:>44}  {value:.4g}" if isinstance(value, float) else f"{key:>44}  {value}")


if __name__ == "__main__":
    main()
