//! Times, durations, counts and money, in words.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode};

/// Currencies of ISO 4217 without a minor unit.
const WHOLE: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
];

/// Milliseconds since 1970, as `2026-11-30T22:41:03.120Z`.
pub fn time(ms: u64) -> String {
    in_utc(ms, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// The time of day of a moment in UTC, as `22:41:03.120`.
pub fn clock(ms: u64) -> String {
    in_utc(ms, "%H:%M:%S%.3f")
}

/// The day of a moment in UTC, as `2026-11-30`.
pub fn day(ms: u64) -> String {
    in_utc(ms, "%Y-%m-%d")
}

fn in_utc(ms: u64, format: &str) -> String {
    // Times of receipts are claims; one after the year 9999 has no date.
    let moment = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(|| format!("{ms} ms after 1970"), |moment| moment.strftime(format).to_string())
}

/// Reads a time: RFC 3339, a date (its midnight in UTC), or how long ago, as `90m`, `2h` or `7d`.
pub fn parse_time(text: &str, now_ms: u64) -> Result<u64, Error> {
    let refused = || {
        let detail = format!(
            "{text:?} is no time: give 2026-11-30T22:00:00Z, 2026-11-30 (midnight UTC), or how long ago, such as 90m, 2h or 7d"
        );
        Error::new(ErrorCode::MalformedValue, detail)
    };
    let ms = if let Ok(moment) = text.parse::<Timestamp>() {
        moment.as_millisecond()
    } else if let Ok(date) = text.parse::<Date>() {
        TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| refused())?.as_millisecond()
    } else {
        let ago = ago(text).ok_or_else(refused)?;
        i64::try_from(now_ms).ok().and_then(|now| now.checked_sub(ago)).ok_or_else(refused)?
    };
    u64::try_from(ms).map_err(|_| refused())
}

fn ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let seconds = number.parse::<i64>().ok()?.checked_mul(unit)?;
    i64::try_from(SignedDuration::from_secs(seconds).as_millis()).ok()
}

/// How long something took.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// A number as JSON: its decimal digits where an integer would lose some.
pub fn number(n: u64) -> Value {
    const SAFE: u64 = (1 << 53) - 1;
    i64::try_from(n).ok().filter(|_| n <= SAFE).map_or_else(|| Value::from(n.to_string()), Value::from)
}

/// A number of things, with commas, and its noun.
pub fn count(number: u128, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A sum of money from millionths of the currency's unit, exactly.
pub fn money(micro: u128, currency: &str) -> String {
    let fraction = format!("{:06}", micro % 1_000_000);
    let least = if WHOLE.contains(&currency) { 0 } else { 2 };
    let kept = fraction.trim_end_matches('0').len().max(least);
    let point = if kept == 0 { "" } else { "." };
    format!("{}{point}{} {currency}", grouped(micro / 1_000_000), &fraction[..kept])
}

/// Tokens and money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub tokens: u128,
    /// Millionths, by currency.
    pub micro: BTreeMap<String, u128>,
}

impl Cost {
    pub fn add(&mut self, other: &Cost) {
        self.tokens += other.tokens;
        for (currency, micro) in &other.micro {
            *self.micro.entry(currency.clone()).or_default() += micro;
        }
    }

    /// In words; nothing where nothing was spent.
    pub fn words(&self) -> Option<String> {
        let tokens = (self.tokens > 0).then(|| count(self.tokens, "token"));
        let sums = self.micro.iter().map(|(currency, micro)| money(*micro, currency));
        let parts: Vec<String> = tokens.into_iter().chain(sums).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_to_the_millionth() {
        let cases = [
            (0, "EUR", "0.00 EUR"),
            (1, "EUR", "0.000001 EUR"),
            (1_500_000, "USD", "1.50 USD"),
            (12_345_678_900_000, "USD", "12,345,678.90 USD"),
            (9_007_199_254_740_991, "EUR", "9,007,199,254.740991 EUR"),
            (1_200_000_000, "JPY", "1,200 JPY"),
            (1_500_000, "JPY", "1.5 JPY"),
        ];
        for (micro, currency, words) in cases {
            assert_eq!(money(micro, currency), words);
        }
    }

    #[test]
    fn times_are_utc_and_no_claim_of_one_stops_a_reader() {
        assert_eq!(time(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(time(951_827_696_789), "2000-02-29T12:34:56.789Z");
        assert_eq!(clock(951_827_696_789), "12:34:56.789");
        assert_eq!(time(9_007_199_254_740_991), "9007199254740991 ms after 1970");
    }

    #[test]
    fn a_time_is_a_moment_a_day_or_how_long_ago() {
        let now = 1_000_000_000_000;
        let cases = [
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01T01:00:01.5+01:00", 1_500),
            ("1970-01-02", 86_400_000),
            ("90m", now - 5_400_000),
            ("2h", now - 7_200_000),
            ("7d", now - 604_800_000),
            ("0s", now),
        ];
        for (text, ms) in cases {
            assert_eq!(parse_time(text, now).unwrap(), ms, "{text}");
        }
        for text in [
            "",
            "h",
            "2",
            "-2h",
            "2 h",
            "yesterday",
            "1969-01-01",
            "2026-13-01",
            "99999999999999999999d",
            "9223372036854775807h",
        ] {
            assert_eq!(parse_time(text, now).unwrap_err().code, ErrorCode::MalformedValue, "{text}");
        }
    }

    #[test]
    fn durations_have_the_unit_that_people_would_use() {
        let cases = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.00 s"),
            (59_999, "59.99 s"),
            (61_000, "1 min 1 s"),
            (7_380_000, "2 h 3 min"),
        ];
        for (ms, words) in cases {
            assert_eq!(duration(ms), words);
        }
    }

    #[test]
    fn a_cost_adds_up_by_currency() {
        let mut cost = Cost::default();
        assert_eq!(cost.words(), None);
        cost.add(&Cost { tokens: 1, micro: BTreeMap::from([("EUR".into(), 500_000)]) });
        cost.add(&Cost { tokens: 1_999, micro: BTreeMap::from([("EUR".into(), 500_000), ("USD".into(), 10_000)]) });
        assert_eq!(cost.words().unwrap(), "2,000 tokens, 1.00 EUR, 0.01 USD");
    }
}
