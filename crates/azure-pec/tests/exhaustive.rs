//! What can be tried out whole: sets of time over a small clock, days covered by grants, arithmetic at its edges, and
//! statements merged in every order.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

use azure_pec::{
    AccessHistory, Amount, Calculator, Day, Grant, GroupKey, Instant, Interval, IntervalSet, Observed,
    Partner, Policy, PriceList, PriceRow, Rounding, Statement, StatementDocument, UsageBatch, UsageLine,
};
use num_bigint::{BigInt, Sign};
use proptest::prelude::*;

/// The clock has so many ticks; a set of them is a mask, its lowest bit the first tick.
const TICKS: usize = 8;
const ALL: u32 = (1 << TICKS) - 1;

/// Where the ticks begin and end: within time, or with the first and the last tick open.
fn clocks() -> [Vec<Instant>; 2] {
    let within: Vec<Instant> = (0i64..=8).map(|tick| Instant::from_ticks(1000 + tick)).collect();
    let mut open = within.clone();
    (open[0], open[TICKS]) = (Instant::MIN, Instant::MAX);
    [within, open]
}

/// Every span between two points of the clock, empty and inverted ones too.
fn spans(clock: &[Instant]) -> Vec<(Interval, u32)> {
    let mut all = Vec::new();
    for (from, start) in clock.iter().enumerate() {
        for (to, end) in clock.iter().enumerate() {
            all.push((Interval { start: *start, end: *end }, mask(from, to)));
        }
    }
    all
}

fn mask(from: usize, to: usize) -> u32 {
    (from..to).fold(0, |mask, tick| mask | 1 << tick)
}

/// The set of the ticks of a mask: its runs, sorted and apart.
fn set(clock: &[Instant], mask: u32) -> IntervalSet {
    let tick = |at: usize| Interval { start: clock[at], end: clock[at + 1] };
    (0..TICKS).filter(|at| mask >> at & 1 == 1).map(tick).collect()
}

#[test]
fn any_three_spans_are_the_ticks_that_they_hold() {
    for clock in clocks() {
        let spans = spans(&clock);
        let sets: Vec<IntervalSet> = (0..=ALL).map(|mask| set(&clock, mask)).collect();
        for (a, in_a) in &spans {
            for (b, in_b) in &spans {
                for (c, in_c) in &spans {
                    let made: IntervalSet = [*a, *b, *c].into_iter().collect();
                    assert_eq!(made, sets[(in_a | in_b | in_c) as usize], "{a}, {b}, {c}");
                }
            }
        }
    }
}

#[test]
fn sets_over_a_small_clock_are_what_their_ticks_are() {
    for clock in clocks() {
        let sets: Vec<IntervalSet> = (0..=ALL).map(|mask| set(&clock, mask)).collect();
        let outside = if clock[0] == Instant::MIN { 0 } else { 1 };
        for (a, set_a) in (0..=ALL).zip(&sets) {
            // Sorted, apart, none empty: what the type promises.
            assert!(set_a.intervals().iter().all(|interval| !interval.is_empty()));
            assert!(set_a.intervals().windows(2).all(|pair| pair[0].end < pair[1].start));
            assert_eq!(set_a.is_empty(), a == 0);
            assert_eq!(set_a.complement().complement(), *set_a);
            let whole = Interval { start: clock[0], end: clock[TICKS] };
            assert_eq!(set_a.complement().within(&whole), sets[(!a & ALL) as usize]);
            if outside == 0 {
                assert_eq!(set_a.complement(), sets[(!a & ALL) as usize]);
            }
            for (tick, start) in clock.iter().take(TICKS).enumerate() {
                // The first instant of a tick, and the last.
                let last = clock[tick + 1].plus(if clock[tick + 1] == Instant::MAX { 0 } else { -1 });
                for at in
                    [*start, if last == Instant::MAX { Instant::from_ticks(i64::MAX - 1) } else { last }]
                {
                    assert_eq!(set_a.contains(at), a >> tick & 1 == 1, "{a:b} at tick {tick}");
                }
            }
            for (b, set_b) in (0..=ALL).zip(&sets) {
                assert_eq!(set_a.union(set_b), sets[(a | b) as usize], "{a:b} or {b:b}");
                assert_eq!(set_a.intersection(set_b), sets[(a & b) as usize], "{a:b} and {b:b}");
                assert_eq!(set_a.difference(set_b), sets[(a & !b) as usize], "{a:b} without {b:b}");
            }
            for (span, held) in spans(&clock) {
                assert_eq!(set_a.covers(&span), held & !a == 0, "{a:b} covers {span}");
                assert_eq!(set_a.overlaps(&span), held & a != 0, "{a:b} overlaps {span}");
                assert_eq!(set_a.within(&span), sets[(held & a) as usize], "{a:b} within {span}");
                let gap = set_a.first_gap(&span).map(IntervalSet::from);
                assert_eq!(
                    gap,
                    first_run(held & !a).map(|run| sets[run as usize].clone()),
                    "{a:b}: gap in {span}"
                );
            }
            for tolerance in 0..=8 {
                let open = clock[0] == Instant::MIN;
                // The open first and last tick have no length that could be closed: they are only ever at an end.
                let closed = close(a, tolerance);
                if !open || closed == a || closed & !a & (1 | 1 << (TICKS - 1)) == 0 {
                    let made = set_a.close_gaps(i64::try_from(tolerance).unwrap());
                    assert_eq!(made, sets[closed as usize], "{a:b} closed by {tolerance}");
                }
            }
        }
    }
}

