//! Exports of access as a collector takes them: a subscription's list of role assignments, and its activity log.

use std::io::{self, Write};

use crate::rng::Rng;
use crate::text::guid;

const KIND_SUBSCRIPTION: u64 = 60;
const KIND_TENANT: u64 = 61;
const KIND_ASSIGNMENT: u64 = 62;
const KIND_PRINCIPAL: u64 = 63;
const KIND_OPERATION: u64 = 64;
const KIND_EVENT: u64 = 65;
const KIND_GONE: u64 = 66;
const KIND_ORDER: u64 = 67;

const ROLES: [&str; 4] = [
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64",
];
const KINDS: [&str; 4] = ["User", "Group", "ServicePrincipal", "ForeignGroup"];
const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";
/// What most of a log is of.
const OTHERS: [&str; 5] = [
    "Microsoft.Authorization/policies/auditIfNotExists/action",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Resources/tags/write",
];
/// The list is taken on the first of November, the log reaches 89 days back.
const TAKEN: &str = "2026-11-01T00:00:00Z";
const LOG_START: &str = "2026-08-04T00:10:00Z";
const LOG_END: &str = "2026-11-01T00:10:00Z";
const ASKED: &str = "2026-11-01T00:31:00Z";
const SPAN_SECONDS: u64 = 88 * 86_400;
/// Of a thousand events so many belong to changes of role assignments.
const CHANGES_PER_MILLE: u64 = 200;

/// How much, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportSize {
    /// Subscriptions, each with a list and a log.
    pub subscriptions: u64,
    /// Role assignments of a list.
    pub assignments: u64,
    /// Records of a log.
    pub events: u64,
    /// Other seeds give other data of the same shape.
    pub seed: u64,
}

impl ExportSize {
    fn subscription(&self, at: u64) -> String {
        guid(self.seed, KIND_SUBSCRIPTION, at)
    }

    fn tenant(&self) -> String {
        guid(self.seed, KIND_TENANT, 0)
    }

    /// Assignments of the list that the log has the making of.
    const fn fresh(&self) -> u64 {
        let pairs = self.events * CHANGES_PER_MILLE / 1000 / 2;
        let most = pairs * 2 / 5;
        if most < self.assignments { most } else { self.assignments }
    }

    /// Assignments that came and went within the log.
    const fn gone(&self) -> u64 {
        (self.events * CHANGES_PER_MILLE / 1000 / 2 - self.fresh()) / 2
    }
}

