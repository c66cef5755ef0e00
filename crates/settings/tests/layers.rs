//! The promises of the layers: what overrides what, and that a mistake is told by name and place.

use std::{fs, path::PathBuf};

use secrecy::ExposeSecret;
use tempfile::TempDir;
use tender_settings::{DatabaseTlsMode, Environment, LogFormat, Settings};

const NO_VARIABLES: [(&str, &str); 0] = [];

fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = TempDir::new().expect("a folder");
    let path: Option<PathBuf> = file.map(|text| {
        let path = folder.path().join("tender.toml");
        fs::write(&path, text).expect("written");
        path
    });
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::from_layers(path.as_deref(), variables).map_err(|error| error.to_string())
}

/// The message must be found and have every part of `parts` in it.
fn assert_refused(file: Option<&str>, variables: &[(&str, &str)], parts: &[&str]) {
    let message = load(file, variables).expect_err("must be refused");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in the message: {message}");
    }
}

#[test]
fn the_defaults_alone_are_valid_and_are_those_of_the_contract() {
    let settings = load(None, &NO_VARIABLES).expect("valid");
    assert_eq!(settings.environment, Environment::Sandbox);
    assert_eq!(settings.http.port, 8080);
    assert_eq!(settings.http.request_timeout_seconds, 30);
    assert_eq!((settings.database.min_connections, settings.database.max_connections), (10, 30));
    assert_eq!(settings.database.idle_timeout_seconds, 300);
    assert_eq!((settings.recovery.interval_millis, settings.recovery.batch_max), (1000, 100));
    assert!(settings.database.url.is_none() && settings.kafka.brokers.is_none());
}

#[test]
fn a_file_overrides_the_defaults_and_a_variable_overrides_the_file_key_by_key() {
    let file = "[http]\nport = 1\nmetrics_port = 2\n[database]\ntls_mode = \"verify-full\"\n";
    let settings = load(Some(file), &[("TENDER__HTTP__PORT", "3")]).expect("valid");
    assert_eq!(settings.http.port, 3, "the variable");
    assert_eq!(settings.http.metrics_port, 2, "the file");
    assert_eq!(settings.http.workers, 0, "the default");
    assert_eq!(settings.database.tls_mode, DatabaseTlsMode::VerifyFull);
}

#[test]
fn variables_reach_nested_sections_and_enums() {
    let settings = load(
        None,
        &[
            ("TENDER__AUTH__JWT__ISSUER", "https://login.example.com"),
            ("TENDER__TELEMETRY__LOG_FORMAT", "json"),
            ("TENDER__DATABASE__ROLE_PASSWORDS__VAULT", "v"),
        ],
    )
    .expect("valid");
    assert_eq!(settings.auth.jwt.issuer, "https://login.example.com");
    assert_eq!(settings.telemetry.log_format, LogFormat::Json);
    assert_eq!(settings.database.role_passwords.of("vault").map(ExposeSecret::expose_secret), Some("v"));
    assert!(settings.database.role_passwords.of("intents").is_none());
}

#[test]
fn a_secret_that_looks_like_a_number_or_a_truth_value_stays_as_it_was_written() {
    for text in ["0123", "1e5", "true", "1.50", "a,b"] {
        let settings = load(None, &[("TENDER__KAFKA__SASL_PASSWORD", text)]).expect("valid");
        let password = settings.kafka.sasl_password.expect("set");
        assert_eq!(password.expose_secret(), text);
    }
}

#[test]
fn an_unknown_variable_stops_the_start_and_is_named_with_what_exists() {
    assert_refused(
        None,
        &[("TENDER__HTTP__PROT", "1"), ("TENDER__HTTP__PORT", "2")],
        &["TENDER__HTTP__PROT", "http", "`prot`", "`port`"],
    );
    assert_refused(None, &[("TENDER__HTPP__PORT", "1")], &["TENDER__HTPP__PORT", "`htpp`", "`http`"]);
    assert_refused(None, &[("TENDER__ENVIRONMENT__X", "1")], &["TENDER__ENVIRONMENT__X", "environment"]);
}

