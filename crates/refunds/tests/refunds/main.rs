//! The refunds service over its ports: a store in memory, a gateway that does as it is told, a clock turned by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod adventures;
mod audits;
mod bulk;
mod cancellations;
mod charge_book;
mod charges;
mod concurrency;
mod create;
mod dispute_fees;
mod dispute_replies;
mod dispute_roles;
mod disputes;
mod evidence_files;
mod evidence_retention;
mod faults;
mod guest_chargebacks;
mod guest_dispute_rules;
mod guest_disputes;
mod handing_over;
mod hotels;
mod http;
mod keys;
mod numbers;
mod open_refunds;
mod own_connectors;
mod policies;
mod presenter;
mod recovery;
mod rentals;
mod reply_desk;
mod resolve;
mod retries;
mod store_credit;
mod support;
mod told;
mod uploads;
