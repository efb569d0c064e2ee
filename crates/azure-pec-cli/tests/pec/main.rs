//! The command as its users meet it: arguments in, pages, documents, errors and exit statuses out.

#[cfg(test)]
mod access_forms;
#[cfg(test)]
mod bad_access;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod failures;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod faults;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod floods;
#[cfg(test)]
mod history;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod hook;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pec;
#[cfg(test)]
mod reconciling;
#[cfg(test)]
mod what_if;
