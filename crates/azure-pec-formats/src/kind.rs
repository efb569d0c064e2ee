//! The kinds of file, told by their content and never by their name.

use std::fmt;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Cost Management cost and usage details.
    UsageCostManagement,
    /// Partner Center daily rated usage.
    UsageDailyRated,
    /// FOCUS cost and usage details.
    UsageFocus,
    /// Partner Center invoice reconciliation.
    InvoiceReconciliation,
    /// Azure plan price list.
    PricesAzurePlan,
    /// Cost Management price sheet.
    PricesPriceSheet,
    /// Pages of the Retail Prices API.
    PricesRetail,
    /// Exchange rates of Partner Center.
    PricesFx,
    /// Role assignments.
    AccessRoleAssignments,
    /// Role definitions.
    AccessRoleDefinitions,
    /// Deny assignments.
    AccessDenyAssignments,
    /// Privileged Identity Management.
    AccessPim,
    /// Azure Lighthouse delegations.
    AccessLighthouse,
    /// Management groups.
    AccessManagementGroups,
    /// A partner admin link.
    AccessPartnerLink,
    /// An activity log.
    AccessActivityLog,
    /// The manifest of an export in parts.
    ExportManifest,
    /// The project's own access history.
    AccessHistory,
    /// The project's own partner file.
    Partner,
    /// The project's own policy file.
    Policy,
    /// The project's own rule data.
    Rule,
}

impl Kind {
    /// The name that `pec inspect` prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsageCostManagement => "usage.cost_management",
            Self::UsageDailyRated => "usage.daily_rated",
            Self::UsageFocus => "usage.focus",
            Self::InvoiceReconciliation => "invoice.reconciliation",
            Self::PricesAzurePlan => "prices.azure_plan",
            Self::PricesPriceSheet => "prices.price_sheet",
            Self::PricesRetail => "prices.retail",
            Self::PricesFx => "prices.fx",
            Self::AccessRoleAssignments => "access.role_assignments",
            Self::AccessRoleDefinitions => "access.role_definitions",
            Self::AccessDenyAssignments => "access.deny_assignments",
            Self::AccessPim => "access.pim",
            Self::AccessLighthouse => "access.lighthouse",
            Self::AccessManagementGroups => "access.management_groups",
            Self::AccessPartnerLink => "access.partner_link",
            Self::AccessActivityLog => "access.activity_log",
            Self::ExportManifest => "export.manifest",
            Self::AccessHistory => "access.history",
            Self::Partner => "partner",
            Self::Policy => "policy",
            Self::Rule => "rule",
        }
    }

    /// Whether it holds usage lines.
    #[must_use]
    pub const fn is_usage(self) -> bool {
        matches!(self, Self::UsageCostManagement | Self::UsageDailyRated | Self::UsageFocus)
    }

    /// Whether it is an export of access.
    #[must_use]
    pub const fn is_access(self) -> bool {
        matches!(
            self,
            Self::AccessRoleAssignments
                | Self::AccessRoleDefinitions
                | Self::AccessDenyAssignments
                | Self::AccessPim
                | Self::AccessLighthouse
                | Self::AccessManagementGroups
                | Self::AccessPartnerLink
                | Self::AccessActivityLog
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
