//! The promises, and asking them one after the other.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::{BoxFuture, FutureExt};
use tender_e2e::System;
use tokio::sync::MutexGuard;

use crate::{
    access, adventures_disputes, annex, bad_input, browsers, callbacks, canary, captures, concurrency,
    connectors, crowds, declines, disputes, evidence_files, examples, first_payment, hotels, idempotency,
    reads, rentals_codes, retried_refunds, sessions, storefronts, tickets, unknown, verifications,
};

type Promise = fn(Arc<System>) -> BoxFuture<'static, ()>;

macro_rules! promises {
    ($($module:ident::$name:ident),* $(,)?) => {
        const PROMISES: &[(&str, Promise)] = &[
            $((concat!(stringify!($module), "::", stringify!($name)), |system| {
                async move { $module::$name(&system).await }.boxed()
            })),*
        ];
    };
}

promises! {
    first_payment::a_card_is_charged_refunded_and_in_the_ledger,
    first_payment::the_admin_key_opens_the_sandbox,
    first_payment::every_refusal_and_answer_is_traceable,
    tickets::the_documents_own_call_pays_the_order_once,
    tickets::both_events_are_as_the_document_has_them,
    tickets::what_is_malformed_is_400_in_the_documents_envelope,
    tickets::what_does_not_fit_the_order_is_refused_by_the_documents_codes,
    tickets::a_declined_order_can_be_paid_by_a_new_call,
    tickets::parallel_calls_for_one_order_pay_it_once,
    tickets::an_order_that_is_given_up_has_its_payment_given_back_once,
    storefronts::a_rental_is_paid_and_refunded_by_numbers_alone,
    storefronts::a_reservation_is_paid_refunded_and_told_in_the_documents_words,
    storefronts::a_storefronts_own_host_name_serves_the_paths_of_its_document,
    examples::the_rentals_documents_examples_are_answered_as_they_are_written,
    examples::a_refund_stands_in_the_rentals_users_history_from_its_beginning,
    examples::the_rentals_documents_gateway_example_leads_to_a_page_and_is_called_back,
    rentals_codes::every_error_code_of_the_rentals_document_is_reached,
    examples::every_refund_error_of_the_annex_is_reached,
    examples::a_rentals_user_is_let_in_thirty_times_a_minute_by_all_processes_together,
    annex::an_adventures_payment_has_every_field_and_code_of_its_line,
    annex::an_adventures_payment_by_an_expired_method_is_refused,
    annex::an_adventures_payment_tells_its_processor_history_and_refunds,
    annex::a_guests_payments_are_listed_by_cursor_limit_status_and_time,
    annex::a_hotels_record_and_settings_have_every_field_of_their_lines,
    hotels::a_deposit_is_paid_on_the_page_confirms_the_stay_and_goes_back_when_it_is_given_up,
    hotels::a_stay_that_is_put_as_an_order_is_confirmed_by_its_deposit_and_goes_back_with_it,
    hotels::a_payment_is_begun_told_in_either_order_and_refunded_by_an_agent,
    hotels::a_link_is_made_read_and_taken_back_in_the_documents_words,
    declines::each_test_token_ends_as_published,
    declines::a_declined_intent_takes_another_method,
    declines::an_intent_without_attempts_left_has_failed,
    declines::a_met_challenge_pays_and_an_unmet_one_does_not,
    verifications::a_bank_account_is_verified_by_deposits_and_a_card_by_its_issuer,
    verifications::a_verification_whose_answer_is_lost_is_found_out,
    verifications::a_method_that_is_given_to_a_merchant_account_pays_for_no_other,
    captures::what_is_held_is_captured_in_part_or_whole,
    captures::what_is_held_is_let_go_by_cancel,
    captures::amounts_have_the_places_of_their_currency,
    captures::refunds_have_the_places_of_their_currency,
    callbacks::a_lost_answer_is_told_by_callback_and_has_one_effect,
    callbacks::the_sandbox_raises_events_for_real,
    callbacks::what_is_not_signed_is_refused,
    callbacks::a_refund_that_its_gateway_only_accepts_is_ended_by_callback,
    callbacks::a_refund_made_in_the_dashboard_is_adopted_once,
    retried_refunds::a_refund_is_tried_again_until_it_is_taken_and_moves_its_money_once,
    retried_refunds::a_refund_that_waits_for_another_try_is_called_off_and_what_it_held_is_free,
    retried_refunds::a_refund_whose_outcome_nobody_tells_is_settled_by_a_person_once,
    retried_refunds::a_refund_taken_for_failed_and_done_after_all_counts_once_in_answer_payment_and_ledger,
    sessions::a_session_is_paid_at_the_bank_and_told_by_callback_and_return,
    sessions::a_session_that_is_not_paid_leaves_the_intent_payable,
    disputes::a_disputed_payment_is_held_and_decided_in_the_ledger,
    connectors::the_right_connector_is_charged_once_and_the_unknown_never_fails_over,
    connectors::what_the_vault_asks_of_them_is_in_their_logs,
    connectors::its_secrets_are_sealed_and_found_nowhere,
    disputes::a_chargeback_of_an_unknown_payment_waits_in_suspense,
    evidence_files::a_file_is_put_by_its_address_used_once_and_read_by_its_tenant,
    evidence_files::a_file_reaches_the_processor_and_wins_the_dispute,
    evidence_files::how_long_a_tenant_keeps_evidence_reaches_the_service_that_has_it,
    adventures_disputes::a_dispute_runs_as_the_annex_has_it_from_its_opening_to_its_refund,
    adventures_disputes::each_role_works_up_to_its_tier,
    adventures_disputes::a_chargeback_is_taken_in_once_and_ends_as_its_processor_says,
    adventures_disputes::every_error_code_of_the_annex_is_reached,
    unknown::a_lost_answer_is_never_called_an_outcome_and_is_found_out,
    idempotency::one_key_has_one_effect_and_one_answer_under_200_parallel_calls,
    idempotency::a_key_belongs_to_one_request_and_money_needs_one,
    concurrency::an_intent_is_charged_once_by_200_parallel_confirms,
    concurrency::of_20_parallel_refunds_of_60_percent_one_succeeds,
    concurrency::an_intent_is_captured_once_by_parallel_captures,
    crowds::a_hundred_charges_with_twenty_actors_each_keep_the_books,
    crowds::store_credit_is_given_spent_once_and_owed_in_the_ledger,
    bad_input::is_refused_as_problem_details_and_changes_nothing,
    access::every_route_asks_for_a_credential_and_its_scope,
    access::every_built_in_role_is_let_in_where_its_scopes_say_and_refused_elsewhere,
    access::no_tenant_reaches_anything_of_another,
    access::a_customer_sees_its_own_alone,
    reads::what_a_person_reads_of_any_route_is_in_the_audit_log_and_what_a_machine_reads_is_not,
    access::a_new_key_works_at_once_and_a_revoked_one_stops,
    browsers::may_call_from_the_origins_that_the_tenant_allows_and_from_no_other,
    browsers::keep_no_method_on_file_without_the_customers_consent,
    canary::card_data_is_found_nowhere,
    canary::a_card_number_in_any_text_of_any_route_is_found_nowhere,
}

