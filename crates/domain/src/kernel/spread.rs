//! Keeps what failed together from coming back together.

use std::time::Duration;

use uuid::Uuid;

/// A step is prolonged by up to this part of it.
const PART: u32 = 8;

/// By how much a step is prolonged: up to an eighth of it. The same for the same thing (`seed` is its id) and turn, so
/// that a decision can be repeated.
#[must_use]
pub fn spread(step: Duration, seed: Uuid, turn: u32) -> Duration {
    // Both halves: the one of a version-7 UUID is its time, the other its random bits.
    let (high, low) = seed.as_u64_pair();
    let draw = high ^ low.rotate_left(17) ^ u64::from(turn);
    // The finalizer of MurmurHash3 spreads neighbours.
    let draw = (draw ^ (draw >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let draw = (draw ^ (draw >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    let millis = u64::try_from((step / PART).as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis((draw ^ (draw >> 33)) % millis.max(1))
}
