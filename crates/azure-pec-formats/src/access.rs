//! Exports of access: every record goes to the reader of its kind, and what they give becomes snapshots.

use std::collections::{BTreeMap, BTreeSet};

use azure_pec::{
    AccessHistory, Chronicle, DenyAssignment, Grant, HierarchyEntry, Instant, Listing, Principal,
    RoleDefinition, Scope, Snapshot, SubscriptionId, Twin,
};

use crate::access_read::{AccessRead, Notes};
use crate::activity_log::read_log;
use crate::document_kind::{KindMemo, command_kind, record_kind};
use crate::error::{Error, Fault};
use crate::export::{Envelope, Export, Part};
use crate::json::Document;
use crate::kind::Kind;
use crate::lighthouse::Lighthouse;
use crate::management_groups::Tree;
use crate::record::Record;
use crate::{assignment, deny_assignments, partner_link, pim, role_definitions};

/// Reads an export of access, whatever its records are: role assignments, role definitions, deny assignments, PIM
/// schedule instances, Lighthouse delegations, management groups, partner admin links, or an activity log.
///
/// When it was taken is read from the collector's envelope, else it is `taken_at`, else the newest time inside, which
/// [`AccessRead::time_assumed`] tells.
///
/// # Errors
/// What is wrong with the document or a record in it, with file, line and field.
pub fn read_access(name: &str, text: &[u8], taken_at: Option<Instant>) -> Result<AccessRead, Error> {
    let document = Document::open(name, text)?;
    // Records are parsed as they are read. What is no JSON at all is told before what is wrong with a record.
    read_document(name, &document, taken_at).or_else(|error| document.check().and(Err(error)))
}

fn read_document(
    name: &str,
    document: &Document<'_>,
    taken_at: Option<Instant>,
) -> Result<AccessRead, Error> {
    let export = Export::read(document)?;
    if first_kind(&export)? == Some(Kind::AccessActivityLog) {
        return read_log(name, &export, taken_at);
    }
    let mut reader = Reader::new(name);
    for note in &export.notes {
        reader.notes.say(note.clone());
    }
    let mut shown = Vec::with_capacity(export.parts.len());
    for part in &export.parts {
        shown.push(reader.part(part)?);
    }
    let lone = export.is_lone_record;
    reader.finish(export.parts.iter().zip(shown), taken_at, lone)
}

/// A grant's principal is of the kind `Unknown`.
const PRINCIPAL_UNKNOWN: &str = "access.principal_unknown";
/// An id in a record is none, so the record cannot be used.
pub(crate) const ID_INVALID: &str = "id.invalid";
/// A grant's role has no definition any more.
const ROLE_GONE: &str = "access.role_gone";

/// The kind of the first record that tells, else of what was asked for.
fn first_kind(export: &Export<'_>) -> Result<Option<Kind>, Error> {
    for record in export.records() {
        if let Ok(kind) = record_kind(&record.fields()?)? {
            return Ok(Some(kind));
        }
    }
    let commands = export.parts.iter().filter_map(|part| part.envelope.command.as_deref());
    Ok(commands.filter_map(command_kind).next())
}

/// What a part shows of one listing.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub grants: Vec<Grant>,
    pub denies: Vec<DenyAssignment>,
    pub hierarchy: Vec<HierarchyEntry>,
    pub twins: Vec<Twin>,
    /// The subscriptions that the records name.
    pub subscriptions: BTreeSet<SubscriptionId>,
    /// The records that it was made of.
    pub used: u64,
    /// Something in it could not be used, so that it proves no absence.
    pub incomplete: bool,
}

type Listings = BTreeMap<Listing, Shown>;

/// What is gathered on the way through the records.
struct Reader<'n> {
    file: &'n str,
    notes: Notes,
    kind: Option<Kind>,
    records: u64,
    used: u64,
    /// The newest time of any record.
    newest: Option<Instant>,
    roles: Vec<RoleDefinition>,
    links: Vec<Principal>,
    /// Role assignments with a date and without.
    dated: bool,
    undated: Option<Error>,
}

impl<'n> Reader<'n> {
    fn new(file: &'n str) -> Self {
        Self {
            file,
            notes: Notes::default(),
            kind: None,
            records: 0,
            used: 0,
            newest: None,
            roles: Vec::new(),
            links: Vec::new(),
            dated: false,
            undated: None,
        }
    }

