//! The day, scene by scene.

mod challenge;
mod day;
mod decline;
mod ledger;
mod manual_capture;
mod one_call;
mod order;
mod play;
mod refund;
mod saved_card;

pub(super) use day::Day;
pub(super) use play::{SCENES, play};
