//! Lives of the process: each begins over what is stored, and all but the last die between two effects.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::Service;
use actix_web::test::init_service;
use actix_web::web::Data;
use futures_util::future::join_all;
use serde_json::Value;
use tender_domain::ports::{CallbackIntake, PaymentGateway};
use tender_http::{Application, AuthState, Environment, RateGate, TokenSettings, TokenVerifier};
use tender_intents::{
    BuiltInOrders, CallbackWorker, ConnectorPorts, Deps, DisputesOfIntents, FraudPorts, GatewayCallbacks,
    Gateways, IntentClock, IntentRecovery, IntentsOptions, IntentsService, LinkPorts, LinkTokens,
    RefundsOfIntents, StorefrontPorts,
};
use tender_memory::{MemoryConnectorSecrets, MemoryNumberBook, MemoryObjectStorage, MemoryRateLimiter};
use tender_refunds::{
    ChargebackMatching, RefundRecovery, RefundRetries, RefundsConsumer, RefundsOptions, RefundsService,
    UploadLinks,
};
use tender_settlement::{LedgerConsumer, SettlementService};
use tender_simulator::CallbackSender;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};

use crate::accounts::{OwnAccounts, OwnConnectors};
use crate::audit::audit;
use crate::bus::Follow;
use crate::client::{Client, Door, JWT_SECRET};
use crate::met::Met;
use crate::state::World;
use crate::target::Mailman;
use crate::vault::{NoCardForms, NoKeys, NoReceivers, TestMethods};

/// How often the workers look.
const WORKERS: Duration = Duration::from_secs(3);
/// The longest a life lasts that nothing kills.
const LIFE: Duration = Duration::from_secs(600);
/// How long the last life may take until nothing moves any more: a refund that was not done in many lives before is still to
/// be called for as often as its schedule says, which takes three days.
const QUIET_WITHIN: Duration = Duration::from_secs(4 * 24 * 3600);

/// Runs the world of this seed to its end, and audits it. Says what was met.
///
/// # Panics
/// When the auditor finds what must not be, or the world does not come to rest; the message says what.
#[must_use]
pub fn run(seed: u64) -> Met {
    fastrand::seed(seed);
    let (world, mut met) = (Arc::new(World::new(seed)), Met::default());
    for _ in 0..world.dice.below(4) {
        let effects = 5 + i64::try_from(world.dice.below(120)).unwrap_or(0);
        world.effects.doomed(effects, 4);
        met.count(if live(&world, false) { "died" } else { "ended" });
    }
    world.effects.safe();
    assert!(!live(&world, true), "nothing kills the last life");
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(audit(&world, &mut met));
    for (what, lost) in
        [("look-up lost", &world.effects.lost_lookups), ("completion lost", &world.effects.lost_completions)]
    {
        met.count_times(what, u64::from(lost.load(Ordering::Relaxed)));
    }
    met
}

/// One life of the process. Says whether it died.
fn live(world: &Arc<World>, is_last: bool) -> bool {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
    let local = LocalSet::new();
    // With the runtime all tasks end where they are.
    local.block_on(&runtime, async {
        world.clock.begin();
        let died = tokio::select! {
            biased;
            () = life(world, is_last) => false,
            () = world.effects.died() => true,
        };
        world.clock.end();
        died
    })
}

