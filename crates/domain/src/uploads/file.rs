//! A file as its owner declares it, before anything of it is there.

use std::fmt;
use std::str::FromStr;

use crate::kernel::words;

words! {
    /// The types of files that are taken.
    FileType {
        /// A document.
        Pdf = "application/pdf",
        /// A picture, without loss.
        Png = "image/png",
        /// A photograph.
        Jpeg = "image/jpeg",
        /// Plain text.
        Text = "text/plain",
    }
}

/// SHA-256 of a file's content; as text 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileHash(pub [u8; 32]);

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FileHash {
    type Err = BadFile;

    fn from_str(text: &str) -> Result<Self, BadFile> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(BadFile::Hash);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadFile::Hash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadFile::Hash)?;
        }
        Ok(Self(hash))
    }
}

/// Why a declaration is of no file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// Its name.
    #[error(
        "a file's name has 1 to {} characters, no control character and no slash",
        DeclaredFile::NAME_CHARS
    )]
    Name,
    /// Its hash.
    #[error("the SHA-256 of a file is written in 64 hexadecimal digits")]
    Hash,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large: the most bytes that one may have.
    #[error("a file has at most {0} bytes")]
    TooLarge(u64),
}

/// What is declared of a file. Its name is its owner's affair: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct DeclaredFile {
    /// Its name; empty once it was removed.
    pub name: String,
    /// Its type.
    pub file_type: FileType,
    /// Its size in bytes.
    pub size: u64,
    /// The hash of its content.
    pub sha256: FileHash,
}

impl fmt::Debug for DeclaredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes, SHA-256 {}", self.file_type.as_str(), self.size, self.sha256)
    }
}

impl DeclaredFile {
    /// The longest name.
    pub const NAME_CHARS: usize = 255;

    /// This file, if it is one that is taken: of at most `size_max` bytes.
    ///
    /// # Errors
    /// See [`BadFile`].
    pub fn new(
        name: String,
        file_type: FileType,
        (size, size_max): (u64, u64),
        sha256: FileHash,
    ) -> Result<Self, BadFile> {
        let is_bad = |one: char| one.is_control() || matches!(one, '/' | '\\');
        if name.trim().is_empty() || name.chars().count() > Self::NAME_CHARS || name.chars().any(is_bad) {
            return Err(BadFile::Name);
        }
        match size {
            0 => Err(BadFile::Empty),
            size if size > size_max => Err(BadFile::TooLarge(size_max)),
            size => Ok(Self { name, file_type, size, sha256 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_written_and_from_nothing_else() {
        let hash = FileHash([0xa7; 32]);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
        for text in ["", "a7", &"g".repeat(64), &"a".repeat(65), &"ä".repeat(32), &"+".repeat(64)] {
            assert_eq!(text.parse::<FileHash>(), Err(BadFile::Hash), "{text}");
        }
    }

    #[test]
    fn a_file_has_a_plain_name_and_a_size_within_its_bound() {
        let file = |name: &str, size| {
            DeclaredFile::new(name.to_owned(), FileType::Pdf, (size, 10), FileHash([0; 32])).err()
        };
        for (name, size, why) in [
            ("receipt.pdf", 10, None),
            ("Beleg für Ada.pdf", 1, None),
            ("receipt.pdf", 11, Some(BadFile::TooLarge(10))),
            ("receipt.pdf", 0, Some(BadFile::Empty)),
            (" ", 1, Some(BadFile::Name)),
            ("a/b", 1, Some(BadFile::Name)),
            ("a\\b", 1, Some(BadFile::Name)),
            ("a\nb", 1, Some(BadFile::Name)),
        ] {
            assert_eq!(file(name, size), why, "{name:?} {size}");
        }
        assert_eq!(file(&"ä".repeat(256), 1), Some(BadFile::Name));
        assert_eq!(file(&"ä".repeat(255), 1), None);
    }
}
