//! The browser, and the program that drives it.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const DRIVER: &str = "chromedriver";
const READY_LIMIT: Duration = Duration::from_secs(30);

/// What the browser looks like to a page.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// Whether pages may run scripts.
    pub javascript: bool,
}

impl Screen {
    /// A phone of today, without scripts: our pages need none.
    pub const PHONE: Self = Self { width: 390, height: 844, javascript: false };
    /// The narrowest that pages must fit (WCAG 2.2, 1.4.10).
    pub const NARROW: Self = Self { width: 320, height: 568, javascript: false };
    /// A desktop's window.
    pub const DESKTOP: Self = Self { width: 1280, height: 900, javascript: false };
}

/// A browser without a window. Ended with this value.
pub struct Browser {
    pub(crate) client: Client,
    shots: PathBuf,
    taken: AtomicUsize,
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one. Pictures of what it shows are kept in `TENDER_SCREENSHOTS`, else in a folder below the temporary one.
    ///
    /// # Errors
    /// There is no Chromium or no chromedriver (`make browser` installs both), or they do not start.
    pub async fn start(screen: Screen) -> anyhow::Result<Self> {
        let (browser, driver) =
            (program("TENDER_CHROMIUM", &BROWSERS)?, program("TENDER_CHROMEDRIVER", &[DRIVER])?);
        let (driver, port) = start_driver(&driver).await?;
        let profile = tempfile::tempdir().context("no folder for the browser's profile")?;
        let capabilities = capabilities(screen, &browser, &profile);
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("the browser does not start")?;
        let shots = std::env::var_os("TENDER_SCREENSHOTS")
            .map_or_else(|| std::env::temp_dir().join("tender-screenshots"), PathBuf::from);
        std::fs::create_dir_all(&shots).with_context(|| format!("cannot make {}", shots.display()))?;
        Ok(Self { client, shots, taken: AtomicUsize::new(0), _driver: driver, _profile: profile })
    }

    /// Keeps a picture of the whole page.
    ///
    /// # Errors
    /// The browser takes none, or it cannot be written.
    pub async fn shot(&self, name: &str) -> anyhow::Result<PathBuf> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed) + 1;
        let path = self.shots.join(format!("{number:02}-{name}.png"));
        let picture = self.client.screenshot().await.context("the browser takes no picture")?;
        std::fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Ends it.
    ///
    /// # Errors
    /// It does not end well.
    pub async fn close(self) -> anyhow::Result<()> {
        self.client.clone().close().await.context("the browser does not end")
    }
}

fn capabilities(screen: Screen, browser: &std::path::Path, profile: &TempDir) -> Value {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--hide-scrollbars".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        // The pages are our own, and as root there is no other way.
        "--no-sandbox".to_owned(),
    ];
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    arguments.push(format!("--window-size={},{}", screen.width, screen.height));
    let is_phone = screen.width < 600;
    let metrics = json!({
        "width": screen.width, "height": screen.height, "pixelRatio": 2.0, "mobile": is_phone, "touch": is_phone,
    });
    // 1 allows, 2 forbids.
    let scripts = if screen.javascript { 1 } else { 2 };
    json!({
        "goog:chromeOptions": {
            "binary": browser.display().to_string(),
            "args": arguments,
            "mobileEmulation": {"deviceMetrics": metrics},
            "prefs": {"profile.managed_default_content_settings.javascript": scripts},
        },
    })
}

/// The program that a variable names, else the first of these on the path.
fn program(variable: &str, names: &[&str]) -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        return Ok(named.into());
    }
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let found = names.iter().find_map(|name| {
        let places = folders.iter().map(|folder| folder.join(name));
        places.into_iter().find(|place| place.is_file())
    });
    found.with_context(|| {
        format!("{} is not installed: `make browser` installs it, or {variable} says where it is", names[0])
    })
}

/// Starts the driver on a free port; which one, it says itself.
async fn start_driver(program: &std::path::Path) -> anyhow::Result<(Child, u16)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} does not start", program.display()))?;
    let said = driver.stdout.take().context("its output is piped")?;
    let mut lines = BufReader::new(said).lines();
    let port = tokio::time::timeout(READY_LIMIT, async {
        while let Some(line) = lines.next_line().await? {
            let port = line.rsplit_once("on port ").map(|(_, port)| port.trim_end_matches('.'));
            // The line it begins with names the port that was asked for: 0.
            if let Some(port) = port.and_then(|port| port.parse().ok()).filter(|port| *port != 0) {
                return Ok(port);
            }
        }
        bail!("chromedriver ended before it was ready")
    })
    .await;
    let port: u16 = port.context("chromedriver did not get ready")??;
    // What it says from here on is read to its end, so that it never waits for somebody to.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((driver, port))
}