async fn life(world: &Arc<World>, is_last: bool) {
    let process = Process::begin(world, if is_last { 0 } else { 25 }).await;
    let clients = world.plans.iter().map(|plan| {
        let client = Client {
            plan: plan.clone(),
            door: Rc::clone(&process.door),
            dice: Arc::clone(&world.dice),
            clock: Arc::clone(&world.clock),
            world: Arc::clone(world),
        };
        client.work()
    });
    let clients = async {
        join_all(clients).await;
    };
    let follows = Rc::clone(&process.follows);
    let following = Arc::clone(world);
    spawn_local(async move {
        loop {
            let follow = following.dice.pick(&follows);
            follow.deliver_one(&following.positions, &following.dice, !is_last).await;
            tokio::time::sleep(following.dice.moment(1_000)).await;
        }
    });
    if !is_last {
        // Clients that have done their work leave; the process lives on for a while.
        tokio::select! {
            biased;
            () = clients => tokio::time::sleep(world.dice.moment(60_000)).await,
            () = tokio::time::sleep(LIFE) => {}
        }
        return;
    }
    clients.await;
    let begun = tokio::time::Instant::now();
    while let Some(moves) = world.still_moves(&process.follows).await {
        assert!(begun.elapsed() < QUIET_WITHIN, "the world does not come to rest: {moves}");
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    process.stop.send_replace(true);
}

/// A running process: the services over the stores of the world, their workers and followers.
struct Process {
    door: Door,
    follows: Rc<Vec<Follow>>,
    stop: watch::Sender<bool>,
}

/// The refunds of a process: over the same gateway, gate and numbers as its intents.
fn refunds_of(
    world: &Arc<World>,
    intents: &Arc<IntentsService>,
    (line, gate, numbers): (Arc<dyn PaymentGateway>, RateGate, Arc<MemoryNumberBook>),
) -> Arc<RefundsService> {
    let deps = tender_refunds::Deps {
        store: world.refunds.clone(),
        disputes: world.refunds.clone(),
        cases: world.refunds.clone(),
        policies: world.refunds.clone(),
        open: world.refunds.clone(),
        charges: intents.clone(),
        gateways: [line].into_iter().collect::<tender_refunds::Gateways>().with_own(intents.clone()),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        files: tender_refunds::FilePorts {
            uploads: world.refunds.clone(),
            storage: Arc::new(MemoryObjectStorage::default()),
            links: UploadLinks::new(b"the platform's pepper for tests".to_vec().into()),
            public_url: String::new(),
            size_max_bytes: 1_000,
        },
        storefront: tender_refunds::StorefrontPorts { gate, refunds: numbers.clone(), payments: numbers },
    };
    RefundsService::new(deps, RefundsOptions::default())
}

impl Process {
    async fn begin(world: &Arc<World>, lossy_percent: u32) -> Self {
        let line: Arc<dyn PaymentGateway> = world.line.clone();
        // The world's clients know no storefront: what these keep need not outlive the process.
        let numbers: Arc<MemoryNumberBook> = Arc::default();
        let gate = RateGate::new(Arc::new(MemoryRateLimiter::default()), world.clock.clone());
        let deps = Deps {
            store: world.intents.clone(),
            vault: Arc::new(TestMethods),
            orders: Arc::new(BuiltInOrders { store: world.intents.clone(), clock: world.clock.clone() }),
            gateways: Gateways::of(vec![line.clone()]).expect("one gateway"),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            fraud: FraudPorts { store: world.intents.clone(), scorer: None },
            client_secret_key: b"the platform's pepper for tests".to_vec().into(),
            refund_notices: world.intents.clone(),
            deposits: world.intents.clone(),
            connectors: ConnectorPorts {
                store: Arc::new(OwnConnectors(Arc::clone(world))),
                secrets: Arc::new(MemoryConnectorSecrets::default()),
                adapters: Arc::new(OwnAccounts(Arc::clone(world))),
            },
            links: LinkPorts {
                store: world.intents.clone(),
                cards: Arc::new(NoCardForms),
                notifiers: Vec::new(),
                tokens: LinkTokens::new(b"the platform's pepper for tests".to_vec().into()),
                public_url: String::new(),
            },
            open_refunds: world.refunds.clone(),
            storefront: StorefrontPorts {
                gate: gate.clone(),
                payments: numbers.clone(),
                methods: numbers.clone(),
                refunds: numbers.clone(),
                hotels: world.intents.clone(),
                webhooks: Arc::new(NoReceivers),
            },
        };
        let intents = IntentsService::new(deps, IntentsOptions::default());
        // Before the first payment, as in a process that starts.
        intents.load_routing().await.expect("in memory");
        let callbacks = GatewayCallbacks::new(intents.clone(), world.callbacks.clone());
        let refunds = refunds_of(world, &intents, (line, gate, numbers));
        callbacks.hand_refunds_to(refunds.clone());
        callbacks.hand_disputes_to(refunds.clone());
        let deps = tender_settlement::Deps {
            store: world.ledger.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
        };
        let settlement = Arc::new(SettlementService::new(deps));

        let (stop, stopped) = watch::channel(false);
        let mailman = Mailman {
            intake: callbacks.clone() as Arc<dyn CallbackIntake>,
            dice: world.dice.clone(),
            effects: world.effects.clone(),
            lossy_percent,
        };
        let sender = CallbackSender::new(world.line.simulator.clone(), Arc::new(mailman), WORKERS);
        spawn_local(sender.run(stopped.clone()));
        spawn_local(CallbackWorker::new(callbacks.clone(), WORKERS).run(stopped.clone()));
        spawn_local(IntentRecovery::new(intents.clone(), WORKERS, 100).run(stopped.clone()));
        spawn_local(IntentClock::new(intents.clone(), WORKERS).run(stopped.clone()));
        spawn_local(RefundRecovery::new(refunds.clone(), WORKERS, 100).run(stopped.clone()));
        spawn_local(RefundRetries::new(refunds.clone(), WORKERS, 100).run(stopped.clone()));
        spawn_local(ChargebackMatching::new(refunds.clone(), WORKERS, 100).run(stopped));
        let follows = follows(world, &intents, &refunds, &settlement);
        let door = door(world, intents, refunds, callbacks).await;
        Self { door, follows: Rc::new(follows), stop }
    }
}

fn follows(
    world: &Arc<World>,
    intents: &Arc<IntentsService>,
    refunds: &Arc<RefundsService>,
    settlement: &Arc<SettlementService>,
) -> Vec<Follow> {
    let of_intents = || {
        let store = world.intents.clone();
        Box::new(move || store.messages())
    };
    let of_refunds = || {
        let store = world.refunds.clone();
        Box::new(move || store.messages())
    };
    // The ledger follows both outboxes, each from a place of its own.
    vec![
        Follow {
            name: "ledger of intents",
            consumer: Arc::new(LedgerConsumer::new(settlement.clone())),
            outbox: of_intents(),
        },
        Follow {
            name: "ledger of refunds",
            consumer: Arc::new(LedgerConsumer::new(settlement.clone())),
            outbox: of_refunds(),
        },
        Follow {
            name: "refunds",
            consumer: Arc::new(RefundsConsumer::new(refunds.clone())),
            outbox: of_intents(),
        },
        Follow {
            name: "intents of disputes",
            consumer: Arc::new(DisputesOfIntents(intents.clone())),
            outbox: of_refunds(),
        },
        Follow {
            name: "intents",
            consumer: Arc::new(RefundsOfIntents(intents.clone())),
            outbox: of_refunds(),
        },
    ]
}

async fn door(
    world: &Arc<World>,
    intents: Arc<IntentsService>,
    refunds: Arc<RefundsService>,
    callbacks: Arc<GatewayCallbacks>,
) -> Door {
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    });
    let pepper = b"pepper".to_vec().into();
    let auth = AuthState::new(Arc::new(NoKeys), tokens, pepper, Environment::Sandbox, world.clock.clone());
    let (auth, intents, refunds) = (Data::new(auth), Data::new(intents), Data::new(refunds));
    let callbacks = Data::new(callbacks);
    let application = Application::new("World", move |config| {
        config.app_data(auth.clone()).app_data(intents.clone()).app_data(callbacks.clone());
        config.app_data(refunds.clone());
        tender_intents::routes(config);
        tender_refunds::routes(config);
    });
    let app = Rc::new(init_service(application.app()).await);
    Rc::new(move |request| {
        let app = Rc::clone(&app);
        Box::pin(async move {
            match app.call(request).await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let bytes = actix_web::body::to_bytes(response.into_body()).await.unwrap_or_default();
                    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
                }
                Err(error) => (error.as_response_error().status_code().as_u16(), Value::Null),
            }
        })
    })
}
