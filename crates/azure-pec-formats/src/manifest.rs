//! The manifest that lies beside the parts of an export: which parts there are, how many rows they hold, and of which run
//! and days they are. So a part that is missing is found, and so are two runs over the same days.
//!
//! Source: microsoft/finops-toolkit (`Microsoft.CostManagement/Exports`), whose pipelines read `manifest.json` of Cost
//! Management exports; microsoft-graph-docs, partners-billing-manifest, for those of Partner Center.

use std::collections::BTreeMap;

use azure_pec::{Day, InputSummary, Instant};
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
    /// The export, in lower case, whose id begins with what was exported: a billing account, a billing profile, a subscription ...
    export: Option<String>,
    /// When the run was asked for.
    submitted: Option<Instant>,
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
    submitted_time: Option<String>,
}

/// Reads a manifest, of Cost Management or of Partner Center. What it does not tell is not known.
///
/// # Errors
/// `json.malformed`, `input.encoding`, `input.too_deep`, with the line and field.
pub fn read_manifest(name: &str, text: &[u8]) -> Result<ExportManifest, Error> {
    let Form { blobs, data_row_count, export_config, run_info } = from_json(name, text)?;
    let parts = blobs.into_iter().flatten().map(|blob| bare(split(&blob.blob_name).1).to_owned());
    let day = |time: Option<String>| time?.get(..DAY_LENGTH)?.parse::<Day>().ok();
    let (days, submitted) = run_info.map_or((None, None), |run| {
        let submitted = run.submitted_time.and_then(|time| time.parse().ok());
        (day(run.start_date).zip(day(run.end_date)), submitted)
    });
    Ok(ExportManifest {
        file: name.to_owned(),
        parts: parts.collect(),
        rows: data_row_count,
        export: export_config.and_then(|config| config.resource_id).map(|id| id.to_ascii_lowercase()),
        submitted,
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
        self.found = self.parts.iter().filter_map(find).map(str::to_owned).collect();
        let missing: Vec<&String> = self.parts.iter().filter(|part| find(part).is_none()).collect();
        match missing.first() {
            Some(part) => {
                let (part, missing, all) = ((*part).clone(), missing.len(), self.parts.len());
                Err(Fault::PartMissing { part, missing, all }.at(Place::file(&self.file)))
            }
            None => Ok(()),
        }
    }

    /// What was exported, in lower case.
    fn scope(&self) -> Option<&str> {
        self.export.as_deref()?.split("/providers/microsoft.costmanagement/exports/").next()
    }

    /// What its run exported, where any of its parts is among the usage, which is in the order of its names.
    fn exported(&self, usage: &[UsageFile]) -> Option<Exported<'_>> {
        let find = |part: &String| usage.binary_search_by(|file| file.source.name().cmp(part)).ok();
        let kind = usage.get(self.found.iter().find_map(find)?)?.kind;
        let (first, last) = self.days?;
        Some(Exported { of: (kind, self.scope()?), first, last, file: &self.file })
    }
}

/// Finds the parts of each manifest among all files, and what becomes of those that lack some. `newest`: of the runs of an export
/// only those count of which no newer one has all days; the parts of the others are told no more, and are left out of the usage.
pub(crate) fn find_parts(
    manifests: &mut Vec<ExportManifest>,
    usage: &mut Vec<UsageFile>,
    files: &mut [InputSummary],
    newest: bool,
) -> Vec<Error> {
    if manifests.is_empty() {
        return Vec::new();
    }
    let mut newer = if newest { newer_runs(manifests) } else { vec![None; manifests.len()] };
    let named = Named::new(files);
    let usage_names: FxHashSet<&str> = usage.iter().map(|file| file.source.name()).collect();
    let is_usage = |part: &String| usage_names.contains(part.as_str());
    let of_run = |(manifest, newer): (&mut ExportManifest, &mut Option<usize>)| {
        let broken = manifest.find_parts(&named).err();
        // What else is exported, prices say, is no usage to be counted twice.
        newer.take_if(|_| !manifest.found.iter().all(is_usage));
        broken.filter(|_| newer.is_none())
    };
    let broken = manifests.iter_mut().zip(&mut newer).filter_map(of_run).collect();
    if newest {
        leave_older_runs(manifests, &newer, usage, files);
    }
    broken
}

