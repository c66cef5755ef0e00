//! A step with the moment of it.

use std::fmt;

use crate::{STEPS, Step};

/// When, seen from the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing of it has happened.
    Before,
    /// It is done, and nobody has heard of it yet.
    After,
}

/// A place at which the process can be told to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailPoint {
    /// What happens there.
    pub step: &'static Step,
    /// Before or after it.
    pub moment: Moment,
}

impl FailPoint {
    /// Every fail point there is, each step's two after one another.
    pub fn all() -> impl Iterator<Item = Self> {
        STEPS.iter().flat_map(|step| [Moment::Before, Moment::After].map(|moment| Self { step, moment }))
    }

    /// The point of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|point| point.to_string() == name)
    }
}

impl fmt::Display for FailPoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::After => "after",
        };
        write!(out, "{}/{moment}", self.step.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_point_is_found_by_its_name_and_no_two_share_one() {
        let names: BTreeSet<String> = FailPoint::all().map(|point| point.to_string()).collect();
        assert_eq!(names.len(), STEPS.len() * 2);
        for point in FailPoint::all() {
            assert_eq!(FailPoint::find(&point.to_string()), Some(point));
        }
        assert_eq!(FailPoint::find("intents.create.finished"), None);
    }
}
