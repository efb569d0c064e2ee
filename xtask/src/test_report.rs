//! The report in a real browser: what is shown, what can be done with it, and what it looks like.

use std::path::PathBuf;

use crate::generate;
use crate::step::{step, tested};

/// Where Debian puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";
const BROWSER: &str = "crates/azure-pec-report/browser";

/// Builds the command and the tests, has reports written, and looks at them in headless Chromium. Pages, screenshots and
/// a PDF stay in `target/report-test`.
pub fn run() -> Result<(), String> {
    let chromium = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    if !chromium.exists() {
        step("Debian's packages, as they are now", "apt-get", &["update", "--quiet"], &[])?;
        let install = ["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"];
        step("a browser", "apt-get", &install, &[])?;
    }
    let (pec, out) = (tested("pec", "pec")?, generate::target().join("report-test"));
    step("what the tests stand on", "npm", &["ci", "--prefix", BROWSER], &[])?;
    let environment = [("PEC", pec.as_os_str()), ("REPORT_OUT", out.as_os_str())];
    step("the report in the browser", "npm", &["test", "--prefix", BROWSER], &environment)
}
