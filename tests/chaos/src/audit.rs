//! What must be true when the dust has settled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tender_e2e::{Database, eventually, until};

use crate::load::{Load, Told};

/// An order as the database has it.
struct Kept {
    intents: i64,
    captured: i64,
    refunded: i64,
    open: i64,
}

impl Load {
    /// Holds what customers were told against what is kept, and our books against the gateway's. To be asked when
    /// everything runs again and the load has stopped.
    ///
    /// # Panics
    /// When something was lost, doubled, or told wrongly.
    pub async fn audit(&self, database: &Database) {
        let kept = eventually("every outcome is known", || async {
            let kept = self.kept(database);
            kept.values().all(|order| order.open == 0).then_some(kept)
        })
        .await;
        let book = self.book.lock().expect("the customers have gone").clone();
        let mut wrong: Vec<String> =
            book.iter().filter_map(|(order, told)| fault(told, kept.get(order), order)).collect();
        wrong.extend(
            kept.keys().filter(|order| !book.contains_key(*order)).map(|order| format!("{order}: nobody's")),
        );
        assert!(wrong.is_empty(), "{} faults in {} orders:\n{}", wrong.len(), book.len(), wrong.join("\n"));
        let paid = book.values().filter(|told| told.status == "succeeded").count();
        assert!(paid > 0, "no customer was told of a success: nothing is shown");
        self.compare_books(database).await;
        self.compare_disputes(database, &book).await;
        eprintln!("{} orders, of which {paid} were told to have succeeded, each there once", book.len());
    }

    fn kept(&self, database: &Database) -> BTreeMap<String, Kept> {
        let tenant = &self.shop.name;
        let rows = database.query(&format!(
            "SELECT i.order_ref, count(*) AS intents, sum(i.amount_captured_minor) AS captured, \
                    sum(coalesce(r.amount, 0)) AS refunded, \
                    count(*) FILTER (WHERE i.status = 'processing' OR coalesce(r.open, 0) > 0) AS open \
             FROM intents.intents i \
             LEFT JOIN (SELECT intent_id, sum(amount_minor) FILTER (WHERE status = 'succeeded') AS amount, \
                               count(*) FILTER (WHERE status IN ('pending', 'processing')) AS open \
                        FROM refunds.refunds WHERE tenant_id = '{tenant}' GROUP BY intent_id) r USING (intent_id) \
             WHERE i.tenant_id = '{tenant}' GROUP BY i.order_ref"
        ));
        let number = |row: &Value, name: &str| row[name].as_i64().unwrap_or(-1);
        let kept = |row: &Value| Kept {
            intents: number(row, "intents"),
            captured: number(row, "captured"),
            refunded: number(row, "refunded"),
            open: number(row, "open"),
        };
        rows.iter().map(|row| (row["order_ref"].as_str().unwrap_or_default().to_owned(), kept(row))).collect()
    }

    /// What the gateway took, gave back and let go, and what we say of it.
    async fn compare_books(&self, database: &Database) {
        let tenant = &self.shop.name;
        let sums = format!(
            "SELECT jsonb_build_array(t.taken, t.given_back, t.let_go) AS theirs, \
                    jsonb_build_array(o.taken, r.given_back, o.let_go) AS ours \
             FROM (SELECT coalesce(sum(captured_minor), 0) AS taken, coalesce(sum(refunded_minor), 0) AS given_back, \
                          coalesce(sum(authorized_minor) FILTER (WHERE released AND captured_minor = 0), 0) AS let_go \
                   FROM simulator.payments WHERE tenant_id = '{tenant}') t, \
                  (SELECT coalesce(sum(amount_captured_minor), 0) AS taken, \
                          coalesce(sum(amount_minor) FILTER (WHERE status = 'canceled'), 0) AS let_go \
                   FROM intents.intents WHERE tenant_id = '{tenant}') o, \
                  (SELECT coalesce(sum(amount_minor), 0) AS given_back FROM refunds.refunds \
                   WHERE tenant_id = '{tenant}' AND status = 'succeeded') r"
        );
        eventually("our books are the gateway's: taken, given back, let go", || async {
            let sums = database.query(&sums);
            let same = sums[0]["ours"] == sums[0]["theirs"];
            if !same {
                eprintln!("ours {}, the gateway's {}", sums[0]["ours"], sums[0]["theirs"]);
            }
            same.then_some(())
        })
        .await;
    }

    /// Every disputed payment has its one dispute, of all that was paid.
    async fn compare_disputes(&self, database: &Database, book: &BTreeMap<String, Told>) {
        let tenant = &self.shop.name;
        let paid = book.values().filter(|told| told.is_disputed && told.status == "succeeded");
        let wanted = paid.map(|told| (told.intent.clone(), told.amount)).collect::<BTreeSet<_>>();
        let sql = format!(
            "SELECT count(*) AS all, count(DISTINCT charge_id) AS charges, \
                    coalesce(sum(amount_minor), 0)::bigint AS amount \
             FROM refunds.disputes WHERE tenant_id = '{tenant}'"
        );
        let told_amount: i64 = wanted.iter().map(|(_, amount)| amount).sum();
        // One that came before its charge was known is looked for again after two minutes at most.
        let matched = until(Duration::from_secs(200), || async {
            let row = &database.query(&sql)[0];
            assert_eq!(row["all"], row["charges"], "two disputes of one charge");
            // A disputed payment that was told as `processing` may have come to be paid, and then it has its own.
            (row["all"].as_u64() >= Some(wanted.len() as u64) && row["amount"].as_i64() >= Some(told_amount))
                .then_some(())
        });
        assert!(matched.await.is_some(), "not every disputed payment has its one dispute");
    }
}

/// What is wrong with an order, if anything.
fn fault(told: &Told, kept: Option<&Kept>, order: &str) -> Option<String> {
    let Some(kept) = kept else { return Some(format!("{order}: lost, and told {told:?}")) };
    if kept.intents != 1 {
        return Some(format!("{order}: is there {} times", kept.intents));
    }
    let refund_fits = match &told.refund {
        Some((amount, status)) => fits(status, *amount, kept.refunded),
        None => kept.refunded == 0,
    };
    if !fits(&told.status, told.amount, kept.captured) || !refund_fits {
        return Some(format!(
            "{order}: told {told:?}, kept {} captured, {} refunded",
            kept.captured, kept.refunded
        ));
    }
    None
}

/// Whether the money that moved is what an answer of this status said.
fn fits(status: &str, amount: i64, moved: i64) -> bool {
    match status {
        "succeeded" => moved == amount,
        // Not known when it was told: now it is, one or the other.
        "processing" | "pending" => moved == amount || moved == 0,
        _ => moved == 0,
    }
}