/// So many seconds into the log, with seven decimals.
fn moment(seconds: u64, ticks: u64) -> String {
    const MONTHS: [(u64, u64); 4] = [(8, 28), (9, 30), (10, 31), (11, 30)];
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut month = 8;
    let mut first = 4;
    for (number, days) in MONTHS {
        month = number;
        if day < days {
            break;
        }
        day -= days;
        first = 1;
    }
    let day = day + first;
    format!(
        "2026-{month:02}-{day:02}T{:02}:{:02}:{:02}.{ticks:07}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// One assignment of a subscription: of the list, or gone before it.
struct Assignment {
    name: String,
    scope: String,
    role: &'static str,
    kind: &'static str,
    principal: String,
    /// Seconds into the log; none where it was made before.
    made: Option<u64>,
    ended: u64,
}

impl Assignment {
    fn new(size: &ExportSize, subscription: u64, at: u64, is_gone: bool) -> Self {
        let kind = if is_gone { KIND_GONE } else { KIND_ASSIGNMENT };
        let index = subscription * 1_000_000 + at;
        let mut rng = Rng::of(size.seed, kind, index);
        let own = format!("/subscriptions/{}", size.subscription(subscription));
        let group = rng.below(40);
        let scope = match rng.below(10) {
            0 => own,
            1..=4 => format!("{own}/resourceGroups/rg-{group}"),
            _ => format!(
                "{own}/resourceGroups/rg-{group}/providers/Microsoft.Compute/virtualMachines/vm-{}",
                rng.below(400)
            ),
        };
        let fresh = is_gone || at < size.fresh();
        let made = fresh.then(|| rng.below(SPAN_SECONDS * 9 / 10));
        Self {
            name: guid(size.seed, kind, index),
            scope,
            role: rng.pick(&ROLES),
            kind: rng.pick(&KINDS),
            principal: guid(size.seed, KIND_PRINCIPAL, rng.below(5_000)),
            made,
            ended: made.unwrap_or(0) + 60 + rng.below(SPAN_SECONDS / 12),
        }
    }

    fn created(&self) -> String {
        self.made.map_or_else(|| "2024-05-06T07:08:09.0123456Z".to_owned(), |at| moment(at, 9_876_543))
    }

    fn id(&self) -> String {
        format!("{}/providers/Microsoft.Authorization/roleAssignments/{}", self.scope, self.name)
    }
}

/// Writes the list of the `subscription`-th subscription.
///
/// # Errors
/// What the writer says.
pub fn write_assignments(size: &ExportSize, subscription: u64, out: &mut impl Write) -> io::Result<()> {
    let (own, tenant) = (size.subscription(subscription), size.tenant());
    write!(
        out,
        "{{\"taken_at\": \"{TAKEN}\", \"tenant_id\": \"{tenant}\", \"scope\": \"/subscriptions/{own}\", \
         \"command\": \"az rest --method get\", \"value\": ["
    )?;
    for at in 0..size.assignments {
        let one = Assignment::new(size, subscription, at, false);
        let Assignment { name, scope, role, kind, principal, .. } = &one;
        let (created, id, comma) = (one.created(), one.id(), if at == 0 { "" } else { "," });
        write!(
            out,
            "{comma}\n{{\"properties\": {{\"roleDefinitionId\": \"/subscriptions/{own}/providers/Microsoft.Authorization/\
             roleDefinitions/{role}\", \"principalId\": \"{principal}\", \"principalType\": \"{kind}\", \
             \"scope\": \"{scope}\", \"condition\": null, \"conditionVersion\": null, \"createdOn\": \"{created}\", \
             \"updatedOn\": \"{created}\", \"createdBy\": \"{principal}\", \"updatedBy\": \"{principal}\", \
             \"delegatedManagedIdentityResourceId\": null, \"description\": null}}, \"id\": \"{id}\", \
             \"type\": \"Microsoft.Authorization/roleAssignments\", \"name\": \"{name}\"}}"
        )?;
    }
    writeln!(out, "]}}")
}

/// A log on the way out.
struct Records<'w, W> {
    out: &'w mut W,
    subscription: String,
    tenant: String,
    seed: u64,
    count: u64,
}

impl<W: Write> Records<'_, W> {
    fn put(
        &mut self,
        operation: &str,
        resource: &str,
        status: &str,
        seconds: u64,
        properties: &str,
        number: u64,
    ) -> io::Result<()> {
        let comma = if self.count == 0 { "" } else { "," };
        let Self { subscription, tenant, .. } = self;
        let operation_id = guid(self.seed, KIND_OPERATION, number);
        let event = guid(self.seed, KIND_EVENT, number * 8 + self.count % 8);
        let name = if status == "Started" { "BeginRequest" } else { "EndRequest" };
        let (time, ticks) = (moment(seconds, 1_234_567), seconds * 10_000_000);
        let submitted = moment(seconds + 200, 0);
        let provider = operation.split('/').next().unwrap_or_default();
        self.count += 1;
        write!(
            self.out,
            "{comma}\n{{\"authorization\": {{\"action\": \"{operation}\", \"scope\": \"{resource}\"}}, \
             \"channels\": \"Operation\", \"correlationId\": \"{operation_id}\", \"description\": \"\", \
             \"eventDataId\": \"{event}\", \"eventName\": {{\"value\": \"{name}\", \"localizedValue\": \"{name}\"}}, \
             \"category\": {{\"value\": \"Administrative\", \"localizedValue\": \"Administrative\"}}, \
             \"eventTimestamp\": \"{time}\", \"id\": \"{resource}/events/{event}/ticks/{ticks}\", \
             \"level\": \"Informational\", \"operationId\": \"{operation_id}\", \
             \"operationName\": {{\"value\": \"{operation}\", \"localizedValue\": \"{operation}\"}}, \
             \"resourceGroupName\": \"rg-1\", \"resourceProviderName\": {{\"value\": \"{provider}\", \
             \"localizedValue\": \"{provider}\"}}, \"resourceType\": {{\"value\": \"{provider}/things\", \
             \"localizedValue\": \"{provider}/things\"}}, \"resourceId\": \"{resource}\", \
             \"status\": {{\"value\": \"{status}\", \"localizedValue\": \"{status}\"}}, \
             \"subStatus\": {{\"value\": \"\", \"localizedValue\": \"\"}}, \"submissionTimestamp\": \"{submitted}\", \
             \"subscriptionId\": \"{subscription}\", \"tenantId\": \"{tenant}\", \"properties\": {{{properties}\
             \"entity\": \"{resource}\", \"message\": \"{operation}\", \
             \"hierarchy\": \"{tenant}/{subscription}\"}}, \"relatedEvents\": []}}"
        )
    }

    fn made(&mut self, one: &Assignment, number: u64) -> io::Result<()> {
        let (id, at) = (one.id(), one.made.unwrap_or(0));
        let asked = format!(
            "\"requestbody\": \"{{\\\"Id\\\":\\\"{}\\\",\\\"Properties\\\":{{\\\"PrincipalId\\\":\\\"{}\\\",\
             \\\"PrincipalType\\\":\\\"{}\\\",\\\"RoleDefinitionId\\\":\\\"/providers/Microsoft.Authorization/\
             roleDefinitions/{}\\\",\\\"Scope\\\":\\\"{}\\\"}}}}\", ",
            one.name, one.principal, one.kind, one.role, one.scope
        );
        self.put(WRITE, &id, "Started", at.saturating_sub(1), &asked, number)?;
        self.put(WRITE, &id, "Succeeded", at + 4, "\"statusCode\": \"Created\", ", number)
    }

    fn ended(&mut self, one: &Assignment, number: u64) -> io::Result<()> {
        let id = one.id();
        let answered = format!(
            "\"responseBody\": \"{{\\\"properties\\\":{{\\\"principalId\\\":\\\"{}\\\",\\\"principalType\\\":\\\"{}\\\",\
             \\\"roleDefinitionId\\\":\\\"/providers/Microsoft.Authorization/roleDefinitions/{}\\\",\
             \\\"scope\\\":\\\"{}\\\",\\\"createdOn\\\":\\\"{}\\\",\\\"updatedOn\\\":\\\"{}\\\"}}}}\", ",
            one.principal,
            one.kind,
            one.role,
            one.scope,
            one.created(),
            moment(one.ended, 2_345_678)
        );
        self.put(DELETE, &id, "Started", one.ended - 1, "", number)?;
        self.put(DELETE, &id, "Succeeded", one.ended + 4, &answered, number)
    }
}

