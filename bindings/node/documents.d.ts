/**
 * An exact decimal in plain digits, such as `"0.045"`: no exponent, no `+`, no zeros at the end of the decimals. Never a
 * JavaScript number, which would lose digits.
 */
export type Decimal = string;
/** A day, `2026-10-31`. */
export type Day = string;
/** A moment in UTC, RFC 3339 with up to seven decimals: `2026-10-12T13:37:00Z`. */
export type Instant = string;
/** What became of the credit. `unknown` is not provable either way, and never rounded to yes or no. */
export type Outcome = 'earned' | 'missed' | 'never' | 'unknown';
/** What a statement may be grouped by. */
export type GroupKey = 'customer' | 'reseller' | 'plan' | 'subscription' | 'resource_group' | 'resource' | 'service' | 'meter' | 'product' | 'invoice' | 'date' | 'month';
/** The kinds of usage file. */
export type UsageKind = 'usage.cost_management' | 'usage.daily_rated' | 'usage.focus';
/** Answers to what Microsoft leaves open; what is left out keeps its careful default. See the README's table. */
export interface Policy {
    /** When a day counts. */
    day?: 'entire' | 'any' | 'end_of_day';
    /** The offset from UTC at which a day begins, such as `+00:00`. */
    day_offset?: string;
    /** Gaps up to this are closed, such as `10m`. */
    gap_tolerance?: string;
    /** Whether time that no export shows is taken to be as the exports beside it. */
    absence?: 'require_proof' | 'assume';
    /** Whether a foreign group that nobody names is the partner's. */
    foreign_group?: 'unknown' | 'trust';
    /** Whether grants of management groups count below them. */
    management_group?: 'inherit' | 'ignore';
    /** What a deny assignment does to the credit. */
    deny?: 'unknown' | 'block' | 'ignore';
    /** Whether an assignment with a condition counts. */
    condition?: 'accept' | 'unknown';
    /** What custom roles are; or each by its id. */
    custom_role?: 'unknown' | 'never' | Record<string, 'earns' | 'never'>;
    /** What built-in roles outside of the published table are; or each by its id. */
    unlisted_role?: 'unknown' | 'never' | Record<string, 'earns' | 'never'>;
    /** Whether the HelpdeskAgents group counts. */
    helpdesk_group?: 'accept' | 'ignore';
    /** Whose list price is taken: the line's own, or the price list's with its tiers. */
    price_source?: 'line' | 'list';
    /** What tiers count over. */
    tier_scope?: 'plan' | 'subscription';
    /** Rounded charges beside the exact sums. */
    rounding?: 'exact' | 'meter_month_cents' | 'invoice_nested';
}
/** One usage line. All texts; what is left out is empty. */
export interface UsageLine {
    /** The day of the usage. */
    date: Day;
    /** In units of measure; negative for corrections. */
    quantity: Decimal | bigint;
    /** For one unit of measure, in the pricing currency, before any credit. */
    list_price?: Decimal | bigint | null;
    /** The customer's tenant. */
    customer_id?: string;
    /** The customer's name. */
    customer_name?: string;
    /** The reseller that the line names (MPN id). */
    reseller_id?: string;
    /** The tenant of the partner that is billed. */
    partner_tenant_id?: string;
    /** The Azure plan. */
    plan_id?: string;
    /** The plan's name: `Azure plan`. */
    plan_name?: string;
    /** The Azure subscription. */
    subscription_id?: string;
    /** Its name. */
    subscription_name?: string;
    /** The resource group's name. */
    resource_group?: string;
    /** The resource's path. */
    resource_id?: string;
    /** The meter; mostly a GUID. */
    meter_id?: string;
    /** Its name. */
    meter_name?: string;
    /** The service, as cost analysis groups by it. */
    service?: string;
    /** Partner Center's product id. */
    product_id?: string;
    /** Partner Center's SKU id. */
    sku_id?: string;
    /** The SKU's title. */
    sku_name?: string;
    /** Usage, Purchase, Refund ...; empty is usage. */
    charge_type?: string;
    /** OnDemand, Reservation, SavingsPlan, Spot. */
    pricing_model?: string;
    /** The benefit that pays: Reservation, SavingsPlan. */
    benefit_type?: string;
    /** The reservation that pays. */
    reservation_id?: string;
    /** Microsoft, Azure, Marketplace. */
    publisher_type?: string;
    /** The publisher. */
    publisher_name?: string;
    /** `marketplace` or `one_time`. */
    billing_provider?: string;
    /** 100 where an Azure credit pays. */
    credit_percentage?: string;
    /** The invoice. */
    invoice_id?: string;
    /** The pricing currency; empty is USD. */
    currency?: string;
    /** The currency of the invoice. */
    billing_currency?: string;
    /** Pricing to billing currency. */
    exchange_rate?: string;
    /** The rate that Microsoft applied, such as 0.15; empty where nobody says. */
    observed_rate?: string;
    /** How that rate is known: `stated` or `inferred`. */
    observed_basis?: string;
    /** `billing` where list price and currency are the billing currency's. */
    price_basis?: string;
    /** `block_size` where the quantity contradicts the line's own list cost. */
    quantity_doubt?: string;
    /** Partner Center's availability id. */
    availability_id?: string;
    /** The unit of measure that quantity and price are in. */
    unit?: string;
    /** What a unit came to after credit, tiers and rounding. */
    effective_unit_price?: string;
    /** The line's total before tax in the pricing currency. */
    pricing_total?: string;
    /** The line's total before tax in the billing currency. */
    billing_total?: string;
    /** The day of the exchange rate. */
    exchange_rate_date?: string;
    /** The invoice that a refund corrects. */
    previous_invoice_id?: string;
}
/** What is said of a line. */
export interface Credit {
    outcome: Outcome;
    /** One of the reason codes, such as `access.partial_day`. */
    reason: string;
    /** Quantity times list price in the pricing currency, exact; null where no price is known. */
    list_amount: Decimal | null;
    /** The rate of the day, such as `"0.15"`. */
    rate: Decimal;
    /** List amount times rate; 0 where the outcome is `never`, null where no price is known. */
    potential: Decimal | null;
    /** The potential where the outcome is `earned`, else 0. */
    credit: Decimal | null;
    /** List amount less credit; null where no price is known. */
    net: Decimal | null;
    /** The price of a unit that the amount was made with; null where there is none or several tiers made it. */
    list_price: Decimal | null;
}
/** The days of the usage, both included; null where there is none. */
export interface Period {
    first: Day | null;
    last: Day | null;
}
/** By what rule and policy something was answered. */
export interface RuleSummary {
    version: string;
    rate: {
        start: Day;
        rate: Decimal;
    }[];
    policy: Required<Policy>;
}
/** Sums as they are charged: rounded for each meter and month, then added up. */
export interface RoundedSums {
    currency: string;
    list_amount: Decimal;
    potential?: Decimal;
    credit: Decimal;
    net: Decimal;
}
/** The sums of a currency. */
export interface Totals {
    currency: string;
    lines: number;
    list_amount: Decimal;
    /** The credits. */
    earned: Decimal;
    /** What the missed lines could have had. */
    missed: Decimal;
    /** What the unknown lines may have had. */
    unknown: Decimal;
    /** List amount less earned. */
    net: Decimal;
    /** Earned over earned, missed and unknown, cut to six decimals; null where that is 0. */
    coverage: Decimal | null;
    /** Only under a policy `rounding`. */
    rounded?: RoundedSums[];
}
/** The sums of a reason. */
export interface ReasonSums {
    currency: string;
    outcome: Outcome;
    reason: string;
    lines: number;
    list_amount: Decimal;
    potential: Decimal;
    credit: Decimal;
    /** Only under a policy `rounding`. */
    rounded?: RoundedSums[];
}
/** The sums of a group and reason, with the keys that were asked for. */
export type GroupSums = ReasonSums & Partial<Record<GroupKey, string>>;
/** Something to know before trusting the numbers. */
export interface Warning {
    code: string;
    message: string;
    count: number;
}
/** A file that was read or passed over. */
export interface InputSummary {
    path: string;
    /** Null for a file that was passed over. */
    kind: string | null;
    records: number;
    used: number;
    rejected: number;
    notes: string[];
}
/** `azure-pec/statement/1`. */
export interface Statement {
    schema: 'azure-pec/statement/1';
    /** What the same data always gives, to the byte: `JSON.stringify` gives its bytes back. */
    body: {
        period: Period;
        rule: RuleSummary;
        totals: Totals[];
        reasons: ReasonSums[];
        /** Only where keys were asked for. */
        groups?: GroupSums[];
        warnings: Warning[];
    };
    /** SHA-256 of `JSON.stringify(body)`. */
    body_sha256: string;
    inputs: InputSummary[];
}
/** A half-open stretch of time. */
export interface Stretch {
    start: Instant;
    end: Instant;
}
/** Where something was read. */
export interface Evidence {
    file: string;
    record: string;
}
/** A grant of `azure-pec/access/1`. */
export interface Grant {
    id: string;
    tenant_id?: string | null;
    path: 'aobo' | 'lighthouse_offer' | 'lighthouse_template' | 'directory';
    eligible_only?: boolean;
    scope: string;
    role_id: string;
    principal_id: string;
    principal_kind?: string | null;
    /** Whose it is; then no link is needed besides. */
    partner_id?: string | null;
    /** Since when; null is since before anything observed. */
    start?: Instant | null;
    /** Until when (excluded); null is still held. */
    end?: Instant | null;
    /** The earliest moment at which it may have started. */
    start_earliest?: Instant;
    /** The latest moment until which it may have held. */
    end_latest?: Instant;
    condition?: string | null;
    reaches?: string[];
    custom_role?: boolean;
    evidence?: Evidence[];
}
/** A usage line and its credit. */
export interface LineExplanation extends Credit {
    file: string;
    line: number;
    meter_id: string;
    meter_name: string;
    quantity: Decimal;
    /** Null where several tiers made the amount. */
    list_price: Decimal | null;
    /** The month's quantity of the meter before the line, where tiers rate it. */
    quantity_before?: Decimal;
    currency: string;
    /** The reason in words. */
    says: string;
    price: {
        start: Instant | null;
        end: Instant | null;
        currency: string;
        /** Each holds the quantity in `(above, up_to]`; the last is without end. */
        tiers: {
            above: Decimal;
            up_to: Decimal | null;
            unit_price: Decimal;
        }[];
        third_party: boolean;
        reservation: boolean;
    } | null;
}
/** What would have made a day earned; it was tried. */
export interface Remedy {
    says: string;
    changes: ({
        change: string;
    } & Record<string, unknown>)[];
}
/** `azure-pec/explanation/1` of one resource on one day. */
export interface DayExplanation {
    schema: 'azure-pec/explanation/1';
    resource: string;
    date: Day;
    /** The span that the day's access is tested over. */
    day: Stretch;
    /** What the access alone comes to. */
    access: {
        outcome: Outcome;
        reason: string;
        says: string;
    };
    lines: LineExplanation[];
    /** The day in stretches, without gap or overlap. */
    timeline: {
        start: Instant;
        end: Instant;
        standing: string;
        grants: string[];
    }[];
    /** The first stretch that no qualifying grant covers. */
    gap: Stretch | null;
    /** Every grant that reaches the resource, and what it was that day. */
    grants: (Grant & {
        role_name: string | null;
        counts: boolean;
        why: string;
        read_from: Evidence[];
    })[];
    not_proved: string[];
    rules: {
        says: string;
        start: Day | null;
        source: string;
    }[];
    /** The smallest change that makes the day earned; null where it is earned, or where nothing makes it so. */
    remedy: Remedy | null;
}
/** `azure-pec/explanation/1` of one subscription over the days of its usage. */
export interface SubscriptionExplanation {
    schema: 'azure-pec/explanation/1';
    subscription: string;
    name: string | null;
    period: Period;
    totals: Totals[];
    reasons: ReasonSums[];
    days: {
        date: Day;
        mark: 'earned' | 'missed' | 'unknown' | 'never' | 'part_missed' | 'part_unknown' | 'missed_and_unknown';
        reasons: ReasonSums[];
    }[];
    /** Every run of days that something was missed or unknown for one reason. */
    breaks: {
        first: Day;
        last: Day;
        days: number;
        outcome: 'missed' | 'unknown';
        reason: string;
        says: string;
        mend: string;
        currency: string;
        lines: number;
        potential: Decimal;
        last_day_potential: Decimal;
        open: boolean;
        resources: number | null;
        resource: string | null;
    }[];
}
/** Something that was billed otherwise than it should have been: above 0 the partner paid too much. */
export interface Difference {
    outcome: string;
    of: string | null;
    month: string;
    invoice: string | null;
    customer: string;
    reseller: string | null;
    plan: string | null;
    subscription: string | null;
    product: string | null;
    sku: string | null;
    meter: string | null;
    first: Day | null;
    last: Day | null;
    lines: number;
    pricing_currency: string;
    pricing: Decimal;
    billing_currency: string;
    billing: Decimal | null;
    rate?: Decimal;
    corrects?: {
        outcome: string;
        month: string;
        first: Day | null;
        last: Day | null;
        pricing: Decimal;
        left: Decimal;
    };
}
/** What a line of the invoice charges. */
export interface ChargedLine {
    quantity: Decimal;
    charge: Decimal;
    effective_unit_price: Decimal | null;
    subtotal: Decimal | null;
}
/** In the pricing currency and in the billing currency. */
export interface ChargeAndTotal {
    charge: Decimal;
    total: Decimal | null;
}
/** From list price to total. */
export interface Bridge {
    month: string;
    customer: string;
    reseller: string;
    pricing_currency: string;
    billing_currency: string;
    exchange_rate: Decimal | null;
    list: Decimal;
    tiers: Decimal;
    credit: Decimal;
    cents: Decimal;
    charge: Decimal;
    exchanged: Decimal;
    exchange_cut: Decimal;
    total: Decimal;
    differences: ChargeAndTotal;
    observed: ChargeAndTotal;
    residual: ChargeAndTotal;
}
/** `azure-pec/reconciliation/1`. */
export interface Reconciliation {
    schema: 'azure-pec/reconciliation/1';
    body: {
        period: Period;
        rule: RuleSummary;
        lines: Record<string, number>;
        undecided: {
            customer: string;
            subscription: string;
            reason: string;
            lines: number;
            list_amount: Decimal;
            potential: Decimal;
        }[];
        findings: Difference[];
        invoice_lines: {
            month: string;
            invoice: string | null;
            customer: string;
            plan: string;
            product: string;
            sku: string;
            availability: string;
            meter: string;
            rate: Decimal;
            correction: boolean;
            expected: ChargedLine | null;
            observed: ChargedLine | null;
        }[];
        bridges: Bridge[];
        warnings: Warning[];
    };
    body_sha256: string;
    /** The first usage lines of each finding, by its place among the findings (the first is 1). */
    evidence: {
        finding: number;
        lines: {
            file: string;
            line: number;
        }[];
    }[];
    inputs: InputSummary[];
}
/** A place that was observed. */
export interface ObservedWindow {
    tenant_id?: string | null;
    scope: string;
    start?: Instant | null;
    end?: Instant | null;
    reaches?: string[];
}
/** What is wrong with an input. */
export interface Fault {
    /** Stable, the same in every language. */
    code: string;
    message: string;
    file: string | null;
    /** The physical line at which the record starts; the first is 1. */
    line: number | null;
    /** The column's name in a table, the path of the field in a document. */
    column: string | null;
    help: string;
}
/** `azure-pec/inspection/1`. */
export interface Inspection {
    schema: 'azure-pec/inspection/1';
    kinds: {
        kind: string;
        files: number;
        records: number;
        rejected: number;
        first: Day | null;
        last: Day | null;
        taken_at: Instant[];
    }[];
    observed: ObservedWindow[];
    /** What is missing for an answer to everything, in words. */
    missing: string[];
    broken: Fault[];
    inputs: InputSummary[];
}
/** `azure-pec/access/1`: who held what, where and when, and what was observed. */
export interface AccessHistory {
    schema: 'azure-pec/access/1';
    observed: 'complete' | ObservedWindow[];
    grants?: Grant[];
    denies?: {
        id: string;
        tenant_id?: string | null;
        scope: string;
        principal_ids?: string[];
        everyone?: boolean;
        exclude_principal_ids?: string[];
        actions?: string[];
        not_actions?: string[];
        data_actions?: string[];
        applies_to_children?: boolean;
        system_protected?: boolean;
        start?: Instant | null;
        end?: Instant | null;
        start_earliest?: Instant;
        end_latest?: Instant;
        reaches?: string[];
        evidence?: Evidence[];
    }[];
    hierarchy?: {
        tenant_id?: string | null;
        child: string;
        parent: string;
        start?: Instant | null;
        end?: Instant | null;
    }[];
    roles?: Record<string, unknown>[];
    links?: Record<string, unknown>[];
    /** Grants of which only the name is known. */
    nameless?: {
        id: string;
        delegated?: boolean;
        scope: string;
        at: Instant;
        start?: Instant | null;
        end?: Instant | null;
        evidence?: Evidence[];
    }[];
    /** Resources that moved away. */
    moves?: {
        scope: string;
        start: Instant;
        start_assumed?: boolean;
        end?: Instant | null;
        evidence?: Evidence[];
    }[];
}
/** `azure-pec/partner/1`: who is billed, and whose principals are whose. */
export interface PartnerFile {
    schema: 'azure-pec/partner/1';
    bill_to: {
        partner_id: string;
        tenant_id?: string | null;
        kind?: 'direct_bill' | 'indirect_provider' | null;
        agreement?: {
            start?: Instant | Day | null;
            end?: Instant | Day | null;
        }[] | null;
    };
    organisation?: Record<string, string[]>;
    customers?: {
        customer_id: string;
        market?: string | null;
        subscriptions?: string[];
    }[];
    resellers_of_record?: {
        customer_id: string;
        plan_id?: string | null;
        partner_id: string;
        tenant_id?: string | null;
        start?: Instant | Day | null;
        end?: Instant | Day | null;
    }[];
    /** Complete, if given. */
    aobo_groups?: {
        principal_id: string;
        partner_id: string;
        group: 'AdminAgents' | 'HelpdeskAgents';
    }[] | null;
    /** Complete, if given. */
    principals?: {
        principal_id: string;
        partner_id: string;
        linked?: {
            tenant_id?: string | null;
            start?: Instant | Day | null;
            end?: Instant | Day | null;
        } | null;
    }[] | null;
    transfers?: {
        subscription_id: string;
        at: Instant | Day;
        from_partner?: string | null;
        to_partner: string;
    }[];
}
/** One tier of one price, for a span of time. */
export interface PriceRow {
    product_id: string;
    sku_id: string;
    /** None is all of the SKU's. */
    meter_ids?: string[];
    market: string;
    currency: string;
    unit_price: Decimal;
    /** First unit of the tier, counted from 1. */
    tier_min?: Decimal | null;
    tier_max?: Decimal | null;
    /** Units before the tier, in place of the two above. */
    tier_above?: Decimal | null;
    start?: Instant | Day | null;
    end?: Instant | Day | null;
    tags?: string[];
    publisher?: string;
}
/** Changes as they were made; amounts and times are texts. */
export type Change = {
    change: string;
} & Record<string, unknown>;
/** More or less money in a currency. */
export interface MoneyDifference {
    currency: string;
    list_amount: Decimal;
    earned: Decimal;
    missed: Decimal;
    unknown: Decimal;
    net: Decimal;
}
/** More or less of a reason. */
export interface ReasonDifference {
    currency: string;
    outcome: Outcome;
    reason: string;
    lines: number;
    list_amount: Decimal;
    potential: Decimal;
    credit: Decimal;
}
/** A change that brings something back, and what it takes. */
export interface Suggestion {
    says: string;
    who: 'customer' | 'partner';
    /** What it gives the partner that it has not, from the least. */
    right: 'nothing' | 'held' | 'standing' | 'undenied' | 'wider' | 'new';
    role: string | null;
    role_id: string | null;
    scope: string | null;
    principal_id: string | null;
    start: Instant | null;
    end: Instant | null;
    services: string[];
    /** Alone. */
    brings: Decimal;
    /** On top of those before it. */
    brings_on_top: Decimal;
    days: {
        date: Day;
        brings: Decimal;
    }[];
    per_day: Decimal | null;
    changes: Change[];
}
/** The few changes that bring back most, in a currency. */
export interface Suggestions {
    currency: string;
    exhaustive: boolean;
    brings: Decimal;
    best: Suggestion[];
    others: Suggestion[];
    left: {
        reason: string;
        missed: Decimal;
    }[];
    fairness: string;
}
/** Money from the least to the most. */
export interface MoneyRange {
    low: Decimal;
    high: Decimal;
}
/** Money by outcome. */
export interface ByOutcome<T> {
    earned: T;
    missed: T;
    unknown: T;
}
/** Days of a subscription before or after it moved. */
export interface TransferSums extends ByOutcome<Decimal> {
    currency: string;
    days: number;
    not_billed: Decimal;
}
/** A move between partners, checked. */
export interface TransferCheck {
    subscription: string;
    at: Instant;
    from_partner: string | null;
    to_partner: string;
    moves: 'to_us' | 'from_us' | 'elsewhere';
    first_day: Day;
    before: TransferSums[];
    after: TransferSums[];
    days_at_risk: {
        date: Day;
        currency: string;
        outcome: Outcome;
        reason: string;
        potential: Decimal;
    }[];
    open_day: {
        currency: string;
        costs: MoneyRange;
    }[];
    grant_before: Suggestions[];
}
/** The open month. */
export interface Forecast {
    month: string;
    known_to: Day;
    last: Day;
    days_to_come: number;
    assumptions: string[];
    money: {
        currency: string;
        so_far: ByOutcome<Decimal>;
        to_come: ByOutcome<MoneyRange>;
        month: ByOutcome<MoneyRange>;
        at_risk: MoneyRange;
    }[];
    risks: {
        kind: 'grant_ends' | 'transfer';
        id: string;
        at: Instant;
        says: string;
        currency: string;
        days: number;
        costs: MoneyRange;
    }[];
}
/** `azure-pec/what-if/1`. */
export interface WhatIf {
    schema: 'azure-pec/what-if/1';
    body: {
        changes: Change[];
        before: Statement['body']['totals'];
        difference: {
            totals: MoneyDifference[];
            days: ({
                date: Day;
            } & MoneyDifference)[];
            subscriptions: ({
                subscription: string;
            } & MoneyDifference)[];
            reasons: ReasonDifference[];
            groups: ({
                date: Day;
                subscription: string;
            } & ReasonDifference)[];
        };
        suggestions?: Suggestions[];
        transfers?: TransferCheck[];
        forecast?: Forecast;
        statement: Statement['body'];
    };
    body_sha256: string;
    inputs: Statement['inputs'];
}
/** A role that serves a service; whether it earns is null where no table says. */
export interface ServingRole {
    role: string;
    role_id: string;
    earns: boolean | null;
    level: 'resource_group' | 'subscription' | 'management_group';
    does: string;
    as_of: Day;
    source: string;
}
/** `azure-pec/advice/1`. */
export interface Advice {
    schema: 'azure-pec/advice/1';
    body: {
        period: {
            first: Day | null;
            last: Day | null;
        };
        delivered: string[];
        services: {
            service: string;
            family: string;
            name: string;
            what: string;
            as_of: Day;
            source: string;
            roles: ServingRole[];
            narrowest: ServingRole | null;
        }[];
        access: {
            grant_id: string;
            role: string;
            role_id: string;
            scope: string;
            principal_id: string;
            earns: boolean | null;
            credit: {
                currency: string;
                amount: Decimal;
            }[];
            serves: string[];
            needed_for: string[];
            advice: 'keep' | 'narrow' | 'give_back' | 'unknown' | 'name_services';
            says: string;
            narrower: {
                roles: string[];
                role_ids: string[];
                scope: string;
                credit_survives: boolean;
                credit_change: {
                    currency: string;
                    amount: Decimal;
                }[];
                changes: Change[];
            } | null;
        }[];
        proposals: {
            service: string;
            subscription: string;
            role: string;
            role_id: string;
            scope: string;
            who: 'customer';
            says: string;
        }[];
        fairness: string;
    };
    body_sha256: string;
    inputs: Statement['inputs'];
}