/// The first run of ticks of a mask.
fn first_run(mask: u32) -> Option<u32> {
    let start = (0..TICKS).find(|tick| mask >> tick & 1 == 1)?;
    let end = (start..TICKS).find(|tick| mask >> tick & 1 == 0).unwrap_or(TICKS);
    Some((start..end).fold(0, |run, tick| run | 1 << tick))
}

/// Gaps of at most `tolerance` ticks between two ticks that are held are filled.
fn close(mask: u32, tolerance: usize) -> u32 {
    let held: Vec<usize> = (0..TICKS).filter(|tick| mask >> tick & 1 == 1).collect();
    let gaps = held.windows(2).filter(|pair| pair[1] - pair[0] - 1 <= tolerance);
    gaps.fold(mask, |mask, pair| (pair[0]..pair[1]).fold(mask, |mask, tick| mask | 1 << tick))
}

const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CUSTOM: &str = "cccccccc-1111-2222-3333-444444444444";
/// A tick of the clock of days; the day has six of them, after the first and before the last.
const FOUR_HOURS: i64 = 4 * 3600 * 10_000_000;

fn moment(point: usize) -> Instant {
    "2026-10-04T20:00:00Z".parse::<Instant>().unwrap().plus(i64::try_from(point).unwrap() * FOUR_HOURS)
}

/// Every choice of at most `most` of the spans that are not empty.
fn choices(most: usize) -> Vec<Vec<(usize, usize)>> {
    let mut spans = Vec::new();
    for from in 0..TICKS {
        spans.extend((from + 1..=TICKS).map(|to| (from, to)));
    }
    let mut all = vec![Vec::new()];
    let mut last = vec![(0, Vec::new())];
    for _ in 0..most {
        let mut next = Vec::new();
        for (first, chosen) in &last {
            for (at, span) in spans.iter().enumerate().skip(*first) {
                let chosen: Vec<_> = chosen.iter().copied().chain([*span]).collect();
                all.push(chosen.clone());
                next.push((at + 1, chosen));
            }
        }
        last = next;
    }
    all
}

/// Spans held by roles that earn, and by a custom one, of which nobody knows.
type World = (Vec<(usize, usize)>, Vec<(usize, usize)>);

