//! What every adapter of `SimulatorBooks` promises. Each promise wants books of its own tenant names: run each on
//! fresh books.

use tender_domain::kernel::{Currency, Money, Save, TenantId, Timestamp};
use tender_domain::ports::{
    Authentication, AuthenticationFlow, AuthenticationStatus, CallKind, Decline, DeclineCode, ScaAnswer,
    SessionFlow, SessionRequest,
};
use tender_domain::simulator::{
    BookEntry, BookedCallback, BookedOperation, BookedOutcome, BookedPayment, Recorded, SimulatorBooks,
};

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant name")
}

fn at() -> Timestamp {
    "2026-03-04T12:00:00.123456Z".parse().expect("an instant")
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn operation(tenant: &TenantId, kind: CallKind, reference: &str, outcome: BookedOutcome) -> BookedOperation {
    BookedOperation {
        tenant: tenant.clone(),
        kind,
        reference: reference.to_owned(),
        request_digest: Some([7; 32]),
        outcome,
        sca: None,
        session: None,
        return_url: None,
        embeds: false,
        late_refunds: None,
        visible_at: at(),
    }
}

fn approved(gateway_reference: &str, amount: Money, captured: bool) -> BookedOutcome {
    BookedOutcome::Approved { gateway_reference: gateway_reference.to_owned(), amount, captured }
}

fn authorization(tenant: &TenantId, name: &str, amount: Money, capture: bool) -> (BookEntry, BookedPayment) {
    let (reference, gateway_reference) = (format!("att_{name}"), format!("sim_{name}"));
    let outcome = approved(&gateway_reference, amount, capture);
    let payment =
        BookedPayment::approved(tenant.clone(), gateway_reference, reference.clone(), amount, capture);
    let operation = operation(tenant, CallKind::Authorize, &reference, outcome);
    (
        BookEntry {
            operation: Save::new(operation),
            payment: Some(Save::new(payment.clone())),
            callbacks: Vec::new(),
        },
        payment,
    )
}

fn capture(before: &BookedPayment, reference: &str, minor: i64) -> (BookEntry, BookedPayment) {
    let after = before.capture(eur(minor), false).expect("within what is held");
    let outcome = approved(&before.gateway_reference, eur(minor), true);
    let operation = operation(&before.tenant, CallKind::Capture, reference, outcome);
    let payment = Some(Save::changed(before.clone(), after.clone()));
    (BookEntry { operation: Save::new(operation), payment, callbacks: Vec::new() }, after)
}

fn told() -> Option<Box<ScaAnswer>> {
    let authentication = Authentication {
        version: Some("2.2.0".to_owned()),
        status: AuthenticationStatus::Y,
        eci: Some("05".to_owned()),
        liability_shift: true,
        flow: AuthenticationFlow::Challenge,
        ds_transaction_id: None,
    };
    Some(Box::new(ScaAnswer {
        authentication: Some(authentication),
        exemption_granted: Some(false),
        network_transaction_id: Some("ntid".to_owned()),
        declined: None,
    }))
}

fn session() -> SessionRequest {
    SessionRequest {
        method: "ideal".to_owned(),
        flow: SessionFlow::Qr,
        return_url: Some("https://shop.example/back?x='1'".to_owned()),
        expires_at: at(),
        page: None,
    }
}

async fn write(books: &dyn SimulatorBooks, entry: &BookEntry) {
    assert_eq!(books.record(entry).await.expect("books are there"), Recorded::Written);
}

/// What was written is read back as it was, whatever the outcome.
pub async fn every_outcome_is_read_back_as_it_was(books: &dyn SimulatorBooks) {
    let tenant = tenant("one");
    let decline = |network: Option<&str>| Decline {
        code: DeclineCode::DoNotHonor,
        network_code: network.map(str::to_owned),
        message: "no".to_owned(),
        sca: None,
    };
    let outcomes = [
        BookedOutcome::Declined(decline(Some("05"))),
        BookedOutcome::Declined(decline(None)),
        BookedOutcome::Challenged { amount: eur(5), capture: true, fails: false },
        BookedOutcome::Refused("never".to_owned()),
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let reference = format!("att_{number}");
        let mut wanted = operation(&tenant, CallKind::Authorize, &reference, outcome);
        match number {
            1 => wanted.sca = told(),
            2 => {
                wanted.session = Some(Box::new(session()));
                wanted.return_url = Some("https://shop.example/?a='b'".to_owned());
                wanted.embeds = true;
            }
            3 => wanted.request_digest = None,
            _ => {}
        }
        write(
            books,
            &BookEntry { operation: Save::new(wanted.clone()), payment: None, callbacks: Vec::new() },
        )
        .await;
        let found = books.operation(&tenant, CallKind::Authorize, &reference).await.expect("books are there");
        assert_eq!(found, Some(wanted));
    }
    let (entry, payment) = authorization(&tenant, "a", eur(1_000), false);
    write(books, &entry).await;
    let found = books.operation(&tenant, CallKind::Authorize, "att_a").await.expect("books are there");
    assert_eq!(found.as_ref(), Some(&*entry.operation.after));
    assert_eq!(books.payment(&tenant, "sim_a").await.expect("books are there"), Some(payment));
    assert_eq!(books.operation(&tenant, CallKind::Capture, "att_a").await.expect("books are there"), None);
    assert_eq!(books.payment(&tenant, "sim_b").await.expect("books are there"), None);
}

/// A reference is written once; the loser gets the first entry, and leaves no trace on the payment.
pub async fn a_reference_is_written_once(books: &dyn SimulatorBooks) {
    let tenant = tenant("one");
    let (first, payment) = authorization(&tenant, "a", eur(1_000), false);
    write(books, &first).await;
    let (again, _) = authorization(&tenant, "a", eur(2_000), true);
    let existing = Recorded::Existing((*first.operation.after).clone());
    assert_eq!(books.record(&again).await.expect("books are there"), existing);

    let (taken, payment) = capture(&payment, "cap_1", 100);
    write(books, &taken).await;
    let (again, _) = capture(&payment, "cap_1", 300);
    let existing = Recorded::Existing((*taken.operation.after).clone());
    assert_eq!(books.record(&again).await.expect("books are there"), existing);
    assert_eq!(books.payment(&tenant, "sim_a").await.expect("books are there"), Some(payment));
}

/// A payment changed in between makes the entry stale: nothing of it is written.
pub async fn a_stale_payment_is_not_written(books: &dyn SimulatorBooks) {
    let tenant = tenant("one");
    let (entry, loaded) = authorization(&tenant, "a", eur(1_000), false);
    write(books, &entry).await;
    let (first, after) = capture(&loaded, "cap_1", 800);
    write(books, &first).await;
    let (second, _) = capture(&loaded, "cap_2", 800);
    assert_eq!(books.record(&second).await.expect("books are there"), Recorded::Stale);
    assert_eq!(books.operation(&tenant, CallKind::Capture, "cap_2").await.expect("books are there"), None);
    assert_eq!(books.payment(&tenant, "sim_a").await.expect("books are there"), Some(after));
}

/// A challenge ends once, with its payment.
pub async fn a_challenge_ends_once(books: &dyn SimulatorBooks) {
    let tenant = tenant("one");
    let challenged = operation(
        &tenant,
        CallKind::Authorize,
        "att_a",
        BookedOutcome::Challenged { amount: eur(500), capture: true, fails: false },
    );
    write(
        books,
        &BookEntry { operation: Save::new(challenged.clone()), payment: None, callbacks: Vec::new() },
    )
    .await;
    let (met, payment) = authorization(&tenant, "a", eur(500), true);
    let ended = BookedOperation { sca: told(), ..(*met.operation.after).clone() };
    let met = BookEntry {
        operation: Save::changed(challenged.clone(), ended),
        payment: met.payment,
        callbacks: Vec::new(),
    };
    write(books, &met).await;
    let failed = BookedOperation { outcome: BookedOutcome::Refused("late".to_owned()), ..challenged.clone() };
    let late =
        BookEntry { operation: Save::changed(challenged, failed), payment: None, callbacks: Vec::new() };
    let existing = Recorded::Existing((*met.operation.after).clone());
    assert_eq!(books.record(&late).await.expect("books are there"), existing.clone());
    assert_eq!(books.record(&met).await.expect("books are there"), existing);
    assert_eq!(books.payment(&tenant, "sim_a").await.expect("books are there"), Some(payment));
}

/// The totals are the sums of the list, by tenant and currency, also beyond 64 bits; the list has every payment once.
pub async fn totals_are_the_sums_of_the_list(books: &dyn SimulatorBooks) {
    let (one, two) = (tenant("one"), tenant("two"));
    for name in ["c", "a", "b"] {
        write(books, &authorization(&one, name, eur(i64::MAX), true).0).await;
    }
    write(books, &authorization(&one, "d", Money::new(5, Currency::JPY), false).0).await;
    write(books, &authorization(&two, "a", eur(7), false).0).await;

    let totals = books.totals(&one).await.expect("books are there");
    let [euros, yen] = totals.as_slice() else { panic!("two currencies: {totals:?}") };
    assert_eq!((euros.currency, euros.payments), (Currency::EUR, 3));
    assert_eq!((euros.captured_minor, euros.refunded_minor), (3 * i128::from(i64::MAX), 0));
    assert_eq!((yen.currency, yen.authorized_minor, yen.captured_minor), (Currency::JPY, 5, 0));

    let mut seen = Vec::new();
    loop {
        let after = seen.last().cloned();
        let page = books.payments(&one, after.as_deref(), 2).await.expect("books are there");
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|payment| payment.gateway_reference));
    }
    assert_eq!(seen, ["sim_a", "sim_b", "sim_c", "sim_d"]);
}

