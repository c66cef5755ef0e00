use tender_domain::connectors::{Connector, ConnectorStatus, CredentialsNote, DeclineTable};
use tender_domain::kernel::{ConnectorId, TenantId, Timestamp, Version};
use uuid::Uuid;

use super::*;

const WHOLE: &[(&str, &[(&str, &str)])] = &[
    ("stripe", &[("secret_key", "sk_test_1")]),
    ("adyen", &[("api_key", "k"), ("merchant_account", "Shop")]),
    ("paypal", &[("client_secret", "s"), ("client_id", "id")]),
    ("worldpay", &[("password", "p"), ("username", "u"), ("entity", "default"), ("narrative", "Shop")]),
    ("square", &[("access_token", "t"), ("location_id", "L88917AVBK2S5")]),
    (
        "saferpay",
        &[("password", "p"), ("username", "API_1"), ("customer_id", "123456"), ("terminal_id", "17812345")],
    ),
    ("payu", &[("client_secret", "s"), ("pos_id", "300746")]),
];

fn connector(kind: &str, config: BTreeMap<String, String>) -> Connector {
    let at = Timestamp::UNIX_EPOCH;
    Connector {
        tenant: TenantId::sandbox(),
        id: ConnectorId::from_uuid(Uuid::nil()),
        version: Version::FIRST,
        livemode: false,
        name: "own".to_owned(),
        kind: kind.to_owned(),
        status: ConnectorStatus::Enabled,
        priority: 0,
        region: None,
        config,
        credentials: CredentialsNote {
            fields: Vec::new(),
            generation: 1,
            rotated_at: at,
            previous_until: None,
        },
        declines: DeclineTable::USUAL,
        created_at: at,
        updated_at: at,
    }
}

/// What the type makes of these fields, each where the type has it.
fn made_of(kind: &Kind, given: &[(&str, &str)]) -> Made {
    let settings = Settings::from_layers(None, std::iter::empty::<(String, String)>()).expect("valid");
    let is_secret = |name: &str| kind.told.fields.iter().any(|field| field.name == name && field.secret);
    let (secrets, config): (Vec<_>, Vec<_>) = given.iter().partition(|(name, _)| is_secret(name));
    let secrets: Credentials =
        secrets.into_iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let config = config.into_iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let connector = connector(kind.told.name, config);
    (kind.make)(&Account { settings: &settings, connector: &connector, secrets: &secrets, simulator: None })
}

#[test]
fn each_type_makes_a_gateway_of_what_it_says_is_needed_and_of_nothing_less() {
    for kind in TYPES.iter().filter(|kind| kind.told.name != SIMULATOR) {
        let (name, whole) = WHOLE.iter().find(|(name, _)| *name == kind.told.name).expect("it is known");
        let needed: Vec<_> =
            kind.told.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
        assert_eq!(needed.len(), whole.len(), "{name}");
        assert!(made_of(kind, whole).is_ok(), "{name}");
        for missing in needed {
            let rest: Vec<_> = whole.iter().filter(|(name, _)| *name != missing).copied().collect();
            let refused = made_of(kind, &rest).err().expect("it is needed");
            assert!(refused.contains(missing), "{name}: {refused}");
        }
    }
}

#[test]
fn columns_of_statements_that_say_nothing_that_is_known_are_refused() {
    let kind = TYPES.iter().find(|kind| kind.told.name == "payu").expect("it is known");
    let made =
        |columns| made_of(kind, &[("client_secret", "s"), ("pos_id", "1"), ("statement_columns", columns)]);
    assert!(made("amount=Kwota; date=Data").is_ok());
    let refused = made("sum=Kwota").err().expect("there is no such column");
    assert!(refused.contains("statement_columns") && refused.contains("`sum`"), "{refused}");
}
