//! What a batch costs: columns that say nothing are left out, and rows are looked up.

use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use sqlx::Row as _;
use tender_domain::kernel::{Answer, KeyWrite};
use uuid::Uuid;

use crate::probe::{Card, Fixture, Write, change, id, scope, started};

/// Now and then another value in each column, or none where there may be none.
fn changed(random: &mut StdRng, was: &Card) -> Card {
    let text = |random: &mut StdRng| format!("{:08x}", random.next_u32());
    let maybe = |random: &mut StdRng| random.random_ratio(1, 2).then(|| text(random));
    Card {
        version: was.version + 1,
        status: text(random),
        label: if random.random_ratio(1, 8) { text(random) } else { was.label.clone() },
        problem: if random.random_ratio(1, 2) { maybe(random) } else { was.problem.clone() },
        hint: if random.random_ratio(1, 8) { maybe(random) } else { was.hint.clone() },
    }
}

async fn stored(fixture: &Fixture, id: Uuid) -> Card {
    let row = sqlx::query("SELECT version,status,label,problem,hint FROM probe.cards WHERE card_id=$1")
        .bind(id)
        .fetch_one(&fixture.admin)
        .await
        .expect("the card is there");
    Card { version: row.get(0), status: row.get(1), label: row.get(2), problem: row.get(3), hint: row.get(4) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_as_it_was_saved_whichever_columns_its_batch_wrote() {
    let fixture = Fixture::start().await;
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let lives = (0..64).map(|number| {
        let (mut random, id) = (StdRng::seed_from_u64(seed.wrapping_add(number)), id());
        let fixture = &fixture;
        async move {
            let none = Card {
                version: 0,
                status: String::new(),
                label: "new".to_owned(),
                problem: None,
                hint: None,
            };
            let mut card = changed(&mut random, &none);
            let new = Write::Card { id, was: None, now: card.clone() };
            assert!(fixture.writer.commit(change().save(new)).await.is_ok());
            for _ in 0..12 {
                let next = changed(&mut random, &card);
                let write = Write::Card { id, was: Some(card), now: next.clone() };
                assert!(fixture.writer.commit(change().save(write)).await.is_ok());
                card = next;
            }
            assert_eq!(stored(fixture, id).await, card);
        }
    });
    futures_util::future::join_all(lives).await;
}

/// One change after another, on tables that grow from nothing: where a plan that was made on an empty table is the
/// worst.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_looked_up_by_its_whole_key_and_never_searched_for() {
    const CHANGES: i64 = 300;
    let fixture = Fixture::start().await;
    for number in 0..CHANGES {
        let (thing, key) = (id(), format!("key {number}"));
        let start = change().save(Write::New { id: thing, amount: 1 }).keyed(started(&key));
        assert!(fixture.writer.commit(start).await.is_ok());
        let answer = Answer { status: 201, body: "{}".into() };
        let finish = KeyWrite::Finish { scope: scope(&key), answer };
        let set = change().save(Write::Set { id: thing, loaded: 1, amount: 2 }).keyed(finish);
        assert!(fixture.writer.commit(set).await.is_ok());
    }
    let counted = "SELECT count(*) FROM pg_stat_user_indexes WHERE indexrelname IN ('things_pkey', \
                   'idempotency_keys_pkey') AND idx_scan >= 300 AND idx_tup_read <= 3 * idx_scan";
    tender_testkit::eventually("the reads are counted, and each found its row", || async {
        (fixture.number(counted).await == 2).then_some(())
    })
    .await;
}
