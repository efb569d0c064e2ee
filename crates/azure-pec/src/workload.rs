//! A month's usage in the eyes of access: how much potential stands where on which day. Enough to judge it anew under
//! other access, as often as one likes, without reading the usage again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rustc_hash::FxHashMap;

use crate::access::{Judged, NodeAt};
use crate::account::{Account, AccountKey};
use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::coverage::{Coverage, day_span};
use crate::day::{Day, Interval};
use crate::group_key::GroupKey;
use crate::groups::{GroupRow, GroupSums, Groups};
use crate::ids::SubscriptionId;
use crate::place_memo::access_answer;
use crate::scope::Scope;
use crate::statement_document::{ReasonSums, StatementBody};
use crate::usage::{Field, line_scope};
use crate::verdict::{Outcome, Reason, Verdict};

/// A place that lines stand at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct WorkPlace {
    pub key: AccountKey,
    pub scope: Scope,
}

impl WorkPlace {
    /// The resource group that it stands in, else its subscription: nobody assigns roles resource by resource for a
    /// service.
    pub fn above(&self) -> Scope {
        self.scope.group().unwrap_or_else(|| Scope::subscription(self.key.subscription))
    }
}

/// What stands at a place on a day, in one currency.
#[derive(Debug, Clone)]
pub(crate) struct WorkCell {
    pub place: usize,
    pub day: Day,
    pub currency: usize,
    pub list_amount: Amount,
    pub potential: Amount,
    /// As the statement has it.
    pub verdict: Verdict,
    /// The line names another partner's tenant: no change of access makes it ours.
    pub fixed: bool,
}

/// So many of the last days of usage say what the days to come use.
pub(crate) const LOOKED_BACK: i32 = 7;

/// The least and the most of a day, at list price.
#[derive(Debug, Clone)]
pub(crate) struct ListRange {
    pub low: Amount,
    pub high: Amount,
}

/// Usage whose product earns, by place and day.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    pub(crate) places: Vec<WorkPlace>,
    pub(crate) cells: Vec<WorkCell>,
    pub(crate) currencies: Vec<String>,
}

impl Workload {
    /// What a statement is to be grouped by for a workload.
    pub const KEYS: [GroupKey; 7] = [
        GroupKey::Customer,
        GroupKey::Reseller,
        GroupKey::Plan,
        GroupKey::Subscription,
        GroupKey::ResourceGroup,
        GroupKey::Resource,
        GroupKey::Date,
    ];

    /// The workload of a statement that is grouped by [`KEYS`](Workload::KEYS), made by this calculator.
    #[must_use]
    pub fn new(body: &StatementBody, calculator: &Calculator) -> Self {
        let (mut workload, mut known) = (Self::default(), HashMap::new());
        for row in body.groups.iter().flat_map(Groups::iter) {
            workload.add(row, &mut known, calculator);
        }
        workload
    }

    fn add(&mut self, row: GroupRow<'_>, known: &mut HashMap<WorkPlace, usize>, calculator: &Calculator) {
        let GroupSums { keys, sums } = GroupSums::from(row);
        let Some(verdict) = judged_by_access(&sums) else { return };
        let value =
            |key: GroupKey| keys.iter().find(|(own, _)| *own == key).map_or("", |(_, value)| value.as_str());
        let text = |field: Field| match field {
            Field::ResourceId => value(GroupKey::Resource),
            Field::ResourceGroup => value(GroupKey::ResourceGroup),
            Field::SubscriptionId => value(GroupKey::Subscription),
            _ => "",
        };
        let Some((scope, day)) = line_scope(&text).zip(value(GroupKey::Date).parse::<Day>().ok()) else {
            return;
        };
        let Some(subscription) = scope.subscription_id() else { return };
        let key = AccountKey {
            subscription,
            customer: value(GroupKey::Customer).parse().ok(),
            plan: value(GroupKey::Plan).to_owned(),
            reseller: value(GroupKey::Reseller).parse().ok(),
        };
        let place = WorkPlace { key, scope };
        let place = *known.entry(place).or_insert_with_key(|place| {
            self.places.push(place.clone());
            self.places.len() - 1
        });
        let currency = self.currencies.iter().position(|own| *own == sums.currency);
        let currency = currency.unwrap_or_else(|| {
            self.currencies.push(sums.currency.clone());
            self.currencies.len() - 1
        });
        // What is `never` has no potential; it may have one under another partner.
        let potential = &sums.list_amount * &calculator.rule().rate(day);
        let fixed = verdict.reason == Reason::NotBilled && calculator.bills(subscription, day);
        self.cells.push(WorkCell {
            place,
            day,
            currency,
            list_amount: sums.list_amount,
            potential,
            verdict,
            fixed,
        });
    }

    /// The same places with other cells.
    pub(crate) fn of_cells(&self, cells: Vec<WorkCell>) -> Self {
        Self { places: self.places.clone(), cells, currencies: self.currencies.clone() }
    }

