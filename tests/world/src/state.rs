//! What outlives a process of the world.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::TenantId;
use tender_domain::ports::PaymentGateway as _;
use tender_memory::{
    MemoryCallbackStore, MemoryIntentStore, MemoryLedgerStore, MemoryRefundStore, MemorySimulatorBooks,
};
use tender_simulator::{Misbehaviour, Script, ScriptedCall, SimulatorGateway, SimulatorOptions};

use crate::bus::Positions;
use crate::client::Plan;
use crate::dice::{Dice, WorldClock, WorldIds};
use crate::effects::{Effects, Stores};
use crate::gateway::Line;

pub(crate) struct World {
    pub(crate) dice: Arc<Dice>,
    pub(crate) clock: Arc<WorldClock>,
    pub(crate) ids: Arc<WorldIds>,
    pub(crate) effects: Arc<Effects>,
    pub(crate) intents: Arc<MemoryIntentStore>,
    pub(crate) callbacks: Arc<MemoryCallbackStore>,
    pub(crate) refunds: Arc<MemoryRefundStore>,
    pub(crate) ledger: Arc<MemoryLedgerStore>,
    pub(crate) books: Arc<MemorySimulatorBooks>,
    pub(crate) line: Arc<Line>,
    pub(crate) positions: Arc<Positions>,
    pub(crate) plans: Vec<Plan>,
    /// Whether the tenant has two accounts of its own, of which the first is moody.
    pub(crate) has_own_connectors: bool,
}

pub(crate) fn tenant() -> TenantId {
    "acme".parse().expect("a tenant's name")
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let dice = Arc::new(Dice::new(seed));
        let effects = Arc::new(Effects::new(Arc::clone(&dice)));
        let hook: Arc<Stores> = Arc::new(Stores(Arc::clone(&effects)));
        let intents = Arc::new(MemoryIntentStore::hooked(hook.clone()));
        let callbacks = Arc::new(MemoryCallbackStore::new(Arc::clone(&intents)));
        let (clock, books) = (Arc::new(WorldClock::new()), Arc::new(MemorySimulatorBooks::new()));
        let options = SimulatorOptions::new("the simulator's secret in the world")
            .with_delay(Duration::from_secs(3))
            .telling_everything(dice.percent(30));
        let simulator = SimulatorGateway::new(books.clone(), clock.clone(), options);
        misbehave(&simulator, &dice, seed);
        let has_own_connectors = dice.percent(30);
        let plan = |number| Plan::new(number, &dice, has_own_connectors);
        let plans = (0..2 + dice.below(4)).map(plan).collect();
        Self {
            line: Arc::new(Line {
                name: simulator.name().to_owned(),
                moody: false,
                simulator,
                effects: effects.clone(),
                dice: dice.clone(),
            }),
            has_own_connectors,
            intents,
            callbacks,
            refunds: Arc::new(MemoryRefundStore::hooked(hook.clone())),
            ledger: Arc::new(MemoryLedgerStore::hooked(hook)),
            ids: Arc::default(),
            positions: Arc::default(),
            dice,
            clock,
            effects,
            books,
            plans,
        }
    }
}

/// Each misbehaviour alone and with each other, one pair a seed, at calls of a kind by chance; and at what is asked about
/// them, without which few of the calls of a seed would be asked about.
fn misbehave(simulator: &SimulatorGateway, dice: &Dice, seed: u64) {
    let all = Misbehaviour::ALL;
    let count = all.len() as u64;
    let place = |number: u64| all[usize::try_from(number % count).unwrap_or(0)];
    let pair = [place(seed), place(seed / count)];
    let script = |call| {
        simulator.script(Script {
            tenant: tenant(),
            call: Some(call),
            reference: None,
            token: None,
            amount_minor: None,
            times: Some(1 + u32::try_from(dice.below(3)).unwrap_or(0)),
            does: pair.to_vec(),
        });
    };
    for _ in 0..1 + dice.below(3) {
        let call = *dice.pick(&[
            ScriptedCall::Authorize,
            ScriptedCall::Authorize,
            ScriptedCall::Capture,
            ScriptedCall::Void,
            ScriptedCall::Refund,
        ]);
        script(call);
    }
    if dice.percent(50) {
        script(ScriptedCall::Lookup);
    }
    if dice.percent(25) {
        script(ScriptedCall::Challenge);
    }
}
