"""The scenarios in force, for programs: what each looks for, in words and as a condition."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.scenarios.document import Parameter, Reference, ScenarioAction, Severity
from headgate.scenarios.scenario import Scenario
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of


class ScenarioOut(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario. `reason` is the sentence before facts are filled in; `content_hash` is its version."""

    id: str
    title: str
    what: str
    severity: Severity
    action: ScenarioAction
    condition: str
    reason: str
    facts: tuple[str, ...]
    parameters: dict[str, Parameter]
    references: tuple[Reference, ...]
    content_hash: str

    @classmethod
    def of(cls, scenario: Scenario) -> ScenarioOut:
        """Describe a compiled scenario."""
        file = scenario.file
        return cls(
            id=scenario.id,
            title=scenario.title,
            what=file.what,
            severity=file.severity,
            action=file.action,
            condition=file.condition,
            reason=file.reason,
            facts=scenario.facts,
            parameters=file.parameters,
            references=file.references,
            content_hash=scenario.content_hash,
        )


async def scenarios(request: Request) -> Response:
    """Answer with every scenario in force."""
    return json_answer([ScenarioOut.of(scenario) for scenario in parts_of(request).rules().scenarios])


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/scenarios",
        name="listScenarios",
        summary="The scenarios in force",
        text="What each scenario looks for, in words and as a condition over facts.",
        endpoint=scenarios,
        gives={200: list[ScenarioOut]},
        answer=[
            {
                "id": "mule-pass-through",
                "title": "Money passes through",
                "what": "An account receives money and sends nearly all of it on within hours.",
                "severity": "high",
                "action": "review",
                "condition": "pass_through_24h >= 1 AND amount >= :smallest",
                "reason": "{pass_through_24h} payments were received and sent on within a day.",
                "facts": ["pass_through_24h", "amount"],
                "parameters": {
                    "smallest": {
                        "value": 500,
                        "unit": "money",
                        "sentence": "The smallest amount.",
                        "min": 100,
                        "max": 10_000,
                    }
                },
                "references": [
                    {"publisher": "FATF", "title": "Professional Money Laundering", "year": 2018, "note": ""}
                ],
                "content_hash": "9b3f0c",
            }
        ],
    ),
)
