//! The catalogue of managed services, as dated data with sources (`data/services.csv`, `data/service_roles.csv`).

use crate::day::Day;
use crate::error::Error;
use crate::fix::ServiceRole;
use crate::ids::RoleId;
use crate::rule::Rule;

/// A managed service that the program names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// What it is called in options.
    pub id: String,
    /// The family.
    pub family: String,
    /// Its name.
    pub name: String,
    /// What it is, where the source says.
    pub what: String,
    /// The day of the source.
    pub as_of: Day,
    /// The source.
    pub source: String,
    /// The built-in roles that serve it, the narrowest first.
    pub roles: Vec<ServingRole>,
}

/// A role that serves a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingRole {
    /// The role.
    pub role_id: RoleId,
    /// Its name.
    pub name: String,
    /// The narrowest scope at which it serves: `resource_group`, `subscription` or `management_group`.
    pub level: String,
    /// What it lets do.
    pub does: String,
    /// The day of the source.
    pub as_of: Day,
    /// The source.
    pub source: String,
}

/// Every managed service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    services: Vec<Service>,
}

impl Catalogue {
    /// The published catalogue.
    ///
    /// # Errors
    /// `rule.invalid` where the data is broken.
    pub fn published() -> Result<Self, Error> {
        let mut services = rows(include_str!("../../data/services.csv"), service)?;
        for (of, role) in rows(include_str!("../../data/service_roles.csv"), serving_role)? {
            // What serves every service is wider than what serves one, and stands last.
            for service in services.iter_mut().filter(|service| of == "*" || of == service.id) {
                service.roles.push(role.clone());
            }
        }
        Ok(Self { services })
    }

    /// The services, in the order of the source.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// A service by its id or its name.
    ///
    /// # Errors
    /// `id.invalid`.
    pub fn find(&self, wanted: &str) -> Result<&Service, Error> {
        let text = wanted.trim();
        let is = |service: &&Service| {
            service.id.eq_ignore_ascii_case(&text.replace('-', "_"))
                || service.name.eq_ignore_ascii_case(text)
        };
        self.services.iter().find(is).ok_or_else(|| Error::IdInvalid {
            expected: "a managed service: workload_fit_and_cost, isolation_policy_audit, automation, patching, \
                configuration, backup_and_recovery, identity, estate_monitoring, health_monitoring, log_analytics, \
                database_monitoring, application_performance or support_and_triage",
            found: wanted.to_owned(),
        })
    }

    /// For each service the narrowest role that serves it and earns.
    ///
    /// # Errors
    /// `id.invalid`.
    pub fn earning_roles(&self, services: &[String], rule: &Rule) -> Result<Vec<ServiceRole>, Error> {
        let mut roles = Vec::new();
        for wanted in services {
            let service = self.find(wanted)?;
            let role = service.narrowest(rule);
            roles.extend(role.map(|role| ServiceRole { service: service.id.clone(), role_id: role.role_id }));
        }
        Ok(roles)
    }
}

impl Service {
    /// The narrowest role that serves it and earns by the rule.
    #[must_use]
    pub fn narrowest(&self, rule: &Rule) -> Option<&ServingRole> {
        self.roles.iter().find(|role| earns(rule, role.role_id) == Some(true))
    }

    /// Whether a role serves it.
    #[must_use]
    pub fn is_served_by(&self, role: RoleId) -> bool {
        self.roles.iter().any(|own| own.role_id == role)
    }
}

/// Whether a role earns by the newest row of the table; none where the table does not hold it.
pub(super) fn earns(rule: &Rule, role: RoleId) -> Option<bool> {
    rule.roles().rows(role).last().map(|row| row.earns)
}

fn rows<T>(text: &str, read: impl Fn(&[&str]) -> Option<Result<T, Error>>) -> Result<Vec<T>, Error> {
    let lines = text.lines().skip(1);
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            read(&fields).unwrap_or_else(|| {
                Err(Error::RuleInvalid { problem: format!("a row of other fields, found {line:?}") })
            })
        })
        .collect()
}

