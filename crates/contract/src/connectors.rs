//! What every store of connectors, rules and logs keeps.

use std::collections::BTreeSet;

use tender_domain::connectors::{
    Connector, ConnectorLog, ConnectorPatch, ConnectorStore, DeclineTable, LoggedCall, NewConnector,
    RoutingRule, RoutingRules, RoutingTarget, RuleMatch,
};
use tender_domain::intents::IntentStore;
use tender_domain::kernel::{
    Change, CommitError, ConnectorId, ConnectorLogId, Cursor, Direction, PageRequest, RoutingRuleId, Save,
    TenantId, Timestamp, Version,
};
use tender_domain::ports::DeclineCode;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).expect("test instants exist")
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

fn connector(tenant: &TenantId, number: u128, name: &str) -> Connector {
    let new = NewConnector {
        id: ConnectorId::from_uuid(Uuid::from_u128(number)),
        tenant: tenant.clone(),
        livemode: false,
        name: name.to_owned(),
        kind: "simulator".to_owned(),
        priority: -3,
        region: Some("EU".to_owned()),
        config: [("answers".to_owned(), "it's \"declined\"".to_owned())].into(),
        secrets: vec!["api_key".to_owned()],
        declines: DeclineTable::of(Some(vec![DeclineCode::DoNotHonor, DeclineCode::LimitExceeded]))
            .expect("none of them is final"),
    };
    Connector::register(new, at(0)).expect("a good connector")
}

fn rule(connector: ConnectorId) -> RoutingRule {
    RoutingRule {
        id: RoutingRuleId::from_uuid(Uuid::from_u128(7)),
        version: Version::FIRST,
        name: Some("a \"name\"".to_owned()),
        priority: 5,
        enabled: true,
        matches: RuleMatch { country: ["FR".to_owned()].into(), ..RuleMatch::default() },
        targets: vec![RoutingTarget { connector, weight: 70 }],
        fallback: vec![connector],
        created_at: at(1),
        updated_at: at(1),
    }
}

/// What is saved is read whole, by its tenant alone; an older version changes nothing, and no name is used twice.
///
/// # Panics
/// When the promise is broken.
pub async fn connectors_are_read_as_they_were_saved<S: IntentStore + ConnectorStore>(store: &S) {
    let (own, other) = (tenant("con-own"), tenant("con-other"));
    let first = connector(&own, 0x0190_0000_0001, "first");
    let save = |save: Save<Connector>| store.commit(Change::of(own.clone()).save(save));
    assert!(save(Save::<Connector>::new(first.clone())).await.is_ok());
    let read = store.routing(&own).await.expect("it can be read");
    assert_eq!((&read.connectors[..], &read.rules.rules[..]), (&[first.clone()][..], &[][..]));
    assert!(store.routing(&other).await.expect("it can be read").connectors.is_empty());
    let found = store.connector_of_callback(first.id).await.expect("it can be read");
    assert_eq!(found, Some(first.clone()), "found by its id alone");

    let usual = Some(DeclineTable::USUAL);
    let patch = ConnectorPatch { enabled: Some(false), declines: usual, ..Default::default() };
    let changed = first.patched(patch, at(9)).expect("a good patch");
    assert!(save(Save::<Connector>::changed(first.clone(), changed.clone())).await.is_ok());
    assert_eq!(store.routing(&own).await.expect("it can be read").connectors, std::slice::from_ref(&changed));
    let stale = save(Save::<Connector>::changed(first.clone(), changed.clone())).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let namesake = save(Save::<Connector>::new(connector(&own, 0x0190_0000_0002, "first"))).await;
    assert!(
        matches!(&namesake, Err(CommitError::Refused { constraint }) if constraint == "connectors_one_of_each_name"),
        "{namesake:?}"
    );
    let theirs =
        Change::of(other.clone()).save(Save::<Connector>::new(connector(&other, 0x0190_0000_0003, "first")));
    assert!(store.commit(theirs).await.is_ok(), "another tenant's name is its own");
    assert_eq!(store.open_payments(&own, "first").await.expect("it can be counted"), 0);
}

