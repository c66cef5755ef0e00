use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::kernel::{Change, RoleName, Save, Scope, ScopeSet, TenantId};
use tender_domain::operations::{Tenant, TenantRefusal};
use tender_domain::ports::{Clock, UnitOfWork};
use tender_http::keep;
use tender_operations::{IssueKey, IssuedKey, Issuer, Kept, OperationsError};

use crate::rig::{KEYS, Rig, bearer};

fn first_key(tenant: &TenantId, scopes: ScopeSet) -> IssueKey {
    IssueKey {
        tenant: tenant.clone(),
        name: "first".to_owned(),
        scopes,
        publishable: false,
        livemode: false,
        lifetime: None,
        issuer: Issuer::Operator,
    }
}

async fn issue(rig: &Rig, command: IssueKey) -> Result<IssuedKey, OperationsError> {
    match rig.service.issue_key(command, None, |_| keep(201, &())).await? {
        Kept::Fresh(issued) => Ok(issued),
        Kept::Replayed(_) => panic!("there was no idempotency key"),
    }
}

#[actix_web::test]
async fn a_tenant_and_its_first_key_are_made_by_command_and_the_key_makes_the_next() {
    let rig = Rig::new();
    let tenant: TenantId = "initech".parse().unwrap();
    rig.service.create_tenant(&tenant, Some("Initech Ltd")).await.unwrap();
    let issued = issue(&rig, first_key(&tenant, RoleName::Admin.scopes())).await.unwrap();
    let body = json!({ "name": "next", "scopes": ["intents:write"] });
    let secret = issued.secret.expose().into();
    let next = rig.call(bearer(crate::rig::post(KEYS, &body), &secret)).await;
    assert_eq!(next.status, 201, "{}", next.json());
    assert_eq!(next.json()["issued_by"], issued.key.id.to_string());
    let listed = rig.call(bearer(TestRequest::get().uri(KEYS), &secret)).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_tenant_is_made_once_and_can_be_made_sure_of() {
    let rig = Rig::new();
    let tenant = TenantId::sandbox();
    let made = rig.service.ensure_tenant(&tenant).await.unwrap();
    assert_eq!(rig.service.ensure_tenant(&tenant).await.unwrap(), made);
    let again = rig.service.create_tenant(&tenant, None).await;
    assert!(matches!(again, Err(OperationsError::Tenant(TenantRefusal::Exists(_)))), "{again:?}");
    assert_eq!(rig.service.list_tenants(None).await.unwrap(), [made]);
}

#[actix_web::test]
async fn making_a_tenant_tells_its_settings_once_and_none_beside_what_was_set_before() {
    let rig = Rig::new();
    rig.service.create_tenant(&TenantId::sandbox(), None).await.unwrap();
    rig.service.ensure_tenant(&TenantId::sandbox()).await.unwrap();
    let told = rig.told("settings.changed");
    assert_eq!(told.len(), 1);
    let event: Value = serde_json::from_str(&told[0].data).unwrap();
    assert_eq!(
        (&event["tenantId"], &event["disputeRetentionDays"]),
        (&json!("sandbox"), &json!(730)),
        "{event}"
    );
    assert_eq!((&event["version"], rig.told("audit.recorded").len()), (&json!(1), 0));

    let set = rig.admin(crate::rig::patch(&json!({ "max_attempts": 3, "version": 0 }))).await;
    assert_eq!(set.status, 200, "{}", set.json());
    rig.service.create_tenant(&"acme".parse().unwrap(), None).await.unwrap();
    assert_eq!(rig.told("settings.changed").len(), 2, "what was set before is told already");
    assert_eq!(rig.service.tell_defaults().await.unwrap(), 0);
}

#[actix_web::test]
async fn a_tenant_that_an_earlier_release_made_is_told_of_once_by_however_many_workers() {
    let rig = Rig::new();
    for n in 0..150 {
        let tenant: TenantId = format!("made-{n}").parse().unwrap();
        let made = Tenant::create(tenant.clone(), None, rig.clock.now()).unwrap();
        let _ = rig.store.commit(Change::of(tenant).save(Save::new(made))).await.unwrap();
    }
    let told = join_all((0..3).map(|_| rig.service.tell_defaults())).await;
    let told: Vec<usize> = told.into_iter().map(Result::unwrap).collect();
    assert_eq!((told.iter().sum::<usize>(), rig.told("settings.changed").len()), (150, 150), "{told:?}");
    assert_eq!(rig.service.tell_defaults().await.unwrap(), 0);
}

#[actix_web::test]
async fn a_key_for_a_tenant_that_does_not_exist_or_for_services_is_refused() {
    let rig = Rig::new();
    let tenant: TenantId = "typo".parse().unwrap();
    let unknown = issue(&rig, first_key(&tenant, RoleName::Admin.scopes())).await;
    assert!(matches!(unknown, Err(OperationsError::UnknownTenant(_))), "{unknown:?}");
    rig.service.create_tenant(&tenant, None).await.unwrap();
    let internal = issue(&rig, first_key(&tenant, [Scope::ServiceInternal].into_iter().collect())).await;
    assert!(matches!(internal, Err(OperationsError::ApiKey(_))), "{internal:?}");
}