    /// What each place may use on a day to come, by currency, going by the last days of usage: list amounts of no less
    /// than on its least of them and no more than on its most.
    pub(crate) fn daily_ranges(&self, last: Day) -> BTreeMap<(usize, usize), ListRange> {
        let first = Day::from_number(last.number() - LOOKED_BACK + 1);
        let mut days: BTreeMap<(usize, usize), BTreeMap<Day, Amount>> = BTreeMap::new();
        for cell in self.cells.iter().filter(|cell| (first..=last).contains(&cell.day)) {
            let own = days.entry((cell.place, cell.currency)).or_default();
            *own.entry(cell.day).or_default() += &cell.list_amount;
        }
        let begun = self.cells.iter().map(|cell| cell.day).min().unwrap_or(first).max(first);
        let counted = last.number() - begun.number() + 1;
        let range = |days: BTreeMap<Day, Amount>| {
            // A day without usage is one of none.
            let quiet = usize::try_from(counted).is_ok_and(|counted| days.len() < counted);
            let zero = quiet.then_some(Amount::ZERO);
            let low = days.values().cloned().chain(zero.clone()).min().unwrap_or_default();
            let high = days.values().cloned().chain(zero).max().unwrap_or_default();
            ListRange { low, high }
        };
        days.into_iter().map(|(key, days)| (key, range(days))).collect()
    }

    /// The cells of each subscription.
    pub(crate) fn by_subscription(&self) -> BTreeMap<SubscriptionId, Vec<usize>> {
        let mut cells: BTreeMap<SubscriptionId, Vec<usize>> = BTreeMap::new();
        for (at, cell) in self.cells.iter().enumerate() {
            if let Some(place) = self.places.get(cell.place) {
                cells.entry(place.key.subscription).or_default().push(at);
            }
        }
        cells
    }

    /// The subscriptions of some cells.
    pub(crate) fn subscriptions(&self, cells: &[usize]) -> BTreeSet<SubscriptionId> {
        let cells = cells.iter().filter_map(|at| self.cells.get(*at));
        cells.filter_map(|cell| Some(self.places.get(cell.place)?.key.subscription)).collect()
    }

    /// What the calculator says of some cells, in their order.
    pub(crate) fn judge(&self, calculator: &Calculator, cells: &[usize]) -> Vec<Verdict> {
        let mut judge = Judge::new(calculator);
        let mut verdicts = Vec::with_capacity(cells.len());
        for cell in cells.iter().filter_map(|at| self.cells.get(*at)) {
            let place = self.places.get(cell.place);
            let verdict = place.filter(|_| !cell.fixed).map(|place| judge.verdict(place, cell.day));
            verdicts.push(verdict.unwrap_or(cell.verdict));
        }
        verdicts
    }

    /// What is earned more in each currency where cells have these verdicts in place of those.
    pub(crate) fn gain(&self, cells: &[usize], before: &[Verdict], after: &[Verdict]) -> Vec<Amount> {
        let mut gains = vec![Amount::ZERO; self.currencies.len()];
        for ((cell, before), after) in cells.iter().zip(before).zip(after) {
            let earned = [before, after].map(|verdict| verdict.outcome == Outcome::Earned);
            let Some(cell) = self.cells.get(*cell) else { continue };
            let Some(gain) = gains.get_mut(cell.currency) else { continue };
            match earned {
                [false, true] => *gain += &cell.potential,
                [true, false] => *gain += &-&cell.potential,
                _ => {}
            }
        }
        gains
    }
}

/// The verdict of a row that access decides on; none of one that it does not.
fn judged_by_access(sums: &ReasonSums) -> Option<Verdict> {
    let reason = sums.reason().filter(|reason| *reason >= Reason::NotBilled)?;
    let outcomes = [Outcome::Earned, Outcome::Missed, Outcome::Never, Outcome::Unknown];
    let outcome = outcomes.into_iter().find(|outcome| outcome.as_str() == sums.outcome)?;
    Some(Verdict { outcome, reason })
}

/// Judges places by one calculator; what several places share is worked out once.
pub(crate) struct Judge<'c> {
    calculator: &'c Calculator,
    accounts: FxHashMap<AccountKey, usize>,
    known: Vec<(Account, Judged)>,
    coverages: FxHashMap<(usize, NodeAt, bool), Coverage>,
}

impl<'c> Judge<'c> {
    pub fn new(calculator: &'c Calculator) -> Self {
        let (accounts, coverages) = (FxHashMap::default(), FxHashMap::default());
        Self { calculator, accounts, known: Vec::new(), coverages }
    }

    pub fn verdict(&mut self, place: &WorkPlace, day: Day) -> Verdict {
        let calculator = self.calculator;
        let account = *self.accounts.entry(place.key.clone()).or_insert_with(|| {
            let account = calculator.access.account(calculator.context(), &place.key);
            self.known.push((account, Judged::default()));
            self.known.len() - 1
        });
        let Some((whose, judged)) = self.known.get_mut(account) else {
            return Verdict::of(Reason::NoScope);
        };
        let (node, exact) = calculator.access.nearest(&place.scope);
        let coverage = self.coverages.entry((account, node, exact));
        let coverage = coverage.or_insert_with(|| calculator.coverage(whose, node, exact, judged));
        access_answer(calculator, whose, coverage, day)
    }
}

impl Calculator {
    /// Whether the partner is billed for the subscription on the day, as far as the partner file says.
    pub(crate) fn bills(&self, subscription: SubscriptionId, day: Day) -> bool {
        let last_tick = day_span(self.policy(), day).end.plus(-1);
        self.partner.as_ref().is_none_or(|partner| partner.bills_us(subscription, last_tick))
    }

    /// The span of a day by the policy.
    pub(crate) fn span(&self, day: Day) -> Interval {
        day_span(self.policy(), day)
    }

    /// The same calculator with the access of some subscriptions alone: for them it says the same.
    pub(crate) fn narrowed(
        &self,
        subscriptions: &BTreeSet<SubscriptionId>,
    ) -> Result<Self, crate::error::Error> {
        let keeps = |scope: &Scope| scope.subscription_id().is_none_or(|id| subscriptions.contains(&id));
        self.to_builder_of(&keeps).build()
    }
}