/// Every world stands in a subscription of its own, and is asked for one day.
fn days_are_the_ticks_covered(worlds: &[World]) {
    let partner = r#"{"schema":"azure-pec/partner/1","bill_to":{"partner_id":"1"}}"#;
    let partner: Partner = serde_json::from_str(partner).unwrap();
    let subscription = |number: usize| format!("/subscriptions/aaaaaaaa-0000-0000-0000-{number:012x}");
    let grant = |number: usize, role: &str, (from, to): (usize, usize)| -> Grant {
        let id = format!("g{number}-{role}-{from}-{to}");
        let text = serde_json::json!({
            "id": id, "path": "aobo", "scope": subscription(number), "role_id": role, "partner_id": "1",
            "principal_id": "dddddddd-0000-0000-0000-000000000001", "principal_kind": "ForeignGroup",
            "start": moment(from).to_string(), "end": moment(to).to_string(),
        });
        serde_json::from_value(text).unwrap()
    };
    let (mut grants, mut batch) = (Vec::new(), UsageBatch::new());
    for (number, (earning, unknown)) in worlds.iter().enumerate() {
        grants.extend(earning.iter().map(|span| grant(number, OWNER, *span)));
        grants.extend(unknown.iter().map(|span| grant(number, CUSTOM, *span)));
        let mut line = UsageLine::new("2026-10-05".parse::<Day>().unwrap(), Amount::ONE);
        line.resource_id = subscription(number);
        batch.push_line(&line, number as u64 + 1);
    }
    let access = AccessHistory { observed: Observed::Complete, grants, ..AccessHistory::default() };
    for rule in ["entire", "any", "end_of_day"] {
        for (tolerance, ticks) in [("0s", 0), ("4h", 1), ("8h", 2), ("36h", 9)] {
            let mut policy = Policy::default();
            policy.set("day", rule).unwrap();
            policy.set("gap_tolerance", tolerance).unwrap();
            let calculator = Calculator::builder()
                .access(access.clone())
                .partner(partner.clone())
                .policy(policy)
                .build()
                .unwrap();
            let credits = calculator.credit_batch(&batch);
            for ((earning, unknown), verdict) in worlds.iter().zip(credits.verdicts()) {
                let held = |spans: &[(usize, usize)]| {
                    spans.iter().fold(0, |held, (from, to)| held | mask(*from, *to))
                };
                let (surely, perhaps) = (held(earning), held(unknown));
                let day = mask(1, 7);
                let fills = |held: u32| {
                    let closed = close(held, ticks) & day;
                    match rule {
                        "entire" => closed == day,
                        "any" => closed != 0,
                        _ => closed & mask(6, 7) != 0,
                    }
                };
                let expected = if fills(surely) {
                    "earned"
                } else if perhaps != 0 && fills(surely | perhaps) {
                    "access.role_unknown"
                } else if (surely | perhaps) & day != 0 {
                    "access.partial_day"
                } else {
                    "access.none"
                };
                let found = verdict.reason.code();
                assert_eq!(found, expected, "{rule}, {tolerance}: earning {earning:?}, perhaps {unknown:?}");
            }
        }
    }
}

#[test]
fn a_day_is_covered_by_any_three_grants_where_all_its_ticks_are() {
    let worlds: Vec<World> = choices(3).into_iter().map(|earning| (earning, Vec::new())).collect();
    assert_eq!(worlds.len(), 1 + 36 + 630 + 7140);
    days_are_the_ticks_covered(&worlds);
}

#[test]
fn a_day_is_unknown_where_grants_that_might_count_would_cover_it() {
    let pairs = choices(2);
    let singles = choices(1);
    let mut worlds: Vec<World> = Vec::new();
    for pair in &pairs {
        for single in &singles {
            worlds.push((pair.clone(), single.clone()));
            worlds.push((single.clone(), pair.clone()));
        }
    }
    days_are_the_ticks_covered(&worlds);
}

/// A number as an integer over a power of ten.
type Exact = (BigInt, u32);

fn ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// What an amount prints, as an integer at 200 decimals.
fn printed(amount: &Amount) -> BigInt {
    let text = amount.to_string();
    let (integer, decimals) = text.split_once('.').unwrap_or((&text, ""));
    assert!(!decimals.ends_with('0') && decimals.len() <= 200, "{text}");
    format!("{integer}{decimals:0<200}").parse().unwrap()
}

fn at_200((mantissa, scale): &Exact) -> BigInt {
    mantissa * ten(200 - scale)
}