/// Leaves out the runs that have a newer one, with the parts that are of no other run.
fn leave_older_runs(
    manifests: &mut Vec<ExportManifest>,
    newer: &[Option<usize>],
    usage: &mut Vec<UsageFile>,
    files: &mut [InputSummary],
) {
    let runs = || manifests.iter().zip(newer);
    let kept = runs().filter(|(_, newer)| newer.is_none()).flat_map(|(run, _)| &run.found);
    let kept: FxHashSet<&String> = kept.collect();
    let mut notes: FxHashMap<String, String> = FxHashMap::default();
    for (run, newer) in runs() {
        let Some(newer) = newer.and_then(|newer| manifests.get(newer)) else { continue };
        let note = format!("an older run of the export that {} is of", newer.file);
        let parts = run.found.iter().filter(|part| !kept.contains(part));
        notes.extend(parts.chain([&run.file]).map(|file| (file.clone(), note.clone())));
    }
    for file in files {
        file.notes.extend(notes.get(&file.path).cloned());
    }
    usage.retain(|file| !notes.contains_key(file.source.name()));
    let mut newer = newer.iter();
    manifests.retain(|_| newer.next().is_none_or(Option::is_none));
}

/// Of each run the place of one of the same export that was asked for later and has all of its days.
fn newer_runs(manifests: &[ExportManifest]) -> Vec<Option<usize>> {
    let told = |at: usize| {
        let own = manifests.get(at)?;
        Some((own.export.as_deref()?, own.submitted?, own.days?))
    };
    let mut runs: Vec<_> = (0..manifests.len()).filter_map(|at| Some((told(at)?, at))).collect();
    // The newest first.
    runs.sort_unstable_by(|((one, a, _), at), ((other, b, _), to)| (one, b, at).cmp(&(other, a, to)));
    let mut newer = vec![None; manifests.len()];
    for runs in runs.chunk_by(|((one, ..), _), ((other, ..), _)| one == other) {
        // Of those that are newer, by their first day, the last day and the run: one that begins later goes further too.
        let mut spans: BTreeMap<Day, (Day, usize)> = BTreeMap::new();
        for at_once in runs.chunk_by(|((_, one, _), _), ((_, other, _), _)| one == other) {
            for ((.., (first, last)), at) in at_once {
                let widest = spans.range(..=first).next_back().map(|(_, widest)| *widest);
                if let Some(place) = newer.get_mut(*at) {
                    *place = widest.filter(|(end, _)| end >= last).map(|(_, run)| run);
                }
            }
            for ((.., (first, last)), at) in at_once {
                if spans.range(..=first).next_back().is_none_or(|(_, (end, _))| end < last) {
                    let within = |spans: &BTreeMap<Day, (Day, usize)>| {
                        spans
                            .range(first..)
                            .next()
                            .filter(|(_, (end, _))| end <= last)
                            .map(|(begin, _)| *begin)
                    };
                    while let Some(begin) = within(&spans) {
                        spans.remove(&begin);
                    }
                    spans.insert(*first, (*last, *at));
                }
            }
        }
    }
    newer
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
    match two_runs(manifests, usage) {
        Some(problem) => Err(Fault::UsageOverlap { problem }.at(Place::default())),
        None => Ok(()),
    }
}

