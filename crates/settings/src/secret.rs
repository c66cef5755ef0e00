//! Secrets that are given in a setting or in a file.

use std::{fs, path::Path};

use secrecy::SecretString;

use crate::SettingsError;

/// Longest file taken for a secret; what is longer is not one, and was named by mistake.
const FILE_LIMIT_BYTES: u64 = 64 * 1024;

/// The secret itself, or the content of its file without the line end editors leave there.
///
/// # Errors
/// The file cannot be read, is empty or is absurdly large.
pub(crate) fn resolve(
    inline: Option<&SecretString>,
    file_key: &'static str,
    file: Option<&Path>,
) -> Result<Option<SecretString>, SettingsError> {
    let Some(path) = file else {
        return Ok(inline.cloned());
    };
    let refused =
        |problem: String| SettingsError::SecretFile { key: file_key, path: path.to_owned(), problem };
    let size = fs::metadata(path).map_err(|error| refused(format!("cannot be read: {error}")))?.len();
    if size > FILE_LIMIT_BYTES {
        return Err(refused(format!("has {size} bytes; a secret has at most {FILE_LIMIT_BYTES}")));
    }
    let content = fs::read_to_string(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let secret = content.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(refused("is empty".to_owned()));
    }
    Ok(Some(SecretString::from(secret)))
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::resolve;

    #[test]
    fn a_secret_from_a_file_loses_only_its_line_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, " s3cret \r\n").expect("written");
        let secret =
            resolve(None, "auth.jwt.hs256_secret_file", Some(&path)).expect("readable").expect("set");
        assert_eq!(secret.expose_secret(), " s3cret ");
    }

    #[test]
    fn a_secret_file_that_is_missing_or_empty_is_refused_by_setting_and_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "\n").expect("written");
        for path in [folder.path().join("missing"), empty] {
            let message = resolve(None, "vault.keys_file", Some(&path)).expect_err("refused").to_string();
            assert!(message.contains("vault.keys_file"), "{message}");
            assert!(message.contains("TENDER__VAULT__KEYS_FILE"), "{message}");
            assert!(message.contains(&path.display().to_string()), "{message}");
        }
    }

    #[test]
    fn an_inline_secret_is_taken_as_it_is() {
        let inline = SecretString::from("0123");
        let secret = resolve(Some(&inline), "x", None).expect("no file").expect("set");
        assert_eq!(secret.expose_secret(), "0123");
    }
}
