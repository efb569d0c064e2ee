//! Who held what where and when (`azure-pec/access/1`), and the management groups above.

use std::io::{self, Write};

use crate::estate::{DAYS, Estate, GROUPS, Holding, Subscription, push_group_name};
use crate::partner::PARTNER;
use crate::rng::Rng;
use crate::text::guid;

const KIND_GRANT: u64 = 40;
const KIND_PRINCIPAL: u64 = 41;
const KIND_SPAN: u64 = 42;
const KIND_RESOURCE_GRANTS: u64 = 43;

/// Resources in a thousand with a grant of their own.
const RESOURCES_GRANTED: u64 = 30;
const SECONDS_A_DAY: u64 = 86_400;

const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/// Contributor, Virtual Machine Contributor and Log Analytics Contributor, which earn.
const EARNING: [&str; 3] =
    [CONTRIBUTOR, "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "92aaf0da-9dab-42b6-94a3-d43ce8d16293"];
/// Reader, Billing Reader, Security Reader and Monitoring Reader, which do not.
const READING: [&str; 4] = [
    READER,
    "fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64",
    "39bc4728-0917-49c7-9d2c-d95423bc2eb4",
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
];
const LONG_AGO: &str = "2023-11-14T09:26:53Z";

/// A span: since a time, until a time.
type Span<'t> = (&'t str, Option<&'t str>);

/// Writes grants one after the other.
struct Grants<'e, W> {
    estate: &'e Estate,
    out: &'e mut W,
    tenant: String,
    count: u64,
}

impl<W: Write> Grants<'_, W> {
    fn put(&mut self, scope: &str, role: &str, span: Span<'_>) -> io::Result<()> {
        self.put_of(scope, role, span, Some(PARTNER), false)
    }

    fn put_of(
        &mut self,
        scope: &str,
        role: &str,
        (start, end): Span<'_>,
        partner: Option<&str>,
        eligible_only: bool,
    ) -> io::Result<()> {
        let seed = self.estate.size.seed;
        // The partner's own group administers on behalf of every customer; others are the customer's guests.
        let (path, kind) =
            if role == OWNER || partner.is_none() { ("aobo", "ForeignGroup") } else { ("directory", "User") };
        let principal = guid(seed, KIND_PRINCIPAL, if role == OWNER { 0 } else { 1 + self.count % 997 });
        write!(
            self.out,
            "{}    {{\"id\": \"{}\", \"tenant_id\": \"{}\", \"path\": \"{path}\", \"eligible_only\": {eligible_only}, \
             \"scope\": \"{scope}\", \"role_id\": \"{role}\", \"principal_id\": \"{principal}\", \
             \"principal_kind\": \"{kind}\", \"partner_id\": {}, \"start\": \"{start}\", \"end\": {}, \"condition\": null}}",
            if self.count == 0 { "" } else { ",\n" },
            guid(seed, KIND_GRANT, self.count),
            self.tenant,
            text_or_null(partner),
            text_or_null(end),
        )?;
        self.count += 1;
        Ok(())
    }

    fn subscription(&mut self, at: u64, subscription: &Subscription) -> io::Result<()> {
        let scope = format!("/subscriptions/{}", subscription.id);
        let mut rng = Rng::of(self.estate.size.seed, KIND_SPAN, at);
        let [cut, back] = gap(&mut rng);
        let until = time(cut);
        match subscription.holding {
            Holding::Whole => self.put(&scope, OWNER, (LONG_AGO, None))?,
            Holding::Gap => {
                self.put(&scope, OWNER, (LONG_AGO, Some(&until)))?;
                self.put(&scope, OWNER, (&time(back), None))?;
            }
            Holding::Relay => {
                self.put(&scope, OWNER, (LONG_AGO, Some(&until)))?;
                self.put(&scope, CONTRIBUTOR, (&until, None))?;
            }
            Holding::Groups => {
                for group in (0..GROUPS).filter(|group| group % 5 != at % 5) {
                    self.group(&scope, group, &mut rng)?;
                }
            }
            Holding::Foreign => self.put_of(&scope, OWNER, (LONG_AGO, None), None, false)?,
            Holding::Eligible => {
                self.put_of(&scope, CONTRIBUTOR, (LONG_AGO, None), Some(PARTNER), true)?;
            }
            Holding::Other => self.put_of(&scope, CONTRIBUTOR, (LONG_AGO, None), Some("3333333"), false)?,
            Holding::AboveIt | Holding::Nothing => {}
        }
        self.put(&scope, rng.pick(&READING), ("2024-02-02T00:00:00Z", None))?;
        for _ in 0..2 * self.estate.size.grants_factor.saturating_sub(1) {
            let group = rng.below(GROUPS);
            self.group(&scope, group, &mut rng)?;
        }
        Ok(())
    }

    fn group(&mut self, subscription: &str, group: u64, rng: &mut Rng) -> io::Result<()> {
        let mut scope = format!("{subscription}/resourceGroups/");
        push_group_name(&mut scope, group);
        self.some_time(&scope, rng)
    }

    /// A role, mostly one that earns, for some time of the month.
    fn some_time(&mut self, scope: &str, rng: &mut Rng) -> io::Result<()> {
        let start = rng.below(24 * SECONDS_A_DAY);
        let end = start + 1 + rng.below(20 * SECONDS_A_DAY);
        let role = if rng.chance(600) { rng.pick(&EARNING) } else { rng.pick(&READING) };
        let end = (end < DAYS * SECONDS_A_DAY).then(|| time(end));
        self.put(scope, role, (&time(start), end.as_deref()))
    }

    fn resource(&mut self, at: u64) -> io::Result<()> {
        let estate = self.estate;
        let mut rng = Rng::of(estate.size.seed, KIND_RESOURCE_GRANTS, at);
        let wanted = RESOURCES_GRANTED * estate.size.grants_factor;
        let grants = wanted / 1000 + u64::from(rng.chance(wanted % 1000));
        if grants == 0 {
            return Ok(());
        }
        let resource = estate.resource(at);
        let mut scope = String::new();
        estate.push_resource_id(&mut scope, &resource);
        self.tenant = estate.customer_id(estate.subscription(resource.subscription).customer);
        for _ in 0..grants {
            self.some_time(&scope, &mut rng)?;
        }
        Ok(())
    }
}

