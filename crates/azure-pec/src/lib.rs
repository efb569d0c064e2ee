//! Works out Microsoft's **partner earned credit** (PEC): on each day that a CSP partner has eligible access to a
//! customer's resource for the whole day, 15 % comes off the list price of its eligible consumption.
//!
//! For every usage line the calculator says what became of the credit (earned, missed, never or unknown), how much it
//! was or could have been, exact to the last digit, and why. What cannot be proved is unknown; it is never guessed.
//!
//! ```
//! use azure_pec::{AccessHistory, Amount, Calculator, Grant, Observed, UsageLine};
//!
//! // The partner's AdminAgents group held Owner until an admin removed it at 13:37 on 5 October.
//! let subscription = "/subscriptions/11111111-1111-1111-1111-111111111111";
//! let grant: Grant = serde_json::from_str(r#"{
//!     "id": "owner", "path": "aobo", "scope": "/subscriptions/11111111-1111-1111-1111-111111111111",
//!     "role_id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "principal_id": "22222222-2222-2222-2222-222222222222",
//!     "partner_id": "1111111", "start": "2026-01-01T00:00:00Z", "end": "2026-10-05T13:37:00Z" }"#)?;
//! let access = AccessHistory { observed: Observed::Complete, grants: vec![grant], ..AccessHistory::default() };
//! let calculator = Calculator::builder().access(access).build()?;
//!
//! let mut line = UsageLine::new("2026-10-04".parse()?, "24".parse()?);
//! line.resource_id = format!("{subscription}/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/vm1");
//! line.list_price = Some("0.5".parse()?);
//! let credit = calculator.credit(&line)?;
//! assert_eq!((credit.reason.code(), credit.credit), ("earned", Some("1.8".parse()?)));
//!
//! // The next day the access held until 13:37 only. The day is all or nothing.
//! line.date = "2026-10-05".parse()?;
//! let credit = calculator.credit(&line)?;
//! assert_eq!(credit.reason.code(), "access.partial_day");
//! assert_eq!((credit.potential, credit.credit), (Some("1.8".parse()?), Some(Amount::ZERO)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Many lines go through a [`Session`] in batches ([`UsageBatch`] in, [`CreditBatch`] out), and a [`Statement`] sums
//! them exactly; statements of parts merge in any order to the statement of the whole.
//!
//! The crate does no input or output; `azure-pec-formats` reads the real files.
#![forbid(unsafe_code)]

mod access;
mod account;
mod action;
mod advice;
mod amount;
mod billed_line;
mod bounds;
mod bridge;
mod bundle;
mod calculator;
mod calendar;
mod cells;
mod change;
mod change_spec;
mod charged_meter;
mod chronicle;
mod compact_sum;
mod corrections;
mod coverage;
mod credits;
mod currency;
mod day;
mod day_answers;
mod denial;
mod difference;
mod digits;
mod disputed_lines;
mod effective_price;
mod error;
mod evidence;
mod explain;
mod findings;
mod fix;
mod forecast;
mod fx;
mod grant;
mod grant_explanation;
mod group_key;
mod groups;
mod id_rows;
mod ids;
mod inspection;
mod invoice;
mod invoice_months;
mod ladder;
mod ledger;
mod listed;
mod names;
mod number;
mod origin;
mod other_export;
mod ownership;
mod parcel;
mod partner;
mod pieces;
mod place_memo;
mod policy;
mod price;
mod price_index;
mod price_recipe;
mod principals;
mod product;
mod product_memo;
mod rating;
mod reach;
mod recipe;
mod reconcile;
mod reconciliation_document;
mod remedy;
mod role;
mod role_definition;
mod rounded;
mod row_places;
mod rule;
mod scope;
mod session;
mod settle;
mod settle_bridges;
mod settle_invoice;
mod settle_lines;
mod settle_warnings;
mod sheet;
mod sheet_key;
mod standing;
mod statement;
mod statement_document;
mod statement_part;
mod sums;
mod text_pool;
mod tier;
mod tier_scope;
mod tiered_usage;
mod transfer_check;
mod unit;
mod unite;
mod usage;
mod usage_batch;
mod verdict;
mod what_if;
mod witness;
mod work_piece;
mod workload;

