//! The estate that the lines are of: customers, their subscriptions, resource groups and resources.

use crate::catalogue::{Catalogue, SERVICES, Service};
use crate::rng::{Rng, entry};
use crate::text::{guid, number};

/// Days of the month that the data is of, October 2026.
pub const DAYS: u64 = 31;
/// Resource groups of a subscription.
pub const GROUPS: u64 = 12;
const RESOURCES_A_SUBSCRIPTION: u64 = 60;
const SUBSCRIPTIONS_A_CUSTOMER: u64 = 3;

const KIND_SUBSCRIPTION: u64 = 10;
const KIND_PLAN: u64 = 11;
const KIND_CUSTOMER: u64 = 12;
const KIND_HOLDING: u64 = 13;
const KIND_RESOURCE: u64 = 14;
const KIND_PARTNER: u64 = 15;

/// How much data, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Usage lines.
    pub lines: u64,
    /// Other seeds give other data of the same shape.
    pub seed: u64,
    /// So many times the usual number of grants.
    pub grants_factor: u64,
}

/// How a partner holds a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Owner, all the time.
    Whole,
    /// Contributor on the management group above.
    AboveIt,
    /// Owner, removed and given back.
    Gap,
    /// Owner, then Contributor, without a moment between.
    Relay,
    /// Earning roles on some resource groups, for some time.
    Groups,
    /// A foreign group whose partner is not known.
    Foreign,
    /// Contributor, eligible only.
    Eligible,
    /// Another partner's Contributor.
    Other,
    /// No role that earns.
    Nothing,
}

impl Holding {
    fn of(seed: u64, subscription: u64) -> Self {
        match Rng::of(seed, KIND_HOLDING, subscription).below(100) {
            0..=61 => Self::Whole,
            62..=71 => Self::AboveIt,
            72..=79 => Self::Gap,
            80..=84 => Self::Relay,
            85..=91 => Self::Groups,
            92 => Self::Foreign,
            93 => Self::Eligible,
            94 => Self::Other,
            _ => Self::Nothing,
        }
    }
}

/// A subscription.
#[derive(Debug)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// The Azure plan it is under.
    pub plan: String,
    /// The number of its customer.
    pub customer: u64,
    /// How the partner holds it.
    pub holding: Holding,
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// Its number.
    pub number: u64,
    /// The number of its subscription.
    pub subscription: u64,
    /// The number of its resource group in the subscription.
    pub group: u64,
    /// The number of its service.
    pub service: u64,
    /// The first day of the month with usage, from 0.
    pub first_day: u64,
    /// Lines on each day.
    pub lines_a_day: u64,
}

/// The estate.
#[derive(Debug)]
pub struct Estate {
    /// What it was made for.
    pub size: Size,
    /// Its meters.
    pub catalogue: Catalogue,
    /// The tenant of the partner that is billed.
    pub partner_tenant: String,
    resources: u64,
    subscriptions: Vec<Subscription>,
}

/// The first day with usage and the lines of each day: 85 lines a resource over the month.
fn pace(rng: &mut Rng) -> (u64, u64) {
    let first_day = if rng.chance(170) { rng.below(DAYS) } else { 0 };
    (first_day, 1 + rng.below(5))
}

impl Estate {
    /// The smallest estate whose month holds the lines.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let (mut resources, mut lines) = (0, 0);
        while lines < size.lines {
            let (first_day, lines_a_day) = pace(&mut Rng::of(size.seed, KIND_RESOURCE, resources));
            lines += (DAYS - first_day) * lines_a_day;
            resources += 1;
        }
        let subscription = |at| Subscription {
            id: guid(size.seed, KIND_SUBSCRIPTION, at),
            plan: guid(size.seed, KIND_PLAN, at),
            customer: at / SUBSCRIPTIONS_A_CUSTOMER,
            holding: Holding::of(size.seed, at),
        };
        Self {
            size,
            catalogue: Catalogue::new(size.seed),
            partner_tenant: guid(size.seed, KIND_PARTNER, 0),
            resources,
            subscriptions: (0..(resources / RESOURCES_A_SUBSCRIPTION).max(1)).map(subscription).collect(),
        }
    }

    /// The number of resources.
    #[must_use]
    pub const fn resources(&self) -> u64 {
        self.resources
    }

    /// The number of subscriptions.
    #[must_use]
    pub fn subscriptions(&self) -> u64 {
        self.subscriptions.len() as u64
    }

    /// The number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.subscriptions().div_ceil(SUBSCRIPTIONS_A_CUSTOMER)
    }

    /// A subscription by its number.
    #[must_use]
    pub fn subscription(&self, at: u64) -> &Subscription {
        entry(&self.subscriptions, at)
    }

    /// The tenant of a customer.
    #[must_use]
    pub fn customer_id(&self, customer: u64) -> String {
        guid(self.size.seed, KIND_CUSTOMER, customer)
    }

    /// A resource by its number.
    #[must_use]
    pub fn resource(&self, at: u64) -> Resource {
        let mut rng = Rng::of(self.size.seed, KIND_RESOURCE, at);
        let (first_day, lines_a_day) = pace(&mut rng);
        Resource {
            number: at,
            subscription: at % self.subscriptions(),
            group: rng.below(GROUPS),
            service: rng.below(SERVICES.len() as u64),
            first_day,
            lines_a_day,
        }
    }

    /// Writes the path of a resource.
    pub fn push_resource_id(&self, out: &mut String, resource: &Resource) {
        let service: &Service = entry(SERVICES, resource.service);
        out.push_str("/subscriptions/");
        out.push_str(&self.subscription(resource.subscription).id);
        out.push_str("/resourceGroups/");
        push_group_name(out, resource.group);
        out.push_str("/providers/");
        out.push_str(service.provider);
        out.push('/');
        out.push_str(service.resource_type);
        out.push('/');
        let stem: &&str = entry(&["vm-", "app-", "data-", "prod-"], resource.number);
        out.push_str(stem);
        number(out, resource.number);
    }
}

/// Writes the name of a resource group.
pub fn push_group_name(out: &mut String, group: u64) {
    out.push_str("rg-team-");
    number(out, group);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_lines() {
        let estate = Estate::new(Size { lines: 100_000, seed: 1, grants_factor: 1 });
        let lines_a_resource = estate.size.lines / estate.resources();
        assert!((82..=88).contains(&lines_a_resource), "{lines_a_resource}");
        assert!((60..=64).contains(&(estate.resources() / estate.subscriptions())));
        assert_eq!(Estate::new(Size { lines: 0, seed: 1, grants_factor: 1 }).subscriptions(), 1);
    }
}
