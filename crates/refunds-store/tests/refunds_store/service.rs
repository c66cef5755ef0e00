//! The whole service over PostgreSQL and the simulated gateway: both sides' books agree, whoever came at once.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use tender_domain::kernel::{
    Answer, Caller, ChargeId, Credential, Currency, Id, IntentId, KeyScope, Metadata, Money,
    RequestFingerprint, ScopeSet, TenantId,
};
use tender_domain::ports::{Authorize, Clock, GatewayAnswer, PaymentGateway, ThreeDs};
use tender_domain::refunds::{
    CapturedCharge, CapturedPart, ChargeRef, ChargeSource, ChargeSourceError, RefundMethod, RefundReason,
};
use tender_http::{RateGate, RequestKey};
use tender_memory::{MemoryNumberBook, MemoryObjectStorage, MemoryRateLimiter, MemorySimulatorBooks};
use tender_refunds::{
    Answered, CreateRefund, Deps, FilePorts, Gateways, NamedCharge, Presenter, RefundsError, RefundsOptions,
    RefundsService, StorefrontPorts, UploadLinks,
};
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_testkit::{RandomIds, SystemClock, TestDatabase};
use uuid::Uuid;

use crate::store::open;

const PRESENTER: Presenter = Presenter {
    refund: |refund| Answer { status: 201, body: refund.status().as_str().into() },
    refusal: |refusal| Answer { status: 422, body: refusal.to_string().into() },
};

/// Intents, as far as it is asked: one charge.
struct OneCharge(CapturedCharge);

#[async_trait]
impl ChargeSource for OneCharge {
    async fn charge_of(
        &self,
        _: &TenantId,
        _: ChargeRef,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError> {
        Ok(Some(self.0.clone()))
    }
}

struct Stage {
    database: TestDatabase,
    service: Arc<RefundsService>,
    gateway: Arc<SimulatorGateway>,
    charge: ChargeId,
}

impl Stage {
    /// With 100.00 EUR taken by the simulator.
    async fn new() -> Self {
        let (database, store) = open().await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let options = SimulatorOptions::new("a secret for tests");
        let gateway = Arc::new(SimulatorGateway::new(
            Arc::new(MemorySimulatorBooks::new()),
            Arc::clone(&clock),
            options,
        ));
        let charge = take(&gateway, Money::new(10_000, Currency::EUR)).await;
        let charge_id = charge.charge_id;
        let gateways: [Arc<dyn PaymentGateway>; 1] = [Arc::clone(&gateway) as _];
        let numbers = Arc::new(MemoryNumberBook::default());
        let store = Arc::new(store);
        let deps = Deps {
            store: store.clone(),
            disputes: Arc::clone(&store) as _,
            files: FilePorts {
                uploads: Arc::clone(&store) as _,
                storage: Arc::new(MemoryObjectStorage::default()),
                links: UploadLinks::new(b"a pepper for tests".to_vec().into()),
                public_url: String::new(),
                size_max_bytes: 1_000,
            },
            cases: Arc::clone(&store) as _,
            policies: Arc::clone(&store) as _,
            open: store,
            charges: Arc::new(OneCharge(charge)),
            gateways: gateways.into_iter().collect::<Gateways>(),
            clock: Arc::clone(&clock) as _,
            ids: Arc::new(RandomIds),
            storefront: StorefrontPorts {
                gate: RateGate::new(Arc::new(MemoryRateLimiter::default()), clock),
                refunds: numbers.clone(),
                payments: numbers,
            },
        };
        let service = RefundsService::new(deps, RefundsOptions::default());
        Self { database, service, gateway, charge: charge_id }
    }

    async fn refund(&self, amount: i64, key: String) -> Result<Answered, RefundsError> {
        let wanted = CreateRefund {
            charge: NamedCharge::Charge(self.charge),
            amount: Some(amount),
            currency: None,
            reason: RefundReason::Other,
            method: RefundMethod::OriginalPaymentMethod,
            metadata: Metadata::default(),
            ignores_window: false,
        };
        let scope = KeyScope { route: "POST /v1/payments/refunds", key: key.into() };
        let key = RequestKey { scope, fingerprint: RequestFingerprint([7; 32]) };
        self.service.create_refund(&caller(), wanted, key, PRESENTER).await
    }

