//! Jobs that create intents.

use crate::jobs;
use crate::kernel::IntentId;

/// What became of an intent that a job is to create.
pub type JobItemState = jobs::JobItemState<IntentId>;
/// An intent that a job is to create.
pub type JobItem = jobs::JobItem<IntentId>;
/// A job that creates intents.
pub type JobWithItems = jobs::JobWithItems<IntentId>;
