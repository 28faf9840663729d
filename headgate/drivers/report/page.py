"""Pages from templates: everything inline, under a policy that forbids every connection.

Templates, style, script and the chart library come from this package; data enters as values and is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from headgate.drivers.report import figures
from headgate.drivers.report.charts import Chart
from headgate.errors import FileError

_HERE = "headgate.drivers.report"


def render(template: str, *, charts: Sequence[Chart], **values: Any) -> str:
    """Return the page of a template; `charts` are embedded as data and drawn where the template places their key."""
    return (
        _environment()
        .get_template(template)
        .render(
            charts=_data(charts),
            style=_part("vendor/uplot/uPlot.min.css") + _part("templates/report.css"),
            library=_part("vendor/uplot/uPlot.iife.min.js"),
            script=_part("templates/charts.js"),
            **values,
        )
    )


def write(page: str, path: Path) -> None:
    """Write a page. Raises FileError where the place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"The report cannot be written: {error.strerror}",
            where=str(path),
            repair="Name a file in a folder that you may write to.",
        ) from error


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_HERE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for form in (figures.decimal, figures.percent, figures.count, figures.duration, figures.seconds):
        environment.filters[form.__name__] = form
    environment.filters["between"] = figures.between
    return environment


def _part(name: str) -> Markup:
    text = files(_HERE).joinpath(name).read_text(encoding="utf-8")
    assert "</script" not in text.lower(), "a part must not end the element that holds it"
    return Markup(text)  # noqa: S704 (a file of this package, no input)


def _data(value: object) -> Markup:
    """JSON that cannot end its script element, whatever its strings hold."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 (escaped here)
