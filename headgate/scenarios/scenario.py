"""A scenario, compiled: its condition, its reason and its parameters, ready to look at payments.

A scenario file enters with the charter and the reference currency. Everything that can be wrong in a file is found
here, before a payment is seen; its examples are run by `failures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headgate.charter.charter import Charter
from headgate.errors import HeadgateError, ScenarioError, UnknownFactError, nearest
from headgate.facts import grammar
from headgate.facts.values import FactValue
from headgate.scenarios.condition import Condition, compile_condition
from headgate.scenarios.document import AppliesTo, Example, Parameter, ScenarioFile, content_hash
from headgate.scenarios.tree import Among, Compare, Constant, Every, Fact, IsNull, Some, Statement, Value, walk
from headgate.scenarios.wording import MONEY, Sentence, to_minor

POINTS: dict[str, float] = {"low": 1.0, "medium": 2.0, "high": 4.0, "critical": 8.0}
_UNITS = {"money": MONEY, "deviations": "standard deviations"}


class Scenario:
    """One compiled scenario.

    `condition` is the author's; `applied` is the same where it applies by rail and channel. `facts`: all names that
    it needs, for the condition and the reason. `points`: the fixed points of its severity. `sides`: whose account
    has to be a customer's; empty means either.
    """

    def __init__(self, file: ScenarioFile, *, charter: Charter, reference_currency: str = "EUR") -> None:
        self.file = file
        self.id, self.title, self.severity, self.action = file.id, file.title, file.severity, file.action
        self.points = POINTS[file.severity]
        self.sides = frozenset(file.applies_to.sides)
        self.content_hash = content_hash(file)
        self._currency, self._charter = reference_currency, charter
        self.parameters = {name: self._parameter(name, each) for name, each in file.parameters.items()}
        self.condition = compile_condition(file.condition, self.parameters, charter=charter)
        self.applied = _applied(self.condition, file.applies_to)
        self.sentence = Sentence(file.reason, self._unit, reference_currency)
        self._check_use()
        shown = (name for name in self.sentence.names if name not in self.parameters)
        self.facts = tuple(dict.fromkeys((*self.applied.facts, *shown)))
        self._examples = tuple((each, self.example_facts(each)) for each in file.examples)

    def reason(self, facts: Mapping[str, FactValue]) -> str:
        """Return the reason with the facts and parameters in it, in words for people."""
        shown = {name: facts.get(name) for name in self.sentence.names}
        return self.sentence.fill({**shown, **self.parameters})

    def failures(self) -> tuple[str, ...]:
        """Return a sentence for each example that does not do what it says, and for each kind that is missing."""
        wrong = tuple(self._failure(example, facts) for example, facts in self._examples)
        kinds = {example.fires for example in self.file.examples}
        lacks = tuple(f"There is no example that must {'' if k else 'not '}fire." for k in {True, False} - kinds)
        return tuple(sentence for sentence in wrong if sentence) + lacks

    def example_facts(self, example: Example) -> dict[str, FactValue]:
        """Return an example's facts with their types and units; raises ScenarioError for a value of another type."""
        return {name: self._example_value(name, value) for name, value in example.facts.items()}

    def _failure(self, example: Example, facts: Mapping[str, FactValue]) -> str:
        if self.applied.row(facts) is example.fires:
            return ""
        missing = self.condition.missing(facts)
        said = "fire and does not" if example.fires else "not fire and does"
        unstated = f"; not stated: {', '.join(missing)}" if missing else ""
        return f"The example {example.says!r} must {said}{unstated}."

    def _parameter(self, name: str, parameter: Parameter) -> FactValue:
        value = parameter.value
        if isinstance(value, bool | str):
            return value
        low, high = parameter.min, parameter.max
        if low is None or high is None or not low <= value <= high:
            raise ScenarioError(
                f"The parameter {name!r} is {value}, outside its bounds {low} to {high}",
                where=f"parameters.{name}",
                repair="State min and max, and a value between them.",
            )
        return to_minor(value, self._currency) if parameter.unit == "money" else value

    def _unit(self, name: str) -> str:
        if name in self.parameters:
            unit = self.file.parameters[name].unit
            return _UNITS.get(unit, unit)
        self._charter.require([name], "reason")
        known = (*self.parameters, *self.condition.facts)
        try:
            return grammar.parse(name).unit
        except UnknownFactError as error:
            raise UnknownFactError(error.what, where="reason", repair=nearest(name, known) + error.repair) from error

    def _check_use(self) -> None:
        unused = set(self.parameters) - {*self.condition.parameters, *self.sentence.names}
        if unused:
            raise ScenarioError(
                f"Nothing uses the parameter {min(unused)!r}",
                where=f"parameters.{min(unused)}",
                repair=f"Write :{min(unused)} in the condition, or remove it.",
            )
        if not self.condition.facts:
            raise ScenarioError("The condition reads no fact", where="condition", repair="Name at least one fact.")
        _no_bare_money(self.condition.tree)
        _words_for_the_payer(self.file)

    def _example_value(self, name: str, value: bool | int | float | str) -> FactValue:
        spec = grammar.parse(name)
        wanted = _PYTHON[str(spec.arrow_type)]
        fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
        if not fits and not (wanted is int and spec.unit == MONEY and isinstance(value, float)):
            raise ScenarioError(
                f"An example gives {name} the value {value!r}",
                where="examples",
                repair=f"The fact is in {spec.unit}; give it a value of that kind.",
            )
        if spec.unit == MONEY and isinstance(value, int | float):
            minor = to_minor(value, self._currency)
            return minor if wanted is int else float(minor)
        return float(value) if str(spec.arrow_type) == "double" else value


