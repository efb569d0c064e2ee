"""The cases of arithmetic: borders with answers worked out by hand or by fractions, and random ones of a fixed seed.

Where an answer stands here it is worked out by hand or published, and the fractions are held to it; the others are the
fractions' own.
"""

import random

import arithmetic

OWN = "exact arithmetic"
PRICES = "effective-unit-price-calculation, 2020-11-11"
RECON = "modern-invoice-reconciliation-file, 2021-06-14"
ISO = "ISO 4217 list one, 2026-01-01"
CUT, HALF = arithmetic.ROUNDINGS
LEAST = "-170141183460469231731687303.715884105728"    # -(2^127) with its point 12 digits from the right
MOST = "170141183460469231731687303.715884105727"      # 2^127 - 1, the same
PAST = "170141183460469231731687303.715884105728"      # 2^127
WIDE = "9" * 28 + "." + "9" * 40                       # the widest number that is read
TINY = "0." + "0" * 39 + "1"                           # 10^-40
UNSET = object()
CASES = []


def case(title, op, *of, answer=UNSET, error=None, source=OWN, **more):
    question = {"op": op, "of": list(of), **more}
    found = arithmetic.answer_or_error(question)
    wanted = {"error": {"code": error}} if error else found if answer is UNSET else {"answer": answer}
    if found != wanted:
        raise SystemExit(f"{title}: {question}: by hand {wanted}, by fractions {found}")
    CASES.append({"title": title, "source": source, "arithmetic": question, **wanted})


def op(name, *of, **more):
    return {"op": name, "of": list(of), **more}


def shown(operand):
    if isinstance(operand, str):
        return operand
    return f"{operand['op']}({', '.join(shown(o) for o in operand['of'])})"


def each(name, *rows, **more):
    """Cases of one operation; in a row the answer comes last."""
    for *of, answer in rows:
        case(f"{name} of {', '.join(shown(o) for o in of)}", name, *of, answer=answer, **more)


