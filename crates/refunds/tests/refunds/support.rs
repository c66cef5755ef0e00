//! The stage: the service, and everything around it that a test moves.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use tender_domain::kernel::{
    Caller, Credential, Currency, Id, KeyScope, Message, Metadata, Money, RefundId, RequestFingerprint,
    ScopeSet, TenantId, Topic,
};
use tender_domain::ports::{
    Authorize, Avs, Capabilities, Capture, CardData, Clock, CompleteChallenge, Decline, DeclineCode,
    DisputeReplies, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, Refund as RefundCall,
    TokenisedCard, UnknownOutcome, Void,
};
use tender_domain::refunds::{CapturedCharge, CapturedPart, Refund, RefundMethod, RefundReason, RefundStore};
use tender_domain::uploads::ObjectStorage;
use tender_http::{RateGate, RequestKey};
use tender_memory::{MemoryNumberBook, MemoryObjectStorage, MemoryRateLimiter, MemoryRefundStore};
use tender_refunds::{
    Answered, CreateRefund, Deps, FilePorts, Gateways, NamedCharge, RefundRecovery, RefundRetries,
    RefundsError, RefundsOptions, RefundsService, StorefrontPorts, UploadLinks,
};
use tender_testkit::{ManualClock, RandomIds};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::charge_book::ScriptedCharges;
use crate::own_connectors::OwnConnectors;
pub(crate) use crate::presenter::PRESENTER;
use crate::reply_desk::ReplyDesk;

/// What the gateway does with the next refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Approve,
    Decline(DeclineCode),
    NotDone,
    /// It is not done, for a reason that passes.
    NotNow,
    /// It never happens, and no answer comes.
    TimeoutBefore,
    /// It happens, and no answer comes.
    TimeoutAfter,
    /// It does one minor unit less than it was asked.
    WrongAmount,
    /// It waits for [`ScriptedGateway::release`], then approves.
    Hang,
    /// It breaks in the middle of the call, as a crash of ours would, after the gateway did it.
    Crash,
}

/// A gateway that does as it is told and keeps its own books by reference.
pub(crate) struct ScriptedGateway {
    scripts: Mutex<VecDeque<Script>>,
    books: Mutex<HashMap<String, GatewayAnswer>>,
    pub(crate) calls: Mutex<Vec<RefundCall>>,
    pub(crate) lookups: Mutex<Vec<String>>,
    pub(crate) unknown_refund: Mutex<UnknownOutcome>,
    pub(crate) is_away: Mutex<bool>,
    released: Notify,
    pub(crate) desk: ReplyDesk,
}

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

impl ScriptedGateway {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            scripts: Mutex::default(),
            books: Mutex::default(),
            calls: Mutex::default(),
            lookups: Mutex::default(),
            unknown_refund: Mutex::new(UnknownOutcome::Lookup),
            is_away: Mutex::new(false),
            released: Notify::new(),
            desk: ReplyDesk::default(),
        })
    }

    pub(crate) fn next(&self, script: Script) {
        held(&self.scripts).push_back(script);
    }

    pub(crate) fn release(&self) {
        self.released.notify_waiters();
    }
    /// How much money it says went back.
    pub(crate) fn given_back(&self) -> i64 {
        let books = held(&self.books);
        let approved = books.values().filter_map(|answer| match answer {
            GatewayAnswer::Approved { amount, .. } => Some(amount.minor()),
            _ => None,
        });
        approved.sum()
    }

    fn book(&self, call: &RefundCall, amount: Money) -> GatewayAnswer {
        let answer = GatewayAnswer::Approved {
            gateway_reference: format!("gw_{}", call.reference),
            amount,
            captured: false,
            response_code: Some("00".into()),
            acquirer: None,
            avs: Avs::default(),
            sca: None,
        };
        held(&self.books).entry(call.reference.clone()).or_insert(answer).clone()
    }
}

#[async_trait]
impl PaymentGateway for ScriptedGateway {
    fn name(&self) -> &str {
        "simulator"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            unknown_capture: UnknownOutcome::Lookup,
            unknown_refund: *held(&self.unknown_refund),
            not_found_is_final_after: Duration::from_secs(2),
            partial_capture: true,
            several_captures: true,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }

