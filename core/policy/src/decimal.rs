//! Numbers as they are written, exactly: no arithmetic on floating point.

use std::cmp::Ordering;
use talos_contracts::json::{Kind, Value};

/// Most digits of a number.
const MAX_DIGITS: usize = 38;

/// A number: its sign and digits, and how many of the digits are behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub is_negative: bool,
    digits: u128,
    /// Powers of ten: negative behind the point. The last digit is not zero unless the number is.
    exponent: i32,
}

impl Decimal {
    /// The number that a value is. A double is the shortest decimal that reads back as it.
    pub fn of(value: &Value) -> Option<Decimal> {
        match value.kind {
            Kind::Integer(integer) => Some(Decimal::new(integer < 0, integer.unsigned_abs().into(), 0)),
            Kind::Float(float) => Decimal::of_scientific(&format!("{float:e}")),
            _ => None,
        }
    }

    /// The number that a text is: digits without zeros in front, a minus before and a fraction behind where there is
    /// one; no exponent, no separators.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match rest.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (rest, ""),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
        if !is_plain || !is_digits(whole) || !is_digits(fraction) || whole.len() + fraction.len() > MAX_DIGITS {
            return None;
        }
        let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
        let number = Decimal::new(is_negative, digits, -i32::try_from(fraction.len()).ok()?);
        // A minus before nothing is another spelling of nothing.
        (digits != 0 || !is_negative).then_some(number)
    }

    fn of_scientific(text: &str) -> Option<Decimal> {
        let (mantissa, exponent) = text.split_once('e')?;
        let number = Decimal::parse(mantissa)?;
        Some(Decimal { exponent: number.exponent.checked_add(exponent.parse().ok()?)?, ..number })
    }

    fn new(is_negative: bool, mut digits: u128, mut exponent: i32) -> Decimal {
        while digits != 0 && digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        Decimal { is_negative, digits, exponent: if digits == 0 { 0 } else { exponent } }
    }

    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// How the number compares to an integer.
    pub fn compare(&self, other: i64) -> Ordering {
        let sign = if self.digits == 0 {
            0
        } else if self.is_negative {
            -1
        } else {
            1
        };
        match (sign, other.signum()) {
            (mine, theirs) if mine != theirs => mine.cmp(&theirs),
            (0, _) => Ordering::Equal,
            (sign, _) => {
                let magnitude = self.compare_magnitude(other.unsigned_abs().into());
                if sign < 0 { magnitude.reverse() } else { magnitude }
            }
        }
    }

    fn compare_magnitude(&self, other: u128) -> Ordering {
        let power = 10u128.checked_pow(self.exponent.unsigned_abs());
        if self.exponent >= 0 {
            // What does not fit is larger than every integer of 64 bits.
            let whole = power.and_then(|power| self.digits.checked_mul(power));
            return whole.map_or(Ordering::Greater, |whole| whole.cmp(&other));
        }
        let (whole, rest) = power.map_or((0, self.digits), |power| (self.digits / power, self.digits % power));
        whole.cmp(&other).then(if rest == 0 { Ordering::Equal } else { Ordering::Greater })
    }

    /// The number times a factor, if that is a whole number of 64 bits that is not negative.
    pub fn times(&self, factor: u64) -> Option<u64> {
        if self.is_negative {
            return None;
        }
        let product = self.digits.checked_mul(factor.into())?;
        let power = 10u128.checked_pow(self.exponent.unsigned_abs());
        let whole = match power {
            Some(power) if self.exponent >= 0 => product.checked_mul(power)?,
            Some(power) if product.is_multiple_of(power) => product / power,
            _ => return None,
        };
        u64::try_from(whole).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        Decimal::of(&talos_contracts::json::parse(text.as_bytes(), talos_contracts::json::Profile::Data).unwrap())
            .unwrap()
    }

    #[test]
    fn numbers_compare_exactly() {
        for (number, other, expected) in [
            ("5", 5, Ordering::Equal),
            ("-5", -5, Ordering::Equal),
            ("0", 0, Ordering::Equal),
            ("5.000000000000001", 5, Ordering::Greater),
            ("-5.000000000000001", -5, Ordering::Less),
            ("4.999999999999999", 5, Ordering::Less),
            ("-0.5", 0, Ordering::Less),
            ("0.5", 0, Ordering::Greater),
            ("1e300", i64::MAX, Ordering::Greater),
            ("-1e300", i64::MIN, Ordering::Less),
            ("1e-300", 0, Ordering::Greater),
            ("1e-300", 1, Ordering::Less),
            ("9007199254740992.0", 9_007_199_254_740_991, Ordering::Greater),
        ] {
            assert_eq!(of(number).compare(other), expected, "{number}");
        }
    }

    #[test]
    fn a_text_is_a_number_in_one_spelling() {
        for text in ["0", "7", "-7", "0.5", "10.25", "99999999999999999999999999999999999999"] {
            assert!(Decimal::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "-",
            "+1",
            "01",
            "00",
            "-0",
            "1.",
            ".5",
            "1e3",
            "0x10",
            "1_000",
            "1,000",
            " 1",
            "1 ",
            "१",
            "１",
            "Infinity",
            "NaN",
            "1.2.3",
            "--1",
            "999999999999999999999999999999999999999",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_factor_makes_whole_units_or_nothing() {
        assert_eq!(of("19.99").times(1_000_000), Some(19_990_000));
        assert_eq!(of("0.07").times(1_000_000), Some(70_000));
        assert_eq!(of("0.0000001").times(1_000_000), None);
        assert_eq!(of("-1").times(1), None);
        assert_eq!(of("1e30").times(1), None);
        assert_eq!(of("0").times(1_000_000), Some(0));
    }
}
