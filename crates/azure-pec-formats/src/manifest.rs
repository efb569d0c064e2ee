//! The manifest that lies beside the parts of an export: which parts there are, how many rows they hold, and of which run
//! and days they are. So a part that is missing is found, and so are two runs over the same days.
//!
//! Source: microsoft/finops-toolkit (`Microsoft.CostManagement/Exports`), whose pipelines read `manifest.json` of Cost
//! Management exports; microsoft-graph-docs, partners-billing-manifest, for those of Partner Center.

use azure_pec::{Day, InputSummary};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::error::{Error, Fault, Place};
use crate::inputs::{UsageFile, summary_of};
use crate::kind::Kind;
use crate::own_document::from_json;

/// The parts hold other rows than the manifest says.
const ROW_COUNT: (&str, &str) = (
    "input.row_count",
    "the manifest of an export counts other rows than its parts hold: a part may be cut short or of another run (the list of \
     files says which); download the export again",
);

/// The manifest of an export in parts.
///
/// ```
/// let text = br#"{"manifestVersion": "2024-04-01", "dataRowCount": 1638, "blobs": [{"blobName": "a/run/part_0_0001.csv"}]}"#;
/// let manifest = azure_pec_formats::read_manifest("manifest.json", text)?;
/// assert_eq!((manifest.parts(), manifest.rows()), (["part_0_0001.csv".to_owned()].as_slice(), Some(1638)));
/// # Ok::<(), azure_pec_formats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportManifest {
    /// The file that it stands in.
    file: String,
    /// The names of the parts, without folders and without `.gz`.
    parts: Vec<String>,
    /// The rows of all parts together.
    rows: Option<u64>,
    /// What was exported, in lower case: a billing account, a billing profile, a subscription ...
    scope: Option<String>,
    /// The first day and the last.
    days: Option<(Day, Day)>,
    /// The files that are its parts, once they were found.
    found: Vec<String>,
}

/// As it is written. Whatever is not there is not known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    blobs: Option<Vec<Blob>>,
    data_row_count: Option<u64>,
    export_config: Option<ExportConfig>,
    run_info: Option<RunInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    /// With the folders of its container; `name` in manifests of Partner Center.
    #[serde(alias = "name")]
    blob_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportConfig {
    resource_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunInfo {
    start_date: Option<String>,
    end_date: Option<String>,
}

/// Reads a manifest, of Cost Management or of Partner Center. What it does not tell is not known.
///
/// # Errors
/// `json.malformed`, `input.encoding`, `input.too_deep`, with the line and field.
pub fn read_manifest(name: &str, text: &[u8]) -> Result<ExportManifest, Error> {
    let Form { blobs, data_row_count, export_config, run_info } = from_json(name, text)?;
    let parts = blobs.into_iter().flatten().map(|blob| bare(split(&blob.blob_name).1).to_owned());
    let scope_of = |id: String| {
        let id = id.to_ascii_lowercase();
        id.split("/providers/microsoft.costmanagement/exports/").next().unwrap_or_default().to_owned()
    };
    let day = |time: Option<String>| time?.get(..DAY_LENGTH)?.parse::<Day>().ok();
    let days = run_info.and_then(|run| day(run.start_date).zip(day(run.end_date)));
    Ok(ExportManifest {
        file: name.to_owned(),
        parts: parts.collect(),
        rows: data_row_count,
        scope: export_config.and_then(|config| config.resource_id).map(scope_of),
        days,
        found: Vec::new(),
    })
}

/// `2026-10-31`, with or without a time behind it.
const DAY_LENGTH: usize = 10;

/// The files by folder and name, and by name alone.
#[derive(Default)]
struct Named<'f> {
    beside: FxHashMap<(&'f str, &'f str), &'f str>,
    anywhere: FxHashMap<&'f str, &'f str>,
}

impl<'f> Named<'f> {
    fn new(files: &'f [InputSummary]) -> Self {
        let mut named = Self::default();
        for file in files {
            let (folder, name) = split(&file.path);
            named.beside.entry((folder, bare(name))).or_insert(&file.path);
            named.anywhere.entry(bare(name)).or_insert(&file.path);
        }
        named
    }
}

impl ExportManifest {
    /// The names of the parts, without folders and without `.gz`.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// How many rows the parts hold together, where it is told.
    #[must_use]
    pub const fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// The first day that was exported and the last, where they are told.
    #[must_use]
    pub const fn days(&self) -> Option<(Day, Day)> {
        self.days
    }

