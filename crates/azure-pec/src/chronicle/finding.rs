//! What is told of exports beside the history.

use std::collections::BTreeMap;

use super::Finding;
use crate::grant::Evidence;

/// Two exports, or an export and itself, do not agree.
pub(super) const CONTRADICTION: &str = "access.contradiction";
/// Nothing is recorded of a stretch between two logs of a place.
pub(super) const LOG_HOLE: &str = "access.log_hole";
/// A list was taken in the last minutes of a log, whose events arrive minutes late.
pub(super) const LOG_TAIL: &str = "access.log_tail";
/// A log of a place, and no list taken in its span: what was granted before it is not known.
pub(super) const NO_LIST: &str = "access.log_without_list";
/// The log lacks events of its span, and proves no absence.
pub(super) const LOG_INCOMPLETE: &str = "access.log_incomplete";
/// Management groups stand above a subscription, and their own logs do not cover all of its log's time.
pub(super) const GROUP_UNCOVERED: &str = "access.group_uncovered";
/// No export says what stands above a subscription: its own log and list are taken to show all.
pub(super) const NO_HIERARCHY: &str = "access.no_hierarchy";
/// A grant at a group is listed for a subscription whose place is not known for all of the time.
pub(super) const REACH_UNPROVEN: &str = "access.reach_unproven";
/// Resources moved; the grants made at their old place count no more.
pub(super) const MOVED: &str = "access.moved";
/// Something was granted that no export names.
pub(super) const NAMELESS: &str = "access.nameless_event";
/// Nobody said when an export was taken, or from when to when a log goes.
pub(super) const TIME_ASSUMED: &str = "access.time_assumed";
/// Histories name different partners for one grant.
pub(super) const PARTNER_CONFLICT: &str = "access.partner_conflict";

/// So many records are named as evidence of one finding.
const MOST_EVIDENCE: usize = 16;

/// Findings on the way: the same one is told once, with the evidence of all.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(&'static str, String), Vec<Evidence>>);

impl Findings {
    pub fn add<'e>(
        &mut self,
        code: &'static str,
        message: String,
        evidence: impl IntoIterator<Item = &'e Evidence>,
    ) {
        let known = self.0.entry((code, message)).or_default();
        known.extend(evidence.into_iter().filter(|one| !one.file.is_empty()).cloned());
    }

    /// Sorted by code and message.
    pub fn finish(self) -> Vec<Finding> {
        let findings = self.0.into_iter().map(|((code, message), mut evidence)| {
            evidence.sort_unstable();
            evidence.dedup();
            evidence.truncate(MOST_EVIDENCE);
            Finding { code, message, evidence }
        });
        findings.collect()
    }
}
