//! What must be true once everybody has had at the charges.

use serde_json::Value;

use crate::crowd::Crowds;
use crate::database::Database;
use crate::wait::eventually;

impl Crowds {
    /// Holds what is kept against what was told, against the simulator's books and the ledger: nothing is lost or
    /// doubled. To be asked when the [rush](Crowds::rush) is over.
    ///
    /// # Panics
    /// When something is.
    pub async fn compare_books(&self, database: &Database) {
        let number = |sql: &str| database.number(&self.of_shop(sql));
        let charges = i64::try_from(self.charges.len()).expect("a number");
        eventually("no outcome is open", || async {
            let open =
                "SELECT count(*) FROM refunds.refunds WHERE $T AND status IN ('pending', 'processing')";
            (number(open) == 0).then_some(())
        })
        .await;
        // Each chargeback is there once, however often it was told, and each dispute of the guest's.
        assert_eq!(number("SELECT count(*) FROM refunds.disputes WHERE $T"), 2 * charges, "chargebacks");
        let guests = "SELECT count(*) FROM refunds.dispute_cases WHERE $T AND source = 'GUEST'";
        assert_eq!(number(guests), 2 * charges, "the guest's disputes");
        self.compare_decisions(database);
        self.compare_refunds(database);
        self.compare_ledger(database, charges).await;
    }

    /// Each decision that gives money has its one refund, of what it says; and no other refund is a dispute's.
    fn compare_decisions(&self, database: &Database) {
        let number = |sql: &str| database.number(&self.of_shop(sql));
        let mut decided = self.decided();
        decided.sort_unstable();
        assert!(decided.windows(2).all(|two| two[0] != two[1]), "two were told that they decided a dispute");
        let resolved = "SELECT dispute_id FROM refunds.dispute_cases \
                        WHERE $T AND source = 'GUEST' AND status = 'RESOLVED' ORDER BY dispute_id::text COLLATE \"C\"";
        let resolved: Vec<Value> =
            database.query(&self.of_shop(resolved)).iter().map(|row| row["dispute_id"].clone()).collect();
        assert_eq!(resolved, decided, "what is decided, and who was told so");
        let open = format!(
            "SELECT count(*) FROM refunds.dispute_cases \
             WHERE $T AND source = 'GUEST' AND status <> 'RESOLVED' AND requested_minor = {}",
            Self::ASKED_BESIDE
        );
        assert_eq!(number(&open), 0, "one of those who decided could always deny");
        let granted = "SELECT count(*) FROM refunds.dispute_cases WHERE $T AND refund_id IS NOT NULL";
        // One whose call was cut off is not made again once a chargeback has taken what it was to give.
        let refunded = "SELECT count(*) FROM refunds.dispute_cases c JOIN refunds.refunds r USING (tenant_id, refund_id) \
                        WHERE c.$T AND r.amount_minor = c.decided_minor AND (r.status = 'succeeded' \
                        OR r.status = 'failed' AND r.failure_reason = 'exceeds_charge')";
        let of_disputes = "SELECT count(*) FROM refunds.refunds WHERE $T AND metadata ? 'dispute_id'";
        let granted = number(granted);
        assert!(granted > 0, "no dispute was granted anything: nothing is shown");
        let found = (number(refunded), number(of_disputes));
        let all = "SELECT status, amount_minor, failure_reason FROM refunds.refunds WHERE $T AND metadata ? 'dispute_id'";
        let all = || database.query(&self.of_shop(all));
        assert_eq!(found, (granted, granted), "refunds of decisions: {:?}", all());
    }

    /// The simulator gave back what we say, refund by refund, and no more of any charge than was captured.
    fn compare_refunds(&self, database: &Database) {
        let number = |sql: &str| database.number(&self.of_shop(sql));
        let simulator = "SELECT sum(refunded_minor)::bigint FROM simulator.payments WHERE $T";
        assert_eq!(
            number(simulator),
            self.succeeded(database, "original_payment_method"),
            "the simulator's books"
        );
        let beyond =
            "SELECT count(*) FROM refunds.refundable_charges WHERE $T AND refunded_minor > captured_minor";
        assert_eq!(number(beyond), 0, "more of ours than was captured");
        let given = "SELECT reference, amount_minor FROM simulator.operations \
                     WHERE $T AND kind = 'refund' AND outcome = 'approved'";
        let given = database.query(&self.of_shop(given));
        let told = self.told();
        assert!(
            told.iter().any(|refund| refund.is_by_gateway),
            "nobody was told of a refund: nothing is shown"
        );
        for refund in told.iter().filter(|refund| refund.is_by_gateway) {
            let there: Vec<&Value> = given.iter().filter(|row| row["reference"] == *refund.id).collect();
            assert!(there.len() == 1 && there[0]["amount_minor"] == refund.amount, "{refund:?}: {there:?}");
        }
        let kept = number(
            "SELECT count(*) FROM refunds.refunds WHERE $T AND status = 'succeeded' \
                           AND refund_method = 'original_payment_method'",
        );
        assert_eq!(given.len(), usize::try_from(kept).expect("a number"), "refunds there and here");
    }

    async fn compare_ledger(&self, database: &Database, charges: i64) {
        let by_gateway = self.succeeded(database, "original_payment_method");
        let as_credit = self.succeeded(database, "store_credit");
        assert!(by_gateway > 0 && as_credit > 0, "{by_gateway} {as_credit}: nothing is shown");
        let lost = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds.disputes \
                    WHERE $T AND status IN ('lost', 'accepted')";
        let lost = database.number(&self.of_shop(lost));
        let left = charges * Self::PAID - by_gateway - as_credit - lost;
        eventually("the ledger owes what is left to the merchant, and the customer its credit", || async {
            let owed = |(debit, credit): (i64, i64)| credit - debit;
            let merchant = owed(self.shop.account("liability:merchant:ma_default:payable", "EUR").await);
            let customer = owed(self.shop.account(Self::CREDIT, "EUR").await);
            (merchant == left && customer == as_credit).then_some(())
        })
        .await;
    }

    fn succeeded(&self, database: &Database, method: &str) -> i64 {
        let sql = format!(
            "SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds.refunds \
             WHERE $T AND status = 'succeeded' AND refund_method = '{method}'"
        );
        database.number(&self.of_shop(&sql))
    }

    fn of_shop(&self, sql: &str) -> String {
        sql.replace("$T", &format!("tenant_id = '{}'", self.shop.name))
    }
}