#[test]
fn an_unknown_setting_in_the_file_is_named_with_the_file() {
    assert_refused(Some("[writer]\nbatch = 5\n"), &[], &["tender.toml", "writer", "`batch`", "`batch_max`"]);
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_its_place_and_what_is_expected() {
    assert_refused(None, &[("TENDER__HTTP__PORT", "http")], &["TENDER__HTTP__PORT", "http.port", "integer"]);
    assert_refused(None, &[("TENDER__HTTP__PORT", "70000")], &["TENDER__HTTP__PORT", "http.port", "16 bit"]);
    assert_refused(
        None,
        &[("TENDER__ENVIRONMENT", "prod")],
        &["TENDER__ENVIRONMENT", "`sandbox`", "`production`"],
    );
    assert_refused(
        Some("[database]\nmax_connections = \"many\"\n"),
        &[],
        &["tender.toml", "database.max_connections"],
    );
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_told_with_its_path() {
    let message =
        Settings::from_layers(Some("/no/such/tender.toml".as_ref()), []).expect_err("refused").to_string();
    assert!(message.contains("/no/such/tender.toml"), "{message}");
    assert_refused(Some("[http\nport = 1"), &[], &["tender.toml", "line 1"]);
}

#[test]
fn a_value_out_of_range_is_told_with_setting_variable_and_range() {
    assert_refused(
        None,
        &[("TENDER__DATABASE__MAX_CONNECTIONS", "0")],
        &["database.max_connections", "TENDER__DATABASE__MAX_CONNECTIONS", "1 to 1000"],
    );
    assert_refused(
        None,
        &[("TENDER__DATABASE__MIN_CONNECTIONS", "31")],
        &["database.min_connections", "0 to 30"],
    );
    assert_refused(
        None,
        &[("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "30000")],
        &["gateways.call_timeout_millis"],
    );
}

#[test]
fn half_a_pair_is_refused_by_the_name_of_the_missing_half() {
    assert_refused(None, &[("TENDER__HTTP__TLS__CERT_FILE", "/c")], &["http.tls.key_file"]);
    assert_refused(None, &[("TENDER__KAFKA__SECURITY_PROTOCOL", "sasl_ssl")], &["kafka.sasl_mechanism"]);
    assert_refused(
        None,
        &[("TENDER__VAULT__KEY", "a"), ("TENDER__VAULT__KEYS_FILE", "/k")],
        &["vault.key", "vault.keys_file", "only one"],
    );
}

#[test]
fn a_bucket_needs_its_key_and_files_have_a_bound() {
    let kind = ("TENDER__STORAGE__KIND", "s3");
    let named = [kind, ("TENDER__STORAGE__BUCKET", "b"), ("TENDER__STORAGE__REGION", "r")];
    assert_refused(None, &named[..2], &["storage.region", "s3"]);
    assert_refused(None, &named, &["storage.key_id"]);
    assert_refused(
        None,
        &[("TENDER__STORAGE__UPLOAD_MAX_BYTES", "20971521")],
        &["upload_max_bytes", "20971520"],
    );
    let plain = ("TENDER__STORAGE__ENDPOINT", "http://objects.example.com");
    assert!(load(None, &[plain]).is_ok());
    assert_refused(None, &[plain, ("TENDER__ENVIRONMENT", "production")], &["storage.endpoint", "https://"]);
}

#[test]
fn empty_variables_and_those_of_others_are_ignored() {
    let variables = [("TENDER__DATABASE__URL", ""), ("TENDER_KAFKA_PROOF", "x"), ("PATH", "/bin")];
    let settings = load(None, &variables).expect("valid");
    assert!(settings.database.url.is_none());
}

#[test]
fn the_otlp_endpoint_is_taken_from_opentelemetrys_own_variable_unless_ours_is_set() {
    let standard = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard:4318");
    let ours = ("TENDER__TELEMETRY__OTLP_ENDPOINT", "http://ours:4318");
    for (variables, expected) in
        [(&[standard][..], standard.1), (&[standard, ours], ours.1), (&[ours, standard], ours.1)]
    {
        let settings = load(None, variables).expect("valid");
        assert_eq!(settings.telemetry.otlp_endpoint.as_deref(), Some(expected));
    }
}

#[test]
fn what_makes_the_sandbox_easy_is_refused_in_production() {
    let production = ("TENDER__ENVIRONMENT", "production");
    assert!(load(None, &[production]).is_ok(), "the defaults alone hold nothing dangerous");
    for (variable, value) in [
        ("TENDER__AUTH__JWT__HS256_SECRET", "secret"),
        ("TENDER__AUTH__JWT__HS256_SECRET_FILE", "/x"),
        ("TENDER__AUTH__JWT__JWKS_URL", "http://login.example.com/jwks"),
        ("TENDER__SERVICES__SIMULATOR_URL", "http://simulator:8090"),
        ("TENDER__AUTH__API_KEY_PEPPER", "dev-only-pepper"),
        ("TENDER__VAULT__KEY", "ZGV2LW9ubHktdmF1bHQta2V5LW5vdC1hLXNlY3JldCE="),
        ("TENDER__DATABASE__URL", "postgres://tender:dev-only-password@db/tender"),
        ("TENDER__DATABASE__ROLE_PASSWORDS__REFUNDS", "dev-only-password"),
        ("TENDER__DATABASE__ROLE_PASSWORDS__VAULT", "sandbox"),
        ("TENDER__DATABASE__URL", "postgres://tender_vault:sandbox@db:5432/tender"),
    ] {
        assert!(load(None, &[(variable, value)]).is_ok(), "{variable} is fine in the sandbox");
        assert_refused(None, &[production, (variable, value)], &[variable, "("]);
    }
}

#[test]
fn a_key_of_stripe_is_for_the_money_of_its_environment() {
    const KEY: &str = "TENDER__GATEWAYS__STRIPE__SECRET_KEY";
    let production = ("TENDER__ENVIRONMENT", "production");
    for (test, live) in [("sk_test_1", "sk_live_1"), ("rk_test_1", "rk_live_1")] {
        assert!(load(None, &[(KEY, test)]).is_ok());
        assert!(load(None, &[production, (KEY, live)]).is_ok());
        assert_refused(None, &[(KEY, live)], &["gateways.stripe.secret_key", "live key"]);
        assert_refused(None, &[production, (KEY, test)], &["gateways.stripe.secret_key", "test key"]);
    }
    assert_refused(None, &[(KEY, "pk_test_1")], &["gateways.stripe.secret_key", "must begin with"]);
    let http = ("TENDER__GATEWAYS__STRIPE__API_BASE", "http://stripe.example.com");
    assert!(load(None, &[http]).is_ok());
    assert_refused(None, &[production, http], &["gateways.stripe.api_base", "https"]);
    assert_refused(
        None,
        &[(KEY, "sk_test_1"), ("TENDER__GATEWAYS__STRIPE__SECRET_KEY_FILE", "/k")],
        &["gateways.stripe.secret_key", "only one"],
    );
}

#[test]
fn an_account_at_adyen_is_whole_and_for_the_money_of_its_environment() {
    const KEY: (&str, &str) = ("TENDER__GATEWAYS__ADYEN__API_KEY", "AQE");
    const ACCOUNT: (&str, &str) = ("TENDER__GATEWAYS__ADYEN__MERCHANT_ACCOUNT", "Shop");
    const BACK: (&str, &str) = ("TENDER__GATEWAYS__ADYEN__RETURN_URL", "https://shop.example.com/back");
    const LIVE: (&str, &str) = ("TENDER__GATEWAYS__ADYEN__LIVE_PREFIX", "1797a841fbb37ca7-Shop");
    const PRODUCTION: (&str, &str) = ("TENDER__ENVIRONMENT", "production");
    let test = load(None, &[KEY, ACCOUNT, BACK]).expect("whole");
    assert_eq!(test.gateways.adyen.api_base(), "https://checkout-test.adyen.com");
    let live = load(None, &[PRODUCTION, KEY, ACCOUNT, BACK, LIVE]).expect("whole");
    let base = "https://1797a841fbb37ca7-Shop-checkout-live.adyenpayments.com/checkout";
    assert_eq!(live.gateways.adyen.api_base(), base);
    assert_refused(None, &[KEY, BACK], &["gateways.adyen.merchant_account", "needed beside"]);
    assert_refused(None, &[KEY, ACCOUNT], &["gateways.adyen.return_url", "needed beside"]);
    assert_refused(None, &[PRODUCTION, KEY, ACCOUNT, BACK], &["gateways.adyen.live_prefix", "needed"]);
    assert_refused(None, &[KEY, ACCOUNT, BACK, LIVE], &["gateways.adyen.live_prefix", "real money"]);
    for (name, value, says) in [
        ("LIVE_PREFIX", "evil.example.com/", "letters"),
        ("TEST_API_BASE", "https://x-checkout-live.adyenpayments.com", "live address"),
        ("TEST_API_BASE", "http://127.0.0.1:1", "https"),
        ("RETURN_URL", "shop.example.com", "must begin"),
    ] {
        let variable = format!("TENDER__GATEWAYS__ADYEN__{name}");
        assert_refused(None, &[PRODUCTION, (&*variable, value)], &[&*variable, says]);
    }
    let twice =
        [("TENDER__GATEWAYS__ADYEN__HMAC_KEY", "00"), ("TENDER__GATEWAYS__ADYEN__HMAC_KEY_FILE", "/k")];
    assert_refused(None, &twice, &["gateways.adyen.hmac_key", "only one"]);
}

#[test]
fn an_account_at_paypal_is_whole_and_each_environment_has_an_address_of_its_own() {
    const SECRET: (&str, &str) = ("TENDER__GATEWAYS__PAYPAL__CLIENT_SECRET", "EL1t");
    const ID: (&str, &str) = ("TENDER__GATEWAYS__PAYPAL__CLIENT_ID", "AYS");
    let paypal = load(None, &[SECRET, ID]).expect("whole").gateways.paypal;
    assert_eq!(paypal.api_base(false), "https://api-m.sandbox.paypal.com");
    assert_eq!(paypal.api_base(true), "https://api-m.paypal.com");
    assert_refused(None, &[SECRET], &["gateways.paypal.client_id", "needed beside"]);
    for (name, value, says) in [
        ("TEST_API_BASE", "https://api-m.paypal.com", "real money"),
        ("LIVE_API_BASE", "http://api-m.paypal.com", "https"),
        ("RETURN_URL", "shop.example.com", "must begin"),
    ] {
        let variable = format!("TENDER__GATEWAYS__PAYPAL__{name}");
        assert_refused(None, &[(&*variable, value)], &[&*variable, says]);
    }
    let twice = [SECRET, ID, ("TENDER__GATEWAYS__PAYPAL__CLIENT_SECRET_FILE", "/k")];
    assert_refused(None, &twice, &["gateways.paypal.client_secret", "only one"]);
}

#[test]
fn accounts_at_worldpay_square_saferpay_and_payu_are_whole() {
    const PASSWORD: (&str, &str) = ("TENDER__GATEWAYS__WORLDPAY__PASSWORD", "secret");
    const USER: (&str, &str) = ("TENDER__GATEWAYS__WORLDPAY__USERNAME", "user");
    const ENTITY: (&str, &str) = ("TENDER__GATEWAYS__WORLDPAY__ENTITY", "default");
    const NARRATIVE: (&str, &str) = ("TENDER__GATEWAYS__WORLDPAY__NARRATIVE", "Shop");
    let worldpay = load(None, &[PASSWORD, USER, ENTITY, NARRATIVE]).expect("whole").gateways.worldpay;
    assert_eq!(worldpay.api_base(false), "https://try.access.worldpay.com");
    assert_eq!(worldpay.api_base(true), "https://access.worldpay.com");
    assert_refused(None, &[PASSWORD, ENTITY, NARRATIVE], &["gateways.worldpay.username", "needed beside"]);
    assert_refused(None, &[PASSWORD, USER, NARRATIVE], &["gateways.worldpay.entity", "needed beside"]);
    assert_refused(None, &[PASSWORD, USER, ENTITY], &["gateways.worldpay.narrative", "needed beside"]);

    const TOKEN: (&str, &str) = ("TENDER__GATEWAYS__SQUARE__ACCESS_TOKEN", "EAAA");
    const LOCATION: (&str, &str) = ("TENDER__GATEWAYS__SQUARE__LOCATION_ID", "L88917AVBK2S5");
    const KEY: (&str, &str) = ("TENDER__GATEWAYS__SQUARE__SIGNATURE_KEY", "key");
    let square = load(None, &[TOKEN, LOCATION]).expect("whole").gateways.square;
    assert_eq!(square.api_base(false), "https://connect.squareupsandbox.com");
    assert_refused(None, &[TOKEN], &["gateways.square.location_id", "needed beside"]);
    assert_refused(None, &[TOKEN, LOCATION, KEY], &["gateways.square.notification_url", "needed beside"]);
    const SECRET: (&str, &str) = ("TENDER__GATEWAYS__SAFERPAY__PASSWORD", "secret");
    const API: (&str, &str) = ("TENDER__GATEWAYS__SAFERPAY__USERNAME", "API_1");
    const CUSTOMER: (&str, &str) = ("TENDER__GATEWAYS__SAFERPAY__CUSTOMER_ID", "123456");
    const TERMINAL: (&str, &str) = ("TENDER__GATEWAYS__SAFERPAY__TERMINAL_ID", "17812345");
    let saferpay = load(None, &[SECRET, API, CUSTOMER, TERMINAL]).expect("whole").gateways.saferpay;
    assert_eq!(saferpay.api_base(true), "https://www.saferpay.com/api");
    assert_refused(None, &[SECRET, CUSTOMER, TERMINAL], &["gateways.saferpay.username", "needed beside"]);
    assert_refused(None, &[SECRET, API, TERMINAL], &["gateways.saferpay.customer_id", "needed beside"]);
    assert_refused(None, &[SECRET, API, CUSTOMER], &["gateways.saferpay.terminal_id", "needed beside"]);
    const CLIENT: (&str, &str) = ("TENDER__GATEWAYS__PAYU__CLIENT_SECRET", "secret");
    const POS: (&str, &str) = ("TENDER__GATEWAYS__PAYU__POS_ID", "300746");
    let payu = load(None, &[CLIENT, POS]).expect("whole").gateways.payu;
    assert_eq!(payu.api_base(false), "https://secure.snd.payu.com");
    assert_refused(None, &[CLIENT], &["gateways.payu.pos_id", "needed beside"]);
    for (name, value, says) in [
        ("PAYU__TEST_API_BASE", "https://secure.payu.com", "real money"),
        ("PAYU__NOTIFY_URL", "pay.example.com", "must begin"),
        ("WORLDPAY__TEST_API_BASE", "https://access.worldpay.com", "real money"),
        ("SQUARE__TEST_API_BASE", "https://connect.squareup.com", "real money"),
        ("SQUARE__LIVE_API_BASE", "http://connect.squareup.com", "https"),
        ("WORLDPAY__RETURN_URL", "shop.example.com", "must begin"),
        ("SAFERPAY__TEST_API_BASE", "https://www.saferpay.com/api", "real money"),
    ] {
        let variable = format!("TENDER__GATEWAYS__{name}");
        assert_refused(None, &[(&*variable, value)], &[&*variable, says]);
    }
}

#[test]
fn a_key_in_hashicorp_vault_is_whole_and_reached_by_tls_in_production() {
    let address = ("TENDER__VAULT__TRANSIT__ADDRESS", "http://vault:8200");
    let key = ("TENDER__VAULT__TRANSIT__KEY", "tender");
    let token = ("TENDER__VAULT__TRANSIT__TOKEN", "hvs.s3cret");
    let file = ("TENDER__VAULT__TRANSIT__TOKEN_FILE", "/run/vault/token");
    let settings = load(None, &[address, key, token]).expect("whole");
    let transit = &settings.vault.transit;
    assert_eq!((transit.mount.as_str(), transit.call_timeout_millis), ("transit", 2000));
    assert!(!format!("{settings:?}").contains("s3cret"));
    assert_refused(None, &[address, token], &["vault.transit.key"]);
    assert_refused(None, &[address, key], &["vault.transit.token_file"]);
    assert_refused(None, &[address, key, token, file], &["vault.transit.token"]);
    assert_refused(None, &[("TENDER__VAULT__TRANSIT__ADDRESS", "vault"), key, token], &["https://"]);
    assert_refused(None, &[("TENDER__VAULT__TRANSIT__CALL_TIMEOUT_MILLIS", "0")], &["1 to 10000"]);
}

#[test]
fn no_secret_prints() {
    let secrets = [
        ("TENDER__DATABASE__URL", "postgres://u:hunter2@db/tender"),
        ("TENDER__AUTH__JWT__HS256_SECRET", "hunter2"),
        ("TENDER__AUTH__API_KEY_PEPPER", "hunter2"),
        ("TENDER__VAULT__KEY", "hunter2"),
        ("TENDER__GATEWAYS__ADYEN__HMAC_KEY", "hunter2"),
        ("TENDER__GATEWAYS__PAYPAL__CLIENT_SECRET", "hunter2"),
        ("TENDER__GATEWAYS__PAYPAL__CLIENT_ID", "AYS"),
        ("TENDER__VAULT__FINGERPRINT_KEY", "hunter2"),
        ("TENDER__KAFKA__SASL_PASSWORD", "hunter2"),
        ("TENDER__DATABASE__ROLE_PASSWORDS__INTENTS", "hunter2"),
        ("TENDER__GATEWAYS__STRIPE__SECRET_KEY", "sk_test_hunter2"),
        ("TENDER__GATEWAYS__STRIPE__WEBHOOK_SECRET", "hunter2"),
    ];
    let printed = format!("{:?}", load(None, &secrets).expect("valid"));
    assert!(!printed.contains("hunter2"), "{printed}");
    let message = load(None, &[("TENDER__DATABASE__URL", "mysql://u:hunter2@db")]).expect_err("refused");
    assert!(message.contains("database.url") && !message.contains("hunter2"), "{message}");
}

/// Operators read `config/default.toml` to learn what there is, so it must show every setting, set or not.
#[test]
fn the_default_file_shows_every_setting() {
    let shown =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/default.toml")).expect("there");
    let known = |section: &str| -> Vec<String> {
        let key = if section.is_empty() { "zz = 1".to_owned() } else { format!("[{section}]\nzz = 1") };
        let message = load(Some(&key), &NO_VARIABLES).expect_err("zz is no setting");
        let names = message.split("expected").nth(1).expect("says what exists");
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let shows = |section: &str, name: &str| {
        let mut current = "";
        shown.lines().any(|line| {
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                current = header;
            }
            current == section && line.trim_start_matches("# ").starts_with(&format!("{name} = "))
        })
    };
    let mut sections = vec![String::new()];
    let mut settings_seen = 0;
    while let Some(section) = sections.pop() {
        for name in known(&section) {
            let inner = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
            if shown.lines().any(|line| line.starts_with(&format!("[{inner}]"))) {
                sections.push(inner);
            } else {
                assert!(shows(&section, &name), "config/default.toml does not show {inner}");
                settings_seen += 1;
            }
        }
    }
    assert!(
        settings_seen > 70,
        "only {settings_seen} settings were found: the test looks at the wrong place"
    );
}
