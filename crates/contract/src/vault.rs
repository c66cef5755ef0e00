//! What every [`MethodStore`], [`KeyStore`](tender_domain::vault::KeyStore) and
//! [`AccessLog`](tender_domain::vault::AccessLog) promises. Each function is one promise with a tenant of its own, so that they may share
//! a store.

mod access;
mod defaults;
mod due;
mod keys;
mod lists;
mod methods;
mod types;

pub use access::{a_secret_read_is_a_line_for_ever, old_secret_reads_are_forgotten_some_at_a_time};
pub use defaults::{
    of_many_who_claim_the_default_at_once_one_gets_it, the_default_moves_in_one_change,
    the_newest_other_method_is_found,
};
pub use due::{
    a_verification_is_read_as_it_was_saved_and_found_when_it_is_due, cards_whose_expiry_is_to_tell_are_found,
};
pub use keys::{
    a_key_is_read_as_it_was_saved, no_record_is_under_a_retired_key, one_rotation_runs_at_a_time,
    what_is_sealed_otherwise_is_found,
};
pub use lists::{
    lists_are_filtered, lists_are_filtered_by_type_instrument_and_expiry,
    lists_are_paged_newest_first_both_ways,
};
pub use methods::{
    a_deleted_method_is_kept_and_not_shown, a_key_is_recorded_with_the_change,
    a_method_is_read_as_it_was_saved, a_stale_change_is_a_conflict_and_writes_nothing,
    tenants_see_only_their_own,
};

pub use types::{
    a_mandates_reference_is_used_once, every_type_is_read_as_it_was_saved,
    of_many_of_one_instrument_at_once_one_is_the_first, of_several_claims_the_one_that_is_taken_is_named,
    the_same_instrument_of_a_customer_is_found,
};

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use tender_domain::kernel::{Change, CommitError, Committed, Metadata, MethodId, Save, TenantId, Timestamp};
use tender_domain::vault::{
    Address, Applied, BillingDetails, Card, Consent, CreateMethod, MethodCommand, MethodDetails,
    MethodFingerprint, MethodStore, PaymentMethod, SealedTokens, SealingKey, VaultWrite, method_guards,
};
use uuid::Uuid;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! method_promises {
    ($store:path) => {
        $crate::method_promises!(@each $store:
            a_method_is_read_as_it_was_saved,
            a_stale_change_is_a_conflict_and_writes_nothing,
            a_deleted_method_is_kept_and_not_shown,
            tenants_see_only_their_own,
            a_key_is_recorded_with_the_change,
            lists_are_paged_newest_first_both_ways,
            lists_are_filtered,
            lists_are_filtered_by_type_instrument_and_expiry,
            every_type_is_read_as_it_was_saved,
            a_mandates_reference_is_used_once,
            of_several_claims_the_one_that_is_taken_is_named,
            the_same_instrument_of_a_customer_is_found,
            of_many_of_one_instrument_at_once_one_is_the_first,
            the_default_moves_in_one_change,
            the_newest_other_method_is_found,
            of_many_who_claim_the_default_at_once_one_gets_it,
            a_key_is_read_as_it_was_saved,
            no_record_is_under_a_retired_key,
            what_is_sealed_otherwise_is_found,
            one_rotation_runs_at_a_time,
            a_secret_read_is_a_line_for_ever,
            old_secret_reads_are_forgotten_some_at_a_time,
            a_verification_is_read_as_it_was_saved_and_found_when_it_is_due,
            cards_whose_expiry_is_to_tell_are_found,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::vault::$promise(&store).await;
        }
    )+};
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

/// Second `second` of the tests' day.
fn at(second: i64) -> Timestamp {
    let start = DateTime::from_timestamp(1_800_000_000, 123_456_000).expect("in range");
    start + TimeDelta::seconds(second)
}

fn card(exp_month: u8, exp_year: u16) -> Card {
    Card { brand: "VISA".into(), last4: "4242".into(), exp_month, exp_year, bin: Some("424242".into()) }
}

/// Method number `number` of a tenant, as new as its number.
fn new_method(tenant: &TenantId, number: u32, customer: Option<&str>) -> CreateMethod {
    CreateMethod {
        tenant: tenant.clone(),
        id: MethodId::from_uuid(Uuid::from_u128(u128::from(number) << 64)),
        livemode: false,
        customer_id: customer.map(str::to_owned),
        merchant_account_id: None,
        from_raw_data: false,
        details: MethodDetails::Card(card(12, 2030)),
        mandate: None,
        duplicate_of: None,
        fingerprint: MethodFingerprint([7; 32]),
        tokens: SealedTokens { key: SealingKey::Installation(3), bytes: (0..=99).collect() },
        metadata: Metadata::default(),
        consent: None,
        billing: None,
        is_default: false,
    }
}

fn metadata(entries: &[(&str, &str)]) -> Metadata {
    let entries: BTreeMap<_, _> =
        entries.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Metadata::new(entries).expect("within bounds")
}

/// With every field set, and text that trips a careless store.
fn full_method(tenant: &TenantId, number: u32) -> CreateMethod {
    let text = || Some("O'Neil \"x\" \\ \u{1F600} é".to_owned());
    let address = Address {
        line1: text(),
        line2: text(),
        city: text(),
        state: text(),
        postal_code: text(),
        country: Some("IE".to_owned()),
    };
    CreateMethod {
        livemode: true,
        metadata: metadata(&[("nickname", "O'Neil \u{1F600}"), ("b", "")]),
        consent: Some(Consent { text_version: "2026-01".into(), at: at(-60) }),
        billing: Some(BillingDetails { name: text(), email: text(), phone: text(), address: Some(address) }),
        is_default: true,
        merchant_account_id: Some("ma_1 'é".to_owned()),
        ..new_method(tenant, number, Some("cust_1"))
    }
}

fn created(new: CreateMethod) -> Arc<PaymentMethod> {
    let number = i64::try_from(new.id.uuid().as_u128() >> 64).expect("small");
    Arc::new(PaymentMethod::create(new, at(number)).expect("allowed").0)
}

fn applied(method: &Arc<PaymentMethod>, command: &MethodCommand) -> Save<PaymentMethod> {
    match method.apply(command, at(1000)).expect("allowed") {
        Applied::Changed(next, _) => Save::changed(Arc::clone(method), *next),
        Applied::AlreadyApplied => panic!("{command:?} changes nothing"),
    }
}

fn change(saves: Vec<Save<PaymentMethod>>) -> Change<VaultWrite> {
    let mut change = Change::of(saves[0].after.tenant.clone());
    change.guards = method_guards(&saves);
    change.writes = saves.into_iter().map(VaultWrite::from).collect();
    change
}

async fn commit(store: &dyn MethodStore, saves: Vec<Save<PaymentMethod>>) -> Result<Committed, CommitError> {
    store.commit(change(saves)).await
}

/// Saves a new method.
async fn saved(store: &dyn MethodStore, new: CreateMethod) -> Arc<PaymentMethod> {
    let method = created(new);
    let _ = commit(store, vec![Save::new(Arc::clone(&method))]).await.expect("a new method is saved");
    method
}
