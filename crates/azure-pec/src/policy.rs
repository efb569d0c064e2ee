//! The questions that Microsoft's pages leave open, each with its answers; the default is the careful one.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::day::TICKS_PER_SECOND;
use crate::error::Error;
use crate::ids::RoleId;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            const TEXTS: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),*];

            /// The value as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            fn parse(key: &str, text: &str) -> Result<Self, Error> {
                Self::TEXTS.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
                    let names: Vec<_> = Self::TEXTS.iter().map(|(name, _)| *name).collect();
                    invalid(key, &names.join(", "), text)
                })
            }
        }
    )*};
}

fn invalid(key: &str, expected: &str, found: &str) -> Error {
    Error::PolicyInvalid { key: key.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

choices! {
    /// How much of the day the access must cover. Published wordings differ.
    DayRule {
        /// The whole day: "Confirm that you have admin access for the entire day."
        #[default]
        Entire = "entire",
        /// Any moment of it: "each day that you have PEC-eligible access".
        Any = "any",
        /// Its last tick: one distributor writes "at the conclusion of the day".
        EndOfDay = "end_of_day",
    }
    /// What a day without a grant in the data means where no history proves it.
    Absence {
        /// Unknown: a snapshot never shows grants that have ended.
        #[default]
        RequireProof = "require_proof",
        /// There was none.
        Assume = "assume",
    }
    /// Whose a foreign principal is that no partner data names.
    ForeignGroup {
        /// Unknown: it may be another partner's.
        #[default]
        Unknown = "unknown",
        /// Ours.
        Trust = "trust",
    }
    /// Whether grants above the subscription count. Inferred, not published.
    ManagementGroup {
        /// They reach everything below.
        #[default]
        Inherit = "inherit",
        /// They do not count.
        Ignore = "ignore",
    }
    /// What a deny assignment does to the credit. Unpublished.
    Deny {
        /// Unknown.
        #[default]
        Unknown = "unknown",
        /// It takes the access away.
        Block = "block",
        /// Nothing.
        Ignore = "ignore",
    }
    /// What a condition on an assignment does. Unpublished.
    Condition {
        /// Nothing.
        #[default]
        Accept = "accept",
        /// Unknown.
        Unknown = "unknown",
    }
    /// Whether the HelpdeskAgents group counts. Two pages disagree.
    HelpdeskGroup {
        /// It counts as AdminAgents does.
        #[default]
        Accept = "accept",
        /// It does not count.
        Ignore = "ignore",
    }
    /// Where the list price comes from.
    PriceSource {
        /// The usage line's own list price; no tiers are applied.
        #[default]
        Line = "line",
        /// The price list, rated by its tiers; the line's own price is of no weight.
        List = "list",
    }
    /// What the tiers count over. Unpublished for CSP.
    TierScope {
        /// The Azure plan.
        #[default]
        Plan = "plan",
        /// The subscription.
        Subscription = "subscription",
    }
    /// How sums are rounded; lines stay exact.
    RoundingPolicy {
        /// Not at all.
        #[default]
        Exact = "exact",
        /// Cut to cents for each meter and month.
        MeterMonthCents = "meter_month_cents",
        /// As the invoice does: cut before and after the exchange rate.
        InvoiceNested = "invoice_nested",
    }
}

/// What a role that the table does not hold earns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum RolePolicy {
    /// Unknown.
    #[default]
    Unknown,
    /// Nothing.
    Never,
    /// By role: `true` earns, `false` never; roles not named are unknown.
    Map(BTreeMap<RoleId, bool>),
}

impl RolePolicy {
    /// Whether the role earns; none where it is unknown.
    #[must_use]
    pub fn earns(&self, role: RoleId) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Never => Some(false),
            Self::Map(roles) => roles.get(&role).copied(),
        }
    }

    fn parse(key: &str, text: &str) -> Result<Self, Error> {
        match text {
            "unknown" => return Ok(Self::Unknown),
            "never" => return Ok(Self::Never),
            _ => {}
        }
        let expected = "unknown, never, or <role id>=earns|never with commas between them";
        let mut roles = BTreeMap::new();
        for pair in text.split(',') {
            let (role, says) = pair.split_once('=').ok_or_else(|| invalid(key, expected, text))?;
            let earns = match says.trim() {
                "earns" => true,
                "never" => false,
                _ => return Err(invalid(key, expected, text)),
            };
            let role = role.parse().map_err(|_| invalid(key, expected, text))?;
            if roles.insert(role, earns).is_some_and(|before| before != earns) {
                return Err(invalid(key, expected, text));
            }
        }
        Ok(Self::Map(roles))
    }
}

