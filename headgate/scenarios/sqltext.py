"""A condition as DuckDB text: the oracle that the row and column readings are held against, and an analyst's filter.

A tree enters, text leaves; nothing is executed. DuckDB holds NaN to be larger than every number and equal to itself,
so every number that may be NaN is made NULL where it is read.
"""

from __future__ import annotations

from headgate.scenarios.tree import (
    Among,
    Arithmetic,
    AsNumber,
    Compare,
    Constant,
    Every,
    Fact,
    Holds,
    IsNull,
    Not,
    Some,
    Statement,
    Value,
)


def sql_of(statement: Statement) -> str:
    """Return an expression that is true where the condition fires and false or NULL where it does not."""
    match statement:
        case Every(parts):
            return "(" + " AND ".join(sql_of(part) for part in parts) + ")"
        case Some(parts):
            return "(" + " OR ".join(sql_of(part) for part in parts) + ")"
        case Not(part):
            return f"(NOT {sql_of(part)})"
        case Compare(op, left, right):
            return f"({_value(left)} {op} {_value(right)})"
        case Among(value, constants):
            return f"({_value(value)} IN ({', '.join(_value(each) for each in constants)}))"
        case IsNull(value):
            return f"({_value(value)} IS NULL)"
        case Holds(value):
            return _value(value)


def _value(value: Value) -> str:
    match value:
        case Fact(name, type):
            return _not_nan(f'"{name}"') if type == "number" else f'"{name}"'
        case Constant():
            return _constant(value)
        case AsNumber(of):
            return f"CAST({_value(of)} AS DOUBLE)"
        case Arithmetic("/", left, right):
            return _not_nan(f"({_value(left)} / NULLIF({_value(right)}, 0))")
        case Arithmetic(op, left, right):
            return _not_nan(f"({_value(left)} {op} {_value(right)})")


def _not_nan(expression: str) -> str:
    return f"NULLIF({expression}, CAST('NaN' AS DOUBLE))"


def _constant(constant: Constant) -> str:
    match constant.type:
        case "text":
            return "'" + str(constant.value).replace("'", "''") + "'"
        case "truth":
            return "TRUE" if constant.value else "FALSE"
        case "integer":
            return f"CAST({constant.value} AS BIGINT)"
        case "number":
            return f"CAST('{float(constant.value)!r}' AS DOUBLE)"
