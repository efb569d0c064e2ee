//! The readers of usage files, invoices and price lists, on small files of every published form.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod cost_management;
#[cfg(test)]
mod daily_rated;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod focus;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod invoices;
#[cfg(test)]
mod list_prices;
#[cfg(test)]
mod prices;
#[cfg(test)]
mod sniffing;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod usage_json;
#[cfg(test)]
mod values;
