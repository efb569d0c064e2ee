//! The command as its users meet it: arguments in, pages, documents, errors and exit statuses out.

mod documents;
mod failures;
mod pages;
mod pec;