/// The edges: of 64 and 128 bits, of powers of ten, around zero and halves; each sign, several scales.
fn edges() -> Vec<(Amount, Exact)> {
    let mut mantissas: Vec<BigInt> =
        [0i128, 1, 2, 3, 5, 7, 9, 10, 15, 49, 50, 51, 125].map(BigInt::from).to_vec();
    for power in [31u32, 32, 63, 64, 96, 126, 127, 128] {
        mantissas.extend([-1i32, 0, 1].map(|off| BigInt::from(2).pow(power) + off));
    }
    for power in [18u32, 19, 28, 38, 39] {
        mantissas.extend([-1i32, 0, 1].map(|off| ten(power) + off));
    }
    let mut all = Vec::new();
    for mantissa in mantissas {
        for sign in [1i32, -1] {
            for scale in [0u32, 2, 40] {
                let mantissa = &mantissa * sign;
                // Larger ones than files may hold come about as products: a number times 1.
                let amount = match i128::try_from(&mantissa) {
                    Ok(mantissa) => Amount::new(mantissa, scale),
                    Err(_) => {
                        let half: i128 = i128::MAX / 4 + 1;
                        let (whole, rest) = (&mantissa / half, &mantissa % half);
                        let part =
                            |number: &BigInt, scale| Amount::new(i128::try_from(number).unwrap(), scale);
                        &(&part(&whole, 0) * &Amount::new(half, scale)) + &part(&rest, scale)
                    }
                };
                all.push((amount, (mantissa, scale)));
            }
        }
    }
    all
}

/// The integer nearest to a quotient, by sizes alone.
fn rounded(numerator: &BigInt, denominator: &BigInt, rounding: Rounding) -> BigInt {
    let size = |number: &BigInt| number.magnitude().clone();
    let (n, d) = (size(numerator), size(denominator));
    let quotient = match rounding {
        Rounding::TowardZero => &n / &d,
        // floor(n / d + 1/2)
        Rounding::HalfAwayFromZero => (&n * 2u8 + &d) / (&d * 2u8),
    };
    let negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
    BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, quotient)
}

const ROUNDINGS: [Rounding; 2] = [Rounding::TowardZero, Rounding::HalfAwayFromZero];

#[test]
fn arithmetic_at_the_edges_is_that_of_big_integers() {
    let edges = edges();
    assert!(edges.len() > 300, "{}", edges.len());
    for (a, exact_a) in &edges {
        assert_eq!(printed(a), at_200(exact_a));
        assert_eq!(a.is_negative(), exact_a.0.sign() == Sign::Minus);
        assert_eq!(a.is_zero(), exact_a.0.sign() == Sign::NoSign);
        assert_eq!(printed(&-a), -at_200(exact_a));
        for digits in [0, 1, 2, 28, 39, 40] {
            for rounding in ROUNDINGS {
                let unit = ten(200 - digits);
                let expected = rounded(&at_200(exact_a), &unit, rounding) * &unit;
                assert_eq!(printed(&a.round(digits, rounding)), expected, "{a} to {digits} digits");
            }
        }
        for (b, exact_b) in &edges {
            let product = (&exact_a.0 * &exact_b.0, exact_a.1 + exact_b.1);
            assert_eq!(printed(&(a * b)), at_200(&product), "{a} * {b}");
            assert_eq!(printed(&(a + b)), at_200(exact_a) + at_200(exact_b), "{a} + {b}");
            assert_eq!(a.cmp(b), at_200(exact_a).cmp(&at_200(exact_b)), "{a} against {b}");
        }
    }
}

#[test]
fn quotients_at_the_edges_are_those_of_big_integers() {
    let edges = edges();
    // Quotients are the slowest: every third dividend, by every divisor.
    for (a, exact_a) in edges.iter().step_by(3) {
        for (b, exact_b) in &edges {
            for (digits, rounding) in
                [(0, ROUNDINGS[0]), (0, ROUNDINGS[1]), (15, ROUNDINGS[0]), (15, ROUNDINGS[1])]
            {
                let quotient = a.divide(b, digits, rounding);
                if exact_b.0.sign() == Sign::NoSign {
                    assert_eq!(quotient, None);
                    continue;
                }
                let numerator = at_200(exact_a) * ten(digits);
                let expected = rounded(&numerator, &at_200(exact_b), rounding) * ten(200 - digits);
                assert_eq!(printed(&quotient.unwrap()), expected, "{a} / {b} to {digits} digits");
            }
        }
    }
}

