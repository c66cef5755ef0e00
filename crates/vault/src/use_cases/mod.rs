//! What the vault can do: one verb, one file.

mod ask_connector;
mod attach_method;
mod attest;
mod card_form;
mod charge_material;
mod commit;
mod connector_secrets;
mod create_method;
mod delete_method;
mod get_method;
mod keyed;
mod list_access;
mod list_keys;
mod list_methods;
mod look_up_three_ds;
mod rotate_keys;
mod rotate_page;
mod settle_verification;
mod tell_expiry;
mod tokenise;
mod update_method;
mod verify_method;

pub use attach_method::Attachment;
pub(crate) use attest::{Attestation, KEY_AGE_MAX_DAYS, READS_DAYS, SCAN_AGE_MAX_HOURS};
pub use card_form::CardFormRefusal;
pub use create_method::{ConsentGiven, CreateMethodRequest, MandateGiven, MethodSource};
pub use delete_method::MethodDeletion;
pub use keyed::{Present, Reply};
pub use update_method::{ExpectedVersion, MethodUpdate, UpdateMethodRequest};
pub use verify_method::VerifyMethodRequest;
