//! Scopes, as Azure Resource Manager writes them, and the management group hierarchy above subscriptions.

use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::day::{Instant, Interval, IntervalSet, serde_as_text};
use crate::error::Error;
use crate::ids::{Guid, SubscriptionId, TenantId};

const SUBSCRIPTIONS: &str = "/subscriptions/";
const GROUPS: &str = "/providers/microsoft.management/managementgroups/";
const ASSIGNMENTS: &str = "/providers/microsoft.authorization/roleassignments/";
/// Short enough to be looked for many bytes at once: nearly no path has it.
const ASSIGNMENTS_END: &str = "/roleassignments/";

/// A scope path in canonical form: lower case (ids differ in case from file to file), single slashes, none at the end.
///
/// `rg1` is never above `rg10`: scopes are compared by whole segments.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

/// What kind of place a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeLevel {
    /// `/`, all of a tenant.
    Root,
    /// A management group.
    ManagementGroup,
    /// A subscription.
    Subscription,
    /// A resource group.
    ResourceGroup,
    /// A resource, or a part of one.
    Resource,
    /// A resource of the tenant, outside every subscription.
    Tenant,
}

impl Scope {
    /// The root of a tenant.
    #[must_use]
    pub fn root() -> Self {
        Self("/".into())
    }

    /// A subscription.
    #[must_use]
    pub fn subscription(id: SubscriptionId) -> Self {
        Self(format!("{SUBSCRIPTIONS}{id}").into())
    }

    /// A resource group of a subscription.
    ///
    /// # Errors
    /// `id.invalid` where the name is no name of a group.
    pub fn resource_group(id: SubscriptionId, name: &str) -> Result<Self, Error> {
        format!("{SUBSCRIPTIONS}{id}/resourcegroups/{}", name.trim()).parse()
    }

    /// The canonical path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of place it is.
    #[must_use]
    pub fn level(&self) -> ScopeLevel {
        if &*self.0 == "/" {
            return ScopeLevel::Root;
        }
        if self.management_group().is_some() {
            return ScopeLevel::ManagementGroup;
        }
        let mut segments = self.0.split('/').skip(1);
        if segments.next() != Some("subscriptions") {
            return ScopeLevel::Tenant;
        }
        match (segments.next(), segments.next(), segments.next(), segments.next()) {
            (_, None, ..) => ScopeLevel::Subscription,
            (_, Some("resourcegroups"), Some(_), None) => ScopeLevel::ResourceGroup,
            _ => ScopeLevel::Resource,
        }
    }

    /// Whether it stands above subscriptions: a management group or the root of a tenant.
    #[must_use]
    pub fn is_above_subscriptions(&self) -> bool {
        &*self.0 == "/" || self.management_group().is_some()
    }

    /// The subscription it stands in.
    #[must_use]
    pub fn subscription_id(&self) -> Option<SubscriptionId> {
        let id = self.0.strip_prefix(SUBSCRIPTIONS)?.split('/').next()?;
        Guid::parse(id.as_bytes()).map(SubscriptionId)
    }

    /// The name of the management group, in lower case.
    #[must_use]
    pub fn management_group(&self) -> Option<&str> {
        self.0.strip_prefix(GROUPS).filter(|name| !name.contains('/'))
    }

    /// Itself and every scope above it that its path shows, the nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        let path = &*self.0;
        let own = std::iter::once(path);
        let above = path.rmatch_indices('/').filter(|(at, _)| *at > 0).filter_map(|(at, _)| path.get(..at));
        own.chain(above.filter(|prefix| *prefix != "/subscriptions"))
    }

    /// The resource group that it is or stands in; none of what stands in a subscription alone, or above.
    #[must_use]
    pub fn group(&self) -> Option<Self> {
        let mut above = self.ancestors().map(|path| Self(path.into()));
        above.find(|scope| scope.level() == ScopeLevel::ResourceGroup)
    }

    /// Whether the other scope is this one or stands below it by its path.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&*self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::IdInvalid {
            expected: "a scope path such as /subscriptions/<guid>/resourceGroups/<name>",
            found: text.to_owned(),
        };
        let text = text.trim();
        let mut path =
            if is_plain(text) { text.to_ascii_lowercase() } else { tidied(text).ok_or_else(invalid)? };
        // The id of a role assignment was given where its scope was meant. No assignment stands below another: what is
        // left names none, and is read as the same scope again.
        if path.contains(ASSIGNMENTS_END)
            && let Some(at) = path.find(ASSIGNMENTS)
        {
            path.truncate(at);
        }
        if path.is_empty() {
            path.push('/');
        }
        let path = canonical_subscription(path).ok_or_else(invalid)?;
        Ok(Self(path.into()))
    }
}