/// A calculator with tiers and rounding, under which the order of lines matters most.
fn tiered() -> Calculator {
    let row = |from: &str, to: Option<&str>, price: &str| -> PriceRow {
        serde_json::from_value(serde_json::json!({
            "product_id": "P", "sku_id": "S", "meter_ids": ["m"], "market": "DE", "currency": "USD", "unit_price": price,
            "tier_min": from, "tier_max": to, "start": null, "end": null,
        }))
        .unwrap()
    };
    let mut policy = Policy::default();
    for (key, value) in [("price_source", "list"), ("rounding", "meter_month_cents"), ("absence", "assume")] {
        policy.set(key, value).unwrap();
    }
    let prices = PriceList::new(vec![row("1", Some("10"), "0.333"), row("11", None, "0.0071")]);
    Calculator::builder().prices(prices).policy(policy).build().unwrap()
}

/// Lines of a tiered meter and of another, in two subscriptions.
fn metered(count: usize) -> Vec<UsageLine> {
    let line = |at: usize| {
        let mut line = UsageLine::new(format!("2026-10-{:02}", 1 + at % 3).parse().unwrap(), Amount::ONE);
        line.quantity = ["3", "4.5", "-1", "7", "0.25", "11"][at % 6].parse().unwrap();
        line.resource_id = format!("/subscriptions/aaaaaaaa-0000-0000-0000-00000000000{}", at % 2);
        (line.product_id, line.sku_id) = ("P".to_owned(), "S".to_owned());
        line.meter_id = if at % 5 == 4 { "other" } else { "m" }.to_owned();
        line.list_price = Some("0.1".parse().unwrap());
        line
    };
    (0..count).map(line).collect()
}

fn statement(calculator: &Calculator, lines: &[&UsageLine]) -> Statement {
    let mut batch = UsageBatch::new();
    for (at, line) in lines.iter().enumerate() {
        batch.push_line(line, at as u64 + 1);
    }
    let mut statement = Statement::new(&[GroupKey::Subscription, GroupKey::Date]);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement
}

fn document(calculator: &Calculator, statement: &Statement) -> String {
    StatementDocument::new(statement.body(calculator), Vec::new()).to_json()
}

fn merged(mut one: Statement, other: &Statement) -> Statement {
    one.merge(other.clone()).unwrap();
    one
}

#[test]
fn three_parts_merge_alike_however_they_are_cut_ordered_and_bracketed() {
    let calculator = tiered();
    let lines = metered(6);
    let whole = document(&calculator, &statement(&calculator, &lines.iter().collect::<Vec<_>>()));
    for cut in 0..3usize.pow(6) {
        let part = |wanted: usize| {
            let in_part = |(at, line)| (cut / 3usize.pow(at) % 3 == wanted).then_some(line);
            statement(&calculator, &(0u32..).zip(&lines).filter_map(in_part).collect::<Vec<_>>())
        };
        let parts = [part(0), part(1), part(2)];
        for [a, b, c] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let [a, b, c] = [a, b, c].map(|at: usize| &parts[at]);
            let left = merged(merged(a.clone(), b), c);
            let right = merged(a.clone(), &merged(b.clone(), c));
            assert_eq!(document(&calculator, &left), whole, "cut {cut}");
            assert_eq!(document(&calculator, &right), whole, "cut {cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn many_parts_merge_alike_in_any_order(
        count in 1usize..60,
        of in prop::collection::vec(0usize..8, 60),
        pairs in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 8),
    ) {
        let calculator = tiered();
        let lines = metered(count);
        let whole = document(&calculator, &statement(&calculator, &lines.iter().collect::<Vec<_>>()));
        let mut parts: Vec<Statement> = (0..8)
            .map(|part| {
                let in_part = lines.iter().zip(&of).filter(|(_, of)| **of == part).map(|(line, _)| line);
                statement(&calculator, &in_part.collect::<Vec<_>>())
            })
            .collect();
        // Any two of those that are left become one, until one is left.
        for (one, other) in pairs {
            if parts.len() > 1 {
                let one = parts.swap_remove(one.index(parts.len()));
                let at = other.index(parts.len());
                let other = parts.swap_remove(at);
                parts.push(merged(one, &other));
            }
        }
        prop_assert_eq!(parts.len(), 1);
        prop_assert_eq!(document(&calculator, &parts[0]), whole);
    }
}
