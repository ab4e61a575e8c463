//! Arguments that are sums of money, in micro-units once they are read.

use crate::arg_number::read;
use crate::arguments::{Context, Refusal, Steps};
use crate::mistakes::Mistakes;
use talos_contracts::json::Value;
use talos_contracts::{ErrorCode, PolicyArgument};

/// What a sum has to be.
#[derive(Debug)]
pub(crate) struct MoneyRule {
    min_micro: u64,
    max_micro: u64,
    unit_micro: u64,
    currency: Option<String>,
    pub currency_arg: Option<Steps>,
    as_string: bool,
}

impl MoneyRule {
    pub fn compile(argument: &PolicyArgument, steps: &Steps, mistakes: &mut Mistakes) -> Option<MoneyRule> {
        let currency_arg = match &argument.currency_arg {
            Some(pointer) => Some(Steps::compile("currency_arg", pointer, mistakes)?),
            None => None,
        };
        if currency_arg.is_some() && argument.currency.is_none() {
            mistakes.add("currency_arg", "currency_arg has nothing to be equal to: give the currency, too");
            return None;
        }
        if currency_arg.as_ref().is_some_and(|currency| currency.stars() > steps.stars()) {
            mistakes.add("currency_arg", "currency_arg has more steps * than arg: which item it is about is not known");
            return None;
        }
        let (min_micro, max_micro) = (argument.min_micro.unwrap_or(0), argument.max_micro?);
        if min_micro > max_micro {
            let detail = format!("no sum is from {min_micro} to {max_micro}: min_micro is larger than max_micro");
            mistakes.add("min_micro", detail);
            return None;
        }
        let unit_micro = argument.unit_micro.unwrap_or(1);
        let (currency, as_string) = (argument.currency.clone(), argument.as_string.unwrap_or(false));
        Some(MoneyRule { min_micro, max_micro, unit_micro, currency, currency_arg, as_string })
    }

    pub fn check(&self, value: &Value, context: &Context<'_>) -> Result<(), Refusal> {
        let number = read(value, self.as_string)?;
        if number.is_negative {
            return Err(Refusal::denied("the sum is negative"));
        }
        let micro = number.times(self.unit_micro);
        let micro =
            micro.ok_or_else(|| Refusal::denied("the sum is no whole number of micro-units that can be counted"))?;
        if micro < self.min_micro {
            return Err(Refusal::denied(format!("the sum is less than {} micro-units", self.min_micro)));
        }
        if micro > self.max_micro {
            return Err(Refusal::denied(format!("the sum is more than {} micro-units", self.max_micro)));
        }
        self.check_currency(context)
    }

    fn check_currency(&self, context: &Context<'_>) -> Result<(), Refusal> {
        let (Some(steps), Some(currency)) = (&self.currency_arg, &self.currency) else { return Ok(()) };
        match steps.resolve(context.facts.args, context.items) {
            None => {
                let why = "the currency that belongs to it is missing".to_owned();
                Err(Refusal { code: ErrorCode::PolicyArgumentMissing, why })
            }
            Some(value) => match value.as_str() {
                Some(found) if found == currency => Ok(()),
                Some(_) => Err(Refusal::denied(format!("the currency that belongs to it is not {currency}"))),
                None => Err(Refusal::kind("the currency that belongs to it is no string")),
            },
        }
    }
}
