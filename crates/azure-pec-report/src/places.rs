//! Whose the money is: sums by customer and subscription, with their names.

use std::collections::BTreeMap;

use azure_pec::{GroupKey, Groups, NewestName};

use crate::money::Money;

/// The sums of one customer or subscription in one currency.
#[derive(Debug, Clone, Default)]
pub struct PlaceSums {
    /// Its id; empty for lines that name none.
    pub id: String,
    /// Its name of the newest day, where any line names it.
    pub name: String,
    /// Of a subscription: its customer's id.
    pub customer: String,
    /// The pricing currency.
    pub currency: String,
    /// The sums.
    pub money: Money,
    /// Of a customer: how many subscriptions it has.
    pub subscriptions: usize,
}

/// Customers and subscriptions, each list with the most missed and unknown first.
#[derive(Debug, Default)]
pub struct Places {
    /// A row for each customer and currency.
    pub customers: Vec<PlaceSums>,
    /// A row for each customer, subscription and currency.
    pub subscriptions: Vec<PlaceSums>,
    customer_names: Names,
    subscription_names: Names,
}

/// The name that stands for each id.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn new(seen: BTreeMap<&str, NewestName<'_, &str>>) -> Self {
        let named = seen.into_iter().filter_map(|(id, name)| Some((id.to_owned(), name.name()?.to_owned())));
        Self(named.collect())
    }

    fn get(&self, id: &str) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }
}

/// What tells a place and its sums.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Place<'g> {
    customer: &'g str,
    customer_name: &'g str,
    subscription: &'g str,
    subscription_name: &'g str,
    currency: &'g str,
}

/// Groups of one place that follow each other.
#[derive(Default)]
struct Run<'g> {
    place: Place<'g>,
    last_day: &'g str,
    money: Money,
}

/// What groups say of places.
#[derive(Default)]
struct Seen<'g> {
    customers: BTreeMap<&'g str, NewestName<'g, &'g str>>,
    subscriptions: BTreeMap<&'g str, NewestName<'g, &'g str>>,
    sums: BTreeMap<(&'g str, &'g str, &'g str), Money>,
}

impl<'g> Seen<'g> {
    fn add(&mut self, Run { place, last_day, money }: Run<'g>) {
        if money.lines == 0 {
            return;
        }
        self.customers.entry(place.customer).or_default().see(last_day, place.customer_name);
        self.subscriptions.entry(place.subscription).or_default().see(last_day, place.subscription_name);
        self.sums.entry((place.customer, place.subscription, place.currency)).or_default().add_all(&money);
    }
}

impl Places {
    /// From groups by customer, subscription, their names, and day.
    pub fn new(groups: &Groups) -> Self {
        let mut all = Seen::default();
        // Groups of one place follow each other: what is of the place is looked up once for all of them.
        let mut run = Run::default();
        for row in groups.iter() {
            let mut place = Place { currency: row.currency, ..Place::default() };
            let mut day = "";
            for (key, value) in row.values() {
                match key {
                    GroupKey::Customer => place.customer = value,
                    GroupKey::CustomerName => place.customer_name = value,
                    GroupKey::Subscription => place.subscription = value,
                    GroupKey::SubscriptionName => place.subscription_name = value,
                    GroupKey::Date => day = value,
                    _ => {}
                }
            }
            if run.place != place {
                all.add(std::mem::replace(&mut run, Run { place, ..Run::default() }));
            }
            run.last_day = run.last_day.max(day);
            run.money.add(row.outcome, row.lines, &row.list_amount, &row.potential);
        }
        all.add(run);
        let mut places = Self {
            customer_names: Names::new(all.customers),
            subscription_names: Names::new(all.subscriptions),
            ..Self::default()
        };
        places.put_together(&all.sums);
        places
    }

    fn put_together(&mut self, sums: &BTreeMap<(&str, &str, &str), Money>) {
        let mut customers: BTreeMap<(&str, &str), PlaceSums> = BTreeMap::new();
        for ((customer, subscription, currency), money) in sums {
            let of_customer = customers.entry((customer, currency)).or_insert_with(|| PlaceSums {
                id: (*customer).to_owned(),
                name: self.customer_names.get(customer).to_owned(),
                currency: (*currency).to_owned(),
                ..PlaceSums::default()
            });
            of_customer.money.add_all(money);
            of_customer.subscriptions += usize::from(!subscription.is_empty());
            self.subscriptions.push(PlaceSums {
                id: (*subscription).to_owned(),
                name: self.subscription_names.get(subscription).to_owned(),
                customer: (*customer).to_owned(),
                currency: (*currency).to_owned(),
                money: money.clone(),
                subscriptions: 0,
            });
        }
        self.customers = customers.into_values().collect();
        for list in [&mut self.customers, &mut self.subscriptions] {
            // Stable: equals stay in the order of their ids.
            list.sort_by_cached_key(|place| {
                std::cmp::Reverse((place.money.at_stake(), place.money.list.clone()))
            });
        }
    }

    /// The name of a customer; its id where no line names it.
    pub fn customer<'p>(&'p self, id: &'p str) -> &'p str {
        named(self.customer_names.get(id), id, "(no customer)")
    }

    /// The name of a subscription; its id where no line names it.
    pub fn subscription<'p>(&'p self, id: &'p str) -> &'p str {
        named(self.subscription_names.get(id), id, "(no subscription)")
    }

    /// The customer of a subscription: the one with the most at stake there.
    pub fn customer_of(&self, subscription: &str) -> &str {
        let own = self.subscriptions.iter().find(|place| place.id == subscription);
        own.map_or("", |place| place.customer.as_str())
    }
}

fn named<'p>(name: &'p str, id: &'p str, none: &'p str) -> &'p str {
    [name, id].into_iter().find(|text| !text.is_empty()).unwrap_or(none)
}
