//! The machine of intents: every status with every command, every answer in every attempt status, and the laws under
//! random sequences of them.

mod answers;
mod attempts;
mod canceling;
mod captures;
mod failing_over;
mod fixtures;
mod fraud;
mod laws;
mod machine;
mod outside;
mod pursuing;
mod resolving;
mod reversing;
mod sca;
mod sessions;
mod timing;
mod told;
mod updating;