_PYTHON: dict[str, Any] = {"int64": int, "double": int | float, "string": str, "bool": bool}


def compile_scenario(file: ScenarioFile, where: str, *, charter: Charter, reference_currency: str = "EUR") -> Scenario:
    """Return the scenario of a file; an error in it keeps its class and says in which file (`where`) it is."""
    try:
        return Scenario(file, charter=charter, reference_currency=reference_currency)
    except HeadgateError as error:
        place = f"{where}, {error.where}" if error.where else where
        raise type(error)(error.what, where=place, repair=error.repair) from error


def _applied(condition: Condition, applies_to: AppliesTo) -> Condition:
    limits = tuple(
        Some((IsNull(fact), Among(fact, tuple(Constant(name, "text") for name in names))))
        for fact, names in (
            (Fact("rail", "text"), applies_to.rails),
            (Fact("channel", "text"), applies_to.channels),
        )
        if names
    )
    return Condition(condition.text, Every((condition.tree, *limits))) if limits else condition


def _no_bare_money(tree: Statement) -> None:
    """Refuse a bare number against an amount: it would be in minor units, where the file speaks of major ones."""
    for node in walk(tree):
        if isinstance(node, Compare) and any(_is_money(side) for side in (node.left, node.right)):
            for side in (node.left, node.right):
                if isinstance(side, Constant) and side.parameter is None and side.value:
                    raise ScenarioError(
                        f"The condition compares money with the bare number {side.value}",
                        where="condition",
                        repair='Make it a parameter with unit = "money", in major units.',
                    )


def _words_for_the_payer(file: ScenarioFile) -> None:
    """Whoever may be asked is told of what: a hold too becomes a question on a rail that cannot wait."""
    words = file.payer_words.strip()
    if file.action != "review" and not words:
        raise ScenarioError(
            f"The action is {file.action!r} and there are no words for the payer",
            where="payer_words",
            repair="Say in payer_words which scam is feared, in one or two plain sentences that accuse nobody.",
        )
    if "{" in words or "\n" in words:
        raise ScenarioError(
            "The words for the payer show a fact or have several lines",
            where="payer_words",
            repair="Write one line without {…}: what is known of other accounts is not for the payer.",
        )


def _is_money(value: Value) -> bool:
    return isinstance(value, Fact) and grammar.parse(value.name).unit == MONEY
