//! Forms in parts, taken apart byte by byte.

/// One part of a form.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// The parts of a form of this type.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn parts(of_type: &str, body: &[u8]) -> Result<Vec<Part>, String> {
    let divided =
        of_type.strip_prefix("multipart/form-data; boundary=").ok_or("the body is no form in parts")?;
    // Byte by byte, as it came.
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let inner = text
        .strip_prefix(&format!("--{divided}\r\n"))
        .and_then(|text| text.strip_suffix(&format!("\r\n--{divided}--\r\n")))
        .ok_or("the form does not begin, or does not end")?;
    inner.split(&format!("\r\n--{divided}\r\n")).map(part).collect()
}

fn part(text: &str) -> Result<Part, String> {
    let (head, content) = text.split_once("\r\n\r\n").ok_or("a part has no head")?;
    let (disposition, typed) = match head.split_once("\r\n") {
        Some((first, second)) => (first, Some(second)),
        None => (head, None),
    };
    let named = disposition
        .strip_prefix("Content-Disposition: form-data; name=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or("a part has no name")?;
    let (name, file_name) = match named.split_once("\"; filename=\"") {
        Some((name, file)) => (name, Some(file.to_owned())),
        None => (named, None),
    };
    let content_type = match typed {
        Some(line) => Some(line.strip_prefix("Content-Type: ").ok_or("another header in a part")?.to_owned()),
        None => None,
    };
    let content = content.chars().map(|byte| u8::try_from(u32::from(byte)).expect("a byte")).collect();
    Ok(Part { name: name.to_owned(), file_name, content_type, content })
}
