use std::sync::Arc;

use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, number_book, rate_gate, required};
use tender_domain::ports::{NumberBook, PaymentGateway};
use tender_vault::{FingerprintKey, Keyring, StorefrontPorts, VaultDeps, VaultService, mount};
use tender_vault_store::{PgMethodStore, READ_SESSION, SCHEMA, VaultSchema};

/// What differs between a process of its own and the all-in-one.
pub struct VaultPorts {
    /// The connectors that take cards, in the order in which they are asked about a client's token.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
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
    let lines = required(settings.key_lines(), "vault.keys_file", "to seal what the vault holds")?;
    let fingerprint =
        required(settings.fingerprint_key(), "vault.fingerprint_key_file", "to recognise a card again")?;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let numbers = number_book(&pool, SCHEMA);
    let storefront = StorefrontPorts {
        gate: rate_gate(&pool, SCHEMA, &ground.clock),
        numbers: Arc::clone(&numbers),
        sandbox: !ground.settings.is_production(),
    };
    let service = Arc::new(VaultService::new(VaultDeps {
        store: Arc::new(PgMethodStore::new(opened.writer, opened.pool)),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        gateways: ports.gateways,
        keyring: Keyring::from_lines(&lines, settings.key_version)?,
        fingerprint_key: FingerprintKey::from_base64(&fingerprint)?,
        storefront,
    }));
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(mount(Arc::clone(&service))),
        consumers: Vec::new(),
        workers: Vec::new(),
    };
    Ok(Vault { service, numbers, part })
}
