//! Worlds by their seeds: a fixed set, one by chance, and as many more as are asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tender_world::Met;

/// Seeds that are run each time: with these every misbehaviour is scripted twice alone and with each other.
const FIXED: u64 = 288;

/// What so many worlds must have met, or they prove nothing.
const MUST_BE_MET: &[&str] = &[
    "died",
    "looked up",
    "look-up lost",
    "completion lost",
    "intent succeeded",
    "intent canceled",
    "intent requires_payment_method",
    "attempt approved",
    "attempt declined",
    "attempt error",
    "attempt conflict",
    "capture succeeded",
    "captured outside",
    "refund succeeded",
    "refund failed",
    "refund taken by a later call",
    "dispute needs_response",
    "callback applied",
    "callback known",
    "session approved",
    "stepped up approved",
    "stepped up error",
    "session declined",
    "session error",
    "abandoned challenge",
    "abandoned session",
    "authorization expired",
    "intent expired",
    "captured after its delay",
    "failed over after error",
    "failed over after declined",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn run(seed: u64) -> Met {
    catch_unwind(AssertUnwindSafe(|| tender_world::run(seed))).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
        panic!("the world of seed {seed} broke a promise: {text}\nTENDER_WORLD_SEED={seed} cargo test -p tender-world")
    })
}

/// `TENDER_WORLD_SEED=n` runs that one; `TENDER_WORLD_RUNS=n` so many, from `TENDER_WORLD_FROM` on.
#[test]
fn no_cent_is_lost_or_doubled_whatever_goes_wrong() {
    if let Some(seed) = number("TENDER_WORLD_SEED") {
        let met = run(seed);
        assert_eq!(run(seed), met, "the same seed is the same world");
        return;
    }
    let runs = number("TENDER_WORLD_RUNS").unwrap_or(FIXED);
    let from = number("TENDER_WORLD_FROM").unwrap_or(0);
    let (next, all) = (AtomicU64::new(from), Mutex::new(Met::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < from + runs)
                {
                    let met = run(seed);
                    *all.lock().expect("a thread that panics ends the test") += &met;
                }
            });
        }
    });
    let met = all.into_inner().expect("a thread that panics ends the test");
    if runs >= FIXED {
        for what in MUST_BE_MET {
            assert!(met.times(what) > 0, "no world met `{what}`: {met:?}");
        }
    }
    let chance = u64::from(rand::random::<u32>());
    let _ = run(chance);
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 77, 1_001, 50_300] {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}
