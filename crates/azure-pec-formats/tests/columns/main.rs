//! Arrow and Parquet: what they give is what the CSV of the same data gives.

#[cfg(test)]
mod bad_files;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod same_as_csv;
#[cfg(test)]
#[path = "../job/fixture.rs"]
#[expect(dead_code, reason = "the fixture of another test, of which this one uses a part")]
mod shared;
#[cfg(test)]
mod tables;