fn callback(tenant: &TenantId, name: &str, due: Timestamp) -> BookedCallback {
    BookedCallback {
        tenant: tenant.clone(),
        id: format!("evt_{name}/1"),
        event_id: format!("evt_{name}"),
        reference: "att_a".to_owned(),
        body: format!("{{\"id\": \"evt_{name}\", \"of\":  \"é\"}}"),
        due_at: Some(due),
        failures: 0,
        delivered_at: None,
    }
}

/// A callback is written with its entry or not at all, once, and is due until it is delivered or given up.
pub async fn a_callback_is_written_with_its_entry_and_sent_until_delivered(books: &dyn SimulatorBooks) {
    let tenant = tenant("one");
    let (mut entry, loaded) = authorization(&tenant, "a", eur(1_000), false);
    entry.callbacks = vec![callback(&tenant, "1", at()), callback(&tenant, "2", at())];
    write(books, &entry).await;
    let (mut first, _) = capture(&loaded, "cap_1", 800);
    first.callbacks = vec![callback(&tenant, "3", at())];
    write(books, &first).await;
    // Neither a loser's callbacks are written, nor one that is there already.
    let (mut stale, _) = capture(&loaded, "cap_2", 800);
    stale.callbacks = vec![callback(&tenant, "4", at())];
    assert_eq!(books.record(&stale).await.expect("books are there"), Recorded::Stale);
    let (mut again, _) = authorization(&tenant, "a", eur(1_000), false);
    again.callbacks = vec![callback(&tenant, "5", at())];
    assert!(matches!(books.record(&again).await.expect("books are there"), Recorded::Existing(_)));
    let later = at() + chrono::Duration::seconds(5);
    let changed = BookedCallback { body: "{}".to_owned(), ..callback(&tenant, "1", at()) };
    books.add_callbacks(&[changed, callback(&tenant, "6", later)]).await.expect("books are there");

    let due = |now| async move {
        let due = books.due_callbacks(now, 10).await.expect("books are there");
        due.into_iter().map(|callback| callback.event_id).collect::<Vec<_>>()
    };
    assert_eq!(due(at()).await, ["evt_1", "evt_2", "evt_3"]);
    assert_eq!(due(later).await, ["evt_1", "evt_2", "evt_3", "evt_6"]);
    assert_eq!(books.due_callbacks(later, 2).await.expect("books are there").len(), 2);

    let (one, two) = (callback(&tenant, "1", at()), callback(&tenant, "2", at()));
    let (delivered, failed) = (one.delivered(later), two.failed(later));
    books.save_callback(&delivered).await.expect("books are there");
    books.save_callback(&failed).await.expect("books are there");
    assert_eq!(due(at()).await, ["evt_3"]);
    let known = books.callbacks(&tenant, "att_a").await.expect("books are there");
    let ids: Vec<_> = known.iter().map(|callback| callback.event_id.as_str()).collect();
    assert_eq!(ids, ["evt_6", "evt_3", "evt_2", "evt_1"], "the newest first");
    assert_eq!((&known[2], &known[3]), (&failed, &delivered));
    assert!(books.callbacks(&tenant, "att_b").await.expect("books are there").is_empty());
    let found = books.callback(&tenant, &one.id).await.expect("books are there");
    assert_eq!(
        found.map(|found| (found.body, found.delivered_at)),
        Some((one.body.clone(), delivered.delivered_at))
    );
    assert_eq!(books.callback(&tenant, "cb_none").await.expect("books are there"), None);
    let elsewhere = books.callback(&"somebody-else".parse().expect("a tenant"), &one.id).await;
    assert_eq!(elsewhere.expect("books are there"), None);
}

/// One test for every promise. The argument is an async function that gives fresh books and whatever must live as
/// long as the test.
#[macro_export]
macro_rules! simulator_books_promises {
    ($books:path) => {
        $crate::simulator_books_promises!(@each $books:
            every_outcome_is_read_back_as_it_was,
            a_reference_is_written_once,
            a_stale_payment_is_not_written,
            a_challenge_ends_once,
            totals_are_the_sums_of_the_list,
            a_callback_is_written_with_its_entry_and_sent_until_delivered,
        );
    };
    (@each $books:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (books, _alive) = $books().await;
            $crate::simulator_books::$promise(&books).await;
        }
    )+};
}