    async fn refund(&self, call: &RefundCall) -> Result<GatewayAnswer, GatewayError> {
        held(&self.calls).push(call.clone());
        let script = held(&self.scripts).pop_front().unwrap_or(Script::Approve);
        let lost = Err(GatewayError::Unknown("no answer".into()));
        match script {
            Script::Approve => Ok(self.book(call, call.amount)),
            Script::Decline(code) => Ok(GatewayAnswer::Declined(Decline {
                code,
                network_code: Some("54".into()),
                message: "no".into(),
                sca: None,
            })),
            Script::NotDone => Err(GatewayError::NotDone("bad request".into())),
            Script::NotNow => Err(GatewayError::NotNow("too many requests".into())),
            Script::TimeoutBefore => lost,
            Script::TimeoutAfter => {
                self.book(call, call.amount);
                lost
            }
            Script::WrongAmount => {
                Ok(self.book(call, Money::new(call.amount.minor() - 1, call.amount.currency())))
            }
            Script::Hang => {
                self.released.notified().await;
                Ok(self.book(call, call.amount))
            }
            Script::Crash => {
                self.book(call, call.amount);
                panic!("the process died here");
            }
        }
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        self.desk.open()
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        held(&self.lookups).push(request.reference.clone());
        if *held(&self.is_away) {
            return Err(GatewayError::Unknown("502".into()));
        }
        let found = held(&self.books).get(&request.reference).cloned();
        Ok(found.map_or(Lookup::NotFound, Lookup::Answered))
    }

    async fn authorize(&self, _: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        Err(GatewayError::NotDone("refunds only".into()))
    }

    async fn capture(&self, _: &Capture) -> Result<GatewayAnswer, GatewayError> {
        Err(GatewayError::NotDone("refunds only".into()))
    }

    async fn void(&self, _: &Void) -> Result<GatewayAnswer, GatewayError> {
        Err(GatewayError::NotDone("refunds only".into()))
    }

    async fn complete_challenge(&self, _: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        Err(GatewayError::NotDone("refunds only".into()))
    }

    async fn tokenise(&self, _: &TenantId, _: &CardData) -> Result<TokenisedCard, GatewayError> {
        Err(GatewayError::NotDone("refunds only".into()))
    }

    async fn inspect_token(
        &self,
        _: &TenantId,
        _: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        Ok(None)
    }
}

