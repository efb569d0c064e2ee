//! Scopes as they are written in exports, read by the grammar written out segment by segment.

use azure_pec::{AccessHistory, Calculator, Scope, ScopeLevel};
use proptest::prelude::*;
use serde_json::json;

use crate::world::*;

/// Texts that look like paths, and a few that do not.
fn paths() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "subscriptions",
        "Subscriptions",
        "subscriptionsX",
        "resourceGroups",
        "providers",
        "Microsoft.Management",
        "managementGroups",
        "MG",
        "Microsoft.Authorization",
        "roleAssignments",
        "AAAAAAAA-0000-0000-0000-000000000001",
        "aaaaaaaa000000000000000000000001",
        "{aaaaaaaa-0000-0000-0000-000000000001}",
        "rg 1",
        " rg ",
        "",
        "%72g",
        "a%2Fb",
        "%zz",
        "%e4",
        "100%",
        "\u{e4}",
        "a\u{7}",
    ]);
    let whole = prop_oneof![
        Just(String::new()),
        Just("/subscriptions/AAAAAAAA-0000-0000-0000-000000000001".to_owned()),
        Just("/subscriptions/aaaaaaaa000000000000000000000001/resourceGroups/rg".to_owned()),
        Just("/providers/Microsoft.Management/managementGroups/MG".to_owned()),
    ];
    let ends = prop::sample::select(vec!["", "/", "//", " "]);
    (whole, prop::collection::vec(segment, 0..6), ends, prop::bool::weighted(0.9)).prop_map(
        |(head, segments, end, slash)| {
            let rest = segments.join("/");
            let between = if slash { "/" } else { "" };
            format!("{head}{between}{rest}{end}")
        },
    )
}

/// Escapes of two digits as the bytes that they stand for; the text as it was where that is none.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut read, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.filter(|_| bytes[at] == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                read.push(byte);
                at += 3;
            }
            None => {
                read.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(read).unwrap_or_else(|_| text.to_owned())
}

/// The segments of a path; none where it is none.
fn segments(text: &str) -> Option<Vec<String>> {
    let text = unescaped(text.trim());
    let mut segments: Vec<String> = Vec::new();
    if !text.starts_with('/') {
        return None;
    }
    for segment in text.split('/').map(str::trim).filter(|segment| !segment.is_empty()) {
        if segment.chars().any(char::is_control) {
            return None;
        }
        segments.push(segment.to_ascii_lowercase());
    }
    // What stands behind the last role assignment's scope is not of the scope.
    let is_assignment = |at: usize| {
        segments.len() > at + 3
            && segments[at] == "providers"
            && segments[at + 1] == "microsoft.authorization"
            && segments[at + 2] == "roleassignments"
    };
    if let Some(at) = (0..segments.len()).rev().find(|at| is_assignment(*at)) {
        segments.truncate(at);
    }
    if segments.first().is_some_and(|first| first == "subscriptions") {
        let id = segments.get_mut(1)?;
        let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
        let dashed = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
        let dashed = dashed.join("-");
        let inner = id.strip_prefix('{').and_then(|id| id.strip_suffix('}')).unwrap_or(id);
        if inner != dashed && inner != digits || digits.len() != 32 {
            return None;
        }
        *id = dashed;
    }
    Some(segments)
}

