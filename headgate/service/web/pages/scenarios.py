"""The scenarios page: what each one looks for, in words, with its condition, parameters and references."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.scenarios.scenario import Scenario
from headgate.service.parts import parts_of


def scenarios(request: Request) -> Response:
    """Show every scenario in force."""
    parts = parts_of(request)
    return parts.pages.show(
        request,
        "scenarios.html",
        scenarios=[(scenario, _example(scenario)) for scenario in sorted(parts.rules().scenarios, key=_strongest)],
        reference_currency=parts.reference_currency,
    )


def _strongest(scenario: Scenario) -> tuple[float, str]:
    return -scenario.points, scenario.title


def _example(scenario: Scenario) -> str:
    """The reason with the facts of the first example that fires, so that people read a sentence and no template."""
    firing = (example for example in scenario.file.examples if example.fires)
    return next((scenario.reason(scenario.example_facts(example)) for example in firing), "")


PAGES = (("GET", "/scenarios", scenarios),)
