//! The messages of the outboxes on their way to those who follow them: in order by key, not between keys, more than once.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tender_domain::kernel::Message;
use tender_domain::ports::{Consumer, HandleError};

use crate::dice::Dice;

/// How far each follower has come: outlives a process, but may be behind.
#[derive(Default)]
pub(crate) struct Positions(Mutex<HashMap<&'static str, BTreeSet<usize>>>);

impl Positions {
    fn done(&self, follower: &'static str) -> BTreeSet<usize> {
        let positions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        positions.get(follower).cloned().unwrap_or_default()
    }

    fn set(&self, follower: &'static str, message: usize, is_done: bool) {
        let mut positions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = positions.entry(follower).or_default();
        if is_done {
            done.insert(message);
        } else {
            // As a consumer that falls back to its last position: all from here on come again.
            done.retain(|one| *one < message);
        }
    }
}

/// One that follows one outbox.
pub(crate) struct Follow {
    /// Under which name its place is kept.
    pub(crate) name: &'static str,
    pub(crate) consumer: Arc<dyn Consumer>,
    pub(crate) outbox: Box<dyn Fn() -> Vec<Message>>,
}

impl Follow {
    fn wanted(&self) -> Vec<(usize, Message)> {
        let topics = self.consumer.topics();
        let all = (self.outbox)().into_iter().enumerate();
        all.filter(|(_, message)| topics.contains(&message.topic)).collect()
    }

    /// How many messages it has not handled.
    pub(crate) fn behind(&self, positions: &Positions) -> usize {
        let done = positions.done(self.name);
        self.wanted().iter().filter(|(place, _)| !done.contains(place)).count()
    }

    /// Hands over one message: the first of a key by chance; sometimes falls back, so that some come again.
    pub(crate) async fn deliver_one(&self, positions: &Positions, dice: &Dice, falls_back: bool) {
        let name = self.name;
        let (wanted, done) = (self.wanted(), positions.done(name));
        if falls_back && dice.percent(5) && !done.is_empty() {
            let place = *dice.pick(&done.iter().copied().collect::<Vec<_>>());
            positions.set(name, place, false);
            return;
        }
        let mut keys = BTreeSet::new();
        let heads: Vec<&(usize, Message)> = wanted
            .iter()
            .filter(|(place, message)| !done.contains(place) && keys.insert(message.key.clone()))
            .collect();
        if heads.is_empty() {
            return;
        }
        let (place, message) = *dice.pick(&heads);
        match self.consumer.handle(message).await {
            Ok(()) => positions.set(name, *place, true),
            Err(HandleError::Retry(_)) => {}
            Err(HandleError::Poison(reason)) => panic!("{name} cannot handle {}: {reason}", message.data),
        }
    }
}
