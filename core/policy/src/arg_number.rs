//! Arguments that are numbers.

use crate::arguments::Refusal;
use crate::decimal::Decimal;
use crate::mistakes::Mistakes;
use talos_contracts::PolicyArgument;
use talos_contracts::json::Value;

/// What a number has to be.
#[derive(Debug)]
pub(crate) struct NumberRule {
    min: Option<i64>,
    max: Option<i64>,
    fractions: bool,
    as_string: bool,
}

impl NumberRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<NumberRule> {
        if let (Some(min), Some(max)) = (argument.min, argument.max)
            && min > max
        {
            mistakes.add("min", format!("no number is from {min} to {max}: min is larger than max"));
            return None;
        }
        Some(NumberRule {
            min: argument.min,
            max: argument.max,
            fractions: argument.fractions.unwrap_or(false),
            as_string: argument.as_string.unwrap_or(false),
        })
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let number = read(value, self.as_string)?;
        if !self.fractions && !number.is_whole() {
            return Err(Refusal::denied("the number has a fraction"));
        }
        if let Some(min) = self.min.filter(|&min| number.compare(min).is_lt()) {
            return Err(Refusal::denied(format!("the number is less than {min}")));
        }
        if let Some(max) = self.max.filter(|&max| number.compare(max).is_gt()) {
            return Err(Refusal::denied(format!("the number is more than {max}")));
        }
        Ok(())
    }
}

/// The number that an argument is, or that its text is.
pub(crate) fn read(value: &Value, as_string: bool) -> Result<Decimal, Refusal> {
    if !as_string {
        return Decimal::of(value).ok_or_else(|| Refusal::kind("a number is expected, not a text or a list of one"));
    }
    let text = value.as_str().ok_or_else(|| Refusal::kind("a number written as a string is expected"))?;
    let spelling =
        "the text is no number as it is expected: digits, a minus before and a fraction behind where there is one";
    Decimal::parse(text).ok_or_else(|| Refusal::denied(spelling))
}