/// Rules are one versioned thing, and who changed since an instant is found.
///
/// # Panics
/// When the promise is broken.
pub async fn rules_are_read_as_they_were_saved_and_changes_are_found<S: IntentStore + ConnectorStore>(
    store: &S,
) {
    let own = tenant("rules-own");
    let id = ConnectorId::from_uuid(Uuid::from_u128(0x0190_0000_0011));
    let known = BTreeSet::from([id]);
    let unset = RoutingRules::unset(own.clone(), at(0));
    let one = unset.with(rule(id), &known, at(50)).expect("a good rule");
    let save = |save: Save<RoutingRules>| store.commit(Change::of(own.clone()).save(save));
    assert!(save(Save::<RoutingRules>::new(one.clone())).await.is_ok());
    assert_eq!(store.routing(&own).await.expect("it can be read").rules, one);
    let none = one.without(rule(id).id, at(60)).expect("it is there");
    assert!(save(Save::<RoutingRules>::changed(one.clone(), none.clone())).await.is_ok());
    assert_eq!(store.routing(&own).await.expect("it can be read").rules, none);
    let table = DeclineTable::of(Some(vec![DeclineCode::InsufficientFunds])).expect("it is not final");
    let edited = none.with_declines(id, table, at(60));
    assert!(save(Save::<RoutingRules>::changed(none.clone(), edited.clone())).await.is_ok());
    assert_eq!(store.routing(&own).await.expect("it can be read").rules, edited);
    // Set back it is no other than nobody set, but for its version.
    let usual = edited.with_declines(id, DeclineTable::USUAL, at(60));
    assert!(save(Save::<RoutingRules>::changed(edited.clone(), usual.clone())).await.is_ok());
    assert_eq!(usual.declines_of(id).version().number(), 2);
    assert_eq!(store.routing(&own).await.expect("it can be read").rules, usual);
    let since = async |second| {
        let found = store.routing_changed_since(at(second), 100).await.expect("it can be read");
        found.into_iter().filter(|(tenant, _)| *tenant == own).map(|(_, at)| at).collect::<Vec<_>>()
    };
    assert_eq!((since(60).await, since(61).await), (vec![at(60)], vec![]));
}

/// Lines come newest first, in pages, of one connector; one that is written twice is there once; old ones are forgotten.
///
/// # Panics
/// When the promise is broken.
pub async fn logs_are_paged_and_forgotten<S: IntentStore + ConnectorStore>(store: &S) {
    let own = tenant("logs-own");
    let connector = |number| ConnectorId::from_uuid(Uuid::from_u128(number));
    let line = |number: u128, of: u128| ConnectorLog {
        id: ConnectorLogId::from_uuid(Uuid::from_u128(number << 64)),
        tenant: own.clone(),
        connector: connector(of),
        call: LoggedCall {
            call: "authorize".to_owned(),
            reference: format!("att_{number}"),
            request: serde_json::json!({ "amount": 1 }),
            answer: serde_json::json!({ "message": "it's" }),
            outcome: "approved".to_owned(),
            took_millis: 12,
        },
        at: at(i64::try_from(number).expect("few")),
    };
    let lines: Vec<_> = (1..=4).map(|number| line(number, 1)).collect();
    store.keep_logs(&[lines.clone(), vec![line(5, 2), lines[0].clone()]].concat()).await.expect("kept");
    let first = PageRequest::new(3, None, Direction::Older).expect("a page");
    let page = store.logs(&own, connector(1), &first).await.expect("it can be read");
    assert_eq!(page.data, [lines[3].clone(), lines[2].clone(), lines[1].clone()]);
    assert!(page.has_more);
    let cursor = Some(Cursor(lines[1].id.uuid()));
    let next = PageRequest::new(3, cursor, Direction::Older).expect("a page");
    let page = store.logs(&own, connector(1), &next).await.expect("it can be read");
    assert_eq!((page.data, page.has_more), (vec![lines[0].clone()], false));
    assert_eq!(store.forget_logs(at(3), 100).await.expect("forgotten"), 2);
    let left = store.logs(&own, connector(1), &first).await.expect("it can be read");
    assert_eq!(left.data, [lines[3].clone(), lines[2].clone()]);
}

/// The promises of a store of connectors, as tests.
#[macro_export]
macro_rules! connector_promises {
    ($store:path) => {
        #[tokio::test]
        async fn connectors_are_read_as_they_were_saved_and_no_name_is_used_twice() {
            let (store, _alive) = $store().await;
            $crate::connectors::connectors_are_read_as_they_were_saved(&store).await;
        }

        #[tokio::test]
        async fn routing_rules_are_read_as_they_were_saved_and_who_changed_is_found() {
            let (store, _alive) = $store().await;
            $crate::connectors::rules_are_read_as_they_were_saved_and_changes_are_found(&store).await;
        }

        #[tokio::test]
        async fn logs_of_connectors_are_paged_and_forgotten() {
            let (store, _alive) = $store().await;
            $crate::connectors::logs_are_paged_and_forgotten(&store).await;
        }
    };
}