    fn part(&mut self, part: &Part<'_>) -> Result<Listings, Error> {
        let mut listings = Listings::new();
        if let Some(listing) = part.envelope.command.as_deref().and_then(command_kind).and_then(listing_of) {
            listings.entry(listing).or_default();
        }
        let mut lighthouse = Lighthouse::default();
        let mut tree = Tree::default();
        let mut kinds = KindMemo::default();
        for value in &part.records {
            self.records += 1;
            let record = Record::new(value)?;
            let kind = match kinds.kind_of(&record.outer, record.inner.as_ref())? {
                Ok(kind) => kind,
                Err(reason) => {
                    let label = record.label();
                    self.notes
                        .pass_over("passed over, of no kind that is read", format!("{label} ({reason})"));
                    continue;
                }
            };
            self.kind.get_or_insert(kind);
            match kind {
                Kind::AccessLighthouse => lighthouse.add(record)?,
                Kind::AccessManagementGroups => {
                    self.records -= 1;
                    let topped = tree.top(value, part.envelope.tenant_id);
                    tree.is_cut |= self.notes.unread(topped, &record)?.is_none();
                }
                // One that cannot be read may deny anything that the others earn: then nothing is answered.
                Kind::AccessDenyAssignments => self.record(kind, &record, &part.envelope, &mut listings)?,
                _ => {
                    let read = self.record(kind, &record, &part.envelope, &mut listings);
                    if self.notes.unread(read, &record)?.is_none() {
                        mark_incomplete(kind, &mut listings);
                    }
                }
            }
        }
        lighthouse.finish(self.file, &part.envelope, &mut self.notes, &mut listings)?;
        self.records += tree.records;
        tree.finish(&mut self.notes, &mut listings);
        let times = listings.values().flat_map(|shown| &shown.grants).filter_map(|grant| grant.start);
        self.newest = self.newest.max(times.max());
        Ok(listings)
    }

    fn record(
        &mut self,
        kind: Kind,
        record: &Record<'_>,
        envelope: &Envelope,
        listings: &mut Listings,
    ) -> Result<(), Error> {
        match kind {
            Kind::AccessRoleAssignments => self.assignment(record, envelope, listings)?,
            Kind::AccessRoleDefinitions => {
                let role = role_definitions::role(record, self.file, envelope, &mut self.notes)?;
                self.used += u64::from(role.is_some());
                self.roles.extend(role);
            }
            Kind::AccessDenyAssignments => {
                let shown = listings.entry(Listing::DenyAssignments).or_default();
                let deny = deny_assignments::deny(record, self.file, envelope, &mut self.notes)?;
                self.newest = self.newest.max(deny.start);
                shown.subscriptions.extend(deny.scope.subscription_id());
                shown.denies.push(deny);
                shown.used += 1;
            }
            Kind::AccessPim => {
                if let Some(instance) = pim::grant(record, self.file, envelope, &mut self.notes)? {
                    let shown = listings.entry(instance.listing).or_default();
                    let own = instance.grant.scope.subscription_id();
                    shown.subscriptions.extend(own.into_iter().chain(instance.queried));
                    shown.grants.push(instance.grant);
                    shown.twins.extend(instance.twin);
                    shown.used += 1;
                }
            }
            Kind::AccessPartnerLink => {
                let link = partner_link::link(record, &mut self.notes)?;
                self.used += u64::from(link.is_some());
                self.links.extend(link);
            }
            _ => self.notes.pass_over("passed over, of another kind", format!("{} ({kind})", record.label())),
        }
        Ok(())
    }

    fn assignment(
        &mut self,
        record: &Record<'_>,
        envelope: &Envelope,
        listings: &mut Listings,
    ) -> Result<(), Error> {
        let shown = listings.entry(Listing::RoleAssignments).or_default();
        let (grant, queried) = assignment::grant(record, self.file, envelope)?;
        shown.subscriptions.extend(queried.into_iter().chain(grant.scope.subscription_id()));
        self.newest = self.newest.max(record.time("updatedOn")?);
        if assignment::is_nameless(record, &grant)? {
            self.notes.keep("kept, of principals without a name (deleted, or not readable)", &grant.id);
        }
        if assignment::is_of_unknown_kind(&grant) {
            self.notes.keep("kept, of principals of unknown kind (deleted, or not readable)", &grant.id);
            self.notes
                .warn(PRINCIPAL_UNKNOWN, "grants of principals of unknown kind: deleted, or not readable");
        }
        if assignment::is_of_role_gone(record)? {
            self.notes.keep("kept, of roles whose definition is gone", &grant.id);
            self.notes.warn(ROLE_GONE, "grants of roles whose definition is gone: no list names the role");
        }
        if grant.start.is_some() {
            self.dated = true;
        } else {
            self.notes
                .keep("without createdOn: held when the list was taken, since when is not in it", &grant.id);
            if self.undated.is_none() {
                let place = record.missing("createdOn", "").place;
                self.undated = Some(Fault::GrantNoDates { id: grant.id.clone() }.at(place));
            }
        }
        shown.grants.push(grant);
        shown.used += 1;
        Ok(())
    }

