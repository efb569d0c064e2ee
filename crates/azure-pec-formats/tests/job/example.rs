//! The example months come to the numbers that were worked out apart from this program.

use azure_pec::GroupKey;
use serde_json::Value;

use crate::fixture::{example, options, run_paths};

fn expected(folder: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(example(folder).join("expected.json")).unwrap()).unwrap()
}

#[test]
fn contoso_is_as_worked_out() {
    let (run, body) = run_paths(&[&example("contoso")], &options(1)).unwrap();
    assert_eq!(run.rejected, 0);
    let (found, expected) = (serde_json::to_value(&body).unwrap(), expected("contoso"));
    for part in ["totals", "reasons"] {
        assert_eq!(found[part], expected[part], "{part}");
    }
    println!("{:?}", expected.as_object().unwrap().keys().collect::<Vec<_>>());
    println!("{:#?}", run.inputs);
    println!("{:#?}", body.warnings);
    let _ = GroupKey::ALL;
}
