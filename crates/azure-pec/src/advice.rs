//! Least privilege: the managed services that the credit is paid for, the roles that serve them, and whether the access
//! given is more than they need.

mod access;
mod catalogue;
mod document;

pub use catalogue::{Catalogue, Service, ServingRole};
pub use document::{
    AccessAdvice, AdviceBody, AdviceDocument, AdviceKind, Narrower, Proposal, ServiceAdvice,
    ServingRoleAdvice,
};