/// Whether a path is written as it should be but for its case: slashes where they belong, and nothing that is not ASCII,
/// a space, a control character or escaped.
fn is_plain(path: &str) -> bool {
    // Nothing is asked at a byte: many are looked at at once.
    let bytes = path.as_bytes();
    let plain = |byte: u8| (b'!'..=b'~').contains(&byte) & (byte != b'%');
    let all_plain = bytes.iter().fold(true, |all, byte| all & plain(*byte));
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let slashes = pairs.fold(false, |any, (one, next)| any | ((*one == b'/') & (*next == b'/')));
    bytes.starts_with(b"/") && !bytes.ends_with(b"/") && all_plain && !slashes
}

/// A path in lower case without escapes, double slashes and spaces around segments; none where it is none.
fn tidied(text: &str) -> Option<String> {
    let decoded = percent_decode(text);
    if !decoded.starts_with('/') {
        return None;
    }
    let mut path = String::with_capacity(decoded.len());
    for segment in decoded.split('/').map(str::trim).filter(|segment| !segment.is_empty()) {
        if segment.chars().any(char::is_control) {
            return None;
        }
        path.push('/');
        path.extend(segment.chars().map(|c| c.to_ascii_lowercase()));
    }
    Some(path)
}

/// The path with the subscription's GUID in its one spelling; none where it is no GUID.
fn canonical_subscription(path: String) -> Option<String> {
    let Some(rest) = path.strip_prefix("/subscriptions") else { return Some(path) };
    let Some(rest) = rest.strip_prefix('/') else { return (!rest.is_empty()).then_some(path) };
    let (id, below) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let guid = Guid::parse(id.as_bytes())?;
    // In lower case with its dashes it is in its one spelling already.
    let is_so = id.len() == 36;
    Some(if is_so { path } else { format!("{SUBSCRIPTIONS}{guid}{below}") })
}

/// `%2F` and the like, as some exports write ids, however often they were escaped; what is no valid escape stays as it stands.
/// So nothing is left that would be read otherwise the next time.
fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        bytes.push(byte);
        while let [.., b'%', high, low] = bytes.as_slice()
            && let Some((high, low)) = digit(*high).zip(digit(*low))
            && let Ok(decoded) = u8::try_from(high << 4 | low)
        {
            bytes.truncate(bytes.len() - 3);
            bytes.push(decoded);
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Scope);

/// A subscription or management group under its parent, for a span of time, in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HierarchyEntry {
    /// The tenant; names of groups are only unique within one. None where the data does not say.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// The subscription or management group.
    pub child: Scope,
    /// The management group (or `/`) above it.
    pub parent: Scope,
    /// Since when; none is since before anything observed.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded); none is still so. The same as `start` where it was seen at that moment alone, which proves
    /// no time, and tells those who continue a history what they may not take for granted.
    #[serde(default)]
    pub end: Option<Instant>,
}

impl HierarchyEntry {
    fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }
}

/// A management group above a subscription, and when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupAbove {
    /// The tenant that the hierarchy names; none where it names none.
    pub tenant: Option<TenantId>,
    /// The name in lower case; none for the root `/`.
    pub group: Option<Box<str>>,
    /// When it stood above the subscription.
    pub times: IntervalSet,
}

/// The parents of a scope, each with its span.
type Parents = Vec<(Scope, Interval)>;

/// The checked hierarchy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hierarchy {
    by_child: FxHashMap<(Option<TenantId>, Scope), Parents>,
    tenants: FxHashMap<SubscriptionId, Vec<Option<TenantId>>>,
}

impl Hierarchy {
    /// Checks the entries: no span inverted, one parent at a time, no cycle.
    pub fn new(entries: &[HierarchyEntry]) -> Result<Self, Error> {
        let mut hierarchy = Self::default();
        for entry in entries {
            let span = entry.interval();
            if span.end < span.start {
                return Err(Error::GrantInverted {
                    what: "the hierarchy entry of",
                    id: entry.child.to_string(),
                    start: span.start,
                    end: span.end,
                });
            }
            let kind = (entry.child.level(), entry.parent.level());
            if !matches!(
                kind,
                (
                    ScopeLevel::Subscription | ScopeLevel::ManagementGroup,
                    ScopeLevel::ManagementGroup | ScopeLevel::Root
                )
            ) {
                return Err(Error::IdInvalid {
                    expected: "a hierarchy entry from a subscription or management group to a management group",
                    found: format!("{} under {}", entry.child, entry.parent),
                });
            }
            if span.is_empty() {
                continue;
            }
            let parents = hierarchy.by_child.entry((entry.tenant_id, entry.child.clone())).or_default();
            let rival = parents
                .iter()
                .find(|(parent, other)| *parent != entry.parent && other.intersection(&span).is_some());
            if let Some((parent, _)) = rival {
                return Err(Error::HierarchyTwoParents {
                    child: entry.child.to_string(),
                    first: parent.to_string(),
                    second: entry.parent.to_string(),
                });
            }
            parents.push((entry.parent.clone(), span));
            if let Some(subscription) = entry.child.subscription_id() {
                let tenants = hierarchy.tenants.entry(subscription).or_default();
                if !tenants.contains(&entry.tenant_id) {
                    tenants.push(entry.tenant_id);
                }
            }
        }
        hierarchy.check_one_tenant()?;
        hierarchy.check_cycles()?;
        Ok(hierarchy)
    }

