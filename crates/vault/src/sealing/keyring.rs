//! The keys of the installation, by version: they wrap the data keys of tenants, and open what was sealed before tenants
//! had any.

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// The most key versions a keyring may hold.
const KEY_VERSIONS_MAX: usize = 1000;

/// Every key of the installation by its version, and which one wraps now. Old versions only open. Prints versions, never
/// keys; the keys are wiped when it is dropped.
#[derive(Default)]
pub struct Keyring {
    keys: BTreeMap<u32, Aes256Gcm>,
    /// None: there are no keys, and somebody else wraps.
    current: Option<u32>,
}

/// Why the keys cannot be used. Names the line, never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// A line is not `<version>:<base64 of 32 bytes>`.
    #[error("line {line} of the vault's keys must be `<version from 1>:<base64 of 32 bytes>`")]
    BadLine {
        /// Which, from 1.
        line: usize,
    },
    /// A version stands twice.
    #[error("line {line} of the vault's keys repeats version {version}; a version names one key for ever")]
    Repeated {
        /// Which, from 1.
        line: usize,
        /// The version.
        version: u32,
    },
    /// There are more keys than anybody rotates.
    #[error("the vault has more than {KEY_VERSIONS_MAX} keys")]
    TooMany,
    /// The version that is to wrap has no key.
    #[error("`vault.key_version` is {0}, but there is no key of that version")]
    NoCurrent(u32),
    /// The fingerprint key is not 32 bytes in base64.
    #[error("the vault's fingerprint key must be the base64 of 32 bytes")]
    BadFingerprintKey,
}

impl Keyring {
    /// The keys of a text with one `<version>:<base64 of 32 bytes>` a line (empty lines and lines beginning with `#`
    /// do not count); `current` is the version that wraps.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn from_lines(lines: &SecretString, current: u32) -> Result<Self, KeyringError> {
        let mut keys = BTreeMap::new();
        for (index, text) in lines.expose_secret().lines().enumerate() {
            let line = index + 1;
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (version, key) = parse_line(text).ok_or(KeyringError::BadLine { line })?;
            if keys.insert(version, key).is_some() {
                return Err(KeyringError::Repeated { line, version });
            }
            if keys.len() > KEY_VERSIONS_MAX {
                return Err(KeyringError::TooMany);
            }
        }
        if !keys.contains_key(&current) {
            return Err(KeyringError::NoCurrent(current));
        }
        Ok(Self { keys, current: Some(current) })
    }

    /// The version and key that wrap now.
    pub(super) fn current(&self) -> Option<(u32, &Aes256Gcm)> {
        let current = self.current?;
        Some((current, self.keys.get(&current)?))
    }

    /// The key of a version.
    pub(super) fn key(&self, version: u32) -> Option<&Aes256Gcm> {
        self.keys.get(&version)
    }
}

fn parse_line(text: &str) -> Option<(u32, Aes256Gcm)> {
    let (version, key) = text.split_once(':')?;
    let version = version.trim().parse().ok().filter(|version| *version > 0)?;
    let key = decode_key(key.trim())?;
    Some((version, Aes256Gcm::new_from_slice(&*key).ok()?))
}

/// 32 bytes from their base64.
pub(super) fn decode_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let decoded = Zeroizing::new(STANDARD.decode(text).ok()?);
    let mut key = Zeroizing::new([0; 32]);
    if decoded.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&decoded);
    Some(key)
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("versions", &self.keys.keys().collect::<Vec<_>>())
            .field("current", &self.current)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    fn keyring(lines: &str, current: u32) -> Result<Keyring, KeyringError> {
        Keyring::from_lines(&SecretString::from(lines), current)
    }

    #[test]
    fn keys_are_read_by_version_and_printed_by_version_only() {
        let text = format!("# rotated in March\n1:{}\n\n 2: {} \n", key(1), key(2));
        let ring = keyring(&text, 2).expect("good keys");
        assert_eq!(ring.current().map(|(version, _)| version), Some(2));
        assert!(ring.key(1).is_some() && ring.key(3).is_none());
        assert_eq!(format!("{ring:?}"), "Keyring { versions: [1, 2], current: Some(2) }");
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_and_not_repeated() {
        let good = key(1);
        let short = STANDARD.encode([1; 31]);
        for bad in ["s3cret", "x:s3cret", &format!("0:{good}"), &format!("2:{short}"), &format!("-1:{good}")]
        {
            let error = keyring(&format!("1:{good}\n{bad}"), 1).expect_err("must be refused");
            assert_eq!(error, KeyringError::BadLine { line: 2 }, "{bad}");
            assert!(!error.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn a_version_names_one_key_and_the_current_one_exists() {
        let twice = format!("1:{}\n1:{}", key(1), key(2));
        assert_eq!(keyring(&twice, 1).expect_err("refused"), KeyringError::Repeated { line: 2, version: 1 });
        assert_eq!(keyring(&format!("1:{}", key(1)), 2).expect_err("refused"), KeyringError::NoCurrent(2));
        assert_eq!(keyring("", 1).expect_err("refused"), KeyringError::NoCurrent(1));
    }
}
