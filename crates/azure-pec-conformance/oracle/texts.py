"""Texts to values, each read by itself: numbers, times, ids, scopes. Times are ticks of 100 ns."""

import datetime
import re
from fractions import Fraction
from functools import lru_cache

TICKS = 10_000_000  # 100 ns ticks in a second
DAY = 86_400 * TICKS
NEVER_BEGAN = -(10**30)
NEVER_ENDS = 10**30


class Refused(Exception):
    """The input itself cannot be answered for."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def filled(value):
    """The text without blanks around it, or None where there is none."""
    if value is None:
        return None
    return str(value).strip() or None


def folded(value):
    """For names of kinds: lower case, without blanks, `_` and `-`."""
    return re.sub(r"[\s_-]", "", str(value or "")).lower()


NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")


@lru_cache(maxsize=100_000, typed=True)
def number(text):
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        raise Refused("number.invalid")
    text = text.strip()
    m = NUMBER.fullmatch(text)
    if not m or not text.isascii():
        raise Refused("number.invalid")
    sign, whole, fraction, exponent = m.group(1), m.group(2), m.group(3) or "", int(m.group(4) or 0)
    digits = whole + fraction
    if not digits:
        raise Refused("number.invalid")
    exponent -= len(fraction)
    stripped = digits.rstrip("0")
    exponent += len(digits) - len(stripped)
    stripped = stripped.lstrip("0")
    if not stripped:
        return Fraction(0)
    # value = stripped x 10^exponent, without a zero too many at either end
    if -exponent > 40 or len(stripped) + exponent > 28:
        raise Refused("number.too_precise")
    value = int(stripped)
    value = Fraction(value * 10**exponent) if exponent >= 0 else Fraction(value, 10**-exponent)
    return -value if sign == "-" else value


def plain(value):
    """Plain digits, no exponent, no `+`, no trailing zeros after the point, `0` for zero."""
    if value is None:
        return None
    places, scale = 0, 1
    while scale % value.denominator:
        places += 1
        scale *= 10
    whole = abs(value.numerator) * (scale // value.denominator)
    text = str(whole)
    if places:
        text = text.rjust(places + 1, "0")
        text = text[:-places] + "." + text[-places:]
    return "-" + text if value < 0 else text


DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d{2}):(\d{2}))?")


@lru_cache(maxsize=100_000)
def date_ordinal(text):
    m = DATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not m:
        raise Refused("date.invalid")
    try:
        return datetime.date(int(m.group(1)), int(m.group(2)), int(m.group(3))).toordinal()
    except ValueError:
        raise Refused("date.invalid") from None


@lru_cache(maxsize=100_000)
def instant(text):
    """A date (its midnight UTC) or an RFC 3339 time as ticks of 100 ns. No zone is UTC."""
    if not isinstance(text, str):
        raise Refused("date.invalid")
    text = text.strip()
    if DATE.fullmatch(text):
        return date_ordinal(text) * DAY
    m = TIME.fullmatch(text)
    if not m:
        raise Refused("date.invalid")
    hour, minute, second = int(m.group(2)), int(m.group(3)), int(m.group(4))
    if hour > 23 or minute > 59 or second > 59:
        raise Refused("date.invalid")
    ticks = date_ordinal(m.group(1)) * DAY + ((hour * 60 + minute) * 60 + second) * TICKS
    if m.group(5):
        ticks += int(m.group(5)[:7].ljust(7, "0"))
    if m.group(7):
        off_hour, off_minute = int(m.group(8)), int(m.group(9))
        if off_hour > 23 or off_minute > 59:
            raise Refused("date.invalid")
        offset = (off_hour * 60 + off_minute) * 60 * TICKS
        ticks += -offset if m.group(7) == "+" else offset
    return ticks


def begin(text):
    return NEVER_BEGAN if text is None else instant(text)


def finish(text):
    return NEVER_ENDS if text is None else instant(text)


GUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")


@lru_cache(maxsize=100_000)
def guid(text):
    m = GUID.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if not m:
        raise Refused("id.invalid")
    return "-".join(m.groups())


def guid_or_none(text):
    return guid(text) if filled(text) else None


@lru_cache(maxsize=100_000)
def scope_path(text):
    """A scope as a tuple of lower-case segments; () is `/`."""
    if not isinstance(text, str) or not text.strip().startswith("/"):
        raise Refused("id.invalid")
    parts = tuple(s for s in text.strip().lower().split("/") if s)
    if len(parts) >= 4 and parts[-4:-1] == ("providers", "microsoft.authorization", "roleassignments"):
        parts = parts[:-4]
    if parts and parts[0] == "subscriptions":
        if len(parts) < 2:
            raise Refused("id.invalid")
        parts = (parts[0], guid(parts[1])) + parts[2:]
    return parts


def is_group(path):
    return len(path) == 4 and path[:3] == ("providers", "microsoft.management", "managementgroups")


def folded_id(value):
    value = filled(value)
    return value.lower() if value else None