fn service(fields: &[&str]) -> Option<Result<Service, Error>> {
    let [id, family, name, what, as_of, source] = *fields else { return None };
    let text = |text: &str| text.to_owned();
    Some(as_of.parse().map(|as_of| Service {
        id: text(id),
        family: text(family),
        name: text(name),
        what: text(what),
        as_of,
        source: text(source),
        roles: Vec::new(),
    }))
}

fn serving_role(fields: &[&str]) -> Option<Result<(String, ServingRole), Error>> {
    let [service, role_id, name, level, does, as_of, source] = *fields else { return None };
    let text = |text: &str| text.to_owned();
    let role = || {
        Ok(ServingRole {
            role_id: role_id.parse()?,
            name: text(name),
            level: text(level),
            does: text(does),
            as_of: as_of.parse()?,
            source: text(source),
        })
    };
    Some(role().map(|role| (text(service), role)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of the program's page, each with the narrowest role that serves it and earns.
    #[test]
    fn every_service_has_a_role_that_earns() {
        let (catalogue, rule) = (Catalogue::published().unwrap(), Rule::published().unwrap());
        let operations = "cloud operations and management";
        let monitoring = "cloud monitoring and technical support";
        let expected = [
            (operations, "fit of workloads; cost of moving and running", "Cost Management Contributor"),
            (operations, "isolation; security policy; audit", "Resource Policy Contributor (Preview)"),
            (operations, "automation and orchestration", "Automation Operator"),
            (operations, "patching and updates", "Automation Operator"),
            (operations, "configuration management", "Website Contributor"),
            (operations, "backup and disaster recovery", "Backup Operator"),
            (operations, "identity management", "Managed Identity Operator"),
            (
                operations,
                "monitoring of the estate; policy and governance; set-up and fine tuning",
                "Monitoring Contributor",
            ),
            (monitoring, "system health monitoring", "Monitoring Contributor"),
            (monitoring, "log analytics and alerting", "Monitoring Contributor"),
            (monitoring, "database monitoring", "Monitoring Contributor"),
            (monitoring, "application performance monitoring", "Application Insights Component Contributor"),
            (monitoring, "technical support and triage", "Support Request Contributor"),
        ];
        let found: Vec<(&str, &str, &str)> = catalogue
            .services()
            .iter()
            .map(|service| {
                let role = service.narrowest(&rule).map_or("none", |role| role.name.as_str());
                (service.family.as_str(), service.name.as_str(), role)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rows_are_sound() {
        let (catalogue, rule) = (Catalogue::published().unwrap(), Rule::published().unwrap());
        for service in catalogue.services() {
            assert!(!service.source.is_empty() && catalogue.find(&service.id).unwrap() == service);
            for role in &service.roles {
                // A role of the published table goes by the name that it has there.
                if let Some(name) = rule.roles().name(role.role_id) {
                    assert_eq!(name, role.name, "{}", service.id);
                }
                assert!(
                    ["resource_group", "subscription", "management_group"].contains(&role.level.as_str())
                );
                assert!(!role.does.is_empty() && !role.source.is_empty());
            }
            let ids: std::collections::BTreeSet<_> = service.roles.iter().map(|role| role.role_id).collect();
            assert_eq!(ids.len(), service.roles.len(), "{}: a role stands twice", service.id);
        }
    }

    /// The services of monitoring show both: who only reads them does not earn.
    #[test]
    fn monitoring_reader_stands_against_contributor() {
        let (catalogue, rule) = (Catalogue::published().unwrap(), Rule::published().unwrap());
        let family = "cloud monitoring and technical support";
        for service in catalogue.services().iter().filter(|service| service.family == family) {
            let earns = |name: &str| {
                let role = service.roles.iter().find(|role| role.name == name);
                role.and_then(|role| earns(&rule, role.role_id))
            };
            assert_eq!(earns("Monitoring Reader"), Some(false), "{}", service.id);
            assert_eq!(earns("Monitoring Contributor"), Some(true), "{}", service.id);
        }
        assert_eq!(catalogue.find("billing").unwrap_err().code(), "id.invalid");
    }
}
