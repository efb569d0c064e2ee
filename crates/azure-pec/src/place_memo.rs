//! Where lines stand, worked out once for each distinct place, and what access says there day by day.

use rustc_hash::FxHashMap;

use crate::access::{Judged, NodeAt};
use crate::account::{Account, AccountKey};
use crate::bundle::Bundle;
use crate::calculator::Calculator;
use crate::coverage::{Coverage, day_span};
use crate::day::{Day, Instant, Interval};
use crate::day_answers::{DayAnswer, DayAnswers};
use crate::ids::{Guid, SubscriptionId, TenantId};
use crate::pieces::Pieces;
use crate::product::Market;
use crate::scope::Scope;
use crate::text_pool::TextId;
use crate::usage::{Field, line_scope};
use crate::usage_batch::UsageBatch;
use crate::verdict::{Reason, Verdict};

/// What is known of where a line stands. Every line looks at one of many: it is small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// None for a line that stands nowhere.
    pub place: Option<Place>,
    /// Whose price list judges it.
    pub market: Market,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The coverage there.
    coverage: u32,
    /// The line's partner tenant is the billed partner's, or one of the two is not known.
    pub tenant_fits: bool,
}

impl Place {
    /// The place of its coverage among those of all.
    #[inline]
    pub const fn coverage(self) -> usize {
        self.coverage as usize
    }
}

/// The access at one node for one account.
#[derive(Debug)]
pub(crate) struct PlaceCoverage {
    pub coverage: Coverage,
    /// For whom and where it is.
    pub account: usize,
    pub node: NodeAt,
    pub exact: bool,
    /// A day of it was asked for.
    asked: bool,
}

/// What hangs on a place's subscription and these texts, which many places have in common.
const WHOSE: [Field; 4] = [Field::CustomerId, Field::PlanId, Field::ResellerId, Field::PartnerTenantId];

/// Whose a place is.
#[derive(Debug, Clone, Copy)]
struct Whose {
    account: usize,
    tenant_fits: bool,
    market: Market,
}

/// So many days of a place are worked out together.
const DAYS_AHEAD: i32 = 32;

/// The places of lines, and the accounts and coverages that they share.
#[derive(Debug, Default)]
pub(crate) struct PlaceMemo {
    /// What combinations of texts tell, each once it was asked for.
    places: Pieces<Option<Known>>,
    whose: FxHashMap<(SubscriptionId, [TextId; WHOSE.len()]), Whose>,
    account_keys: FxHashMap<AccountKey, usize>,
    accounts: Vec<(Account, Judged)>,
    coverage_keys: FxHashMap<(usize, NodeAt, bool), usize>,
    coverages: Vec<PlaceCoverage>,
    answers: DayAnswers,
}

impl PlaceMemo {
    /// The number of distinct places.
    pub fn len(&self) -> usize {
        (0..self.places.len()).filter_map(|at| self.places.get(at)).flatten().count()
    }

    /// The number of coverages that they share.
    pub fn coverages(&self) -> usize {
        self.coverages.len()
    }

    /// Lets go of what hangs on ids of texts; accounts and coverages stay.
    pub fn forget_texts(&mut self) {
        self.places = Pieces::default();
        self.whose.clear();
    }

    /// Where a line stands.
    pub fn find(&mut self, calculator: &Calculator, batch: &UsageBatch, row: usize) -> Known {
        let at = batch.combination(Bundle::Place, row).index();
        if let Some(Some(known)) = self.places.get(at) {
            return *known;
        }
        let known = self.learn(calculator, batch, row);
        self.places.put(at, Some(known));
        known
    }

    /// The coverage at a place, and whose it is.
    pub fn coverage(&self, place: Place) -> Option<(&PlaceCoverage, &Account)> {
        let coverage = self.coverages.get(place.coverage())?;
        Some((coverage, &self.accounts.get(coverage.account)?.0))
    }

    /// What access says at a place on a day, where it was worked out before.
    #[inline]
    pub fn known_answer(&mut self, place: Place, day: Day) -> Option<DayAnswer> {
        self.answers.get(place.coverage(), day)
    }

    /// What access says at a place on a day.
    pub fn answer(&mut self, calculator: &Calculator, place: Place, day: Day) -> Option<DayAnswer> {
        if let Some(known) = self.answers.get(place.coverage(), day) {
            return Some(known);
        }
        let coverage = self.coverages.get_mut(place.coverage())?;
        let (account, _) = self.accounts.get(coverage.account)?;
        let mut steady = Steady { coverage: &coverage.coverage, last: None };
        // Whoever asks for a second day asks for more, and now what they hang on is at hand.
        if std::mem::replace(&mut coverage.asked, true) {
            let first = day.number().saturating_sub(day.number().rem_euclid(DAYS_AHEAD));
            for other in (first..first.saturating_add(DAYS_AHEAD)).map(Day::from_number) {
                self.answers.keep(place.coverage(), other, answer(calculator, account, &mut steady, other));
            }
        }
        let own = answer(calculator, account, &mut steady, day);
        self.answers.keep(place.coverage(), day, own);
        Some(own)
    }

