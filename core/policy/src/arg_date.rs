//! Arguments that are dates: a full-date or a date-time of RFC 3339.

use crate::arguments::{Context, Refusal, text_of};
use crate::mistakes::Mistakes;
use crate::source::quote;
use talos_contracts::PolicyArgument;
use talos_contracts::json::Value;

/// Longest date in bytes, with nine digits of a second and an offset.
const MAX_BYTES: usize = 35;
const NANOS_PER_DAY: i128 = 86_400_000_000_000;
const NANOS_PER_MS: i128 = 1_000_000;

/// A stretch of time in nanoseconds since 1970: an instant, or a day in UTC with both its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    start: i128,
    end: i128,
}

/// What a date has to be.
#[derive(Debug)]
pub(crate) struct DateRule {
    earliest: Option<Stretch>,
    latest: Option<Stretch>,
    ahead_days: Option<u64>,
    back_days: Option<u64>,
}

impl DateRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<DateRule> {
        let before = mistakes.list.len();
        let mut read = |member: &str, written: &Option<String>| {
            let written = written.as_ref()?;
            let found = parse(written);
            if let Err(why) = found {
                mistakes.add(member, format!("{member} {}: {why}", quote(written)));
            }
            found.ok()
        };
        let (earliest, latest) = (read("earliest", &argument.earliest), read("latest", &argument.latest));
        if let (Some(first), Some(last)) = (earliest, latest)
            && first.start > last.end
        {
            mistakes.add("earliest", "no date is from earliest to latest: earliest is later");
        }
        let rule = DateRule { earliest, latest, ahead_days: argument.ahead_days, back_days: argument.back_days };
        (mistakes.list.len() == before).then_some(rule)
    }

    pub fn check(&self, value: &Value, context: &Context<'_>) -> Result<(), Refusal> {
        let text = text_of(value, "a date", MAX_BYTES)?;
        let date = parse(text).map_err(|why| Refusal::denied(format!("the date is denied: {why}")))?;
        if self.earliest.is_some_and(|earliest| date.start < earliest.start) {
            return Err(Refusal::denied("the date is before earliest"));
        }
        if self.latest.is_some_and(|latest| date.end > latest.end) {
            return Err(Refusal::denied("the date is after latest"));
        }
        if self.ahead_days.is_none() && self.back_days.is_none() {
            return Ok(());
        }
        if context.facts.now_ms == 0 {
            return Err(Refusal::denied("what time it is now is not known, and the rule depends on it"));
        }
        let mut now = i128::from(context.facts.now_ms) * NANOS_PER_MS;
        if date.start != date.end {
            // A day is compared to today.
            now -= now % NANOS_PER_DAY;
        }
        let days = |days: u64| i128::from(days) * NANOS_PER_DAY;
        if let Some(most) = self.ahead_days.filter(|&most| date.start > now + days(most)) {
            return Err(Refusal::denied(format!("the date is more than {most} days ahead")));
        }
        if let Some(most) = self.back_days.filter(|&most| date.start < now - days(most)) {
            return Err(Refusal::denied(format!("the date is more than {most} days back")));
        }
        Ok(())
    }
}

/// Reads `2026-01-31`, `2026-01-31T09:30:00Z` or `2026-01-31T09:30:00.5+01:00`; letters are capitals, and there is no
/// leap second and no unknown offset.
fn parse(text: &str) -> Result<Stretch, &'static str> {
    let shape = "it is no full-date or date-time of RFC 3339, as 2026-01-31 or 2026-01-31T09:30:00Z";
    let day = i128::from(day(text.get(..10).ok_or(shape)?).ok_or(shape)??) * NANOS_PER_DAY;
    let rest = &text[10..];
    if rest.is_empty() {
        return Ok(Stretch { start: day, end: day + NANOS_PER_DAY - 1 });
    }
    let (time, offset) = match rest.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => {
            let at = rest.len().checked_sub(6).ok_or(shape)?;
            let (time, offset) = rest.split_at_checked(at).ok_or(shape)?;
            (time, minutes_of(offset).ok_or("its offset is none: Z, or + or - with hours and minutes")?)
        }
    };
    let time = time.strip_prefix('T').and_then(nanos_of).ok_or("its time of the day is none")?;
    let instant = day + time - offset * 60_000_000_000;
    Ok(Stretch { start: instant, end: instant })
}

/// Days since 1970 of a full-date; inside: whether the day is there.
fn day(text: &str) -> Option<Result<i64, &'static str>> {
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..])?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap),
        _ => return Some(Err("there is no such month")),
    };
    if !(1..=length).contains(&day) {
        return Some(Err("there is no such day"));
    }
    Some(Ok(days_since_1970(year, month, day)))
}

/// The civil calendar, with years that begin in March so that the leap day is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Nanoseconds since midnight of `09:30:00` or `09:30:00.123`.
fn nanos_of(text: &str) -> Option<i128> {
    let (time, fraction) = match text.split_once('.') {
        Some((time, fraction)) if (1..=9).contains(&fraction.len()) => (time, fraction),
        Some(_) => return None,
        None => (text, "0"),
    };
    let bytes = time.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    let part = |range: std::ops::Range<usize>, most: i64| digits(time.get(range)?).filter(|&part| part <= most);
    let seconds = part(0..2, 23)? * 3600 + part(3..5, 59)? * 60 + part(6..8, 59)?;
    let fraction = digits(fraction)? * 10i64.pow(9 - u32::try_from(fraction.len()).ok()?);
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(fraction))
}

/// Minutes of `+01:00`.
fn minutes_of(text: &str) -> Option<i128> {
    let sign = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(text.get(1..3)?)?, digits(text.get(4..6)?)?);
    let is_known = hours <= 23 && minutes <= 59 && (sign > 0 || hours + minutes > 0);
    is_known.then_some(i128::from(sign * (hours * 60 + minutes)))
}

fn digits(text: &str) -> Option<i64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<i128> {
        parse(text).ok().map(|stretch| stretch.start / NANOS_PER_MS)
    }

    #[test]
    fn dates_are_instants() {
        assert_eq!(at("1970-01-01"), Some(0));
        assert_eq!(at("2000-02-29T00:00:00Z"), Some(951_782_400_000));
        assert_eq!(at("2026-11-30T22:48:31Z"), Some(1_796_078_911_000));
        assert_eq!(at("2026-11-30T23:48:31.250+01:00"), Some(1_796_078_911_250));
        assert_eq!(at("2026-11-30T17:18:31-05:30"), Some(1_796_078_911_000));
        assert_eq!(at("0000-01-01"), Some(-62_167_219_200_000));
        assert_eq!(at("9999-12-31"), Some(253_402_214_400_000));
    }

    #[test]
    fn what_is_no_date_of_rfc_3339_is_none() {
        for text in [
            "",
            "2026-1-31",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-01-00",
            "20260131",
            "31-01-2026",
            "2026/01/31",
            "2026-01-31 09:30:00Z",
            "2026-01-31t09:30:00Z",
            "2026-01-31T09:30:00z",
            "2026-01-31T09:30:00",
            "2026-01-31T09:30Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T23:59:60Z",
            "2026-01-31T09:30:00-00:00",
            "2026-01-31T09:30:00+24:00",
            "2026-01-31T09:30:00+1:00",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00.1234567890Z",
            "2026-01-31Z",
            "+2026-01-31",
            "２０２６-01-31",
            "2026-01-31T09:30:00 Z",
            "2026-01-31T09:30:00é+01:00",
            "2026-01-3é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