fn path(segments: &[String]) -> String {
    format!("/{}", segments.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_path_is_its_segments(text in paths()) {
        let expected = segments(&text);
        let read = text.parse::<Scope>();
        let whole = expected.as_deref().map(path);
        prop_assert_eq!(read.as_ref().ok().map(Scope::as_str), whole.as_deref(), "{}", text);
        let (Ok(scope), Some(segments)) = (read, expected) else { return Ok(()) };
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let level = match names.as_slice() {
            [] => ScopeLevel::Root,
            ["providers", "microsoft.management", "managementgroups", _] => ScopeLevel::ManagementGroup,
            ["subscriptions", _] => ScopeLevel::Subscription,
            ["subscriptions", _, "resourcegroups", _] => ScopeLevel::ResourceGroup,
            ["subscriptions", ..] => ScopeLevel::Resource,
            _ => ScopeLevel::Tenant,
        };
        prop_assert_eq!(scope.level(), level);
        let is_above = matches!(level, ScopeLevel::Root | ScopeLevel::ManagementGroup);
        prop_assert_eq!(scope.is_above_subscriptions(), is_above);
        let in_one = names.first() == Some(&"subscriptions");
        prop_assert_eq!(scope.subscription_id().map(|id| id.to_string()), in_one.then(|| segments[1].clone()));
        let group = (level == ScopeLevel::ManagementGroup).then(|| names[3]);
        prop_assert_eq!(scope.management_group(), group);
        let of_group = in_one && names.get(2) == Some(&"resourcegroups") && names.len() > 3;
        let group = of_group.then(|| path(&segments[..4]));
        prop_assert_eq!(scope.group().map(|group| group.to_string()), group);
        // Itself, then what is left when segment after segment is taken away; no subscription is no place.
        let above: Vec<String> = (1..=segments.len())
            .rev()
            .map(|length| path(&segments[..length]))
            .filter(|path| path != "/subscriptions")
            .collect();
        if !segments.is_empty() {
            prop_assert_eq!(scope.ancestors().map(ToOwned::to_owned).collect::<Vec<_>>(), above);
        }
    }

    #[test]
    fn a_scope_holds_what_goes_on_by_whole_segments(one in paths(), other in paths()) {
        let (Ok(above), Ok(below)) = (one.parse::<Scope>(), format!("{one}/{other}").parse::<Scope>()) else {
            return Ok(());
        };
        let own = segments(above.as_str()).unwrap_or_default();
        let other = segments(below.as_str()).unwrap_or_default();
        if !own.is_empty() {
            prop_assert_eq!(above.contains(&below), other.starts_with(&own), "{} {}", above, below);
        }
    }
}

#[test]
fn a_group_is_made_of_its_name() {
    let id = SUBSCRIPTION_ID.parse().unwrap();
    assert_eq!(Scope::resource_group(id, " RG ").unwrap().as_str(), GROUP);
    assert_eq!(Scope::subscription(id).as_str(), SUBSCRIPTION);
    assert_eq!(Scope::root().as_str(), "/");
    assert!(Scope::resource_group(id, "a\u{7}").is_err());
}

/// The code of what is wrong with a hierarchy.
fn refused(entries: &[serde_json::Value]) -> Option<&'static str> {
    let hierarchy = entries.iter().map(|entry| read(entry.clone())).collect();
    let access = AccessHistory { hierarchy, ..AccessHistory::default() };
    Calculator::builder().access(access).build().err().map(|error| error.code())
}

#[test]
fn a_hierarchy_is_a_tree_at_every_moment() {
    let mg = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
    let under = |child: &str, parent: &str, start: &str, end: &str| json!({"child": child, "parent": parent, "start": format!("2026-10-{start}"), "end": format!("2026-10-{end}")});
    let (a, b, c) = (mg("a"), mg("b"), mg("c"));
    let bare = |child: &str, parent: &str| json!({"child": child, "parent": parent});
    for (entries, expected) in [
        (vec![bare(&a, &b), bare(&b, &c), bare(&c, "/"), bare(SUBSCRIPTION, &a)], None),
        (vec![bare(&a, &b), bare(&b, &c), bare(&c, &a)], Some("hierarchy.cycle")),
        (vec![bare(&a, &a)], Some("hierarchy.cycle")),
        // One after the other is no circle.
        (vec![under(&a, &b, "01", "05"), under(&b, &a, "05", "09")], None),
        (vec![under(&a, &b, "01", "05"), under(&b, &a, "04", "09")], Some("hierarchy.cycle")),
        (vec![under(&a, &b, "01", "05"), under(&a, &c, "05", "09")], None),
        (vec![under(&a, &b, "01", "05"), under(&a, &c, "04", "09")], Some("hierarchy.two_parents")),
        (vec![under(&a, &b, "01", "05"), under(&a, &b, "04", "09")], None),
        // At one moment alone: no time, no contradiction.
        (vec![under(&a, &b, "01", "05"), under(&a, &c, "03", "03")], None),
        (vec![under(&a, &b, "05", "01")], Some("grant.inverted")),
        (vec![bare(GROUP, &a)], Some("id.invalid")),
        (vec![bare(&a, SUBSCRIPTION)], Some("id.invalid")),
        (vec![bare("/", &a)], Some("id.invalid")),
    ] {
        assert_eq!(refused(&entries), expected, "{entries:?}");
    }
}

