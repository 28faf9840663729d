"""A small set of rules under which much happens: every tenth payment or so is asked about, held, or read."""

from __future__ import annotations

from pathlib import Path

from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import Rules, load_rules
from headgate.drivers.state import open_pipeline
from headgate.facts.engine import Engine

POLICY = """
[budget]
cases_per_day = 50
largest_share = 1.0
[rails]
default = 3600
instant = 10
[burden]
interventions = 1000
[legal]
escalate_seconds = 7200
"""
SCENARIO = """
id = "torture-{name}"
title = "{title}"
what = "Made for tests."
severity = "{severity}"
action = "{action}"
condition = "amount >= :floor AND payer_sent_count_24h <= 5"
reason = "{{amount}} is much."
payer_words = "Do you know whom you pay?"
[parameters.floor]
value = {floor}
min = 0
max = 100000
unit = "money"
sentence = "Smaller payments are left alone."
[[references]]
publisher = "headgate"
title = "Tests"
year = 2025
[[examples]]
says = "More"
fires = true
facts = {{ amount = {floor}, payer_sent_count_24h = 1 }}
[[examples]]
says = "Less"
fires = false
facts = {{ amount = 1, payer_sent_count_24h = 1 }}
"""


def small_rules(folder: Path) -> Rules:
    """Return the rules; their files are written into a folder."""
    folder.mkdir()
    (folder / "policy.toml").write_text(POLICY)
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    for action, severity, floor in (("hold", "critical", 900), ("step_up", "critical", 800), ("review", "high", 700)):
        text = SCENARIO.format(
            name=action.replace("_", "-"), action=action, title=action.capitalize(), severity=severity, floor=floor
        )
        (scenarios / f"{action}.toml").write_text(text)
    rules = load_rules(policy=folder / "policy.toml", scenarios=scenarios)
    return rules._replace(scenarios=tuple(each for each in rules.scenarios if each.id.startswith("torture-")))


def fresh(rules: Rules) -> Pipeline:
    """Return a pipeline by these rules that has seen nothing."""
    return open_pipeline(rules, Engine(rules.facts))
