//! Settlement: the ledger of everything that moved money.
//!
//! **What lives here.** The use cases of settlement (post an effect, list accounts and entries, check the ledger, change
//! store credit), the HTTP routes under `/v1/payments/ledger` and `/v1/payments/store-credit`, and the consumer that turns other services' messages into postings.
//!
//! **What never does.** How postings are laws (the domain's `ledger`), SQL (`settlement-store`), Kafka (`kafka`),
//! settings. Nothing here calls a gateway.
//!
//! **How to add a posting.** Give the domain's `ledger` a function that makes the transaction; let a consumer in
//! `consumers/` call it for the message that tells of the effect and hand it to [`SettlementService::post`]. The
//! effect's id makes it happen once. **How to add a route:** a handler in `http/<resource>.rs`, its use case in
//! `use_cases/<verb>.rs`, and its name in [`routes`].

mod consumers;
mod http;
mod service;
mod use_cases;

pub use consumers::LedgerConsumer;
pub use http::{mount, routes};
pub use service::{Deps, SettlementService};
pub use use_cases::{
    AdjustStoreCredit, PostError, Posted, StoreCreditAnswered, StoreCreditError, StoreCreditMovement,
    StoreCreditPresenter,
};