/// When what a partner holds is removed and given back, in seconds of the month.
fn gap(rng: &mut Rng) -> [u64; 2] {
    let cut = (2 + rng.below(20)) * SECONDS_A_DAY + rng.below(SECONDS_A_DAY);
    [cut, cut + 3600 + rng.below(9 * SECONDS_A_DAY)]
}

/// Whether the gap of a subscription takes something of a day.
pub(crate) fn gap_meets(seed: u64, subscription: u64, day: u64) -> bool {
    let [cut, back] = gap(&mut Rng::of(seed, KIND_SPAN, subscription));
    day * SECONDS_A_DAY < back && cut < (day + 1) * SECONDS_A_DAY
}

fn text_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), |text| format!("\"{text}\""))
}

/// So many seconds into October 2026; the days after it are November's.
fn time(seconds: u64) -> String {
    let (day, second) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
    let (month, day) = if day < DAYS { (10, day + 1) } else { (11, day - DAYS + 1) };
    format!("2026-{month}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The management group of a customer; the partner holds the `managed` one.
fn management_group(customer: u64, name: &str) -> String {
    format!("/providers/Microsoft.Management/managementGroups/customer-{customer}-{name}")
}

/// Writes the access history and says how many grants it holds.
///
/// # Errors
/// What the writer says.
pub fn write_access(estate: &Estate, out: &mut impl Write) -> io::Result<u64> {
    writeln!(
        out,
        "{{\n  \"schema\": \"azure-pec/access/1\",\n  \"observed\": \"complete\",\n  \"grants\": ["
    )?;
    let mut grants = Grants { estate, out, tenant: String::new(), count: 0 };
    for customer in 0..estate.customers() {
        grants.tenant = estate.customer_id(customer);
        grants.put(&management_group(customer, "managed"), CONTRIBUTOR, ("2023-05-01T08:00:00Z", None))?;
        grants.put(&management_group(customer, "root"), READER, ("2022-01-01T00:00:00Z", None))?;
    }
    for at in 0..estate.subscriptions() {
        let subscription = estate.subscription(at);
        grants.tenant = estate.customer_id(subscription.customer);
        grants.subscription(at, subscription)?;
    }
    for at in 0..estate.resources() {
        grants.resource(at)?;
    }
    let count = grants.count;
    writeln!(out, "\n  ],\n  \"denies\": [],\n  \"hierarchy\": [")?;
    write_hierarchy(estate, out)?;
    writeln!(out, "\n  ]\n}}")?;
    Ok(count)
}

fn write_hierarchy(estate: &Estate, out: &mut impl Write) -> io::Result<()> {
    let mut first = true;
    let mut put = |customer: u64, child: &str, parent: &str| {
        let comma = if std::mem::take(&mut first) { "" } else { ",\n" };
        let tenant = estate.customer_id(customer);
        write!(
            out,
            "{comma}    {{\"tenant_id\": \"{tenant}\", \"child\": \"{child}\", \"parent\": \"{parent}\", \"start\": null, \"end\": null}}"
        )
    };
    for customer in 0..estate.customers() {
        let root = management_group(customer, "root");
        for name in ["managed", "other"] {
            put(customer, &management_group(customer, name), &root)?;
        }
    }
    for at in 0..estate.subscriptions() {
        let subscription = estate.subscription(at);
        let name = if subscription.holding == Holding::AboveIt { "managed" } else { "other" };
        let parent = management_group(subscription.customer, name);
        put(subscription.customer, &format!("/subscriptions/{}", subscription.id), &parent)?;
    }
    Ok(())
}
