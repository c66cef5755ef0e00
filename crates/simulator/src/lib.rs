//! The simulated payment gateway: a gateway whose every answer is foreseeable by token, card and amount.
//!
//! **What lives here.** The engine ([`SimulatorGateway`], which is a `PaymentGateway` for the process it runs in),
//! the tables of test tokens and cards ([`test_cards`], [`test_methods`]), the meaning of magic amounts ([`response_code`]), and the
//! HTTP routes ([`routes`]) that make it a process of its own. Its books are a port (`SimulatorBooks` of the domain),
//! kept in memory or in PostgreSQL. What goes wrong with a call or its callbacks is planned by token and by [`Script`];
//! callbacks are rows of the books, and [`CallbackSender`] sends them until their receiver has them.
//!
//! **What never does.** Real money, a card number at rest (a card becomes a sealed token that carries only what the
//! engine needs), SQL, and randomness: the same call gets the same answer, always.
//!
//! **How to add a behaviour.** Add a variant to `behaviour.rs` with its row in `cards.rs` (a published test card
//! number and a `tok_…`), and say in `decide.rs` what becomes of an authorization with it. What goes wrong beside the
//! outcome is a [`Misbehaviour`].

mod answer_body;
mod behaviour;
mod callbacks;
mod calls;
mod card_token;
mod cards;
mod challenge;
mod decide;
mod dispute_body;
mod disputes;
mod engine;
mod event_body;
mod fault;
mod first_times;
mod gateway;
mod http;
mod lookups;
mod method_checks;
mod method_token;
mod misbehaviour;
mod options;
mod response_code;
mod sandbox;
mod sca;
mod script;
mod secret;
mod sender;
mod sessions;
mod signature;

pub use behaviour::Behaviour;
pub use cards::{TestCard, test_cards};
pub use engine::SimulatorGateway;
pub use http::{SimulatorServer, browser_routes, routes};
pub use method_token::{TestMethod, test_methods};
pub use misbehaviour::Misbehaviour;
pub use options::SimulatorOptions;
pub use response_code::{decline_of, response_code};
pub use script::{Script, ScriptedCall};
pub use sender::CallbackSender;
