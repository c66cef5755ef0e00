use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;

use crate::kernel::Timestamp;

/// How long an API key counts from now on: a number and a unit, as `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLifetime {
    seconds: i64,
}

/// The text is not a lifetime, or out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLifetime {
    /// Not a number followed by a unit.
    #[error("a lifetime is a whole number and a unit: `m` minutes, `h` hours, `d` days, `w` weeks, as `30d`")]
    Malformed,
    /// Shorter than a minute or longer than ten years.
    #[error("a lifetime is from one minute (`1m`) to ten years (`3650d`)")]
    OutOfRange,
}

const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
const WEEK_SECONDS: i64 = 7 * DAY_SECONDS;
const LONGEST_SECONDS: i64 = 3650 * DAY_SECONDS;

impl KeyLifetime {
    /// The instant at which a key issued `now` stops to count.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Timestamp {
        // Ten years at most from any clock's now cannot leave chrono's 262,000 years.
        now.checked_add_signed(TimeDelta::seconds(self.seconds)).unwrap_or(Timestamp::MAX_UTC)
    }
}

impl FromStr for KeyLifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, unit) =
            text.split_at_checked(text.len().wrapping_sub(1)).ok_or(InvalidLifetime::Malformed)?;
        let unit_seconds = match unit {
            "m" => MINUTE_SECONDS,
            "h" => HOUR_SECONDS,
            "d" => DAY_SECONDS,
            "w" => WEEK_SECONDS,
            _ => return Err(InvalidLifetime::Malformed),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidLifetime::Malformed);
        }
        let count: i64 = digits.parse().map_err(|_| InvalidLifetime::OutOfRange)?;
        match count.checked_mul(unit_seconds) {
            Some(seconds) if (1..=LONGEST_SECONDS).contains(&seconds) => Ok(Self { seconds }),
            _ => Err(InvalidLifetime::OutOfRange),
        }
    }
}

impl fmt::Display for KeyLifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}m", self.seconds / MINUTE_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lifetimes_are_read_to_the_second() {
        for (text, seconds) in [("1m", 60), ("36h", 129_600), ("30d", 2_592_000), ("4w", 2_419_200)] {
            let end =
                text.parse::<KeyLifetime>().map(|lifetime| lifetime.end(DateTime::UNIX_EPOCH).timestamp());
            assert_eq!(end, Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_lifetime_is_malformed_and_what_is_too_long_out_of_range() {
        for text in ["", "d", "30", "30 d", "-1d", "+1d", "1.5h", "30D", "1y", "é", "3é", "never"] {
            assert_eq!(text.parse::<KeyLifetime>(), Err(InvalidLifetime::Malformed), "{text:?}");
        }
        for text in ["0d", "3651d", "99999999999999999999d", "9223372036854775807w"] {
            assert_eq!(text.parse::<KeyLifetime>(), Err(InvalidLifetime::OutOfRange), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let _ = text.parse::<KeyLifetime>();
        }
    }
}
