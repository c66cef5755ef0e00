//! Forms in parts (RFC 7578), the same for the same parts.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tender_domain::uploads::FileType;

/// One part of a form.
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    /// The name of a file; none of what is no file. Letters, digits, dots, hyphens and underscores alone.
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

/// A form that is not sent yet: it may hold personal data, and is printed nowhere.
pub(crate) struct Form {
    /// The type of the form, which names what its parts are divided by.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Form {
    /// The form of these parts. They are divided by the hash of them all, which no part can hold.
    pub(crate) fn of(parts: &[Part<'_>]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(format!("{} {} ", part.name, part.content.len()));
            hash.update(part.content);
        }
        let divided = format!("tender-{}", &HEXLOWER.encode(&hash.finalize())[..40]);
        let size: usize = parts.iter().map(|part| part.content.len() + 256).sum();
        let mut body = Vec::with_capacity(size + 64);
        for Part { name, file_name, content_type, content } in parts {
            let named = file_name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
            let typed = content_type.map(|name| format!("Content-Type: {name}\r\n")).unwrap_or_default();
            let disposition = format!("Content-Disposition: form-data; name=\"{name}\"{named}\r\n");
            body.extend_from_slice(format!("--{divided}\r\n{disposition}{typed}\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{divided}--\r\n").as_bytes());
        Self { content_type: format!("multipart/form-data; boundary={divided}"), body }
    }
}

/// How the names of files of a type end.
pub(crate) const fn ending(file_type: FileType) -> &'static str {
    match file_type {
        FileType::Pdf => "pdf",
        FileType::Png => "png",
        FileType::Jpeg => "jpg",
        FileType::Text => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Form {
        let text = Part { name: "purpose", file_name: None, content_type: None, content: b"evidence" };
        let file = Part {
            name: "file",
            file_name: Some("other.pdf"),
            content_type: Some("application/pdf"),
            content,
        };
        Form::of(&[text, file])
    }

    #[test]
    fn a_form_is_the_same_for_the_same_parts_and_divided_by_what_is_in_none_of_them() {
        let form = of(b"%PDF \xff\r\n--tender-\r\n");
        let divided = form.content_type.strip_prefix("multipart/form-data; boundary=").expect("it says so");
        let wanted = [
            format!("--{divided}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nevidence\r\n")
                .as_bytes(),
            format!(
                "--{divided}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"other.pdf\"\r\n"
            )
            .as_bytes(),
            b"Content-Type: application/pdf\r\n\r\n%PDF \xff\r\n--tender-\r\n\r\n",
            format!("--{divided}--\r\n").as_bytes(),
        ]
        .concat();
        assert_eq!(form.body, wanted);
        assert_eq!(of(b"a").body, of(b"a").body);
        assert_ne!(of(b"a").content_type, of(b"b").content_type);
    }
}
