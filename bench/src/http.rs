//! The little HTTP/1.1 that the load generator speaks: one request at a time on a connection that is kept, answers with
//! a content-length.

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    consumed: usize,
}

/// An answer: its status, and its body as long as no other request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// Where an answer's head ends and how long its body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    status: u16,
    head_bytes: usize,
    body_bytes: usize,
}

const BUFFER_BYTES: usize = 16 * 1024;
/// Far above any answer of the routes that are measured.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

impl Connection {
    /// Connects to `host:port`.
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES], filled: 0, consumed: 0 })
    }

    /// Sends a request, already in its bytes, and waits for its answer.
    pub(crate) async fn call(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.buffer.copy_within(self.consumed..self.filled, 0);
        self.filled -= self.consumed;
        self.consumed = 0;
        self.stream.write_all(request).await.context("the server closed a kept connection")?;
        let head = loop {
            if let Some(head) = parse_head(&self.buffer[..self.filled])? {
                break head;
            }
            self.fill(1).await?;
        };
        let end = head.head_bytes + head.body_bytes;
        if end > self.filled {
            self.fill(end - self.filled).await?;
        }
        self.consumed = end;
        Ok(Answer { status: head.status, body: &self.buffer[head.head_bytes..end] })
    }

    /// Reads until at least so many more bytes are there.
    async fn fill(&mut self, more: usize) -> anyhow::Result<()> {
        let wanted = self.filled + more;
        if wanted > ANSWER_BYTES_MAX {
            bail!("an answer of more than {ANSWER_BYTES_MAX} bytes");
        }
        if wanted > self.buffer.len() {
            self.buffer.resize(wanted.next_power_of_two(), 0);
        }
        while self.filled < wanted {
            match self.stream.read(&mut self.buffer[self.filled..]).await? {
                0 => bail!("the server closed the connection in the middle of an answer"),
                read => self.filled += read,
            }
        }
        Ok(())
    }
}

/// The head at the beginning of `bytes`, when it is whole.
fn parse_head(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).context("the head of an answer is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let length = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    match (status, length) {
        (Some(status), Some(body_bytes)) => Ok(Some(Head { status, head_bytes: end + 4, body_bytes })),
        _ => bail!("an answer without status or content-length: {}", head.lines().next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let bytes = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello";
        for cut in 0..bytes.len() - 5 {
            assert_eq!(parse_head(&bytes[..cut]).ok().flatten(), None, "{cut}");
        }
        let head = parse_head(bytes).ok().flatten();
        assert_eq!(head, Some(Head { status: 201, head_bytes: bytes.len() - 5, body_bytes: 5 }));
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse_head(b"nonsense\r\n\r\n").is_err());
    }
}
