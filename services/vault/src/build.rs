use std::sync::Arc;
use std::time::Duration;

use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker, call_log, number_book, rate_gate, required, trusting_client};
use tender_domain::connectors::{CallsHeard, OwnGateways};
use tender_domain::ports::{KeyEncryption, NumberBook, PaymentGateway};
use tender_gateways::{TransitKeys, TransitOptions, TransitToken};
use tender_settings::{Settings, SettingsError, Transit};
use tender_telemetry::mask_card_numbers;
use tender_vault::{
    AccessLogRetention, AccessLogWriter, CardExpiryTeller, CardNumberScanner, FingerprintKey,
    KeyRotationWorker, Keyring, ListenerFact, ProcessFacts, StorefrontPorts, VaultDeps, VaultService,
    VerificationWorker, mount,
};
use tender_vault_store::{PgMethodStore, READ_SESSION, SCHEMA, VaultSchema};

/// What differs between a process of its own and the all-in-one.
pub struct VaultPorts {
    /// The connectors that take cards, in the order in which they are asked about a client's token.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// The gateways of tenants' own connectors.
    pub own_gateways: Arc<dyn OwnGateways>,
    /// Who keeps the logs of connectors.
    pub calls_heard: Arc<dyn CallsHeard>,
}

/// The vault, built.
pub struct Vault {
    /// Its use cases, which are also the method vault of services in the same process.
    pub service: Arc<VaultService>,
    /// The numbers of its payment methods.
    pub numbers: Arc<dyn NumberBook>,
    /// What the process runs of it.
    pub part: Part,
}

/// Opens the schema `vault`, as its role.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open(ground: &Ground) -> anyhow::Result<Opened<VaultSchema>> {
    database::open(VaultSchema, ground, &READ_SESSION).await
}

/// The vault over its schema and ports.
///
/// # Errors
/// When a key is not set or cannot be used.
pub fn build(ground: &Ground, opened: Opened<VaultSchema>, ports: VaultPorts) -> anyhow::Result<Vault> {
    let settings = &ground.settings.vault;
    let key_encryption = transit(&settings.transit)?;
    let keyring = match (settings.key_lines()?, &key_encryption) {
        (None, Some(_)) => Keyring::default(),
        (lines, _) => {
            let lines = required(Ok(lines), "vault.keys_file", "to seal what the vault holds")?;
            Keyring::from_lines(&lines, settings.key_version)?
        }
    };
    let fingerprint =
        required(settings.fingerprint_key(), "vault.fingerprint_key_file", "to recognise a card again")?;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let call_log = call_log(SCHEMA, &opened.writer, ground);
    let numbers = number_book(&pool, SCHEMA);
    let storefront = StorefrontPorts {
        gate: rate_gate(&pool, SCHEMA, &ground.clock),
        numbers: Arc::clone(&numbers),
        sandbox: !ground.settings.is_production(),
    };
    let store = Arc::new(PgMethodStore::new(opened.writer, opened.pool));
    let service = Arc::new(VaultService::new(VaultDeps {
        store: Arc::clone(&store) as _,
        key_store: Arc::clone(&store) as _,
        access_log: Arc::clone(&store) as _,
        attestation: store,
        process: process(&ground.settings),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        gateways: ports.gateways,
        own_gateways: ports.own_gateways,
        calls_heard: ports.calls_heard,
        keyring: Arc::new(keyring),
        key_encryption,
        fingerprint_key: FingerprintKey::from_base64(&fingerprint)?,
        storefront,
    }));
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(mount(Arc::clone(&service))),
        call_log,
        consumers: Vec::new(),
        workers: workers(&service, &ground.settings),
    };
    Ok(Vault { service, numbers, part })
}

/// What the attestation says of the process.
fn process(settings: &Settings) -> ProcessFacts {
    let (http, tls) = (&settings.http, settings.http.tls.files().is_some());
    let listener =
        |name, host: &str, port, tls| ListenerFact { name, address: format!("{host}:{port}"), tls };
    ProcessFacts {
        listeners: vec![
            listener("public", &http.host, http.port, tls),
            listener("metrics", &http.metrics_host, http.metrics_port, false),
        ],
        log_kept_days: settings.vault.access_log_retention_days,
        database_tls: settings.database.tls_mode.as_str().to_owned(),
        log_mask: Some(|text| String::from_utf8_lossy(&mask_card_numbers(text.as_bytes())).into_owned()),
    }
}

/// HashiCorp Vault, when the settings name it.
fn transit(settings: &Transit) -> anyhow::Result<Option<Arc<dyn KeyEncryption>>> {
    let (Some(address), Some(key)) = (&settings.address, &settings.key) else { return Ok(None) };
    let token = match (&settings.token, &settings.token_file) {
        (Some(token), _) => TransitToken::Fixed(token.clone()),
        (None, Some(file)) => TransitToken::File(file.clone()),
        (None, None) => {
            return Err(SettingsError::missing("vault.transit.token_file", "to reach Vault").into());
        }
    };
    let options = TransitOptions {
        address: address.clone(),
        mount: settings.mount.clone(),
        key: key.clone(),
        namespace: settings.namespace.clone(),
        token,
        call_timeout: Duration::from_millis(settings.call_timeout_millis),
    };
    let http = trusting_client("vault.transit.ca_file", settings.ca_file.as_deref(), options.call_timeout)?;
    Ok(Some(Arc::new(TransitKeys::new(http, options)?)))
}

/// What works behind the requests.
fn workers(service: &Arc<VaultService>, settings: &Settings) -> Vec<Worker> {
    let interval = Duration::from_millis(settings.recovery.interval_millis);
    let kept_for = Duration::from_secs(u64::from(settings.vault.access_log_retention_days) * 86_400);
    let (rotated, logged, scanned) = (Arc::clone(service), Arc::clone(service), Arc::clone(service));
    let (verified, expiring, kept) = (Arc::clone(service), Arc::clone(service), Arc::clone(service));
    vec![
        Worker::new("verifications of payment methods", move |stopped| {
            VerificationWorker::new(Arc::clone(&verified), interval).run(stopped)
        }),
        Worker::new("expiry of cards", move |stopped| {
            CardExpiryTeller::new(Arc::clone(&expiring)).run(stopped)
        }),
        Worker::new("retention of the log of secret reads", move |stopped| {
            AccessLogRetention::new(Arc::clone(&kept), kept_for).run(stopped)
        }),
        Worker::new("rotation of the vault's keys", move |stopped| {
            KeyRotationWorker::new(Arc::clone(&rotated), interval).run(stopped)
        }),
        Worker::new("scan for card numbers", move |stopped| {
            CardNumberScanner::new(Arc::clone(&scanned)).run(stopped)
        }),
        Worker::new("log of secret reads", move |stopped| {
            AccessLogWriter::new(Arc::clone(&logged)).run(stopped)
        }),
    ]
}
