//! A collector of traces, as an operator's: keeps what it is sent.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;

use crate::folder::Folder;

/// A listener for OTLP over HTTP. What it was sent is deleted with this value.
#[derive(Debug)]
pub struct Collector {
    url: String,
    folder: Folder,
}

impl Collector {
    /// Listens at a port of its own.
    ///
    /// # Errors
    /// There is no port, or no folder.
    pub fn start() -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let kept = File::create(folder.path().join("traces")).context("the traces cannot be kept")?;
        let kept = Arc::new(Mutex::new(kept));
        let listener = TcpListener::bind("127.0.0.1:0").context("there is no port for traces")?;
        let url = format!("http://{}", listener.local_addr()?);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || take(connection, &kept));
            }
        });
        Ok(Self { url, folder })
    }

    /// Where traces are to be sent.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder with all that it was sent, as it was sent.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Takes one request after the other, until the connection ends.
fn take(connection: TcpStream, kept: &Mutex<File>) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(told) = line.strip_prefix("content-length:") {
                length = told.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        kept.lock().unwrap_or_else(PoisonError::into_inner).write_all(&body)?;
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}
