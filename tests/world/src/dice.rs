//! Chance, time and ids of a world: all from its seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{Clock, Ids};
use tokio::time::Instant;
use uuid::Uuid;

/// The world's chance.
pub(crate) struct Dice(Mutex<StdRng>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// Whether something of so many in a hundred happens.
    pub(crate) fn percent(&self, percent: u32) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// A number from 0 to below `limit`.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..limit.max(1))
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&self, all: &'a [T]) -> &'a T {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap_or(0);
        &all[place]
    }

    /// Up to so many milliseconds.
    pub(crate) fn moment(&self, millis: u64) -> Duration {
        Duration::from_millis(self.below(millis + 1))
    }
}

/// The world's time: what has passed in earlier lives, and the time of the runtime of this one.
pub(crate) struct WorldClock {
    earlier: Mutex<Timestamp>,
    born: Mutex<Option<Instant>>,
}

/// When every world begins.
pub(crate) fn noon() -> Timestamp {
    "2026-03-04T12:00:00Z".parse().expect("an instant")
}

impl WorldClock {
    pub(crate) fn new() -> Self {
        Self { earlier: Mutex::new(noon()), born: Mutex::new(None) }
    }

    /// A life begins, in whose runtime this is called.
    pub(crate) fn begin(&self) {
        *self.born.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The life ends: its time stays.
    pub(crate) fn end(&self) {
        let now = self.now();
        *self.earlier.lock().unwrap_or_else(PoisonError::into_inner) = now;
        *self.born.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        let earlier = *self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        let born = *self.born.lock().unwrap_or_else(PoisonError::into_inner);
        earlier + born.map_or(Duration::ZERO, |born| born.elapsed())
    }
}

/// Ids in the order they are asked for, of version 7.
#[derive(Default)]
pub(crate) struct WorldIds(AtomicU64);

impl Ids for WorldIds {
    fn uuid(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        // The number stands where the time does, so that later ids sort after earlier ones.
        Uuid::from_u128(((number & 0xffff_ffff_ffff) << 80) | (0x7 << 76) | (0x2 << 62))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        secret
    }
}
