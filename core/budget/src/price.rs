//! What a model call costs at the most (`docs/spec/budget.md`, section 5).

use crate::MAX;
use std::collections::HashMap;
use talos_contracts::json::{self, Profile};
use talos_contracts::{Amount, Error, ErrorCode, Price, PriceCatalogue};

/// The prices that come with this program.
const PRICES: &[u8] = include_bytes!("../data/prices.json");
/// Prices are for so many tokens.
const PER: u128 = 1_000_000;

/// Prices by model and currency.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    prices: HashMap<(String, String), Price>,
}

/// A model call, as far as its cost depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// Input tokens, as they were counted.
    pub input: u64,
    /// Output tokens that are asked for; absent: as many as the model gives.
    pub output: Option<u64>,
    /// Output tokens that the operator allows; absent: no limit of theirs.
    pub limit: Option<u64>,
}

/// What a call costs at the most.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// The money.
    pub amount: Amount,
    /// Input and output tokens together.
    pub tokens: u64,
    /// The price that was used.
    pub price: Price,
}

impl Catalogue {
    /// The prices that come with this program.
    pub fn builtin() -> Result<Self, Error> {
        let value = json::parse(PRICES, Profile::Data)?;
        Ok(Catalogue::new(&PriceCatalogue::read(&value)?))
    }

    /// Prices from a contract.
    pub fn new(catalogue: &PriceCatalogue) -> Self {
        let mut all = Catalogue::default();
        all.add(catalogue);
        all
    }

    /// Puts these prices before those that are there.
    pub fn add(&mut self, catalogue: &PriceCatalogue) {
        for price in &catalogue.prices {
            self.prices.insert((price.model.clone(), price.currency.clone()), price.clone());
        }
    }

    /// The price of a model; of several currencies, the first by its code.
    pub fn find(&self, model: &str, currency: Option<&str>) -> Option<&Price> {
        match currency {
            Some(currency) => self.prices.get(&(model.to_owned(), currency.to_owned())),
            None => {
                let of_model = self.prices.iter().filter(|((of, _), _)| of == model);
                of_model.min_by_key(|((_, currency), _)| currency.as_str()).map(|(_, price)| price)
            }
        }
    }

    /// Counted input + min(requested output, the model's ceiling, the operator's limit), priced and
    /// rounded up. Where none of the three is known the output has no worst case, and the price is unknown.
    pub fn quote(&self, model: &str, currency: &str, call: WorstCase) -> Result<Quote, Error> {
        let unknown = |why: &str| Error::new(ErrorCode::BudgetPriceUnknown, format!("model {model:?}: {why}"));
        let price = self
            .find(model, Some(currency))
            .ok_or_else(|| unknown(&format!("the catalogue has no price in {currency}")))?;
        let output = [call.output, price.max_output, call.limit]
            .into_iter()
            .flatten()
            .min()
            .ok_or_else(|| unknown("nobody says how long its answer may be"))?;
        let too_much = || unknown("it costs more than can be counted");
        let micro = cost(call.input, price.input_micro) + cost(output, price.output_micro);
        let micro = u64::try_from(micro.div_ceil(PER)).ok().filter(|m| *m <= MAX).ok_or_else(too_much)?;
        let tokens = call.input.checked_add(output).filter(|t| *t <= MAX).ok_or_else(too_much)?;
        Ok(Quote { amount: Amount { micro, currency: currency.to_owned() }, tokens, price: price.clone() })
    }

    /// What so many tokens cost at the most where nobody knows how many of them are output: each at
    /// the dearer price.
    pub fn dearest(&self, model: &str, tokens: u64) -> Option<Amount> {
        let price = self.find(model, None)?;
        let micro = cost(tokens, price.input_micro.max(price.output_micro)).div_ceil(PER);
        let micro = u64::try_from(micro).ok().filter(|m| *m <= MAX)?;
        Some(Amount { micro, currency: price.currency.clone() })
    }
}

/// INVARIANT: both factors are below 2^53, so that the sum of two products stays below 2^107.
fn cost(tokens: u64, micro: u64) -> u128 {
    u128::from(tokens.min(MAX)) * u128::from(micro.min(MAX))
}
