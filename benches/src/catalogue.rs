//! The services of the made-up estate, and the meters that a price list holds of them.

use crate::rng::{Rng, entry};
use crate::text::guid;

/// Meters in the price list.
pub const METERS: u64 = 40_000;
/// The first day of the month (0 is the 1st) at which a new version of a price holds.
pub const NEW_VERSION_DAY: u64 = 14;

const KIND_METER: u64 = 1;
const KIND_METER_ID: u64 = 2;

/// A kind of resource, and how its usage looks.
#[derive(Debug)]
pub struct Service {
    /// `serviceFamily`.
    pub family: &'static str,
    /// `consumedService`, which is the resource provider.
    pub provider: &'static str,
    /// The resource type, behind the provider.
    pub resource_type: &'static str,
    /// `meterCategory`.
    pub category: &'static str,
    /// `meterSubCategory`.
    pub sub_category: &'static str,
    /// `unitOfMeasure`.
    pub unit: &'static str,
    /// `additionalInfo`: JSON, or nothing.
    pub info: &'static str,
    /// Sold by another publisher on the Marketplace.
    pub marketplace: bool,
}

macro_rules! services {
    ($($family:literal, $provider:literal, $type:literal, $category:literal, $sub:literal, $unit:literal, $info:literal, $marketplace:literal;)*) => {
        &[$(Service { family: $family, provider: $provider, resource_type: $type, category: $category,
            sub_category: $sub, unit: $unit, info: $info, marketplace: $marketplace }),*]
    };
}

/// The services.
#[rustfmt::skip]
pub const SERVICES: &[Service] = services! {
    "Compute", "Microsoft.Compute", "virtualMachines", "Virtual Machines", "Ddsv5 Series", "1 Hour",
        r#"{"UsageType":"ComputeHR","ImageType":"Canonical","ServiceType":"Standard_D4ds_v5","VMName":null,"VCPUs":4,"AHB":"False"}"#, false;
    "Storage", "Microsoft.Compute", "disks", "Storage", "Premium SSD Managed Disks", "1/Month", r#"{"DiskType":"P20","Bursting":false}"#, false;
    "Storage", "Microsoft.Storage", "storageAccounts", "Storage", "Tiered Block Blob", "10K", "", false;
    "Networking", "Microsoft.Network", "publicIPAddresses", "Virtual Network", "IP Addresses", "1 Hour", "", false;
    "Networking", "Microsoft.Compute", "virtualMachineScaleSets", "Bandwidth", "Rtn Preference: MGN", "1 GB",
        r#"{"DataTransferDirection":"DataTrOut","DataCenter":"FRA21","NetworkBucket":"EU1"}"#, false;
    "Databases", "Microsoft.Sql", "servers/main/databases", "SQL Database", "Single/Elastic Pool General Purpose - Compute Gen5", "1 Hour", "", false;
    "Management and Governance", "Microsoft.OperationalInsights", "workspaces", "Log Analytics", "", "1 GB", "", false;
    "Containers", "Microsoft.ContainerService", "managedClusters", "Azure Kubernetes Service", "", "1 Hour", r#"{"Tier":"Standard","vCores":0}"#, false;
    "Compute", "Microsoft.Web", "serverfarms", "Azure App Service", "Premium v3 Plan - Linux", "1 Hour", "", false;
    "Security", "Microsoft.Security", "pricings", "Microsoft Defender for Cloud", "Microsoft Defender for Servers", "1/Month", "", false;
    "Analytics", "Microsoft.DataFactory", "factories", "Azure Data Factory v2", "Orchestration", "1K",
        r#"{"PipelineType":"Copy","Note":"nightly run, \"full\" load"}"#, false;
    "SaaS", "Microsoft.SaaS", "resources", "SaaS", "", "1", "", true;
};

/// Regions: name and the region of meters.
pub const REGIONS: &[(&str, &str)] = &[
    ("westeurope", "EU West"),
    ("northeurope", "EU North"),
    ("germanywestcentral", "DE West Central"),
    ("swedencentral", "SE Central"),
    ("uksouth", "UK South"),
    ("eastus2", "US East 2"),
    ("westus3", "US West 3"),
    ("southeastasia", "AP Southeast"),
];

/// One meter and its price.
#[derive(Debug)]
pub struct Meter {
    /// The meter's GUID.
    pub id: String,
    /// `DZH318Z0` and four characters.
    pub product: String,
    /// Four characters; no two meters share one.
    pub sku: String,
    /// The list prices of the two versions, in 10^-15.
    pub prices: [i128; 2],
    /// Whether there is a second version.
    pub versions: bool,
    /// Whether the list holds it.
    pub listed: bool,
    /// Whether the list tags it as third party.
    pub third_party: bool,
    /// Whether its effective price has 22 decimals, as the averages over tiers do.
    pub averaged: bool,
}

/// The service of a meter.
#[must_use]
pub fn service_of(meter: u64) -> &'static Service {
    entry(SERVICES, meter)
}

/// The region of a meter.
#[must_use]
pub fn region_of(meter: u64) -> (&'static str, &'static str) {
    *entry(REGIONS, meter / SERVICES.len() as u64)
}

/// Every meter.
#[derive(Debug)]
pub struct Catalogue {
    /// By number.
    pub meters: Vec<Meter>,
}

impl Catalogue {
    /// The catalogue of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { meters: (0..METERS).map(|number| Meter::new(seed, number)).collect() }
    }

    /// The meter of a number.
    #[must_use]
    pub fn meter(&self, number: u64) -> &Meter {
        entry(&self.meters, number)
    }
}

/// Decimals of a list price, and the largest mantissa.
const PRICE_FORMS: [(u32, u64); 5] =
    [(3, 400_000), (5, 8_000_000), (6, 5_000_000), (9, 90_000_000), (15, 800_000_000_000_000)];
/// Characters of product ids.
const LETTERS: &[u8; 31] = b"0123456789BCDFGHJKLMNPQRSTVWXYZ";

impl Meter {
    fn new(seed: u64, number: u64) -> Self {
        let mut rng = Rng::of(seed, KIND_METER, number);
        let (decimals, most) = rng.pick(&PRICE_FORMS);
        let price = i128::from(1 + rng.below(most)) * 10i128.pow(15 - decimals);
        let versions = number % 10 == 6;
        let mut product = String::from("DZH318Z0");
        for _ in 0..4 {
            product.push(char::from(rng.pick(LETTERS)));
        }
        Self {
            id: guid(seed, KIND_METER_ID, number),
            product,
            sku: format!("{number:04X}"),
            prices: [price, if versions { price + price / 25 } else { price }],
            versions,
            listed: !rng.chance(4),
            third_party: service_of(number).marketplace || rng.chance(50),
            averaged: rng.chance(50),
        }
    }

    /// The list price of a day of the month, in 10^-15.
    #[must_use]
    pub fn price(&self, day: u64) -> i128 {
        let [old, new] = self.prices;
        if self.versions && day >= NEW_VERSION_DAY { new } else { old }
    }
}
