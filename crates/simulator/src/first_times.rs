//! What went wrong once already, so that it goes well when it is asked for again.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many names are remembered; an older one may go wrong once more.
const NAMES_MAX: usize = 1000;

/// Names of what went wrong once. Kept in memory: they are part of a test, not of the books.
#[derive(Default)]
pub(crate) struct FirstTimes(Mutex<VecDeque<String>>);

impl FirstTimes {
    /// Whether this is the first time for the name.
    pub(crate) fn is_first(&self, name: String) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.contains(&name) {
            return false;
        }
        names.push_back(name);
        if names.len() > NAMES_MAX {
            names.pop_front();
        }
        true
    }
}