    /// Finds its parts in its own folder; where none lies there, among all files.
    fn find_parts(&mut self, files: &Named<'_>) -> Result<(), Error> {
        let folder = split(&self.file).0;
        let beside = |part: &String| files.beside.get(&(folder, part.as_str())).copied();
        let anywhere = |part: &String| files.anywhere.get(part.as_str()).copied();
        let is_alone = !self.parts.iter().any(|part| beside(part).is_some());
        let find = |part: &String| if is_alone { anywhere(part) } else { beside(part) };
        let missing: Vec<&String> = self.parts.iter().filter(|part| find(part).is_none()).collect();
        if let Some(part) = missing.first() {
            let (part, missing, all) = ((*part).clone(), missing.len(), self.parts.len());
            return Err(Fault::PartMissing { part, missing, all }.at(Place::file(&self.file)));
        }
        self.found = self.parts.iter().filter_map(find).map(str::to_owned).collect();
        Ok(())
    }

    /// What its run exported, where any of its parts is among the usage, which is in the order of its names.
    fn exported(&self, usage: &[UsageFile]) -> Option<Exported<'_>> {
        let find = |part: &String| usage.binary_search_by(|file| file.source.name().cmp(part)).ok();
        let kind = usage.get(self.found.iter().find_map(find)?)?.kind;
        let (first, last) = self.days?;
        Some(Exported { of: (kind, self.scope.as_deref()?), first, last, file: &self.file })
    }
}

/// Finds the parts of each manifest among all files, and what becomes of those that lack some.
pub(crate) fn find_parts(manifests: &mut [ExportManifest], files: &[InputSummary]) -> Vec<Error> {
    if manifests.is_empty() {
        return Vec::new();
    }
    let named = Named::new(files);
    manifests.iter_mut().filter_map(|manifest| manifest.find_parts(&named).err()).collect()
}

/// What a run exported, and the manifest that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Exported<'m> {
    of: (Kind, &'m str),
    first: Day,
    last: Day,
    file: &'m str,
}

impl Exported<'_> {
    /// Whether both have days of the same usage. A span that ends on the day that the other begins on has none in common where its
    /// end is excluded, and nothing says that it is not.
    fn overlaps(&self, other: &Self) -> bool {
        let is_same = (self.first, self.last) == (other.first, other.last);
        self.of == other.of && (is_same || self.first < other.last && other.first < self.last)
    }
}

/// Holds the runs whose parts are among the usage against each other.
///
/// # Errors
/// `input.usage_overlap` where two runs exported the same days of one scope, into usage of one kind.
pub(crate) fn refuse_two_runs(manifests: &[ExportManifest], usage: &[UsageFile]) -> Result<(), Error> {
    let mut all: Vec<Exported<'_>> = manifests.iter().filter_map(|own| own.exported(usage)).collect();
    all.sort_unstable();
    // Of those before, which begin no later, the one that goes furthest.
    let mut furthest: Option<Exported<'_>> = None;
    for next in all {
        if let Some(other) = furthest.filter(|other| other.overlaps(&next)) {
            let shown = |one: &Exported<'_>| format!("{} ({} to {})", one.file, one.first, one.last);
            let (one, other) = (shown(&other), shown(&next));
            let problem =
                format!("{one} and {other} are the manifests of two runs over the same days of one scope");
            return Err(Fault::UsageOverlap { problem }.at(Place::default()));
        }
        furthest = furthest.filter(|other| other.of == next.of && next.last <= other.last).or(Some(next));
    }
    Ok(())
}

/// Notes where the parts of a manifest that were read, all of them, hold other rows than it says; a warning for each.
pub(crate) fn compare_rows<'f>(
    manifests: &[ExportManifest],
    read: impl Iterator<Item = &'f str>,
    summaries: &mut [InputSummary],
) -> Vec<(&'static str, &'static str)> {
    let mut warnings = Vec::new();
    if manifests.is_empty() {
        return warnings;
    }
    let read: FxHashSet<&str> = read.collect();
    for ExportManifest { file, found, rows, .. } in manifests {
        let is_read = !found.is_empty() && found.iter().all(|part| read.contains(part.as_str()));
        let Some(rows) = rows.filter(|_| is_read) else { continue };
        let records = found.iter().filter_map(|part| Some(summary_of(summaries, part)?.records)).sum::<u64>();
        if rows != records {
            if let Some(file) = summary_of(summaries, file) {
                file.notes.push(format!("it counts {rows} rows, its parts hold {records}"));
            }
            warnings.push(ROW_COUNT);
        }
    }
    warnings
}