def reading():
    nines = "9" * 28
    for text, answer in [
        ("0", "0"), ("-0", "0"), ("-0.000", "0"), ("+0", "0"), (".50", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("-5.", "-5"),
        ("+7", "7"), ("+1.25", "1.25"), ("007", "7"), ("1.2300", "1.23"), ("100", "100"), ("0.0001", "0.0001"),
        ("12.005", "12.005"), ("-12.005", "-12.005"), ("1.0050", "1.005"), ("10.10", "10.1"),
        ("6.19947E-09", "0.00000000619947"), ("1e3", "1000"), ("1E+3", "1000"), ("1e-3", "0.001"), ("-1e-3", "-0.001"),
        ("1.5e1", "15"), ("1.5e0", "1.5"), ("1.5E-1", "0.15"), ("1e0", "1"), ("12.34e1", "123.4"), ("12.34e2", "1234"),
        ("12.34e3", "12340"), ("0.00e5", "0"), ("0e99999999", "0"), ("0e99999999999999999999", "0"),
        ("-0.00e-99999999999999999999", "0"), ("00e+9223372036854775808", "0"), ("+.5e1", "5"), ("1e00000000000000000003", "1000"),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"), ("999999999999999999", "999999999999999999"),
        ("9999999999999999999", "9999999999999999999"), ("99999999999999999999", "99999999999999999999"),
        ("9.223372036854775807", "9.223372036854775807"), ("9.223372036854775808", "9.223372036854775808"),
        ("0.1999968000511991808131", "0.1999968000511991808131"), ("-0.1999968000511991808131", "-0.1999968000511991808131"),
        ("12345678901234567890.12345678901234567890", "12345678901234567890.1234567890123456789"),
        ("1000000000000000000000", "1" + "0" * 21), ("100000000000000000000.5", "1" + "0" * 20 + ".5"),
        ("0.10203040506070809010203", "0.10203040506070809010203"), ("000000000000000000000000000001.5", "1.5"),
        ("0" * 60 + "1.5" + "0" * 60, "1.5"), (nines, nines), ("-" + nines, "-" + nines), ("1e27", "1" + "0" * 27),
        ("1" + "0" * 27, "1" + "0" * 27), ("0.1e28", "1" + "0" * 27), (WIDE, WIDE), ("-" + WIDE, "-" + WIDE), (TINY, TINY),
        ("-" + TINY, "-" + TINY), ("1e-40", TINY), ("10e-41", TINY), ("0." + "0" * 39 + "10", TINY),
        ("0." + "0" * 100, "0"), ("100e-42", TINY), (LEAST, LEAST), (MOST, MOST), (PAST, PAST), ("-" + PAST[:-1] + "9", "-" + PAST[:-1] + "9"),
    ]:
        case(f"Read {text}", "parse", text, answer=answer)
    for text in ["", "-", "+", ".", "-.", "1,5", "1_000", "NaN", "inf", "1e", "1e+", "1e-", "e5", ".e5", " 1", "1 ", "0x1",
                 "1.2.3", "--1", "+-1", "-+1", "1-", "1e5e5", "1e5.0", "1e 5", "1e+-5", "$1", "1%", "1/2", "12a", "a12", "1:",
                 "\u0661", "1" * 30 + "x", "1" * 20 + ".1.1", "1" * 20 + "..1", "1" * 20 + "/", "1e1:", "1ee1", "-" + "1" * 20 + "-"]:
        case(f"Not a number: {text!r}", "parse", text, error="number.invalid")
    for text in ["1e28", "1" + "0" * 28, "9" * 29, "-1e28", "0.1e29", "1e-41", "-1e-41", "0." + "0" * 40 + "1", "1" * 29 + ".5",
                 "0." + "1" * 41, "1." + "1" * 41, "1e999999999999999999999", "1e-999999999999999999999", "1e9999999999",
                 "1e-9999999999", "12e27", "1.5e28", "11e-41"]:
        case(f"Too many digits: {text}", "parse", text, error="number.too_precise")


def sums():
    each("add", ("1", "2", "3"), ("0.1", "0.2", "0.3"), ("1", "0.001", "1.001"), ("0.001", "1", "1.001"), ("-1", "1", "0"),
         ("0.5", "0.50", "1"), ("2", "-0.5", "1.5"), ("0.05", "0.0500", "0.1"), ("0", "0", "0"), ("-0.3", "0.1", "-0.2"),
         (MOST, "0.000000000001", PAST), ("-" + MOST, "-0.000000000001", LEAST), (PAST, "-0.000000000001", MOST),
         (LEAST, PAST, "0"), (WIDE, TINY, "1" + "0" * 28), (WIDE, "-" + WIDE, "0"), ("9" * 28, "1", "1" + "0" * 28),
         ("1e27", TINY, "1" + "0" * 27 + "." + "0" * 39 + "1"), (TINY, "1e27", "1" + "0" * 27 + "." + "0" * 39 + "1"))
    each("subtract", ("3", "2", "1"), ("2", "3", "-1"), ("0.3", "0.1", "0.2"), ("1", "0.001", "0.999"), ("0.001", "1", "-0.999"),
         ("0", LEAST, PAST), (LEAST, "0.000000000001", "-170141183460469231731687303.715884105729"), (LEAST, LEAST, "0"),
         ("1", "1.000", "0"), ("1" + "0" * 27, TINY, "9" * 27 + "." + "9" * 40), ("0", WIDE, "-" + WIDE))
    each("negate", ("1", "-1"), ("-1", "1"), ("0", "0"), ("-0.25", "0.25"), (LEAST, PAST), (MOST, "-" + MOST), (PAST, LEAST),
         (WIDE, "-" + WIDE), (op("negate", LEAST), LEAST), (op("negate", op("negate", WIDE)), "-" + WIDE))
    each("multiply", ("2", "3", "6"), ("-2", "3", "-6"), ("-2", "-3", "6"), ("0.5", "0.2", "0.1"), ("0", WIDE, "0"),
         (WIDE, "0", "0"), ("1", WIDE, WIDE), ("-1", LEAST, PAST), (LEAST, "-1", PAST), (LEAST, "1", LEAST), (MOST, "2",
         "340282366920938463463374607.431768211454"), ("1.5", "0.15", "0.225"), (TINY, TINY, "0." + "0" * 79 + "1"),
         ("0.1999968000511991808131", "1234567.123456", "246909.4741396137661797324941620736"),
         ("10000000000000000000", "10000000000000000000", "1" + "0" * 38),
         ("9999999999999999999", "9999999999999999999", "99999999999999999980000000000000000001"),
         ("100000000000000000000", "10000000000000000000", "1" + "0" * 39),
         ("13043817825332782212", "13043817825332782213", str(13043817825332782212 * 13043817825332782213)),
         (WIDE, WIDE, arithmetic.show(arithmetic.read(WIDE) ** 2)))
    each("sum", ("0",), ("1", "1"), ("0.1", "0.2", "-0.3", "0"), ("1", "0.01", "0.0001", "1.0101"), (MOST, MOST, LEAST, LEAST, "-0.000000000002"),
         (LEAST, LEAST, op("negate", LEAST), LEAST), (WIDE, TINY, "-1e27", "9" + "0" * 27), ("-1", "-2", "-3", "-6"))
    big = "1" + "0" * 38
    huge = op("multiply", "1e19", "1e19")
    case("10^38 is a product", "parse", huge, answer=big)
    case("10^38 and one 10^-40th", "add", huge, TINY, answer=big + "." + "0" * 39 + "1")
    case("10^38 less itself", "subtract", huge, huge, answer="0")


def orders():
    each("compare", ("1", "2", "less"), ("2", "1", "greater"), ("1", "1.0", "equal"), ("1.00", "1", "equal"), ("0", "-0.0", "equal"),
         ("-1", "1", "less"), ("-1", "-2", "greater"), ("0.1", "0.01", "greater"), ("0.01", "0.1", "less"), ("9", "10", "less"),
         ("1.5", "1.50", "equal"), ("1.5", "1.49", "greater"), ("1.49", "1.5", "less"), ("2", "1.9999", "greater"),
         ("1.9999", "2", "less"), ("-0.5", "-0.49", "less"), (MOST, PAST, "less"), (PAST, MOST, "greater"), (LEAST, MOST, "less"),
         (LEAST, LEAST, "equal"), (WIDE, WIDE, "equal"), ("1e27", TINY, "greater"), (TINY, "1e27", "less"), ("-1e27", TINY, "less"),
         (TINY, "-" + TINY, "greater"), ("0", TINY, "less"), ("-" + WIDE, WIDE, "less"), ("1e27", WIDE, "less"),
         ("1e27", op("add", "1e27", TINY), "less"), ("1e27", op("subtract", op("add", "1e27", TINY), TINY), "equal"),
         (op("negate", LEAST), PAST, "equal"))
    each("sign", ("0", "zero"), ("-0.00", "zero"), ("0.01", "positive"), ("-0.01", "negative"), ("1", "positive"), ("-1", "negative"),
         (WIDE, "positive"), ("-" + WIDE, "negative"), (LEAST, "negative"), (PAST, "positive"), (op("add", LEAST, PAST), "zero"),
         (op("subtract", WIDE, WIDE), "zero"), (op("multiply", "0", WIDE), "zero"))
    each("distinct", ("1", "1.0", "1.00", "1"), ("1", "2", "1e0", "2"), ("10", "1e1", "10.0", "1", "0.1", "0.10", "3"),
         ("0", "0.0", "-0", "0e5", "1"), ("100", "100.000", "10", "1000", "3"), (WIDE, WIDE, "-" + WIDE, "2"),
         (PAST, op("negate", LEAST), MOST, "2"), ("0.5", op("multiply", "0.5", "1.000"), "0.05", "2"),
         ("-1", "1", op("negate", "1.0"), "2"))


def roundings():
    for text, digits, cut, half in [
        ("21.3962", 2, "21.39", "21.4"), ("0.005", 2, "0", "0.01"), ("-0.005", 2, "0", "-0.01"), ("0.0049", 2, "0", "0"),
        ("-0.0049", 2, "0", "0"), ("0.0051", 2, "0", "0.01"), ("0.5", 0, "0", "1"), ("-0.5", 0, "0", "-1"), ("1.5", 0, "1", "2"),
        ("2.5", 0, "2", "3"), ("-2.5", 0, "-2", "-3"), ("-1.4999", 0, "-1", "-1"), ("0.4999", 0, "0", "0"), ("1.005", 2, "1", "1.01"),
        ("9.995", 2, "9.99", "10"), ("-9.995", 2, "-9.99", "-10"), ("99.5", 0, "99", "100"), ("0.99", 1, "0.9", "1"),
        ("1.23", 2, "1.23", "1.23"), ("1.2", 2, "1.2", "1.2"), ("1", 0, "1", "1"), ("1", 40, "1", "1"), ("-7", 3, "-7", "-7"),
        ("0", 0, "0", "0"), ("1.230", 2, "1.23", "1.23"), ("1.2345", 3, "1.234", "1.235"), ("-1.2345", 3, "-1.234", "-1.235"),
        ("1.23449", 3, "1.234", "1.234"), ("123.456", 1, "123.4", "123.5"), (TINY, 40, TINY, TINY), (TINY, 39, "0", "0"),
        ("0." + "0" * 39 + "5", 39, "0", "0." + "0" * 38 + "1"), ("-0." + "0" * 39 + "5", 39, "0", "-0." + "0" * 38 + "1"),
        (WIDE, 0, "9" * 28, "1" + "0" * 28), ("-" + WIDE, 0, "-" + "9" * 28, "-1" + "0" * 28), (WIDE, 40, WIDE, WIDE),
        (WIDE, 39, WIDE[:-1], "1" + "0" * 28), (LEAST, 0, "-170141183460469231731687303", "-170141183460469231731687304"),
        (MOST, 11, MOST[:-1], "170141183460469231731687303.71588410573"), (LEAST, 12, LEAST, LEAST),
        ("0.666666666666666666666666666666", 2, "0.66", "0.67"),
    ]:
        for rounding, answer in ((CUT, cut), (HALF, half)):
            case(f"Round {text} to {digits} digits, {rounding}", "round", text, answer=answer, digits=digits, rounding=rounding)
    product = op("multiply", WIDE, "-0.15")
    for digits in (0, 2, 20, 41, 42, 43, 60):
        for rounding in (CUT, HALF):
            case(f"Round a product of 69 digits to {digits}, {rounding}", "round", product, digits=digits, rounding=rounding)


def quotients():
    for one, two, digits, cut, half in [
        ("1", "3", 2, "0.33", "0.33"), ("2", "3", 2, "0.66", "0.67"), ("-2", "3", 2, "-0.66", "-0.67"), ("2", "-3", 2, "-0.66", "-0.67"),
        ("-2", "-3", 2, "0.66", "0.67"), ("1", "2", 0, "0", "1"), ("-1", "2", 0, "0", "-1"), ("1", "-2", 0, "0", "-1"),
        ("-1", "-2", 0, "0", "1"), ("1", "8", 2, "0.12", "0.13"), ("-1", "8", 2, "-0.12", "-0.13"), ("1", "8", 3, "0.125", "0.125"),
        ("0", "7", 5, "0", "0"), ("0", "-7", 5, "0", "0"), ("10", "2", 0, "5", "5"), ("10", "2", 40, "5", "5"), ("0.1", "0.3", 3, "0.333", "0.333"),
        ("1", "0.25", 0, "4", "4"), ("0.001", "4", 4, "0.0002", "0.0003"), ("99.5", "100", 1, "0.9", "1"), ("199", "2", 0, "99", "100"),
        ("1", "7", 40, "0." + "142857" * 6 + "1428", "0." + "142857" * 6 + "1429"), ("1e27", TINY, 0, "1" + "0" * 67, "1" + "0" * 67),
        (TINY, "1e27", 66, "0", "0"), (TINY, "1e27", 67, "0." + "0" * 66 + "1", "0." + "0" * 66 + "1"),
        ("5" + TINY[1:], "1e1", 0, "0", "1"), (LEAST, "-1", 12, PAST, PAST), (LEAST, LEAST, 3, "1", "1"), (WIDE, WIDE, 1, "1", "1"),
        (WIDE, "-" + WIDE, 0, "-1", "-1"), ("1", "0", 2, None, None), ("0", "0", 2, None, None), (WIDE, "-0.00", 2, None, None),
    ]:
        for rounding, answer in ((CUT, cut), (HALF, half)):
            case(f"{one} over {two} to {digits} digits, {rounding}", "divide", one, two, answer=answer, digits=digits, rounding=rounding)


def conversions():
    top = str(2**96 - 1)                                # 79228162514264337593543950335, of 29 digits
    mantissa = op("add", op("multiply", top[:-1], "10"), top[-1])
    above = op("add", mantissa, "1")
    each("decimal96", ("0", "0"), ("0.000", "0"), ("1.50", "1.5"), ("-1.5", "-1.5"), ("0.03825", "0.03825"), ("1000", "1000"), (mantissa, top),
         (op("negate", mantissa), "-" + top), ("0." + "0" * 27 + "1", "0." + "0" * 27 + "1"), ("1e27", "1" + "0" * 27),
         (op("multiply", mantissa, "0." + "0" * 27 + "1"), "7.9228162514264337593543950335"),
         (op("multiply", "0.5", "0." + "0" * 39 + "0"), "0"), (op("add", TINY, "-" + TINY), "0"),
         (op("multiply", "2" + "0" * 27, "0.5" + "0" * 39), "1" + "0" * 27), ("-9" + "0" * 27, "-9" + "0" * 27))
    for operand in (above, op("negate", above), "0." + "0" * 28 + "1", "-0." + "0" * 28 + "1", op("multiply", above, "0.1"),
                    op("multiply", "0.1999968000511991808131", "1234567.123456"), WIDE, PAST, LEAST, op("multiply", "1e19", "1e19"),
                    op("multiply", WIDE, WIDE), TINY):
        case(f"No decimal of 96 bits: {shown(operand)}", "decimal96", operand, error="amount.too_precise")


def prices():
    for amount, quantity, charged, answer in [("21.3962", "29", "21.39", "0.737586206896552"),
                                              ("155.6389387742", "210.950039", "155.63", "0.737757626107858"),
                                              ("410.1799387742", "555.950039", "410.17", "0.737782122900436")]:
        more = {"digits": 15, "currency_digits": 2, "source": PRICES}
        case(f"{quantity} units at 0.868 less 15 %", "effective_unit_price", amount, quantity, answer=answer, **more)
        case(f"What is behind {answer}", "amount_from_effective_price", answer, quantity, answer={"one": charged}, **more)
    case("Of no quantity there is no price", "effective_unit_price", "1", "0", answer=None, digits=15, currency_digits=2)
    for amount, quantity, units, digits, answer in [("21.3962", "29", 0, 15, "0.724137931034483"), ("0.009", "3", 2, 15, "0"),
                                                    ("-21.3962", "29", 2, 15, "-0.737586206896552"), ("21.3962", "-29", 3, 4, "-0.7378"),
                                                    ("1", "3", 2, 15, "0.333333333333333"), ("2", "3", 2, 2, "0.67"), ("5", "2", 0, 0, "3")]:
        case(f"{amount} in {units} digits over {quantity}, {digits} digits", "effective_unit_price", amount, quantity, answer=answer,
             digits=digits, currency_digits=units)
    case("A plain discounted price is no quotient of cents", "amount_from_effective_price", "0.03825", "0.005001",
         answer={"not_cents": "0.00019128825"}, source=RECON, digits=15, currency_digits=2)
    for price, quantity, digits, units, answer in [
        ("0.333333333333333", "3", 15, 2, {"one": "1"}), ("-0.333333333333333", "3", 15, 2, {"one": "-1"}),
        ("0.333333333333333", "-3", 15, 2, {"one": "-1"}), ("-0.333333333333333", "-3", 15, 2, {"one": "1"}),
        ("0.74", "29", 2, 2, {"least": "21.32", "most": "21.74"}), ("-0.74", "29", 2, 2, {"least": "-21.32", "most": "-21.74"}),
        ("0.05", "2", 2, 2, {"least": "0.09", "most": "0.11"}), ("0", "3", 2, 2, {"least": "0", "most": "0.02"}), ("0", "1", 2, 2, {"one": "0"}), ("1", "1", 2, 2, {"one": "1"}),
        ("1", "1", 0, 0, {"one": "1"}), ("1", "2", 0, 0, {"least": "1", "most": "3"}), ("0.5", "1", 1, 0, {"not_cents": "0.5"}),
        ("0", "0", 2, 2, {"not_cents": "0"}), ("0.67", "3", 2, 2, {"least": "2", "most": "2.03"}),
    ]:
        case(f"What is behind {price}, {quantity} units, {digits} and {units} digits", "amount_from_effective_price", price, quantity,
             answer=answer, digits=digits, currency_digits=units)
    for code, answer in [("USD", "2"), ("JPY", "0"), ("jpy", "0"), ("KWD", "3"), (" EUR ", "2"), ("CLF", "4"), ("HRK", "2"), ("BHD", "3"),
                         ("XXX", None), ("", None), ("US", None), ("USDX", None)]:
        case(f"Decimals of {code!r}", "minor_units", code, answer=answer, source=ISO)


class Random:
    """Numbers of every size and sign, often near a border or of one digit."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def text(self, whole=28, decimals=40):
        pick = self.dice
        if pick.random() < 0.15:
            return pick.choice([t for t in ("0", "1", "-1", "0.5", "-0.5", "0.01", LEAST, MOST, PAST, "0.15", "0.85", "10", "-100")
                                if len(t) <= whole])
        size = lambda most: pick.choice((pick.randint(0, most), pick.randint(0, min(most, 6))))
        digits = lambda n: "".join(pick.choice(pick.choice(("0123456789", "09", "5"))) for _ in range(n))
        before, after = digits(size(whole)), digits(size(decimals))
        text = (before or "0") + ("." + after if after else "")
        return ("-" if pick.random() < 0.4 else "") + text

    def operand(self):
        """A number, or what no text can hold: a product or a sum of wide ones."""
        roll = self.dice.random()
        if roll < 0.7:
            return self.text()
        return op(self.dice.choice(("multiply", "add", "subtract")), self.text(), self.text())

    def near(self, operand):
        """The operand once more, written otherwise, or a little beside it."""
        kind = self.dice.choice(("same", "scaled", "beside"))
        if kind == "same":
            return operand
        if kind == "scaled":
            return op("multiply", operand, "1." + "0" * self.dice.randint(1, 9))
        return op("add", operand, self.dice.choice((TINY, "-" + TINY, "0.01", "-0.01")))


def at_random(count):
    made = Random(20261123)
    pick = made.dice
    for n in range(count):
        name = ("add", "subtract", "multiply", "compare", "sum", "round", "round", "divide", "divide", "decimal96", "distinct",
                "effective_unit_price", "amount_from_effective_price", "parse")[n % 14]
        title, more = f"At random, {n + 1}: {name}", {}
        if name in ("round", "divide"):
            more = {"digits": pick.choice((0, 1, 2, 2, 6, 15, 28, pick.randint(0, 50))), "rounding": pick.choice((CUT, HALF))}
        first = made.operand()
        if name == "compare":
            of = [first, pick.choice((made.operand(), made.near(first), made.near(first)))]
        elif name in ("sum", "distinct"):
            of = [made.operand() for _ in range(pick.randint(1, 5))]
            of += [made.near(of[0])] if pick.random() < 0.7 else []
        elif name == "round":
            # Often a tie: the digits kept, and a 5.
            tie = made.text(20, 0).rstrip(".") + "." + "".join(pick.choice("0499") for _ in range(more["digits"] % 30)) + "5"
            of = [tie] if pick.random() < 0.4 and "." not in tie[:-1].replace(".", "", 1) else [first]
            if of == [tie]:
                more["digits"] %= 30
        elif name == "decimal96":
            of = [pick.choice((made.text(14, 14), made.text(28, 28), first))]
        elif name == "effective_unit_price":
            of, more = [made.text(12, 20), made.text(6, 8)], {"digits": 15, "currency_digits": pick.choice((0, 2, 3))}
        elif name == "amount_from_effective_price":
            cents, many = made.text(5, 2), made.text(4, 6)
            digits, units = pick.choice((2, 6, 15)), 2
            price = None if arithmetic.read(many) == 0 else arithmetic.answer(
                op("divide", cents, many, digits=digits, rounding=pick.choice((CUT, HALF))))
            try:
                arithmetic.read(price or "1")
            except arithmetic.Refused:
                price = "1"
            of, more = [price or "1", many], {"digits": digits, "currency_digits": units}
        elif name == "parse":
            of = [pick.choice(("", "+", "000")) + made.text(24, 36).lstrip("-") + f"e{pick.randint(-12, 12)}"]
        else:
            of = [first] if name == "parse" else [first, made.operand()]
        case(title, name, *of, **more)


def printed():
    """Quotients of 15 digits, and the charges behind them."""
    for amount, quantity, answer in [
        ("21.39", "29", "0.737586206896552"), ("155.63", "210.950039", "0.737757626107858"), ("1", "3", "0.333333333333333"),
        ("2", "3", "0.666666666666667"), ("-2", "3", "-0.666666666666667"), ("1", "30", "0.0333333333333333"),
        ("100", "3", "33.3333333333333"), ("10", "1", "10"), ("1000000", "7", "142857.142857143"), ("0", "7", "0"),
        ("1", "0", None), ("0", "0", None), ("1", "8", "0.125"), ("99999999999999999", "10", "10000000000000000"),
        ("123456789012345678", "1", "123456789012345678"), ("0.0001", "7", "0.0000142857142857143"), ("9.995", "1", "9.995"),
        ("15", "10", "1.5"), ("1", "0.7", "1.42857142857143"), ("1", "0.07", "14.2857142857143"),
        ("12345678901234.56", "1", "12345678901234.6"), ("123456789012345.6", "1", "123456789012346"),
    ]:
        case(f"{amount} over {quantity} as invoices print it", "printed_price", amount, quantity, answer=answer)
    for *of, units, answer in [
        ("0.737586206896552", "29", 2, "21.39"), ("0.737757626107858", "210.950039", 2, "155.63"), ("0.333333333333333", "3", 2, "1"),
        ("-0.333333333333333", "3", 2, "-1"), ("0.333333333333333", "-3", 2, "-1"), ("0.666666666666667", "3", 2, "2"),
        ("0.666666666666667", "3", None, "2.000000000000001"), ("0.03825", "0.005001", 2, "0"), ("0.5", "3", 0, "1"), ("0.5", "-3", 0, "-1"),
        ("33.3333333333333", "3", 2, "100"), ("142857.142857143", "7", 2, "1000000"), ("1", "0", 2, "0"), ("0", "5", 2, "0"),
        ("0.333333333333333", "3", "0.666666666666667", "3", 2, "3"), ("0.333333333333333", "3", "0.5", "0.01", 2, "1"),
        ("0.333333333333333", "6", "-0.333333333333333", "3", 2, "1"), ("1", "1.005", 2, "1"), ("1", "1.995", 2, "1.99"),
        ("0", "1000000000000", "1.007", "1", 2, "1.01"), ("0", "100000000000", "1.007", "1", 2, "1"),
        # the 15th digit of 1.00000000000000 is 10^-14; half of it times the quantity is how far off it may be
        ("1.00000000000001", "1", 2, "1"), ("1.000000000000005", "1", 2, "1"), ("1.009999999999995", "1", 2, "1.01"),
        ("1.009999999999994", "1", 2, "1"), ("0.999999999999999", "1", 2, "0.99"), ("0.9999999999999995", "1", 2, "1"),
        ("0.9999999999999994", "1", 2, "0.99"), ("9.99999999999999", "1", 2, "9.99"), ("9.999999999999995", "1", 2, "10"),
        ("0.0999999999999999", "1", 2, "0.09"), ("0.09999999999999995", "1", 2, "0.1"), ("0.09999999999999994", "1", 2, "0.09"),
        ("12345678901234567.5", "1", 0, "12345678901234568"), ("123456789012345.5", "1", 0, "123456789012346"),
        ("99999999999999.5", "1", 0, "99999999999999"), ("99999999999999.95", "1", 0, "100000000000000"),
    ]:
        more = {} if units is None else {"currency_digits": units}
        case(f"The charge behind {', '.join(of)}, {units} digits", "charge_behind", *of, answer=answer, **more)


def charged_at_random(count):
    """A charge of whole minor units, its price as printed, or a little beside it."""
    made = Random(20261125)
    pick = made.dice
    for n in range(count):
        units = pick.choice((0, 2, 2, 2, 3))
        size = pick.choice((3, 6, 10, 16))
        charge = f"{pick.choice(('', '', '-'))}{pick.randint(0, 10**size)}e-{units}"
        quantity = pick.choice((f"{pick.randint(1, 10**9)}e-6", f"{pick.randint(1, 999)}", f"-{pick.randint(1, 10**7)}e-3"))
        price = arithmetic.answer({"op": "printed_price", "of": [charge, quantity]})
        if n % 3 == 0:
            case(f"At random, {n + 1}: a printed price", "printed_price", charge, quantity)
        else:
            case(f"At random, {n + 1}: the charge behind a price", "charge_behind",
                 pick.choice((price, op("add", price, pick.choice(("1e-15", "-1e-15", "5e-16", "1e-13"))))), quantity, currency_digits=units)


def cases():
    CASES.clear()
    for part in (reading, sums, orders, roundings, quotients, conversions, prices):
        part()
    at_random(840)
    printed()
    charged_at_random(90)
    return CASES
