"""Where the accounts of a case are drawn: time runs from left to right.

A pure function of the graph. An account stands one column right of the account that first paid it; payers that come
in later stand left of whom they pay. Columns that would be too tall are folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from headgate.cases.flow import Flow, FlowEdge

Point = tuple[int, int]


class Spacing(NamedTuple):
    """Units between columns, between the folds of one column and between boxes, and how many boxes stand in a fold."""

    column: int
    fold: int
    row: int
    tallest: int


WIDE: Final = Spacing(column=215, fold=130, row=66, tallest=8)  # a box of 108 and an amount beside it
NARROW: Final = Spacing(column=112, fold=66, row=122, tallest=3)  # turned by a right angle, for a phone


def positions(flow: Flow, spacing: Spacing = WIDE) -> dict[str, Point]:
    """Return account -> (along, across) for every node of the graph: along is time."""
    columns = _columns(flow.edges)
    depth: dict[int, list[str]] = {}
    for node in flow.nodes:
        depth.setdefault(columns[node.account], []).append(node.account)
    heights: dict[str, int] = {}
    for column in (*sorted(depth), *sorted(depth, reverse=True), *sorted(depth)):
        depth[column] = _by_neighbours(depth[column], flow.edges, heights)
        heights |= _heights(depth[column], spacing.row)
    return _placed([depth[column] for column in sorted(depth)], spacing)


def _placed(columns: Sequence[list[str]], spacing: Spacing) -> dict[str, Point]:
    placed: dict[str, Point] = {}
    x = 0
    for accounts in columns:
        folds = _folded(accounts, spacing.tallest)
        for number, fold in enumerate(folds):
            same_rows = (len(fold) - len(folds[0])) % 2 == 0
            shift = spacing.row // 2 if number % 2 and same_rows else 0  # arrows pass between the boxes in front
            heights = _heights(fold, spacing.row)
            placed |= {account: (x + number * spacing.fold, y + shift) for account, y in heights.items()}
        x += spacing.column + (len(folds) - 1) * spacing.fold
    return placed


def _folded(accounts: list[str], tallest: int) -> list[list[str]]:
    """Cut a column into as few parts as it needs, of nearly the same size."""
    parts = -(-len(accounts) // tallest)
    size = -(-len(accounts) // parts)
    return [accounts[start : start + size] for start in range(0, len(accounts), size)]


def bow(flow: Flow, payer: str, payee: str) -> int:
    """Return how far an arrow bends, so that it does not run through boxes: 0 to the next column, more further on."""
    columns = _columns(flow.edges)
    steps = columns[payee] - columns[payer]
    return 0 if steps == 1 else 45 + 35 * abs(steps)


def _columns(edges: Sequence[FlowEdge]) -> dict[str, int]:
    """Number of the column of each account, from the payments in the order of time."""
    columns: dict[str, int] = {}
    for edge in edges:
        if edge.payer not in columns:
            columns[edge.payer] = columns[edge.payee] - 1 if edge.payee in columns else 0
        columns.setdefault(edge.payee, columns[edge.payer] + 1)
    return columns


def _by_neighbours(accounts: list[str], edges: Sequence[FlowEdge], heights: dict[str, int]) -> list[str]:
    """Accounts of a column from top to bottom, each near to those it exchanged money with; ties keep their order."""
    near: dict[str, list[int]] = {account: [] for account in accounts}
    for edge in edges:
        for own, other in ((edge.payer, edge.payee), (edge.payee, edge.payer)):
            if own in near and other not in near and other in heights:
                near[own].append(heights[other])
    return sorted(accounts, key=lambda account: sum(near[account]) / len(near[account]) if near[account] else 0.0)


def _heights(accounts: Sequence[str], row_units: int) -> dict[str, int]:
    top = -(len(accounts) - 1) * row_units // 2
    return {account: top + row * row_units for row, account in enumerate(accounts)}