impl fmt::Display for RolePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Never => f.write_str("never"),
            Self::Map(roles) => {
                for (at, (role, earns)) in roles.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{role}={}", if *earns { "earns" } else { "never" })?;
                }
                Ok(())
            }
        }
    }
}

/// Every open question with the answer chosen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// How much of the day the access must cover.
    pub day: DayRule,
    /// Minutes that the day's boundary is ahead of UTC: +120 starts the day at 22:00 UTC.
    pub day_offset_minutes: i32,
    /// Gaps of at most this many 100 ns ticks between two grants are closed; propagation takes up to 10 minutes.
    pub gap_tolerance_ticks: i64,
    /// What a day without a grant means where no history proves it.
    pub absence: Absence,
    /// Whose a foreign principal is that no partner data names.
    pub foreign_group: ForeignGroup,
    /// Whether grants above the subscription count.
    pub management_group: ManagementGroup,
    /// What a deny assignment does.
    pub deny: Deny,
    /// What a condition on an assignment does.
    pub condition: Condition,
    /// What a custom role earns.
    pub custom_role: RolePolicy,
    /// What a built-in role earns that the table does not hold.
    pub unlisted_role: RolePolicy,
    /// Whether the HelpdeskAgents group counts.
    pub helpdesk_group: HelpdeskGroup,
    /// Where the list price comes from.
    pub price_source: PriceSource,
    /// What the tiers count over.
    pub tier_scope: TierScope,
    /// How sums are rounded.
    pub rounding: RoundingPolicy,
}

impl Policy {
    /// Every key, in the order of the documentation.
    pub const KEYS: &'static [&'static str] = &[
        "day",
        "day_offset",
        "gap_tolerance",
        "absence",
        "foreign_group",
        "management_group",
        "deny",
        "condition",
        "custom_role",
        "unlisted_role",
        "helpdesk_group",
        "price_source",
        "tier_scope",
        "rounding",
    ];

    /// Sets one key from its text, as in a policy file or an option.
    ///
    /// # Errors
    /// `policy.invalid` where the key or the value does not exist.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let value = value.trim();
        match key {
            "day" => self.day = DayRule::parse(key, value)?,
            "day_offset" => self.day_offset_minutes = parse_offset(key, value)?,
            "gap_tolerance" => self.gap_tolerance_ticks = parse_duration(key, value)?,
            "absence" => self.absence = Absence::parse(key, value)?,
            "foreign_group" => self.foreign_group = ForeignGroup::parse(key, value)?,
            "management_group" => self.management_group = ManagementGroup::parse(key, value)?,
            "deny" => self.deny = Deny::parse(key, value)?,
            "condition" => self.condition = Condition::parse(key, value)?,
            "custom_role" => self.custom_role = RolePolicy::parse(key, value)?,
            "unlisted_role" => self.unlisted_role = RolePolicy::parse(key, value)?,
            "helpdesk_group" => self.helpdesk_group = HelpdeskGroup::parse(key, value)?,
            "price_source" => self.price_source = PriceSource::parse(key, value)?,
            "tier_scope" => self.tier_scope = TierScope::parse(key, value)?,
            "rounding" => self.rounding = RoundingPolicy::parse(key, value)?,
            _ => return Err(invalid(key, &format!("a key of {}", Self::KEYS.join(", ")), key)),
        }
        Ok(())
    }

    /// The value of every key as text, in the order of [`Policy::KEYS`].
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        let values = [
            self.day.as_str().to_owned(),
            offset_text(self.day_offset_minutes),
            duration_text(self.gap_tolerance_ticks),
            self.absence.as_str().to_owned(),
            self.foreign_group.as_str().to_owned(),
            self.management_group.as_str().to_owned(),
            self.deny.as_str().to_owned(),
            self.condition.as_str().to_owned(),
            self.custom_role.to_string(),
            self.unlisted_role.to_string(),
            self.helpdesk_group.as_str().to_owned(),
            self.price_source.as_str().to_owned(),
            self.tier_scope.as_str().to_owned(),
            self.rounding.as_str().to_owned(),
        ];
        Self::KEYS.iter().copied().zip(values).collect()
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