pub use advice::{
    AccessAdvice, AdviceBody, AdviceDocument, AdviceKind, Catalogue, Narrower, Proposal, Service,
    ServiceAdvice, ServingRole, ServingRoleAdvice,
};
pub use amount::{Amount, Rounding};
pub use bundle::{Bundle, Combination};
pub use calculator::{Calculator, CalculatorBuilder};
pub use calendar::{Break, Calendar, CalendarDay, DayMark, NewestName};
pub use change::Change;
pub use change_spec::{ChangeSpec, SpecText};
pub use chronicle::{Chronicle, Event, Finding, Listing, Log, LoggedChange, Snapshot, Twin};
pub use credits::CreditBatch;
pub use currency::minor_units;
pub use day::{Day, Instant, Interval, IntervalSet, TICKS_PER_DAY, TICKS_PER_SECOND};
pub use difference::{
    DayDifference, GroupDifference, MoneyDifference, ReasonDifference, StatementDifference,
    SubscriptionDifference,
};
pub use disputed_lines::DisputedLines;
pub use effective_price::{
    AmountBehind, amount_from_effective_price, charge_behind, effective_unit_price, printed_price,
};
pub use error::Error;
pub use evidence::DayEvidence;
pub use explain::{
    AccessAnswer, Explanation, LineExplanation, LocatedLine, PriceUsed, RuleUsed, Stretch, TimelineStretch,
};
pub use fix::{Actor, DayMoney, LeftMissed, Right, ServiceRole, Suggestion, Suggestions};
pub use forecast::{Forecast, ForecastMoney, MoneyRange, OutcomeRanges, OutcomeSums, Risk, RiskKind};
pub use fx::{FxRates, line_rate};
pub use grant::{
    AccessHistory, DenyAssignment, Evidence, Grant, GrantPath, NamelessGrant, Observed, ObservedWindow,
    ResourceMove,
};
pub use grant_explanation::GrantExplanation;
pub use group_key::GroupKey;
pub use groups::{GroupRow, GroupSums, Groups};
pub use ids::{Guid, PartnerId, PrincipalId, RoleId, SubscriptionId, TenantId};
pub use inspection::{Inspection, InspectionFault, KindInspection, Observation};
pub use invoice::{InvoiceLine, PriceAdjustment, PriceAdjustmentKind};
pub use partner::{
    AoboGroup, AoboGroupKind, BillTo, Customer, Partner, PartnerKind, PartnerLink, Principal,
    ResellerOfRecord, Span, Transfer,
};
pub use pieces::Pieces;
pub use policy::{
    Absence, Condition, DayRule, Deny, ForeignGroup, HelpdeskGroup, ManagementGroup, Policy, PriceSource,
    RolePolicy, RoundingPolicy, TierScope,
};
pub use price::{Price, PriceList, PriceRow};
pub use price_recipe::PriceRecipe;
pub use rating::Rating;
pub use recipe::Recipe;
pub use reconcile::Reconciliation;
pub use reconciliation_document::{
    Bridge, ChargeAndTotal, ChargedLine, Corrected, Difference, FindingEvidence, InvoiceComparison,
    LineReference, ReconciliationBody, ReconciliationDocument, Undecided,
};
pub use remedy::Remedy;
pub use role::{RoleRow, RoleTable};
pub use role_definition::{Permission, RoleDefinition};
pub use rule::{ExclusionRow, RateRow, ReasonRow, Rule, RuleData};
pub use scope::{HierarchyEntry, Scope, ScopeLevel};
pub use session::Session;
pub use smol_str::SmolStr;
pub use statement::Statement;
pub use statement_document::{
    InputSummary, Period, RateSummary, ReasonSums, RoundedSums, RuleSummary, StatementBody,
    StatementDocument, Totals, Warning,
};
pub use statement_part::StatementPart;
pub use text_pool::{TextId, TextPool};
pub use tier::Tier;
pub use transfer_check::{DayAtRisk, Move, OpenDay, TransferCheck, TransferSums};
pub use usage::{Field, UsageLine};
pub use usage_batch::{LineColumns, UsageBatch};
pub use verdict::{Credit, Outcome, Reason, Verdict};
pub use what_if::{WhatIfBody, WhatIfDocument};
pub use work_piece::WorkPiece;
pub use workload::Workload;