/// Folder and name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once(['/', '\\']).unwrap_or(("", path))
}

/// The name of a file, unpacked or not.
fn bare(name: &str) -> &str {
    name.strip_suffix(".gz").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// As Cost Management writes it beside the parts of a run.
    fn manifest(
        file: &str,
        export: &str,
        days: [&str; 2],
        parts: &[&str],
        rows: Option<u64>,
    ) -> ExportManifest {
        let blobs: Vec<_> = parts
            .iter()
            .map(|part| serde_json::json!({"blobName": format!("exports/run/{part}"), "byteCount": 160_769}))
            .collect();
        let text = serde_json::json!({
            "manifestVersion": "2024-04-01", "byteCount": 160_769, "blobCount": parts.len(), "dataRowCount": rows,
            "exportConfig": {
                "exportName": export, "type": "ActualCost", "dataVersion": "2023-12-01-preview",
                "resourceId": format!("/providers/Microsoft.Billing/billingAccounts/1/providers/Microsoft.CostManagement/exports/{export}"),
            },
            "runInfo": {"runId": "5a", "startDate": format!("{}T00:00:00", days[0]), "endDate": format!("{}T00:00:00", days[1])},
            "blobs": blobs,
        });
        read_manifest(file, text.to_string().as_bytes()).unwrap()
    }

    fn listed(paths: &[&str]) -> Vec<InputSummary> {
        let mut paths = paths.to_vec();
        paths.sort_unstable();
        let summary = |path: &&str| InputSummary {
            path: (*path).to_owned(),
            kind: None,
            records: 10,
            used: 10,
            rejected: 0,
            notes: Vec::new(),
        };
        paths.iter().map(summary).collect()
    }

    const OCTOBER: [&str; 2] = ["2026-10-01", "2026-10-31"];

    #[test]
    fn each_part_is_found_packed_or_not() {
        let lacks = |files: &[&str]| {
            let mut own =
                [manifest("run/manifest.json", "daily", OCTOBER, &["part_0.csv.gz", "part_1.csv.gz"], None)];
            let errors = find_parts(&mut own, &listed(files));
            assert!(errors.iter().all(|error| error.place.file.as_deref() == Some("run/manifest.json")));
            let faults = errors.into_iter().map(|error| error.fault);
            (faults.collect::<Vec<_>>(), own[0].found.join(" "))
        };
        let missing = |part: &str, missing| {
            (vec![Fault::PartMissing { part: part.to_owned(), missing, all: 2 }], String::new())
        };
        let found = |parts: &str| (Vec::new(), parts.to_owned());
        assert_eq!(
            lacks(&["run/part_0.csv.gz", "run/part_1.csv"]),
            found("run/part_0.csv.gz run/part_1.csv")
        );
        assert_eq!(lacks(&["run/part_1.csv.gz", "run/manifest.json"]), missing("part_0.csv", 1));
        assert_eq!(lacks(&["run/manifest.json"]), missing("part_0.csv", 2));
        // Where some lie beside it all do: a part of another run has the same name.
        assert_eq!(lacks(&["run/part_0.csv.gz", "other/part_1.csv.gz"]), missing("part_1.csv", 1));
        assert_eq!(lacks(&["there/part_0.csv", "a/part_1.csv"]), found("there/part_0.csv a/part_1.csv"));
        assert_eq!(
            lacks(&["C:\\x\\part_0.csv", "C:\\x\\part_1.csv"]),
            found("C:\\x\\part_0.csv C:\\x\\part_1.csv")
        );
    }

    /// `partners-billing-manifest` has other names, and none of days.
    #[test]
    fn what_is_not_there_is_not_known() {
        let text = br#"{"id": "1", "blobCount": 1, "dataFormat": "compressedJSONLines", "blobs": [{"name": "p.json.gz", "partitionValue": "d"}]}"#;
        let of_partner_center = read_manifest("m.json", text).unwrap();
        let parts = vec!["p.json".to_owned()];
        let nothing = ExportManifest {
            file: "m.json".to_owned(),
            parts,
            rows: None,
            scope: None,
            days: None,
            found: Vec::new(),
        };
        assert_eq!(of_partner_center, nothing);
        let empty =
            read_manifest("m.json", br#"{"manifestVersion": "1", "blobCount": 0, "blobs": null}"#).unwrap();
        assert_eq!((empty.parts().len(), find_parts(&mut [empty], &[]).len()), (0, 0));
        let odd = manifest("m.json", "x", ["of late", "2026-10-31"], &[], None);
        assert_eq!(odd.days(), None);
        let broken =
            read_manifest("m.json", b"{\"manifestVersion\": \"1\",\n \"blobs\": [{\"byteCount\": 1}]}")
                .unwrap_err();
        assert_eq!((broken.code(), broken.place.line), ("json.malformed", Some(2)));
    }

    #[test]
    fn two_runs_over_the_same_days_are_one_too_many() {
        let usage: Vec<UsageFile> = ["a/p.csv", "b/p.csv", "c/p.csv"]
            .iter()
            .map(|name| UsageFile {
                source: Source::from_bytes(name, *b"x").unwrap().remove(0),
                kind: Kind::UsageFocus,
            })
            .collect();
        let files = listed(&["a/p.csv", "b/p.csv", "c/p.csv"]);
        let is_refused = |runs: &[(&str, &str, [&str; 2])], usage: &[UsageFile]| {
            let manifests = runs.iter().map(|(folder, scope, days)| {
                let mut own = manifest(&format!("{folder}/manifest.json"), folder, *days, &["p.csv"], None);
                own.scope = Some((*scope).to_owned());
                own
            });
            let mut manifests: Vec<ExportManifest> = manifests.collect();
            assert!(find_parts(&mut manifests, &files).is_empty());
            refuse_two_runs(&manifests, usage).is_err()
        };
        let until = |day| ["2026-10-01", day];
        let november = ["2026-11-01", "2026-11-30"];
        assert!(is_refused(&[("a", "s", OCTOBER), ("b", "s", OCTOBER)], &usage));
        assert!(is_refused(&[("a", "s", until("2026-10-20")), ("b", "s", OCTOBER)], &usage));
        assert!(is_refused(
            &[("a", "s", november), ("b", "s", OCTOBER), ("c", "s", ["2026-10-30", "2026-11-02"])],
            &usage
        ));
        assert!(is_refused(
            &[
                ("a", "s", ["2026-10-01", "2026-11-30"]),
                ("b", "s", until("2026-10-02")),
                ("c", "s", november)
            ],
            &usage
        ));
        assert!(!is_refused(&[("a", "s", OCTOBER), ("b", "other", OCTOBER)], &usage));
        assert!(!is_refused(&[("a", "s", OCTOBER), ("b", "s", november)], &usage));
        // The end may be excluded.
        assert!(!is_refused(&[("a", "s", until("2026-11-01")), ("b", "s", november)], &usage));
        // Usage that was not chosen is not counted twice.
        assert!(!is_refused(&[("a", "s", OCTOBER), ("b", "s", OCTOBER)], &usage[1..]));
        let [mut mixed, other] = [
            manifest("a/m", "x", OCTOBER, &["p.csv"], None),
            manifest("b/m", "y", OCTOBER, &["p.csv"], None),
        ];
        assert_eq!(mixed.scope, other.scope);
        mixed.scope = None;
        let mut unknown = [mixed, other];
        find_parts(&mut unknown, &files);
        assert!(refuse_two_runs(&unknown, &usage).is_ok());
    }

    #[test]
    fn rows_are_those_of_all_parts_that_were_read() {
        let told = |rows, read: &[&str]| {
            let mut files = listed(&["run/m.json", "run/p.csv", "run/q.csv"]);
            let mut own = [manifest("run/m.json", "x", OCTOBER, &["p.csv", "q.csv"], rows)];
            assert!(find_parts(&mut own, &files).is_empty());
            let warnings = compare_rows(&own, read.iter().copied(), &mut files);
            assert_eq!(warnings.len(), files[0].notes.len());
            (warnings.first().map(|(code, _)| *code), files[0].notes.join(" "))
        };
        let all = ["run/p.csv", "run/q.csv"];
        let nothing = (None, String::new());
        assert_eq!(told(Some(20), &all), nothing);
        assert_eq!(told(None, &all), nothing);
        assert_eq!(told(Some(21), &all[..1]), nothing);
        assert_eq!(
            told(Some(21), &all),
            (Some("input.row_count"), "it counts 21 rows, its parts hold 20".to_owned())
        );
    }
}
