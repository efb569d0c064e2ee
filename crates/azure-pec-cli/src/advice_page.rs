//! An advice for people.

use azure_pec::{AccessAdvice, AdviceBody, AdviceKind, ServiceAdvice};

use crate::look::{Look, Tone};
use crate::number::cents;

/// What is shown of an advice.
#[derive(Debug)]
pub struct AdvicePage<'p> {
    pub body: &'p AdviceBody,
    pub look: Look,
}

impl AdvicePage<'_> {
    /// The page.
    pub fn render(&self) -> String {
        let heading = if self.body.delivered.is_empty() {
            "Managed services, and the roles that serve them (* earns, ? is in no table)"
        } else {
            "What you deliver, and the roles that serve it (* earns, ? is in no table)"
        };
        let mut page = self.look.heading(heading);
        for service in &self.body.services {
            page += &self.service(service);
        }
        page += &self.look.heading("Your access");
        if self.body.access.is_empty() {
            page += "  none that reaches usage\n";
        }
        for access in &self.body.access {
            page += &self.access(access);
        }
        if !self.body.proposals.is_empty() {
            page += &self.look.heading("What a service delivered needs and has not");
        }
        for proposal in &self.body.proposals {
            page += &self.look.hang("  ", 4, &proposal.says);
        }
        page + "\n" + &self.look.hang("  ", 2, self.body.fairness)
    }

    fn service(&self, service: &ServiceAdvice) -> String {
        let roles = service.roles.iter().map(|role| {
            let mark = match role.earns {
                Some(true) => "*",
                Some(false) => "",
                None => "?",
            };
            format!("{}{mark}", role.role)
        });
        let roles = roles.collect::<Vec<_>>().join(", ");
        let mut text = self.look.hang("  ", 4, &format!("{}: {}", service.service, service.name));
        text += &self.look.hang("    ", 6, &roles);
        if let Some(least) = &service.narrowest {
            let level = least.level.replace('_', " ");
            let least = format!("least that earns: {} at a {level}", least.role);
            text += &self.look.paint(Tone::Good, &self.look.hang("    ", 6, &least));
        }
        text
    }

    fn access(&self, access: &AccessAdvice) -> String {
        let tone = match access.advice {
            AdviceKind::Keep => Tone::Good,
            AdviceKind::Narrow | AdviceKind::GiveBack => Tone::Doubtful,
            AdviceKind::Unknown | AdviceKind::NameServices => Tone::Quiet,
        };
        let hangs = access.credit.iter().filter(|money| !money.amount.is_zero());
        let hangs =
            hangs.map(|money| format!("{} {}", cents(&money.amount), money.currency)).collect::<Vec<_>>();
        let credit = match hangs.as_slice() {
            [] => "no credit hangs on it alone".to_owned(),
            hangs => format!("{} of credit hangs on it", hangs.join(" and ")),
        };
        let head = format!("{} at {}: {credit}", access.role, access.scope);
        let needed = if access.needed_for.is_empty() {
            String::new()
        } else {
            self.look.hang("    ", 6, &format!("needed for {}", access.needed_for.join(", ")))
        };
        self.look.hang("  ", 4, &head)
            + &needed
            + &self.look.paint(tone, &self.look.hang("    ", 6, &access.says))
    }
}
