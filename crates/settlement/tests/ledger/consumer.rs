use tender_domain::kernel::{Currency, Message, Money, Topic};
use tender_domain::ports::{Consumer, HandleError, deliver};
use tender_settlement::LedgerConsumer;

use crate::support::{World, acme, captured, credited, declined, eur, refund_failed, refunded, taken_back};

const RECEIVABLE: &str = "asset:gateway:simulator:receivable";
const PAYABLE: &str = "liability:merchant:ma_default:payable";

async fn handled(consumer: &LedgerConsumer, message: &Message) {
    consumer.handle(message).await.unwrap_or_else(|error| panic!("{}: {error}", message.id));
}

fn both(code: &str, balance: i128) -> Vec<(String, String, i128)> {
    [RECEIVABLE, PAYABLE].map(|account| (account.to_owned(), code.to_owned(), balance)).to_vec()
}

#[tokio::test]
async fn captures_and_refunds_are_posted_once_each_in_any_order() {
    let world = World::new();
    // The refund comes first, and everything comes twice, under new message ids too.
    for message in [
        refunded(1, 1, 1, eur(200)),
        captured(2, 1, eur(500)),
        captured(2, 1, eur(500)),
        captured(3, 1, eur(500)),
        refunded(4, 1, 1, eur(200)),
        captured(5, 2, eur(70)),
    ] {
        handled(&world.consumer, &message).await;
    }
    assert_eq!(world.balances(&acme()).await, both("EUR", 370));
    let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
    assert!(check.balanced());
    assert_eq!(check.transactions, 3);
}

#[tokio::test]
async fn a_refund_that_failed_after_it_succeeded_is_reversed_once_and_one_that_failed_before_moves_nothing() {
    let messages = [
        captured(1, 1, eur(500)),
        refunded(2, 1, 1, eur(200)),
        refund_failed(3, (1, 1), eur(200), true),
        refund_failed(4, (2, 1), eur(300), false),
    ];
    // As they happened, and the reversal before what it reverses; everything twice.
    for order in [[0, 1, 2, 3], [2, 3, 1, 0]] {
        let world = World::new();
        for place in order.into_iter().chain(order) {
            handled(&world.consumer, &messages[place]).await;
        }
        assert_eq!(world.balances(&acme()).await, both("EUR", 500), "{order:?}");
        let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
        assert!(check.balanced());
        assert_eq!(check.transactions, 3, "{order:?}");
    }
}

#[tokio::test]
async fn a_capture_that_is_taken_back_is_reversed_once_whichever_message_comes_first() {
    let messages = [
        captured(1, 1, eur(500)),
        taken_back(2, 1, eur(500)),
        captured(3, 2, eur(70)),
        // A payment that failed before anything was taken.
        declined(4, 3, eur(900)),
    ];
    for order in [[0, 1, 2, 3], [1, 3, 2, 0]] {
        let world = World::new();
        for place in order.into_iter().chain(order) {
            handled(&world.consumer, &messages[place]).await;
        }
        assert_eq!(world.balances(&acme()).await, both("EUR", 70), "{order:?}");
        let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
        assert!(check.balanced());
        assert_eq!(check.transactions, 3, "{order:?}");
    }
}

#[tokio::test]
async fn each_currency_is_a_balance_of_its_own() {
    let world = World::new();
    handled(&world.consumer, &captured(1, 1, eur(500))).await;
    handled(&world.consumer, &captured(2, 2, Money::new(5_194, Currency::JPY))).await;
    let codes: Vec<_> = world.balances(&acme()).await.into_iter().map(|(_, code, sum)| (code, sum)).collect();
    let expected = [("EUR", 500), ("JPY", 5_194), ("EUR", 500), ("JPY", 5_194)];
    assert_eq!(codes, expected.map(|(code, sum)| (code.to_owned(), sum)));
}

#[tokio::test]
async fn an_effect_whose_commit_was_lost_is_tried_again_and_posted_once() {
    let world = World::new();
    let message = captured(1, 1, eur(500));
    world.store.set_away(true);
    let lost = world.consumer.handle(&message).await;
    assert!(matches!(lost, Err(HandleError::Retry(_))), "{lost:?}");
    world.store.set_away(false);
    handled(&world.consumer, &message).await;
    assert_eq!(world.balances(&acme()).await, both("EUR", 500));
}