/// `+00:00`, `-05:30`, `Z`.
fn parse_offset(key: &str, text: &str) -> Result<i32, Error> {
    let wrong = || invalid(key, "an offset from UTC such as +00:00 or -05:30", text);
    if text == "Z" {
        return Ok(0);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let two = |digits: &str| {
        let fine = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        fine.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    match (two(hours), two(minutes)) {
        (Some(hours @ 0..=14), Some(minutes @ 0..=59)) => Ok(sign * (hours * 60 + minutes)),
        _ => Err(wrong()),
    }
}

fn offset_text(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `0s`, `10m`, `1h30m`: whole numbers of d, h, m, s, each at most once and in that order.
fn parse_duration(key: &str, text: &str) -> Result<i64, Error> {
    let wrong = || invalid(key, "a duration such as 0s, 90s, 10m, 1h30m or 2d, at most 31d", text);
    let mut rest = text;
    let mut seconds: i64 = 0;
    for (unit, length) in [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: i64 = number.parse().map_err(|_| wrong())?;
        seconds = number.checked_mul(length).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        rest = after;
    }
    if text.is_empty() || !rest.is_empty() || seconds > 31 * 86_400 {
        return Err(wrong());
    }
    Ok(seconds * TICKS_PER_SECOND)
}

fn duration_text(ticks: i64) -> String {
    format!("{}s", ticks / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_what_it_prints() {
        let mut policy = Policy::default();
        assert!(policy.entries().contains(&("day_offset", "+00:00".to_owned())));
        for (key, value) in [
            ("day", "end_of_day"),
            ("day_offset", "-05:30"),
            ("gap_tolerance", "600s"),
            ("absence", "assume"),
            ("foreign_group", "trust"),
            ("management_group", "ignore"),
            ("deny", "block"),
            ("condition", "unknown"),
            ("custom_role", "never"),
            ("unlisted_role", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635=earns"),
            ("helpdesk_group", "ignore"),
            ("price_source", "list"),
            ("tier_scope", "subscription"),
            ("rounding", "invoice_nested"),
        ] {
            policy.set(key, value).unwrap();
            let read: BTreeMap<_, _> = policy.entries().into_iter().collect();
            assert_eq!(read.get(key).map(String::as_str), Some(value));
        }
        // Said twice, but the same.
        let earns = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635=earns";
        policy.set("unlisted_role", &format!("{earns},{earns}")).unwrap();
        assert!(policy.entries().contains(&("unlisted_role", earns.to_owned())));
        policy.set("gap_tolerance", "1h30m5s").unwrap();
        assert_eq!(policy.gap_tolerance_ticks, 5405 * TICKS_PER_SECOND);
        policy.set("gap_tolerance", "31d").unwrap();
        assert_eq!(policy.gap_tolerance_ticks, 31 * 86_400 * TICKS_PER_SECOND);
        for (key, value) in [
            ("days", "any"),
            ("day", "Entire"),
            ("day_offset", "2"),
            ("day_offset", "+15:00"),
            ("day_offset", "+2:00"),
            ("day_offset", "++2:00"),
            ("gap_tolerance", "10"),
            ("gap_tolerance", "+5m"),
            ("gap_tolerance", "31d1s"),
            ("gap_tolerance", "5s5m"),
            ("gap_tolerance", ""),
            ("custom_role", "owner=earns"),
            (
                "custom_role",
                "8e3af657-a8ff-443c-a75c-2fe8c4bcb635=earns,8e3af657-a8ff-443c-a75c-2fe8c4bcb635=never",
            ),
        ] {
            assert_eq!(policy.set(key, value).unwrap_err().code(), "policy.invalid", "{key}={value}");
        }
        let unknown = policy.set("days", "any").unwrap_err().to_string();
        assert!(unknown.ends_with("rounding, found \"days\""), "{unknown}");
    }
}
