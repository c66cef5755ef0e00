use tender_domain::disputes::{
    Actor, DisputeFilter, DisputeStatus, DisputeStore, DisputeUpdate, HistoryHead, Settled,
};
use tender_domain::kernel::{Change, Currency, Cursor, Direction, Money, PageRequest, Save, TenantId};
use tender_domain::refunds::{ChargeRef, CreatedRange, RefundStore, RefundableCharge};

use super::fixtures::{at, commit, decided, disputed, dp, eur, intake, open, tenant, told};
use crate::refunds::opened;

async fn read<S: RefundStore>(store: &S, charge: &RefundableCharge) -> Option<RefundableCharge> {
    store.charge(&charge.tenant, ChargeRef::Charge(charge.id)).await.expect("it can be read")
}

pub(super) async fn a_dispute_is_read_as_it_was_saved_in_every_status<S: RefundStore + DisputeStore>(
    store: &S,
) {
    let tenant = tenant("as-saved");
    let mut charge = opened(store, &tenant, 1).await;
    for (number, status) in [(1, None), (2, Some(DisputeStatus::Won)), (3, Some(DisputeStatus::Lost))] {
        charge = disputed(store, &charge, number, 1_000).await;
        if let Some(status) = status {
            charge = decided(store, &charge, number, status).await;
        }
    }
    charge = decided(store, &charge, 3, DisputeStatus::Won).await;
    let mut bare = told(4, Money::new(12, Currency::JPY));
    (bare.processor_reference, bare.network, bare.network_reason_code, bare.respond_by) =
        (None, None, None, None);
    let without_reference = open(&charge, 4, bare, 2);
    charge = commit(store, &charge, without_reference).await;
    let update = DisputeUpdate { under_review: true, evidence_due_by: Some(at(99)), note: None };
    match charge.update_dispute(dp(4), &update, &Actor::person("alice"), at(7)) {
        Ok(Settled::Changed(changed)) => charge = commit(store, &charge, *changed).await,
        other => panic!("it was not updated: {other:?}"),
    }
    assert_eq!(read(store, &charge).await.as_ref(), Some(&*charge));
}

pub(super) async fn a_charge_is_found_by_its_gateways_name_and_by_its_disputes<
    S: RefundStore + DisputeStore,
>(
    store: &S,
) {
    let tenant = tenant("found-by");
    let other_tenant: TenantId = "disputes-others".parse().expect("a tenant's name");
    let charge = opened(store, &tenant, 2).await;
    let _other = opened(store, &tenant, 3).await;
    let charge = disputed(store, &charge, 20, 100).await;
    let by_gateway = store.charge_by_gateway(&tenant, "simulator", "sim_ch_2").await.expect("read");
    let by_dispute = store.charge_of_dispute(&tenant, dp(20)).await.expect("read");
    for found in [by_gateway, by_dispute] {
        assert_eq!(found.as_ref(), Some(&*charge));
    }
    for (owner, connector, reference) in [
        (&tenant, "stripe", "sim_ch_2"),
        (&tenant, "simulator", "sim_ch_4"),
        (&other_tenant, "simulator", "sim_ch_2"),
    ] {
        assert_eq!(store.charge_by_gateway(owner, connector, reference).await.expect("read"), None);
    }
    assert_eq!(store.charge_of_dispute(&tenant, dp(404)).await.expect("read"), None);
    assert_eq!(store.charge_of_dispute(&other_tenant, dp(20)).await.expect("read"), None);
}

async fn numbers<S: DisputeStore>(
    store: &S,
    tenant: &TenantId,
    filter: &DisputeFilter,
    page: &PageRequest,
) -> (Vec<u128>, bool) {
    let found = store.disputes(tenant, filter, page).await.expect("it can be read");
    let number = |id: tender_domain::kernel::DisputeId| id.uuid().as_u128() - dp(0).uuid().as_u128();
    (found.data.iter().map(|dispute| number(dispute.id)).collect(), found.has_more)
}

fn page(limit: u32, from: Option<u128>, direction: Direction) -> PageRequest {
    PageRequest::new(limit, from.map(|number| Cursor(dp(number).uuid())), direction).expect("a good page")
}

pub(super) async fn disputes_are_paged_newest_first_both_ways<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("paged");
    let mut charge = opened(store, &tenant, 5).await;
    for number in 51..=55 {
        charge = disputed(store, &charge, number, 10).await;
    }
    let all = DisputeFilter::default();
    for (page, expected) in [
        (page(2, None, Direction::Older), (vec![55, 54], true)),
        (page(2, Some(54), Direction::Older), (vec![53, 52], true)),
        (page(2, Some(52), Direction::Older), (vec![51], false)),
        (page(2, Some(52), Direction::Newer), (vec![54, 53], true)),
        (page(5, None, Direction::Older), (vec![55, 54, 53, 52, 51], false)),
    ] {
        assert_eq!(numbers(store, &tenant, &all, &page).await, expected, "{page:?}");
    }
}