#[tokio::test]
async fn a_batch_is_handled_whole_and_what_cannot_be_posted_is_set_aside() {
    let world = World::new();
    let mut batch: Vec<Message> = (1..=50).map(|n| captured(n, n, eur(i64::from(n)))).collect();
    let contradicts_itself = batch[9].data.replacen("\"amountMinor\":10", "\"amountMinor\":11", 1);
    batch[9].data = contradicts_itself.into();
    batch[19].topic = Topic::PAYMENT_CANCELED;
    let nothing =
        batch[29].data.replacen("\"amount\":0.30,\"amountMinor\":30", "\"amount\":0,\"amountMinor\":0", 1);
    batch[29].data = nothing.into();
    let deliveries = deliver(&world.consumer, &batch, 8).await;
    for delivery in &deliveries {
        let aside = [9, 19, 29].contains(&delivery.index);
        match &delivery.result {
            Err(HandleError::Poison(_)) => assert!(aside, "{delivery:?}"),
            result => assert!(result.is_ok() && !aside, "{delivery:?}"),
        }
    }
    assert_eq!(world.balances(&acme()).await, both("EUR", 50 * 51 / 2 - 10 - 20 - 30));
}

#[tokio::test]
async fn a_second_message_of_an_effect_with_another_amount_is_set_aside_and_changes_nothing() {
    let world = World::new();
    handled(&world.consumer, &captured(1, 1, eur(500))).await;
    let lie = world.consumer.handle(&captured(2, 1, eur(501))).await;
    assert!(matches!(lie, Err(HandleError::Poison(_))), "{lie:?}");
    assert_eq!(world.balances(&acme()).await, both("EUR", 500));
}

#[tokio::test]
async fn an_effect_whose_row_nobody_can_read_is_set_aside_and_holds_up_nothing_behind_it() {
    let world = World::new();
    handled(&world.consumer, &captured(1, 1, eur(500))).await;
    world.store.set_corrupt(true);
    // Of one key: a message that waited to be tried again would keep the refund behind it.
    let batch = [captured(2, 1, eur(500)), refunded(3, 1, 1, eur(200))];
    let deliveries = deliver(&world.consumer, &batch, 8).await;
    let Err(HandleError::Poison(why)) = &deliveries[0].result else { panic!("{deliveries:?}") };
    assert!(why.contains("ledger_transfers.currency"), "{why}");
    assert!(deliveries[1].result.is_ok(), "{deliveries:?}");
    assert_eq!(world.balances(&acme()).await, both("EUR", 300));
}

#[tokio::test]
async fn a_refund_as_store_credit_is_owed_to_the_customer_and_the_gateway_owes_what_it_did() {
    let world = World::new();
    for message in [
        credited(1, 1, Some("cust_1"), eur(200)),
        captured(2, 1, eur(500)),
        credited(3, 1, Some("cust_1"), eur(200)),
    ] {
        handled(&world.consumer, &message).await;
    }
    let expected = [(RECEIVABLE, 500), ("liability:customer:cust_1:store_credit", 200), (PAYABLE, 300)];
    assert_eq!(
        world.balances(&acme()).await,
        expected.map(|(account, sum)| (account.to_owned(), "EUR".to_owned(), sum))
    );
    let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
    assert!(check.balanced() && check.transactions == 2, "{check:?}");
}

#[tokio::test]
async fn a_refund_by_no_known_way_or_to_nobodys_credit_is_not_posted() {
    let world = World::new();
    let mut unknown = refunded(1, 1, 1, eur(200));
    unknown.data = unknown.data.replace("original_payment_method", "in_cash").into();
    for message in [unknown, credited(2, 2, None, eur(200))] {
        let refused = world.consumer.handle(&message).await;
        assert!(matches!(refused, Err(HandleError::Poison(_))), "{refused:?}");
    }
    assert_eq!(world.balances(&acme()).await, []);
}

#[tokio::test]
async fn it_follows_captures_refunds_and_disputes_under_the_name_that_never_changes() {
    let world = World::new();
    assert_eq!(world.consumer.name(), "ledger");
    let topics = [
        Topic::PAYMENT_PROCESSED,
        Topic::PAYMENT_FAILED,
        Topic::REFUND_PROCESSED,
        Topic::REFUND_FAILED,
        Topic::CHARGEBACK_RECEIVED,
        Topic::CHARGEBACK_UNMATCHED,
        Topic::DISPUTE_UPDATED,
        Topic::DISPUTE_RESOLVED,
    ];
    assert_eq!(world.consumer.topics(), topics);
}
