"""Values on their way in and out: as JavaScript has them."""

import math
from decimal import Decimal

from answers import Refusal


def bound(value):
    """A parameter as it is bound. Every number is a double there."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return float(value)
    raise Refusal(400, 7400, "Invalid property: params => Expected string, number, boolean or null")


def number(value):
    """The number that a JSON text written by JavaScript holds."""
    if isinstance(value, int) and abs(value) <= 2**53:
        return value
    value = float(value)
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < 1e21:
        return int(Decimal(repr(value)))
    return value


def answered(value):
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, bytes):
        return list(value)
    return value


def literal(value):
    """Exactly, as SQL: for the control interface."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex().upper()}'"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ("9e999" if value > 0 else "-9e999")
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def dumped(value):
    """As D1's own export writes it: numbers went through a double, and infinity has no SQL."""
    if isinstance(value, float) and not math.isfinite(value):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (int, float)):
        return str(number(value))
    return literal(value)


def text(raw):
    return raw.decode("utf-8", "replace")
