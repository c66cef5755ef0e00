//! Telling that cards expire.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tender_memory::MemoryMethodStore;
use tender_vault::CardExpiryTeller;

use crate::rig::{Rig, card_of};

const DAY: u64 = 24 * 3600;

fn told(store: &MemoryMethodStore) -> Vec<(Value, Value)> {
    let changed = store.messages().into_iter().filter(|told| told.topic.name() == "payment-method.changed");
    let data = changed.map(|told| serde_json::from_str::<Value>(&told.data).expect("JSON"));
    let of_expiry = data.filter(|data| ["expiring", "expired"].iter().any(|name| data["change"] == **name));
    of_expiry.map(|data| (data["change"].clone(), data["paymentMethodId"].clone())).collect()
}

#[actix_web::test]
async fn that_a_card_expires_and_that_it_has_is_told_once_each_however_many_look() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let id = method["id"].clone();
    let look = async || {
        let tellers = (0..5).map(|_| CardExpiryTeller::new(Arc::clone(&rig.service)));
        let rounds = tellers.map(|teller| async move { teller.run_once().await.expect("readable") });
        join_all(rounds).await
    };
    look().await;
    assert_eq!(told(&store), [], "it is good until November 2031");
    // From 4 March 2026 to 20 November 2031.
    rig.clock.advance(Duration::from_secs(2_087 * DAY));
    look().await;
    look().await;
    assert_eq!(told(&store), [("expiring".into(), id.clone())]);
    rig.clock.advance(Duration::from_secs(15 * DAY));
    look().await;
    look().await;
    assert_eq!(told(&store), [("expiring".into(), id.clone()), ("expired".into(), id)]);
    assert_eq!(look().await, [0; 5]);
}
