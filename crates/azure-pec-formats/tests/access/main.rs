//! The readers of access exports and of the project's own documents.

#[cfg(test)]
mod activity_log;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod history;
#[cfg(test)]
mod listings;
#[cfg(test)]
mod management_groups;
#[cfg(test)]
mod no_panic;
#[cfg(test)]
mod role_assignments;
