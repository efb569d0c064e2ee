"""Decimal arithmetic a second time, with Python's fractions: what `arithmetic` cases are held to.

An operand is a text or another operation; see ../cases/README.md for the operations.
"""

import csv
import os
import re
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
CURRENCIES = os.path.join(HERE, "..", "..", "azure-pec", "data", "currencies.csv")
TEXT = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
ROUNDINGS = ("toward_zero", "half_away_from_zero")


class Refused(Exception):
    """The operation has no answer."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def read(text):
    """A number of at most 28 digits before and 40 after the point, zeros at either end not counted."""
    m = TEXT.fullmatch(text)
    if not m or not (m.group(2) or m.group(3)):
        raise Refused("number.invalid")
    sign, whole, decimals, exponent = m.group(1), m.group(2), m.group(3) or "", int(m.group(4) or 0)
    exponent -= len(decimals)
    digits = (whole + decimals).lstrip("0")
    if not digits:
        return Fraction(0)
    short = digits.rstrip("0")
    exponent += len(digits) - len(short)
    if -exponent > 40 or len(short) + exponent > 28:
        raise Refused("number.too_precise")
    value = Fraction(int(short)) * Fraction(10) ** exponent
    return -value if sign == "-" else value


def decimals_of(value):
    """How many digits the value has after the point; it has an end."""
    places = 0
    while value.denominator != 1:
        value *= 10
        places += 1
    return places


def show(value):
    """Plain digits: no exponent, no `+`, no zeros at the end of the decimals, `0` for zero."""
    places = decimals_of(value)
    digits = str(abs(value * 10**places).numerator).rjust(places + 1, "0")
    text = digits[:-places] + "." + digits[-places:] if places else digits
    return "-" + text if value < 0 else text


def rounded(value, digits, rounding):
    """With at most so many digits after the point."""
    size = abs(value) * 10**digits
    whole = size.numerator // size.denominator
    if rounding not in ROUNDINGS:
        raise ValueError(rounding)
    if rounding == "half_away_from_zero" and size - whole >= Fraction(1, 2):
        whole += 1
    whole = Fraction(whole, 10**digits)
    return -whole if value < 0 else whole


def decimal96(value):
    """A decimal of 96 bits and at most 28 digits after the point."""
    places = decimals_of(value)
    if places > 28 or abs(value * 10**places).numerator >= 2**96:
        raise Refused("amount.too_precise")
    return value


def amount_behind(price, quantity, digits, units):
    """Every whole number of minor units whose quotient is less than a unit of the last digit above the price (it was
    cut) or at most half a unit below (it was rounded)."""
    size, many = abs(price), abs(quantity)
    unit, cent = Fraction(1, 10**digits), Fraction(1, 10**units)
    low, high = (size - unit / 2) * many, (size + unit) * many
    first = max(-((-low) // cent), 0) * cent
    last = (high // cent) * cent
    if last == high:
        last -= cent
    sign = -1 if price * quantity < 0 else 1
    if first > last:
        return {"not_cents": show(price * quantity)}
    if first == last:
        return {"one": show(sign * first)}
    return {"least": show(sign * first), "most": show(sign * last)}


def first_digit(value):
    """The power of ten of the first digit that is not zero; 0 for nothing."""
    power, size = 0, abs(value)
    while size >= 10:
        power, size = power + 1, size / 10
    while 0 < size < 1:
        power, size = power - 1, size * 10
    return power


def printed_price(amount, quantity):
    """The quotient to 15 significant digits."""
    digits = 14 - first_digit(amount / quantity)
    return rounded(amount / quantity, max(digits, 0), "half_away_from_zero")


def charge_behind(pairs, units):
    """The charge whose quotients the prices may be: the nearest whole minor units, if it is as near as the 15th digits of
    the prices let it be; else the sum of the products, cut."""
    total = sum((price * many for price, many in pairs), Fraction(0))
    if units is None:
        return total
    unit = lambda price: Fraction(10) ** min(first_digit(price) - 14, 0)
    slack = sum((abs(many) * unit(price) for price, many in pairs), Fraction(0))
    nearest = rounded(total, units, "half_away_from_zero")
    return nearest if abs(total - nearest) * 2 <= slack else rounded(total, units, "toward_zero")


def minor_units(code):
    with open(CURRENCIES, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        next(rows)
        return next((row[1] for row in rows if row[0] == code.strip().upper()), None)


def value(operand):
    """The exact value of an operand."""
    if isinstance(operand, str):
        return read(operand)
    op = operand["op"]
    if op in ("sum", "distinct"):
        raise ValueError(f"{op} is no operand")
    got = [value(inner) for inner in operand["of"]]
    if op == "parse":
        return got[0]
    if op == "add":
        return got[0] + got[1]
    if op == "subtract":
        return got[0] - got[1]
    if op == "multiply":
        return got[0] * got[1]
    if op == "negate":
        return -got[0]
    if op == "round":
        return rounded(got[0], operand["digits"], operand["rounding"])
    raise ValueError(f"{op} is no operand")


def answer(question):
    """The answer: a text, None where there is none, or an object for what is behind an effective price."""
    op = question["op"]
    if op == "minor_units":
        return minor_units(question["of"][0])
    got = [value(inner) for inner in question["of"]]
    if op == "compare":
        return "less" if got[0] < got[1] else "greater" if got[0] > got[1] else "equal"
    if op == "sign":
        return "negative" if got[0] < 0 else "zero" if got[0] == 0 else "positive"
    if op == "distinct":
        return str(len(set(got)))
    if op == "sum":
        return show(sum(got, Fraction(0)))
    if op == "decimal96":
        return show(decimal96(got[0]))
    if op == "divide":
        return None if got[1] == 0 else show(rounded(got[0] / got[1], question["digits"], question["rounding"]))
    if op == "effective_unit_price":
        charged = rounded(got[0], question["currency_digits"], "toward_zero")
        return None if got[1] == 0 else show(rounded(charged / got[1], question["digits"], "half_away_from_zero"))
    if op == "printed_price":
        return None if got[1] == 0 else show(printed_price(got[0], got[1]))
    if op == "charge_behind":
        return show(charge_behind(list(zip(got[::2], got[1::2])), question.get("currency_digits")))
    if op == "amount_from_effective_price":
        return amount_behind(got[0], got[1], question["digits"], question["currency_digits"])
    return show(value(question))


def answer_or_error(question):
    """The fields that a case must have beside its question."""
    try:
        return {"answer": answer(question)}
    except Refused as refused:
        return {"error": {"code": refused.code}}
