//! A calculator as bytes, for processes that share the work.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use azure_pec::{Amount, Day, InputSummary, Policy, Recipe};
use serde::{Deserialize, Serialize};

use super::compiled::Compiled;
use crate::error::{Error, Fault, Place};
use crate::exchange_rates::ExchangeRate;
use crate::inputs::Inputs;
use crate::packed::{pack, unpack};

const FORM: &str = "azure-pec/calculator/1";

#[derive(Serialize, Deserialize)]
struct Content {
    recipe: Recipe,
    files: Vec<InputSummary>,
    warnings: Vec<(String, String)>,
    fx: Vec<(Day, String, Amount)>,
}

impl Compiled {
    /// The calculator and what is told of its files, as bytes: the same calculator is the same bytes. A grant takes less
    /// than 100 of them, a row of a price list less than 64.
    ///
    /// With `meters`, prices of these alone: lines of other meters, and lines that name none, are then
    /// `product.unlisted`.
    ///
    /// # Errors
    /// `output.write_failed`, for want of memory alone.
    pub fn to_bytes(&self, meters: Option<&[&str]>) -> Result<Vec<u8>, Error> {
        let given = self.given();
        let rates =
            given.fx.iter().map(|rate| (rate.month, rate.currency.clone(), rate.usd_per_unit.clone()));
        let warnings = given.warnings.iter().map(|(code, says)| ((*code).to_owned(), says.clone()));
        let recipe = self.calculator().recipe(meters);
        pack(
            FORM,
            &Content {
                recipe,
                files: given.files.clone(),
                warnings: warnings.collect(),
                fx: rates.collect(),
            },
        )
    }

    /// The calculator of such bytes. It answers every line as the first does, whatever version of the rule this program
    /// has.
    ///
    /// # Errors
    /// `input.unknown_kind` for bytes of another form or version, `input.truncated` where they are not whole.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let content: Content = unpack(FORM, bytes)?;
        let mut policy = Policy::default();
        let value = |error| Fault::Value(error).at(Place::file(FORM));
        for (key, text) in &content.recipe.policy {
            policy.set(key, text).map_err(value)?;
        }
        let rate = |(month, currency, usd_per_unit)| ExchangeRate { currency, usd_per_unit, month };
        let given = Inputs {
            files: content.files,
            warnings: content.warnings.into_iter().map(|(code, says)| (code_of(&code), says)).collect(),
            fx: content.fx.into_iter().map(rate).collect(),
            policy,
            ..Inputs::default()
        };
        Ok(Self::of(Arc::new(content.recipe.calculator().map_err(value)?), given))
    }
}

/// A code that was read, as codes are told: each is kept once for as long as the program runs, and there are few.
pub(super) fn code_of(text: &str) -> &'static str {
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = codes.get(text) {
        return known;
    }
    let code: &'static str = String::leak(text.to_owned());
    codes.insert(code);
    code
}