    /// Twenty refunds of an amount at once; `key` gives each its key.
    async fn at_once(
        self: &Arc<Self>,
        amount: i64,
        key: fn(u32) -> String,
    ) -> Vec<Result<Answered, RefundsError>> {
        let calls = (0..20).map(|nth| {
            let stage = Arc::clone(self);
            tokio::spawn(async move { stage.refund(amount, key(nth)).await })
        });
        join_all(calls).await.into_iter().map(|call| call.expect("no call panics")).collect()
    }

    /// What the simulator gave back, what the refunds add up to, and how many events tell of them.
    async fn books(&self) -> (i64, i64, i64) {
        let totals = self.gateway.books().totals(&TenantId::sandbox()).await.expect("the books can be read");
        let given_back: i128 = totals.iter().map(|total| total.refunded_minor).sum();
        let admin = self.database.admin().await;
        let live: i64 =
            one(&admin, "SELECT sum(amount_minor)::bigint FROM refunds.refunds WHERE status = 'succeeded'")
                .await;
        let kept: i64 = one(&admin, "SELECT refunded_minor FROM refunds.refundable_charges").await;
        assert_eq!(live, kept, "the charge's sum is that of its refunds");
        let told = one(&admin, "SELECT count(*) FROM refunds.outbox WHERE topic = 'refund.processed'").await;
        (i64::try_from(given_back).expect("a small sum"), live, told)
    }
}

async fn one(pool: &sqlx::PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("the database can be read")
}

async fn take(gateway: &SimulatorGateway, amount: Money) -> CapturedCharge {
    let attempt = Uuid::from_u128(1);
    let call = Authorize {
        tenant: TenantId::sandbox(),
        reference: "att_1".into(),
        amount,
        capture: true,
        token: "tok_visa".to_owned().into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::default(),
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    };
    let answer = gateway.authorize(&call).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, .. }) = answer else { panic!("{answer:?}") };
    CapturedCharge {
        charge_id: ChargeId::from_uuid(attempt),
        intent_id: IntentId::from_uuid(attempt),
        merchant_account_id: "ma_default".into(),
        connector: gateway.name().to_owned(),
        gateway_reference,
        customer_id: None,
        order_id: None,
        livemode: false,
        authorized: amount,
        captures: vec![CapturedPart { id: Id::from_uuid(attempt), amount }],
    }
}

fn caller() -> Caller {
    Caller {
        tenant: TenantId::sandbox(),
        subject: "tester".into(),
        credential: Credential::Token,
        scopes: ScopeSet::all_of_a_tenant(),
        roles: Arc::new(["admin".to_owned()]),
        actor: None,
        livemode: false,
    }
}

fn with_status(results: &[Result<Answered, RefundsError>], status: u16) -> usize {
    results.iter().filter(|result| matches!(result, Ok(answered) if answered.answer.status == status)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_refunds_of_sixty_percent_at_once_one_succeeds() {
    let stage = Arc::new(Stage::new().await);
    let results = stage.at_once(6_000, |nth| format!("key {nth}")).await;
    assert_eq!((with_status(&results, 201), with_status(&results, 422)), (1, 19), "{results:?}");
    assert_eq!(stage.books().await, (6_000, 6_000, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_calls_with_one_key_one_has_the_effect() {
    let stage = Arc::new(Stage::new().await);
    let results = stage.at_once(1_000, |_| "one key".to_owned()).await;
    assert!(with_status(&results, 201) >= 1);
    for refused in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(refused, RefundsError::InFlight), "{refused:?}");
    }
    assert_eq!(stage.books().await, (1_000, 1_000, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_that_fit_and_come_at_once_lose_nothing_and_double_nothing() {
    let stage = Arc::new(Stage::new().await);
    let results = stage.at_once(500, |nth| format!("key {nth}")).await;
    let done = with_status(&results, 201);
    for refused in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(refused.to_string().contains("changed since"), "told to try again: {refused:?}");
    }
    assert!(done >= 1);
    let sum = i64::try_from(done).expect("at most twenty") * 500;
    assert_eq!(stage.books().await, (sum, sum, i64::try_from(done).expect("at most twenty")));
}