/// Two runs of the same days of one scope, in words; what to do about them where one is newer.
pub(crate) fn two_runs(manifests: &[ExportManifest], usage: &[UsageFile]) -> Option<String> {
    let mut all: Vec<Exported<'_>> = manifests.iter().filter_map(|own| own.exported(usage)).collect();
    all.sort_unstable();
    // Of those before, which begin no later, the one that goes furthest.
    let mut furthest: Option<Exported<'_>> = None;
    for next in all {
        if let Some(other) = furthest.filter(|other| other.overlaps(&next)) {
            let is_one = |run: &ExportManifest| [other.file, next.file].contains(&run.file.as_str());
            let newer = newer_runs(manifests);
            let is_newer = manifests.iter().zip(&newer).any(|(run, newer)| is_one(run) && newer.is_some());
            let shown = |one: &Exported<'_>| format!("{} ({} to {})", one.file, one.first, one.last);
            let (one, other) = (shown(&other), shown(&next));
            let hint =
                if is_newer { "; --newest-run takes of each export the run that is newest" } else { "" };
            return Some(format!(
                "{one} and {other} are the manifests of two runs over the same days of one scope{hint}"
            ));
        }
        furthest = furthest.filter(|other| other.of == next.of && next.last <= other.last).or(Some(next));
    }
    None
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
    for ExportManifest { file, parts, found, rows, .. } in manifests {
        let is_whole = !found.is_empty() && found.len() == parts.len();
        let is_read = is_whole && found.iter().all(|part| read.contains(part.as_str()));
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
    use proptest::prelude::*;

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

    /// Finds the parts of these manifests, all runs counting.
    fn find(manifests: &mut Vec<ExportManifest>, files: &[&str]) -> Vec<Error> {
        find_parts(manifests, &mut Vec::new(), &mut listed(files), false)
    }

    fn used(name: &str) -> UsageFile {
        UsageFile { source: Source::from_bytes(name, *b"x").unwrap().remove(0), kind: Kind::UsageFocus }
    }

    #[test]
    fn each_part_is_found_packed_or_not() {
        let lacks = |files: &[&str]| {
            let parts = ["part_0.csv.gz", "part_1.csv.gz"];
            let mut own = vec![manifest("run/manifest.json", "daily", OCTOBER, &parts, None)];
            let errors = find(&mut own, files);
            assert!(errors.iter().all(|error| error.place.file.as_deref() == Some("run/manifest.json")));
            let faults = errors.into_iter().map(|error| error.fault);
            (faults.collect::<Vec<_>>(), own[0].found.join(" "))
        };
        let missing = |part: &str, missing, found: &str| {
            (vec![Fault::PartMissing { part: part.to_owned(), missing, all: 2 }], found.to_owned())
        };
        let found = |parts: &str| (Vec::new(), parts.to_owned());
        assert_eq!(
            lacks(&["run/part_0.csv.gz", "run/part_1.csv"]),
            found("run/part_0.csv.gz run/part_1.csv")
        );
        assert_eq!(
            lacks(&["run/part_1.csv.gz", "run/manifest.json"]),
            missing("part_0.csv", 1, "run/part_1.csv.gz")
        );
        assert_eq!(lacks(&["run/manifest.json"]), missing("part_0.csv", 2, ""));
        // Where some lie beside it all do: a part of another run has the same name.
        assert_eq!(
            lacks(&["run/part_0.csv.gz", "other/part_1.csv.gz"]),
            missing("part_1.csv", 1, "run/part_0.csv.gz")
        );
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
            export: None,
            submitted: None,
            days: None,
            found: Vec::new(),
        };
        assert_eq!(of_partner_center, nothing);
        let empty =
            read_manifest("m.json", br#"{"manifestVersion": "1", "blobCount": 0, "blobs": null}"#).unwrap();
        assert_eq!((empty.parts().len(), find(&mut vec![empty], &[]).len()), (0, 0));
        let odd = manifest("m.json", "x", ["of late", "2026-10-31"], &[], None);
        assert_eq!(odd.days(), None);
        let broken =
            read_manifest("m.json", b"{\"manifestVersion\": \"1\",\n \"blobs\": [{\"byteCount\": 1}]}")
                .unwrap_err();
        assert_eq!((broken.code(), broken.place.line), ("json.malformed", Some(2)));
    }

    #[test]
    fn two_runs_over_the_same_days_are_one_too_many() {
        let files = ["a/p.csv", "b/p.csv", "c/p.csv"];
        let usage = files.map(used);
        let is_refused = |runs: &[(&str, &str, [&str; 2])], usage: &[UsageFile]| {
            let manifests = runs.iter().map(|(folder, scope, days)| {
                let mut own = manifest(&format!("{folder}/manifest.json"), folder, *days, &["p.csv"], None);
                own.export = Some((*scope).to_owned());
                own
            });
            let mut manifests: Vec<ExportManifest> = manifests.collect();
            assert!(find(&mut manifests, &files).is_empty());
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
        assert_eq!(mixed.scope(), other.scope());
        mixed.export = None;
        let mut unknown = vec![mixed, other];
        find(&mut unknown, &files);
        assert!(refuse_two_runs(&unknown, &usage).is_ok());
    }

    /// A run of the export, asked for at an hour, by the days of October.
    fn run(file: &str, export: &str, hour: Option<u64>, days: (u32, u32), parts: &[&str]) -> ExportManifest {
        let day = |day: u32| format!("2026-10-{day:02}");
        let mut own = manifest(file, export, [&day(days.0), &day(days.1)], parts, None);
        own.submitted = hour.map(|hour| format!("2026-11-01T{hour:02}:00:00Z").parse().unwrap());
        own
    }

    #[test]
    fn of_the_runs_of_an_export_the_newest_counts() {
        let paths = ["a/p.csv", "b/p.csv", "b/q.csv", "c/p.csv", "p.csv"];
        let others = ["a/m", "b/m", "c/m", "d/m", "e/m", "f/m", "g/m", "f/sheet.csv", "g/sheet.csv"];
        let mut files = listed(&[&paths[..], &others].concat());
        let mut usage: Vec<UsageFile> = paths.iter().map(|path| used(path)).collect();
        let mut manifests = vec![
            run("a/m", "x", Some(1), (1, 5), &["p.csv"]),
            run("b/m", "x", Some(2), (1, 6), &["p.csv", "q.csv"]),
            // What an older run lacks does not matter.
            run("d/m", "x", Some(1), (1, 6), &["gone.csv"]),
            run("c/m", "another", Some(1), (1, 6), &["p.csv"]),
            // Prices are no usage.
            run("f/m", "prices", Some(1), (1, 6), &["sheet.csv"]),
            run("g/m", "prices", Some(2), (1, 6), &["sheet.csv"]),
            // Its part is of a run that counts, too: none lies beside it.
            run("e/m", "x", Some(0), (2, 3), &["q.csv"]),
        ];
        assert_eq!(find_parts(&mut manifests, &mut usage, &mut files, true), []);
        let kept: Vec<&str> = manifests.iter().map(|own| own.file.as_str()).collect();
        assert_eq!(kept, ["b/m", "c/m", "f/m", "g/m"]);
        let left: Vec<&str> =
            files.iter().filter(|file| !file.notes.is_empty()).map(|file| file.path.as_str()).collect();
        assert_eq!(left, ["a/m", "a/p.csv", "d/m", "e/m"]);
        assert_eq!(files[0].notes, ["an older run of the export that b/m is of"]);
        let names: Vec<&str> = usage.iter().map(|file| file.source.name()).collect();
        assert_eq!(names, ["b/p.csv", "b/q.csv", "c/p.csv", "p.csv"]);
        // Two exports of one scope are still two.
        let error = refuse_two_runs(&manifests, &usage).unwrap_err();
        assert!(!error.to_string().contains("newest"), "{error}");
    }

    #[test]
    fn whoever_has_two_runs_is_told_of_the_newest() {
        let refused = |hour| {
            let mut own = vec![
                run("a/m", "x", hour, (1, 31), &["p.csv"]),
                run("b/m", "x", Some(2), (1, 31), &["p.csv"]),
            ];
            assert!(find(&mut own, &["a/p.csv", "b/p.csv"]).is_empty());
            refuse_two_runs(&own, &["a/p.csv", "b/p.csv"].map(used)).unwrap_err().to_string()
        };
        assert!(refused(Some(1)).contains("--newest-run") && refused(Some(3)).contains("--newest-run"));
        // Nobody knows which is newer.
        assert!(!refused(None).contains("--newest-run") && !refused(Some(2)).contains("--newest-run"));
    }

    proptest! {
        #[test]
        fn a_newer_run_has_all_days_of_an_older_one(
            runs in prop::collection::vec((0_usize..2, prop::option::weighted(0.9, 0_u64..6), 1_u32..8, 0_u32..6), 0..9),
        ) {
            let of = |(export, hour, first, more): &(usize, _, u32, u32)| {
                run("m", ["x", "y"][*export], *hour, (*first, first + more), &[])
            };
            let all: Vec<ExportManifest> = runs.iter().map(of).collect();
            let is_newer = |one: &ExportManifest, own: &ExportManifest| {
                let ((first, last), (from, to)) = (one.days.unwrap(), own.days.unwrap());
                one.export == own.export && own.submitted.is_some() && one.submitted > own.submitted
                    && first <= from && to <= last
            };
            for (own, newer) in all.iter().zip(newer_runs(&all)) {
                prop_assert_eq!(newer.is_some(), all.iter().any(|one| is_newer(one, own)));
                prop_assert!(newer.is_none_or(|newer| is_newer(&all[newer], own)));
            }
        }
    }

    #[test]
    fn rows_are_those_of_all_parts_that_were_read() {
        let told = |rows, read: &[&str]| {
            let mut files = listed(&["run/m.json", "run/p.csv", "run/q.csv"]);
            let mut own = vec![manifest("run/m.json", "x", OCTOBER, &["p.csv", "q.csv"], rows)];
            assert!(find(&mut own, &["run/m.json", "run/p.csv", "run/q.csv"]).is_empty());
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