pub(crate) struct Stage {
    pub(crate) service: Arc<RefundsService>,
    pub(crate) store: Arc<MemoryRefundStore>,
    pub(crate) gateway: Arc<ScriptedGateway>,
    pub(crate) charges: Arc<ScriptedCharges>,
    pub(crate) own: Arc<OwnConnectors>,
    pub(crate) clock: Arc<ManualClock>,
    /// The numbers of payments and refunds.
    pub(crate) numbers: Arc<MemoryNumberBook>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryRefundStore::default());
        Self::over(Arc::clone(&store) as Arc<dyn RefundStore>, store)
    }

    /// Over a store that does something of its own before or after `store`.
    pub(crate) fn over(front: Arc<dyn RefundStore>, store: Arc<MemoryRefundStore>) -> Self {
        Self::with_storage((front, store), Arc::new(MemoryObjectStorage::default()))
    }

    /// With these stores, and what holds files.
    pub(crate) fn with_storage(
        (front, store): (Arc<dyn RefundStore>, Arc<MemoryRefundStore>),
        storage: Arc<dyn ObjectStorage>,
    ) -> Self {
        let (gateway, charges) = (ScriptedGateway::new(), Arc::new(ScriptedCharges::default()));
        let (clock, own) = (Arc::new(ManualClock::default()), Arc::new(OwnConnectors::default()));
        let numbers = Arc::new(MemoryNumberBook::default());
        let gateways: [Arc<dyn PaymentGateway>; 1] = [Arc::clone(&gateway) as _];
        let deps = Deps {
            store: front,
            disputes: Arc::clone(&store) as _,
            cases: Arc::clone(&store) as _,
            policies: Arc::clone(&store) as _,
            open: Arc::clone(&store) as _,
            charges: Arc::clone(&charges) as _,
            gateways: gateways
                .into_iter()
                .collect::<Gateways>()
                .with_own(Arc::clone(&own) as _)
                .heard_by(Arc::clone(&own) as _),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::new(RandomIds),
            files: FilePorts {
                uploads: Arc::clone(&store) as _,
                storage,
                links: UploadLinks::new(b"a pepper for tests".to_vec().into()),
                public_url: String::new(),
                size_max_bytes: 1_000,
            },
            storefront: StorefrontPorts {
                gate: RateGate::new(Arc::new(MemoryRateLimiter::default()), Arc::clone(&clock) as _),
                refunds: numbers.clone(),
                payments: numbers.clone(),
            },
        };
        let service = RefundsService::new(deps, RefundsOptions::default());
        Self { service, store, gateway, charges, own, clock, numbers }
    }

    /// A charge that intents knows of, with captures of these amounts.
    pub(crate) fn charge(&self, captures: &[i64]) -> CapturedCharge {
        let charge = captured(captures);
        held(&self.charges.known).push(charge.clone());
        charge
    }

    pub(crate) async fn refund(
        &self,
        charge: &CapturedCharge,
        amount: Option<i64>,
        key: &str,
    ) -> Result<Answered, RefundsError> {
        self.refund_as(&caller(), wanted(charge, amount), key).await
    }

    pub(crate) async fn refund_as(
        &self,
        caller: &Caller,
        wanted: CreateRefund,
        key: &str,
    ) -> Result<Answered, RefundsError> {
        let key = request_key(key, wanted.amount);
        self.service.create_refund(caller, wanted, key, PRESENTER).await
    }

    pub(crate) fn recovery(&self) -> RefundRecovery {
        RefundRecovery::new(Arc::clone(&self.service), Duration::from_millis(5), 100)
    }

    pub(crate) fn retries(&self) -> RefundRetries {
        RefundRetries::new(Arc::clone(&self.service), Duration::from_millis(5), 100)
    }

    pub(crate) async fn stored(&self, id: RefundId) -> Refund {
        let charge =
            self.store.charge_of_refund(&TenantId::sandbox(), id).await.unwrap().expect("it is stored");
        charge.refund(id).cloned().unwrap()
    }

    /// What was told, by topic; without who began which refund, of which `audits.rs` is.
    pub(crate) fn told(&self) -> Vec<(Topic, Value)> {
        self.all_told().into_iter().filter(|(_, told)| told["action"] != "refund.created").collect()
    }

    pub(crate) fn all_told(&self) -> Vec<(Topic, Value)> {
        let told = |message: Message| (message.topic, serde_json::from_str(&message.data).unwrap());
        self.store.messages().into_iter().map(told).collect()
    }

    pub(crate) fn topics(&self) -> Vec<&'static str> {
        self.told().into_iter().map(|(topic, _)| topic.name()).collect()
    }
}

pub(crate) fn new_id<K>() -> Id<K> {
    Id::from_uuid(Uuid::from_u128(rand::random()))
}

pub(crate) fn captured(captures: &[i64]) -> CapturedCharge {
    let eur = |minor| Money::new(minor, Currency::EUR);
    CapturedCharge {
        charge_id: new_id(),
        intent_id: new_id(),
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: "sim_ch_1".into(),
        customer_id: Some("cust_1".into()),
        order_id: Some("ord_1".into()),
        livemode: false,
        authorized: eur(10_000),
        captures: captures.iter().map(|minor| CapturedPart { id: new_id(), amount: eur(*minor) }).collect(),
    }
}

pub(crate) fn wanted(charge: &CapturedCharge, amount: Option<i64>) -> CreateRefund {
    CreateRefund {
        charge: NamedCharge::Charge(charge.charge_id),
        amount,
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
        ignores_window: false,
    }
}

pub(crate) fn request_key(key: &str, amount: Option<i64>) -> RequestKey {
    let mut fingerprint = [0; 32];
    fingerprint[..8].copy_from_slice(&amount.unwrap_or(-1).to_be_bytes());
    RequestKey {
        scope: KeyScope { route: "POST /v1/payments/refunds", key: key.into() },
        fingerprint: RequestFingerprint(fingerprint),
    }
}

pub(crate) fn caller() -> Caller {
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

pub(crate) fn customer(id: &str) -> Caller {
    Caller { subject: id.into(), roles: Arc::new(["customer".to_owned()]), ..caller() }
}

pub(crate) fn body(answered: &Answered) -> Value {
    serde_json::from_str(&answered.answer.body).unwrap()
}

pub(crate) fn id_of(answered: &Answered) -> RefundId {
    body(answered)["id"].as_str().unwrap().parse().unwrap()
}