/// Writes the activity log of the `subscription`-th subscription.
///
/// # Errors
/// What the writer says.
pub fn write_log(size: &ExportSize, subscription: u64, out: &mut impl Write) -> io::Result<()> {
    let (own, tenant) = (size.subscription(subscription), size.tenant());
    write!(
        out,
        "{{\"taken_at\": \"{LOG_END}\", \"asked_at\": \"{ASKED}\", \"tenant_id\": \"{tenant}\", \
         \"scope\": \"/subscriptions/{own}\", \"start\": \"{LOG_START}\", \"command\": \"az rest --method get\", \
         \"value\": ["
    )?;
    let changes = size.fresh() + size.gone();
    let others = size.events.saturating_sub(size.fresh() * 2 + size.gone() * 4);
    let mut records = Records { out, subscription: own, tenant, seed: size.seed, count: 0 };
    let mut put = 0;
    for at in 0..changes.max(1) {
        let number = subscription * 1_000_000 + at * 4;
        if at < size.fresh() {
            records.made(&Assignment::new(size, subscription, at, false), number)?;
        } else if at < changes {
            let one = Assignment::new(size, subscription, at - size.fresh(), true);
            records.made(&one, number)?;
            records.ended(&one, number + 1)?;
        }
        // The rest lies evenly between.
        while put * changes.max(1) < others * (at + 1) {
            let mut rng = Rng::of(size.seed, KIND_ORDER, number * 64 + put);
            let resource = format!(
                "/subscriptions/{}/resourceGroups/rg-{}/providers/Microsoft.Compute/virtualMachines/vm-{}",
                records.subscription,
                rng.below(40),
                rng.below(400)
            );
            let operation = rng.pick(&OTHERS);
            records.put(operation, &resource, "Succeeded", rng.below(SPAN_SECONDS), "", number + 2)?;
            put += 1;
        }
    }
    writeln!(out, "]}}")
}