pub(super) async fn disputes_are_found_by_what_they_are<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("filtered");
    let mine = opened(store, &tenant, 6).await;
    let mine = disputed(store, &mine, 61, 10).await;
    let mine = decided(store, &mine, 61, DisputeStatus::Lost).await;
    let mine = disputed(store, &mine, 62, 10).await;
    let theirs = opened(store, &tenant, 7).await;
    let theirs = disputed(store, &theirs, 63, 10).await;
    let none = DisputeFilter::default;
    let range = |from, until| CreatedRange { from: Some(at(from)), until: Some(at(until)) };
    for (filter, expected) in [
        (DisputeFilter { status: Some(DisputeStatus::Lost), ..none() }, vec![61]),
        (DisputeFilter { charge_id: Some(mine.id), ..none() }, vec![62, 61]),
        (DisputeFilter { intent_id: Some(theirs.intent_id), ..none() }, vec![63]),
        (DisputeFilter { customer_id: mine.customer_id.clone(), ..none() }, vec![62, 61]),
        (DisputeFilter { merchant_account_id: Some("ma_default".into()), ..none() }, vec![63, 62, 61]),
        (DisputeFilter { merchant_account_id: Some("ma_other".into()), ..none() }, vec![]),
        (DisputeFilter { created: range(1, 2), ..none() }, vec![63, 62, 61]),
        (DisputeFilter { created: range(2, 9), ..none() }, vec![]),
    ] {
        let found = numbers(store, &tenant, &filter, &page(9, None, Direction::Older)).await;
        assert_eq!(found, (expected, false), "{filter:?}");
    }
}

pub(super) async fn a_history_is_read_as_it_was_written<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("history");
    let charge = opened(store, &tenant, 8).await;
    let first = open(&charge, 80, told(80, eur(10)), 1);
    let mut written = first.entries.clone();
    let charge = commit(store, &charge, first).await;
    let note = DisputeUpdate { note: Some("ü \"quoted\" | \\x00".into()), ..DisputeUpdate::default() };
    let noted = match charge.update_dispute(dp(80), &note, &Actor::person("alice"), at(2)) {
        Ok(Settled::Changed(changed)) => changed,
        other => panic!("it was not noted: {other:?}"),
    };
    written.extend(noted.entries.clone());
    let charge = commit(store, &charge, *noted).await;
    let read = store.dispute_history(&tenant, dp(80), 10).await.expect("it can be read");
    assert_eq!(read, written);
    assert!(read.iter().all(|entry| entry.hash == entry.computed()));
    let last = read.last().map(HistoryHead::after);
    assert_eq!(charge.dispute(dp(80)).map(|dispute| dispute.history), last);
    let newest = store.dispute_history(&tenant, dp(80), 1).await.expect("it can be read");
    assert_eq!(newest, written[1..]);
}

pub(super) async fn chargebacks_that_wait_come_longest_overdue_first<S: RefundStore + DisputeStore>(
    store: &S,
) {
    let tenant = tenant("waiting");
    let late = at(-900_000);
    for (number, came) in [(91, -1_000_000), (92, -1_000_100), (93, -800_000)] {
        let saved = Change::of(tenant.clone()).save(Save::new(intake(&tenant, number, came)));
        assert!(store.commit(saved).await.is_ok());
    }
    let due = store.intakes_due(late, 10).await.expect("it can be read");
    assert_eq!(due, [intake(&tenant, 92, -1_000_100), intake(&tenant, 91, -1_000_000)]);
    assert_eq!(store.intakes_due(late, 1).await.expect("it can be read").len(), 1);
    let matched = due[0].matched(dp(92), late);
    let saved = Change::of(tenant.clone()).save(Save::changed(due[0].clone(), matched.clone()));
    assert!(store.commit(saved).await.is_ok());
    assert_eq!(store.intake(&tenant, matched.id).await.expect("read"), Some(matched));
    let (missed, _) =
        due[1].missed("no such charge", late, &tender_domain::refunds::LookupSchedule::default());
    let saved = Change::of(tenant.clone()).save(Save::changed(due[1].clone(), missed.clone()));
    assert!(store.commit(saved).await.is_ok());
    assert_eq!(store.intake(&tenant, missed.id).await.expect("read"), Some(missed));
    assert_eq!(store.intakes_due(late, 10).await.expect("it can be read"), []);
}

pub(super) async fn a_chargeback_is_due_at_once_when_its_charge_is_made_known<
    S: RefundStore + DisputeStore,
>(
    store: &S,
) {
    let (acme, late) = (tenant("known"), at(-2_000_000));
    // The charges of the fixtures are made known at 0.
    let waits = intake(&acme, 95, -10);
    let looked_at_since = intake(&acme, 96, 10);
    for one in [&waits, &looked_at_since] {
        assert!(store.commit(Change::of(acme.clone()).save(Save::new(one.clone()))).await.is_ok());
    }
    assert_eq!(store.intakes_due(late, 10).await.expect("it can be read"), [], "neither is due by its time");
    opened(store, &acme, 95).await;
    opened(store, &acme, 96).await;
    opened(store, &tenant("known-elsewhere"), 97).await;
    assert_eq!(store.intakes_due(late, 10).await.expect("it can be read"), std::slice::from_ref(&waits));
    let matched = waits.matched(dp(95), at(1));
    let saved = Change::of(acme.clone()).save(Save::changed(waits, matched));
    assert!(store.commit(saved).await.is_ok());
    assert_eq!(store.intakes_due(late, 10).await.expect("it can be read"), []);
}