    fn learn(&mut self, calculator: &Calculator, batch: &UsageBatch, row: usize) -> Known {
        let text = |field| batch.text(field, row);
        let scope = line_scope(&text);
        let subscription = scope.as_ref().and_then(Scope::subscription_id);
        let Some((scope, subscription)) = scope.as_ref().zip(subscription) else {
            return Known { place: None, market: Market::of(calculator, &text) };
        };
        let Whose { account, tenant_fits, market } = self.whose(calculator, batch, row, subscription);
        let (node, exact) = calculator.access.nearest(scope);
        // Four thousand million coverages do not fit the memory of any machine this runs on.
        let coverage = u32::try_from(self.coverage_at(calculator, account, node, exact)).unwrap_or(u32::MAX);
        Known { place: Some(Place { coverage, tenant_fits }), market }
    }

    fn whose(
        &mut self,
        calculator: &Calculator,
        batch: &UsageBatch,
        row: usize,
        subscription: SubscriptionId,
    ) -> Whose {
        let of = (subscription, WHOSE.map(|field| batch.id(field, row)));
        if let Some(known) = self.whose.get(&of) {
            return *known;
        }
        let text = |field| batch.text(field, row);
        let key = AccountKey {
            subscription,
            customer: text(Field::CustomerId).parse().ok(),
            plan: text(Field::PlanId).trim().to_ascii_lowercase(),
            reseller: text(Field::ResellerId).parse().ok(),
        };
        let own_tenant = calculator.partner.as_ref().and_then(|partner| partner.data.bill_to.tenant_id);
        let line_tenant =
            text(Field::PartnerTenantId).parse::<TenantId>().ok().filter(|id| id.0 != Guid::NIL);
        let whose = Whose {
            account: self.account(calculator, key),
            tenant_fits: own_tenant.zip(line_tenant).is_none_or(|(own, line)| own == line),
            market: Market::of(calculator, &text),
        };
        self.whose.insert(of, whose);
        whose
    }

    fn account(&mut self, calculator: &Calculator, key: AccountKey) -> usize {
        if let Some(at) = self.account_keys.get(&key) {
            return *at;
        }
        let at = self.accounts.len();
        let account = calculator.access.account(calculator.context(), &key);
        self.accounts.push((account, Judged::default()));
        self.account_keys.insert(key, at);
        at
    }

    fn coverage_at(&mut self, calculator: &Calculator, account: usize, node: NodeAt, exact: bool) -> usize {
        let key = (account, node, exact);
        if let Some(at) = self.coverage_keys.get(&key) {
            return *at;
        }
        let at = self.coverages.len();
        if let Some((whose, judged)) = self.accounts.get_mut(account) {
            let coverage = calculator.coverage(whose, node, exact, judged);
            self.coverages.push(PlaceCoverage { coverage, account, node, exact, asked: false });
        }
        self.coverage_keys.insert(key, at);
        at
    }
}

/// Who is billed comes first, then the agreement, then access.
pub(crate) fn access_answer(
    calculator: &Calculator,
    account: &Account,
    coverage: &Coverage,
    day: Day,
) -> Verdict {
    let span = day_span(calculator.policy(), day);
    before_access(calculator, account, &span).unwrap_or_else(|| coverage.verdict(&span))
}

/// What rules a day out, whatever the access.
fn before_access(calculator: &Calculator, account: &Account, day: &Interval) -> Option<Verdict> {
    let partner = calculator.partner.as_ref()?;
    if !partner.bills_us(account.subscription, day.end.plus(-1)) {
        return Some(Verdict::of(Reason::NotBilled));
    }
    (!partner.has_agreement(day)).then(|| Verdict::of(Reason::NoAgreement))
}

/// A coverage that is asked for one day after the other.
struct Steady<'c> {
    coverage: &'c Coverage,
    /// The last answer, and until when it stays.
    last: Option<(Verdict, Interval)>,
}

impl Steady<'_> {
    fn verdict(&mut self, day: &Interval) -> Verdict {
        if let Some((verdict, while_it)) = &self.last
            && while_it.start <= day.start
            && day.end <= while_it.end
        {
            return *verdict;
        }
        let verdict = self.coverage.verdict(day);
        let end = self.coverage.next_change(day.start).unwrap_or(Instant::MAX);
        // A day in which something changes says nothing of others.
        self.last = (day.end <= end).then_some((verdict, Interval { start: day.start, end }));
        verdict
    }
}

fn answer(calculator: &Calculator, account: &Account, coverage: &mut Steady<'_>, day: Day) -> DayAnswer {
    let span = day_span(calculator.policy(), day);
    DayAnswer {
        verdict: before_access(calculator, account, &span).unwrap_or_else(|| coverage.verdict(&span)),
        reseller_conflict: account.reseller_conflicts(span.end.plus(-1)),
    }
}