/// Groups above groups reach the subscription while each stands where it does; the root is above everything.
#[test]
fn groups_reach_down_while_they_stand_above() {
    let mg = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
    let entries = || {
        vec![
            read(json!({"child": SUBSCRIPTION, "parent": mg("a")})),
            read(json!({"child": mg("a"), "parent": mg("b"), "start": "2026-10-10"})),
            read(json!({"child": mg("b"), "parent": mg("top"), "end": "2026-10-20"})),
        ]
    };
    let reason = |scope: &str, date: &str| {
        let world = World { hierarchy: entries(), ..World::of(vec![grant("g", &json!({"scope": scope}))]) };
        let line = azure_pec::UsageLine { date: day(date), ..line() };
        world.explained(&line, &[]).access.reason.code().to_owned()
    };
    for (scope, date, expected) in [
        (mg("a"), "2026-10-09", "earned"),
        (mg("b"), "2026-10-09", "access.none"),
        (mg("b"), "2026-10-10", "earned"),
        (mg("b"), "2026-10-25", "earned"),
        (mg("c"), "2026-10-25", "access.none"),
        (mg("top"), "2026-10-09", "access.none"),
        (mg("top"), "2026-10-19", "earned"),
        (mg("top"), "2026-10-20", "access.none"),
        ("/".to_owned(), "2026-10-25", "earned"),
    ] {
        assert_eq!(reason(&scope, date), expected, "{scope} {date}");
    }
}

/// A scope above subscriptions is one tenant's: what the hierarchy and the file say of it, and where they say nothing.
#[test]
fn what_stands_above_subscriptions_is_of_one_tenant() {
    let mg = "/providers/Microsoft.Management/managementGroups/mg";
    let reason =
        |scope: &str, tenant: Option<&str>, under: Option<Option<&str>>, filed: Option<&str>, named: &str| {
            let entry =
                |of: Option<&str>| read(json!({"child": SUBSCRIPTION, "parent": mg, "tenant_id": of}));
            let customer = |of: &str| json!([{"customer_id": of, "subscriptions": [SUBSCRIPTION_ID]}]);
            let world = World {
                hierarchy: under.map(entry).into_iter().collect(),
                partner: filed
                    .map(|of| partner(&json!({"customers": customer(of)})))
                    .or(World::default().partner),
                ..World::of(vec![grant("g", &json!({"scope": scope, "tenant_id": tenant}))])
            };
            let line = azure_pec::UsageLine { customer_id: named.to_owned(), ..line() };
            world.explained(&line, &[]).access.reason.code().to_owned()
        };
    let (theirs, ours) = (Some(THEIR_TENANT), Some(OUR_TENANT));
    for (scope, tenant, under, filed, named, expected) in [
        // Of no named tenant the root is above all, a group above what the hierarchy puts below it.
        ("/", None, None, None, "", "earned"),
        (mg, None, None, None, "", "access.unproven"),
        (mg, None, Some(None), None, "", "earned"),
        (mg, None, Some(theirs), None, "", "earned"),
        // Of a tenant: where the file or the hierarchy says so.
        ("/", theirs, None, theirs, "", "earned"),
        ("/", theirs, Some(theirs), None, "", "earned"),
        ("/", theirs, Some(None), None, "", "access.unproven"),
        ("/", theirs, None, None, "", "access.unproven"),
        // What the line names is no proof; it rules out others.
        ("/", theirs, None, None, THEIR_TENANT, "access.unproven"),
        ("/", theirs, None, None, OUR_TENANT, "access.none"),
        ("/", theirs, None, ours, "", "access.none"),
        ("/", theirs, Some(ours), None, "", "access.none"),
        (mg, theirs, Some(theirs), None, "", "earned"),
        (mg, theirs, Some(ours), None, "", "access.none"),
        (mg, theirs, Some(None), theirs, "", "earned"),
        (mg, theirs, Some(None), None, "", "access.unproven"),
        (mg, theirs, Some(None), ours, "", "access.none"),
    ] {
        let own = reason(scope, tenant, under, filed, named);
        assert_eq!(own, expected, "{scope} {tenant:?} {under:?} {filed:?} {named}");
    }
}
