//! Rates, times and ratios in whole numbers.

use std::fmt;
use std::time::Duration;

/// How often a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PerSecond(pub(crate) u64);

impl PerSecond {
    /// So many in this time.
    pub(crate) fn of(count: u64, time: Duration) -> Self {
        let micros = time.as_micros().max(1);
        Self(u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX))
    }

    /// The mean of several; none of none.
    pub(crate) fn mean(rates: &[Self]) -> Option<Self> {
        let count = u64::try_from(rates.len()).ok().filter(|count| *count > 0)?;
        Some(Self(rates.iter().map(|rate| rate.0).sum::<u64>() / count))
    }

    /// How many times the other it is.
    pub(crate) fn ratio(self, other: Self) -> Ratio {
        Ratio(self.0.saturating_mul(100) / other.0.max(1))
    }
}

impl fmt::Display for PerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            small @ 0..1000 => write!(f, "{small}"),
            large => write!(f, "{},{:03}", large / 1000, large % 1000),
        }
    }
}

/// How many times, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ratio(pub(crate) u64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A time of microseconds, shown in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(pub(crate) u64);

impl From<Duration> for Micros {
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} ms", self.0 / 1000, self.0 % 1000 / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_times_and_ratios_are_shown_as_people_write_them() {
        assert_eq!(PerSecond::of(25_000, Duration::from_secs(10)).to_string(), "2,500");
        assert_eq!(PerSecond(999).to_string(), "999");
        assert_eq!(PerSecond(10_053).to_string(), "10,053");
        assert_eq!(PerSecond(3).ratio(PerSecond(2)).to_string(), "1.50");
        assert_eq!(Micros(12_345).to_string(), "12.3 ms");
        assert_eq!(PerSecond::mean(&[PerSecond(1), PerSecond(4)]), Some(PerSecond(2)));
        assert_eq!(PerSecond::mean(&[]), None);
    }
}