/// Asks every promise of a system, and then the auditor, who waits for what is looked up later and leaves the machine
/// to the next system meanwhile. Fails with all that were broken.
///
/// `TENDER_E2E_ONLY` asks only those whose name contains one of its texts, which commas separate.
#[allow(clippy::print_stdout, reason = "one line a promise is what a reader of the run looks for")]
pub(crate) async fn run(system: System, alone: MutexGuard<'_, ()>) -> System {
    let only = std::env::var("TENDER_E2E_ONLY").unwrap_or_default();
    let system = Arc::new(system);
    let mut broken = Vec::new();
    for (name, promise) in PROMISES.iter().filter(|(name, _)| only.split(',').any(|text| name.contains(text)))
    {
        let begun = Instant::now();
        let asked = tokio::spawn(promise(Arc::clone(&system))).await;
        let kept = if asked.is_ok() { "kept  " } else { "BROKEN" };
        println!("{kept}  {name} ({:.1} s)", begun.elapsed().as_secs_f32());
        if asked.is_err() {
            broken.push(*name);
        }
    }
    drop(alone);
    let audited = system.check().await;
    let mut system = Arc::into_inner(system).expect("every promise has ended");
    if !broken.is_empty() || audited.is_err() {
        system.keep();
    }
    assert!(broken.is_empty(), "{} promises are broken: {broken:#?}", broken.len());
    audited.unwrap_or_else(|error| panic!("{error:#}"));
    system
}
