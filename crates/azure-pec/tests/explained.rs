//! An explanation says what stood over each stretch of the day, and what is not proved of it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use azure_pec::{
    AccessHistory, Amount, Calculator, Day, Grant, Observed, ObservedWindow, Partner, UsageLine,
};
use serde_json::json;

const SUBSCRIPTION: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

fn moment(time: &str) -> String {
    match time {
        "24:00" => "2026-10-31T00:00:00Z".to_owned(),
        time => format!("2026-10-30T{time}:00Z"),
    }
}

/// Held over these hours of the day.
fn grant(id: &str, role: &str, hours: (&str, &str), more: &serde_json::Value) -> Grant {
    let mut grant = json!({
        "id": id, "path": "aobo", "scope": SUBSCRIPTION, "role_id": role, "partner_id": "1",
        "principal_id": "dddddddd-0000-0000-0000-000000000001", "start": moment(hours.0), "end": moment(hours.1),
    });
    grant.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(grant).unwrap()
}

/// The stretches of the day as `from to standing grants`, and what is not proved.
fn explained(windows: &[(&str, &str)], grants: Vec<Grant>) -> (Vec<String>, Vec<String>) {
    let window = |(start, end): &(&str, &str)| -> ObservedWindow {
        serde_json::from_value(json!({"scope": SUBSCRIPTION, "start": moment(start), "end": moment(end)}))
            .unwrap()
    };
    let observed = Observed::Windows(windows.iter().map(window).collect());
    let partner: Partner =
        serde_json::from_value(json!({"schema": "azure-pec/partner/1", "bill_to": {"partner_id": "1"}}))
            .unwrap();
    let access = AccessHistory { observed, grants, ..AccessHistory::default() };
    let calculator = Calculator::builder().access(access).partner(partner).build().unwrap();
    let mut line = UsageLine::new("2026-10-30".parse::<Day>().unwrap(), Amount::ZERO);
    line.resource_id = format!("{SUBSCRIPTION}/resourceGroups/rg/providers/x/y/z");
    let explanation = calculator.explain(&line, &[]).unwrap();
    let hour = |at: azure_pec::Instant| {
        let text = at.to_string();
        if text == moment("24:00") { "24".to_owned() } else { text.get(11..13).unwrap().to_owned() }
    };
    let stretches = explanation.timeline.iter().map(|stretch| {
        let (start, end) = (hour(stretch.start), hour(stretch.end));
        format!("{start} {end} {} {}", stretch.standing, stretch.grants.join(" ")).trim_end().to_owned()
    });
    (stretches.collect(), explanation.not_proved)
}

#[test]
fn each_stretch_of_a_day_has_the_first_standing_that_holds() {
    let grants = vec![
        grant("owner", OWNER, ("00:00", "06:00"), &json!({})),
        grant("again", OWNER, ("05:00", "07:00"), &json!({})),
        grant("reader", READER, ("04:00", "10:00"), &json!({})),
        grant("eligible", OWNER, ("12:00", "14:00"), &json!({"eligible_only": true})),
        grant("theirs", OWNER, ("13:00", "15:00"), &json!({"partner_id": "7"})),
    ];
    let (stretches, not_proved) = explained(&[("00:00", "20:00")], grants);
    assert_eq!(
        stretches,
        [
            "00 05 qualifies owner",
            "05 06 qualifies again owner",
            "06 07 qualifies again",
            "07 10 role_not_eligible reader",
            "10 12 none",
            "12 14 eligible_only eligible",
            "14 15 other_partner theirs",
            "15 20 none",
            "20 24 unobserved",
        ]
    );
    assert_eq!(not_proved, ["nothing was observed after 2026-10-30T20:00:00Z"]);
}

/// Between two windows nothing proves that there was none; behind the last nothing was seen at all.
#[test]
fn what_no_window_holds_is_not_proved() {
    let (stretches, not_proved) = explained(&[("00:00", "08:00"), ("10:00", "24:00")], Vec::new());
    assert_eq!(stretches, ["00 08 none", "08 10 unproven", "10 24 none"]);
    assert_eq!(not_proved, ["no history proves what was there 08:00 to 10:00"]);
    // Whoever holds access all day needs no proof of what else was there.
    let owner = vec![grant("owner", OWNER, ("00:00", "24:00"), &json!({}))];
    let (stretches, not_proved) = explained(&[("00:00", "08:00"), ("10:00", "24:00")], owner);
    assert_eq!(stretches, ["00 24 qualifies owner"]);
    assert!(not_proved.is_empty(), "{not_proved:?}");
    let (stretches, not_proved) = explained(&[], Vec::new());
    assert_eq!(stretches, ["00 24 unobserved"]);
    assert_eq!(not_proved, ["no access export reaches this resource"]);
}
