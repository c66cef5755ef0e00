//! Random moments that can be had again.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Throws of one seed.
#[derive(Debug)]
pub struct Dice(StdRng);

impl Dice {
    /// Dice of the seed in `TENDER_CHAOS_SEED`, else of a new one; printed either way.
    #[must_use]
    pub fn new(test: &str) -> Self {
        let given = std::env::var("TENDER_CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed: u64 = given.unwrap_or_else(rand::random);
        eprintln!("{test}: TENDER_CHAOS_SEED={seed}");
        Self(StdRng::seed_from_u64(seed))
    }

    /// Dice that throw on from here, for somebody else.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(StdRng::seed_from_u64(self.0.random()))
    }

    /// A number from `from` to `to`.
    pub fn number(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..=to)
    }

    /// Whether it came true, by so many in a hundred.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.number(1, 100) <= percent
    }

    /// A wait between so many milliseconds.
    pub fn wait(&mut self, from: i64, to: i64) -> Duration {
        Duration::from_millis(self.number(from, to).unsigned_abs())
    }
}

/// How often something is broken: `usual`, or what `TENDER_CHAOS_ROUNDS` says.
#[must_use]
pub fn rounds(usual: u32) -> u32 {
    std::env::var("TENDER_CHAOS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}
