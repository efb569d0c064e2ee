//! Whose the principals are: the partner file's list and the partner admin links of exports, together.

use rustc_hash::FxHashMap;

use crate::error::Error;
use crate::ids::PrincipalId;
use crate::partner::{Partner, Principal, checked_span};

/// The principals of partners.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrincipalIndex {
    entries: FxHashMap<PrincipalId, Vec<Principal>>,
    /// The partner file lists the partner's principals, and so says of everybody else that he is not.
    complete: bool,
}

impl PrincipalIndex {
    /// Checks and puts together what the partner file lists and what exports show. A link places its principal
    /// whether or not there is a list; without one, nothing is said of others.
    pub fn new(partner: Option<&Partner>, links: &[Principal]) -> Result<Self, Error> {
        let listed = partner.and_then(|partner| partner.principals.as_deref());
        let mut entries = listed.map(index_principals).transpose()?.unwrap_or_default();
        for link in links {
            add_link(&mut entries, link)?;
        }
        for group in partner.and_then(|partner| partner.aobo_groups.as_deref()).unwrap_or_default() {
            let rival = entries.get(&group.principal_id).and_then(|entries| entries.first());
            if let Some(rival) = rival.filter(|rival| rival.partner_id != group.partner_id) {
                return Err(Error::PartnerConflict {
                    what: format!(
                        "{} is a group of {} and a principal of {}",
                        group.principal_id, group.partner_id, rival.partner_id
                    ),
                });
            }
        }
        Ok(Self { entries, complete: listed.is_some() })
    }

    /// The entries of a principal, one for each link; none where nothing names it.
    pub fn of(&self, principal: PrincipalId) -> &[Principal] {
        self.entries.get(&principal).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a principal that nothing names is surely not the partner's.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }
}

/// A principal may be linked in several tenants, each an entry of its own, but belongs to one partner.
fn index_principals(principals: &[Principal]) -> Result<FxHashMap<PrincipalId, Vec<Principal>>, Error> {
    let mut index: FxHashMap<PrincipalId, Vec<Principal>> = FxHashMap::default();
    for principal in principals {
        check_link(principal)?;
        let entries = index.entry(principal.principal_id).or_default();
        if entries.iter().any(|other| other.partner_id != principal.partner_id || other == principal) {
            return Err(Error::PartnerDuplicate {
                what: format!("the principal {}", principal.principal_id),
            });
        }
        entries.push(principal.clone());
    }
    Ok(index)
}

/// Exports may show a link that the file holds, or that another export showed.
fn add_link(index: &mut FxHashMap<PrincipalId, Vec<Principal>>, link: &Principal) -> Result<(), Error> {
    check_link(link)?;
    let entries = index.entry(link.principal_id).or_default();
    if let Some(rival) = entries.iter().find(|other| other.partner_id != link.partner_id) {
        return Err(Error::PartnerConflict {
            what: format!(
                "{} is linked to {} by an export, and elsewhere {}'s",
                link.principal_id, link.partner_id, rival.partner_id
            ),
        });
    }
    if !entries.contains(link) {
        entries.push(link.clone());
    }
    Ok(())
}

fn check_link(principal: &Principal) -> Result<(), Error> {
    if let Some(link) = &principal.linked {
        checked_span("the partner admin link of", &principal.partner_id, link.start, link.end)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-1111-1111-1111-111111111111";

    fn principal(partner: &str, start: &str) -> Principal {
        let text =
            format!(r#"{{"principal_id":"{ID}","partner_id":"{partner}","linked":{{"start":"{start}"}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn partner(extra: &str) -> Partner {
        let text = format!(r#"{{"schema":"azure-pec/partner/1","bill_to":{{"partner_id":"1"}}{extra}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn links_stand_beside_the_list() {
        let id = ID.parse().unwrap();
        let link = principal("1", "2026-10-01");
        let alone = PrincipalIndex::new(None, &[link.clone(), link.clone()]).unwrap();
        assert_eq!((alone.of(id).len(), alone.is_complete()), (1, false));
        let listed = partner(&format!(r#","principals":[{{"principal_id":"{ID}","partner_id":"1"}}]"#));
        let both = PrincipalIndex::new(Some(&listed), std::slice::from_ref(&link)).unwrap();
        assert_eq!((both.of(id).len(), both.is_complete()), (2, true));
    }

    #[test]
    fn two_partners_of_one_principal_are_refused() {
        let listed = partner(&format!(r#","principals":[{{"principal_id":"{ID}","partner_id":"1"}}]"#));
        let groups = partner(&format!(
            r#","aobo_groups":[{{"principal_id":"{ID}","partner_id":"1","group":"AdminAgents"}}]"#
        ));
        let other = principal("2", "2026-10-01");
        for given in [Some(&listed), Some(&groups)] {
            let error = PrincipalIndex::new(given, std::slice::from_ref(&other)).unwrap_err();
            assert_eq!(error.code(), "partner.conflict");
        }
        let both = [principal("1", "2026-10-01"), other];
        assert_eq!(PrincipalIndex::new(None, &both).unwrap_err().code(), "partner.conflict");
        let twice = partner(&format!(
            r#","principals":[{{"principal_id":"{ID}","partner_id":"1"}},{{"principal_id":"{ID}","partner_id":"1"}}]"#
        ));
        assert_eq!(PrincipalIndex::new(Some(&twice), &[]).unwrap_err().code(), "partner.duplicate");
    }
}