    /// A subscription is in one tenant at a time, so it has one parent whatever the tenants of the entries.
    fn check_one_tenant(&self) -> Result<(), Error> {
        for (subscription, tenants) in &self.tenants {
            let child = Scope::subscription(*subscription);
            let mut seen: Vec<(Option<TenantId>, &Scope, Interval)> = Vec::new();
            for tenant in tenants {
                for (parent, span) in self.parents(*tenant, &child) {
                    let rival = seen.iter().find(|(other_tenant, other, times)| {
                        let differs = other != &parent
                            || matches!((tenant, other_tenant), (Some(a), Some(b)) if a != b);
                        differs && times.intersection(span).is_some()
                    });
                    if let Some((_, other, _)) = rival {
                        return Err(Error::HierarchyTwoParents {
                            child: child.to_string(),
                            first: other.to_string(),
                            second: parent.to_string(),
                        });
                    }
                    seen.push((*tenant, parent, *span));
                }
            }
        }
        Ok(())
    }

    fn check_cycles(&self) -> Result<(), Error> {
        for (tenant, child) in self.by_child.keys() {
            let mut frontier = vec![(child.clone(), Interval::ALL)];
            // A chain longer than there are entries has come round.
            for _ in 0..=self.by_child.len() {
                let mut above = Vec::new();
                for (scope, times) in &frontier {
                    for (parent, span) in self.parents(*tenant, scope) {
                        let Some(both) = times.intersection(span) else { continue };
                        if parent == child {
                            return Err(Error::HierarchyCycle { through: child.to_string() });
                        }
                        above.push((parent.clone(), both));
                    }
                }
                above.sort_unstable();
                above.dedup();
                frontier = above;
                if frontier.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn parents(&self, tenant: Option<TenantId>, child: &Scope) -> impl Iterator<Item = (&Scope, &Interval)> {
        self.by_child.get(&(tenant, child.clone())).into_iter().flatten().map(|(parent, span)| (parent, span))
    }

    /// Every group above the subscription, each with its times.
    pub fn above(&self, subscription: SubscriptionId) -> Vec<GroupAbove> {
        let mut groups: Vec<GroupAbove> = Vec::new();
        for tenant in self.tenants.get(&subscription).into_iter().flatten() {
            let mut frontier = vec![(Scope::subscription(subscription), Interval::ALL)];
            while let Some((scope, times)) = frontier.pop() {
                for (parent, span) in self.parents(*tenant, &scope) {
                    let Some(both) = times.intersection(span) else { continue };
                    let group = parent.management_group().map(Box::from);
                    let times = IntervalSet::from(both);
                    match groups.iter_mut().find(|above| above.tenant == *tenant && above.group == group) {
                        Some(above) => above.times = above.times.union(&times),
                        None => groups.push(GroupAbove { tenant: *tenant, group, times }),
                    }
                    frontier.push((parent.clone(), both));
                }
            }
        }
        groups
    }

    /// When the subscription's parent is known, and in which tenants.
    pub fn parent_known(&self, subscription: SubscriptionId) -> Vec<(Option<TenantId>, IntervalSet)> {
        let child = Scope::subscription(subscription);
        let tenants = self.tenants.get(&subscription).into_iter().flatten();
        tenants.map(|t| (*t, self.parents(*t, &child).map(|(_, span)| *span).collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    const SUB: &str = "/subscriptions/11111111-1111-1111-1111-111111111111";

    #[test]
    fn spellings_of_one_place_are_one_scope() {
        let group = scope(&format!("{SUB}/resourceGroups/rg1"));
        for text in [
            "/SUBSCRIPTIONS/11111111-1111-1111-1111-111111111111/RESOURCEGROUPS/RG1",
            "/subscriptions/11111111-1111-1111-1111-111111111111//resourceGroups/rg1/",
            "/subscriptions/11111111111111111111111111111111/resourcegroups/rg1",
            " /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups%2Frg1",
            "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups%25252F%72g%31",
            "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg1/providers/Microsoft.Authorization/roleAssignments/22222222-2222-2222-2222-222222222222",
        ] {
            assert_eq!(scope(text), group, "{text}");
        }
        assert_eq!(group.level(), ScopeLevel::ResourceGroup);
        let inside = scope(&format!("{SUB}/resourceGroups/rg1/providers/a/b/c"));
        assert_eq!((inside.group(), group.group()), (Some(group.clone()), Some(group)));
        for outside in [SUB, &format!("{SUB}/providers/Microsoft.Security/pricings/vm"), "/"] {
            assert_eq!(scope(outside).group(), None, "{outside}");
        }
        assert_eq!(scope("/").level(), ScopeLevel::Root);
        assert_eq!(
            scope("/providers/Microsoft.Management/managementGroups/MG").management_group(),
            Some("mg")
        );
        for text in ["", "rg1", "/subscriptions", "/subscriptions/no-guid/resourceGroups/rg"] {
            assert_eq!(text.parse::<Scope>().unwrap_err().code(), "id.invalid", "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_stays_and_is_read_so_again() {
        for (text, shown) in [
            ("/a%", "/a%"),
            ("/a%4", "/a%4"),
            ("/a%4g/%%", "/a%4g/%%"),
            ("/%%333301/s", "/3301/s"),
            ("/%25%32%35", "/%"),
            ("/%ff", "/%ff"),
        ] {
            assert_eq!(scope(text).to_string().parse(), Ok(scope(text)), "{text}");
            assert_eq!(scope(text).as_str(), shown, "{text}");
        }
    }

    #[test]
    fn plain_paths_are_read_as_all_others() {
        let paths = [
            "/",
            SUB,
            &format!("{SUB}/resourceGroups/RG-1/providers/Microsoft.Compute/virtualMachines/vm_1(a)"),
            &format!("{SUB}/providers/Microsoft.Authorization/roleAssignments/a"),
            "/providers/Microsoft.Authorization/roleAssignments/a",
            "/providers/Microsoft.Management/managementGroups/MG/providers/Microsoft.Authorization/roleAssignments/a/b",
            "/providers/Microsoft.Authorization/roleAssignments",
            "/subscriptionsX/a",
            "/subscriptions/11111111111111111111111111111111",
        ];
        for path in paths {
            // A space at its end makes a path one that is not plain.
            let one = format!("{path}/ ").parse::<Scope>().map_err(|error| error.code());
            assert_eq!(path.parse::<Scope>().map_err(|error| error.code()), one, "{path}");
        }
        assert_eq!(scope("/providers/Microsoft.Authorization/roleAssignments/a"), Scope::root());
        let assignment = "/providers/Microsoft.Authorization/roleAssignments/a";
        assert_eq!(scope(&format!("{SUB}{assignment}{SUB}{assignment}")), scope(SUB));
    }

    #[test]
    fn groups_of_one_name_in_two_tenants_have_each_its_times() {
        let day = |day: i64| Some(Instant::from_ticks(day));
        let tenants = [1, 2].map(|n| format!("aaaaaaaa-0000-0000-0000-{n:012}").parse::<TenantId>().ok());
        let entry = |tenant_id, start, end| HierarchyEntry {
            tenant_id,
            child: scope(SUB),
            parent: scope("/providers/Microsoft.Management/managementGroups/mg"),
            start: day(start),
            end: day(end),
        };
        let [one, two] = tenants;
        let entries = [entry(one, 1, 2), entry(two, 3, 4), entry(one, 5, 6)];
        let above = Hierarchy::new(&entries).unwrap().above(scope(SUB).subscription_id().unwrap());
        let times: Vec<(Option<TenantId>, usize)> =
            above.iter().map(|above| (above.tenant, above.times.intervals().len())).collect();
        assert_eq!(times, [(one, 2), (two, 1)]);
    }

    #[test]
    fn whole_segments_only() {
        let (one, ten) =
            (scope(&format!("{SUB}/resourceGroups/rg1")), scope(&format!("{SUB}/resourceGroups/rg10")));
        assert!(
            !one.contains(&ten) && one.contains(&scope(&format!("{SUB}/resourceGroups/rg1/providers/a/b/c")))
        );
        let names: Vec<_> = one.ancestors().collect();
        assert_eq!(
            names,
            [format!("{SUB}/resourcegroups/rg1"), format!("{SUB}/resourcegroups"), SUB.to_owned()]
        );
    }
}
