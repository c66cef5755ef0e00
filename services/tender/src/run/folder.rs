//! What lies in the data folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use tender_domain::ports::Ids;
use tender_settings::Settings;

/// The data folder: `postgres/` (the private cluster), `secrets/`, `files/` (what was uploaded), `admin.key` and `jwt.secret`. What is secret is
/// readable by its owner alone.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder {
    root: PathBuf,
}

const ADMIN_KEY: &str = "admin.key";
const JWT_SECRET: &str = "jwt.secret";
const FILES: &str = "files";
const SECRETS: &str = "secrets";
const API_KEY_PEPPER: &str = "secrets/api-key.pepper";
const VAULT_KEYS: &str = "secrets/vault.keys";
const FINGERPRINT_KEY: &str = "secrets/fingerprint.key";
const SIMULATOR_SECRET: &str = "secrets/simulator.secret";

impl DataFolder {
    /// A folder that is there.
    pub(crate) fn existing(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The folder with all its secrets; each is made when it is missing, and never made anew.
    pub(crate) fn prepare(root: &Path, ids: &dyn Ids) -> anyhow::Result<Self> {
        // Others may walk through it, as the user that PostgreSQL runs as must; what is in it they cannot read.
        make_folder(root, 0o711)?;
        let folder = Self { root: root.to_owned() };
        make_folder(&folder.path(SECRETS), 0o700)?;
        make_folder(&folder.path(FILES), 0o700)?;
        let key = || STANDARD.encode(ids.secret());
        folder.keep(JWT_SECRET, key)?;
        folder.keep(API_KEY_PEPPER, key)?;
        folder.keep(VAULT_KEYS, || format!("1:{}", key()))?;
        folder.keep(FINGERPRINT_KEY, key)?;
        folder.keep(SIMULATOR_SECRET, key)?;
        Ok(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Where the private cluster of a data folder lies.
    pub(crate) fn postgres_of(root: &Path) -> PathBuf {
        root.join("postgres")
    }

    /// Where the private cluster lies.
    pub(crate) fn postgres(&self) -> PathBuf {
        Self::postgres_of(&self.root)
    }

    /// Where the admin key of tenant `sandbox` is.
    pub(crate) fn admin_key(&self) -> PathBuf {
        self.path(ADMIN_KEY)
    }

    /// The admin key, if there is one.
    pub(crate) fn read_admin_key(&self) -> anyhow::Result<Option<SecretString>> {
        let path = self.admin_key();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes the admin key, instead of one that is there.
    pub(crate) fn write_admin_key(&self, key: &str) -> anyhow::Result<()> {
        write_private(&self.admin_key(), key)
    }

    /// The password of a role in a PostgreSQL that is not the folder's own.
    pub(crate) fn role_password(&self, service: &str, ids: &dyn Ids) -> anyhow::Result<SecretString> {
        let name = format!("{SECRETS}/db-{service}.password");
        self.keep(&name, || data_encoding::HEXLOWER.encode(&ids.secret()))?;
        let path = self.path(&name);
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(text.trim().into())
    }

    /// Names the folder's secrets, and where uploaded files go, in the settings, where the operator named none.
    pub(crate) fn secrets_into(&self, settings: &mut Settings) {
        let auth = &mut settings.auth;
        if auth.api_key_pepper.is_none() && auth.api_key_pepper_file.is_none() {
            auth.api_key_pepper_file = Some(self.path(API_KEY_PEPPER));
        }
        if auth.jwt.hs256_secret.is_none() && auth.jwt.hs256_secret_file.is_none() {
            auth.jwt.hs256_secret_file = Some(self.path(JWT_SECRET));
        }
        let vault = &mut settings.vault;
        if vault.key.is_none() && vault.keys_file.is_none() {
            vault.keys_file = Some(self.path(VAULT_KEYS));
        }
        if vault.fingerprint_key.is_none() && vault.fingerprint_key_file.is_none() {
            vault.fingerprint_key_file = Some(self.path(FINGERPRINT_KEY));
        }
        if settings.storage.folder.is_none() {
            settings.storage.folder = Some(self.path(FILES));
        }
        let simulator = &mut settings.simulator;
        if simulator.secret.is_none() && simulator.secret_file.is_none() {
            simulator.secret_file = Some(self.path(SIMULATOR_SECRET));
        }
    }

    /// A secret that is made when it is missing.
    fn keep(&self, name: &str, make: impl FnOnce() -> String) -> anyhow::Result<()> {
        let path = self.path(name);
        if path.try_exists().with_context(|| format!("{} cannot be looked at", path.display()))? {
            return Ok(());
        }
        write_private(&path, &make())
    }
}

fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(mode).create(path);
    made.with_context(|| format!("the folder {} cannot be made", path.display()))
}

/// Writes a file that only its owner reads, whole or not at all, and durable before it has its name.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(failed),
        _ => {}
    }
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished).with_context(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(failed)?;
    fs::rename(&unfinished, path).with_context(failed)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;
    use tender_composition::RandomIds;

    use super::*;

    #[test]
    fn secrets_are_made_once_differ_and_are_their_owners_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let files = [JWT_SECRET, API_KEY_PEPPER, VAULT_KEYS, FINGERPRINT_KEY, SIMULATOR_SECRET];
        let read = || {
            let folder = DataFolder::prepare(&root.path().join("data"), &RandomIds).expect("prepared");
            files.map(|name| fs::read_to_string(folder.path(name)).expect("there"))
        };
        let (first, second) = (read(), read());
        assert_eq!(first, second, "a restart keeps them");
        let different: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!(different.len(), files.len());
        for name in files {
            let mode = fs::metadata(root.path().join("data").join(name)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn what_the_operator_named_is_not_replaced() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::prepare(root.path(), &RandomIds).expect("prepared");
        let variables = [("TENDER__AUTH__JWT__HS256_SECRET".to_owned(), "mine".to_owned())];
        let mut settings = Settings::from_layers(None, variables).expect("good settings");
        folder.secrets_into(&mut settings);
        let secret = settings.auth.jwt.hs256_secret().expect("readable").expect("set");
        assert_eq!(secret.expose_secret(), "mine");
        assert!(settings.auth.api_key_pepper().expect("readable").is_some());
        assert!(settings.vault.key_lines().expect("readable").is_some());
    }
}