    /// Makes snapshots of what was shown.
    fn finish<'p, 'd: 'p>(
        mut self,
        parts: impl Iterator<Item = (&'p Part<'d>, Listings)>,
        taken_at: Option<Instant>,
        lone: bool,
    ) -> Result<AccessRead, Error> {
        let mut read = AccessRead::default();
        for (part, listings) in parts {
            for (listing, shown) in listings {
                self.snapshot(part, listing, shown, taken_at, lone, &mut read);
            }
            read.taken_at = read.taken_at.max(part.envelope.taken_at);
        }
        read.chronicle.roles = self.roles;
        read.chronicle.links = self.links;
        read.taken_at = read.taken_at.or(taken_at);
        read.undated = self.undated.filter(|_| !self.dated);
        (read.kind, read.records, read.used) = (self.kind, self.records, self.used);
        read.doubts = self.notes.take_doubts();
        read.notes = self.notes.finish();
        Ok(read)
    }

    fn snapshot(
        &mut self,
        part: &Part<'_>,
        listing: Listing,
        shown: Shown,
        taken_at: Option<Instant>,
        lone: bool,
        read: &mut AccessRead,
    ) {
        let envelope = &part.envelope;
        let stated = envelope.taken_at.or(taken_at);
        let scopes = scopes(envelope, &shown.subscriptions);
        // At a management group it shows what is at it and above; the chronicle takes no more from it there.
        let filtered = listing == Listing::RoleAssignments
            && envelope.command.as_ref().is_some_and(|command| command.contains("atScope()"))
            && !scopes.iter().any(Scope::is_above_subscriptions);
        if filtered {
            self.notes.say("taken with atScope(): it does not show what is below, and proves no absence");
        }
        let reaches = match scopes.iter().any(Scope::is_above_subscriptions) {
            true => shown.subscriptions.iter().copied().collect(),
            false => Vec::new(),
        };
        self.used += shown.used;
        let Some(at) = stated.or(self.newest) else {
            return self.timeless(listing, shown, &mut read.chronicle);
        };
        read.time_assumed |= stated.is_none();
        read.taken_at = read.taken_at.max(Some(at));
        let later = shown.grants.iter().filter(|grant| grant.start > Some(at));
        let later: Vec<String> = later.map(|grant| grant.id.clone()).collect();
        for id in later {
            self.notes.keep("created after the list was taken, as it is said", id);
        }
        if scopes.is_empty() && listing != Listing::Hierarchy {
            let says = "nothing is proved by it: no subscription is named; state the scope in an envelope";
            self.notes.say(says);
        }
        if lone && listing != Listing::Hierarchy {
            self.notes.say("one record, not a list: others may be there that it does not show");
        }
        read.chronicle.snapshots.push(Snapshot {
            listing,
            file: self.file.to_owned(),
            tenant_id: envelope.tenant_id,
            scopes,
            taken_at: at,
            time_assumed: stated.is_none(),
            complete: part.complete && !lone && !shown.incomplete && !filtered,
            grants: shown.grants,
            denies: shown.denies,
            hierarchy: shown.hierarchy,
            twins: shown.twins,
            reaches,
        });
    }

    /// What nobody dates: the hierarchy is taken to have been so always, as it is seldom changed; anything else says
    /// nothing of any day.
    fn timeless(&mut self, listing: Listing, shown: Shown, chronicle: &mut Chronicle) {
        if listing == Listing::Hierarchy {
            self.notes.say("nothing says when it was taken: it is taken for how it always was");
            let mut history = AccessHistory { hierarchy: shown.hierarchy, ..AccessHistory::default() };
            history.merge(AccessHistory::default());
            chronicle.histories.push(history);
            return;
        }
        let says = "passed over: nothing says when it was taken, and no time is in it; state it with --taken-at or \
                    an envelope";
        self.used -= shown.used;
        let ids = shown.grants.iter().map(|grant| &grant.id).chain(shown.denies.iter().map(|deny| &deny.id));
        for id in ids {
            self.notes.pass_over(says, id);
        }
    }
}

/// What could not be used may stand anywhere in the list: it proves no absence.
fn mark_incomplete(kind: Kind, listings: &mut Listings) {
    let of = |listing: &Listing| match kind {
        Kind::AccessPim => matches!(listing, Listing::ActiveSchedules | Listing::EligibleSchedules),
        _ => Some(*listing) == listing_of(kind),
    };
    listings.iter_mut().filter(|(listing, _)| of(listing)).for_each(|(_, shown)| shown.incomplete = true);
}

/// Where it was taken: at the envelope's scope, or else at each subscription that the records name.
fn scopes(envelope: &Envelope, subscriptions: &BTreeSet<SubscriptionId>) -> Vec<Scope> {
    match &envelope.scope {
        Some(scope) => vec![scope.clone()],
        None => subscriptions.iter().map(|id| Scope::subscription(*id)).collect(),
    }
}

/// What an export of this kind lists, where it lists one thing.
fn listing_of(kind: Kind) -> Option<Listing> {
    match kind {
        Kind::AccessRoleAssignments => Some(Listing::RoleAssignments),
        Kind::AccessDenyAssignments => Some(Listing::DenyAssignments),
        Kind::AccessLighthouse => Some(Listing::Delegations),
        _ => None,
    }
}
