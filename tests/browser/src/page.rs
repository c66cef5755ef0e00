//! What a page shows, and what people do on it.

use std::time::Duration;

use anyhow::{Context, ensure};
use fantoccini::Locator;
use fantoccini::key::Key;

use crate::Browser;

const SHOWN_LIMIT: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What every page is looked at for. Runs in the browser, also where the page itself may run no script.
const LOOK: &str = r#"
const small = [];
for (const element of document.querySelectorAll("button, .button, input:not([type=hidden])")) {
    const box = element.getBoundingClientRect();
    if (box.height < 44) small.push(element.outerHTML + " is " + box.height + " px high");
    if (element.tagName === "INPUT" && parseFloat(getComputedStyle(element).fontSize) < 16)
        small.push(element.outerHTML + " makes phones zoom in");
}
const nameless = [...document.querySelectorAll("input:not([type=hidden])")]
    .filter((input) => input.labels.length === 0).map((input) => input.outerHTML);
return {
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small, nameless,
    headings: document.querySelectorAll("h1").length,
    scripts: document.scripts.length,
    language: document.documentElement.lang,
    outside: performance.getEntriesByType("resource").map((entry) => entry.name)
        .filter((name) => !name.startsWith(location.origin)),
};
"#;

impl Browser {
    /// Opens an address.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn open(&self, address: &str) -> anyhow::Result<()> {
        self.client.goto(address).await.with_context(|| format!("{address} cannot be opened"))
    }

    /// Where it is.
    ///
    /// # Errors
    /// The browser does not say.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Waits until the page's first heading is this one.
    ///
    /// # Errors
    /// It never is; the error has what is shown instead.
    pub async fn shows(&self, heading: &str) -> anyhow::Result<()> {
        let wanted = format!("//h1[normalize-space()={}]", quoted(heading));
        let found = self.client.wait().at_most(SHOWN_LIMIT).for_element(Locator::XPath(&wanted)).await;
        if found.is_err() {
            let shown = self.text().await.unwrap_or_default();
            anyhow::bail!("`{heading}` is not shown at {}, but:\n{shown}", self.address().await?);
        }
        Ok(())
    }

    /// All text of the page.
    ///
    /// # Errors
    /// There is no page.
    pub async fn text(&self) -> anyhow::Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Types into the field with this label.
    ///
    /// # Errors
    /// There is none.
    pub async fn fill(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let path = format!("//label[normalize-space()={}]", quoted(label));
        let named = self.client.find(Locator::XPath(&path)).await;
        let label_of = named.with_context(|| format!("no field is labelled `{label}`"))?;
        let id =
            label_of.attr("for").await?.with_context(|| format!("the label `{label}` is of no field"))?;
        let field = self.client.find(Locator::Id(&id)).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Presses the button, or follows the link that looks like one, with these words: by the keyboard, as everybody must
    /// be able to. (A click waits in newer drivers for a timer of the page, and a page without scripts has none.) Waits
    /// until that page is left.
    ///
    /// # Errors
    /// There is none.
    pub async fn press(&self, words: &str) -> anyhow::Result<()> {
        let words = quoted(words);
        let path = format!("//button[normalize-space()={words}] | //a[normalize-space()={words}]");
        let button = self.client.find(Locator::XPath(&path)).await;
        let button = button.with_context(|| format!("there is no button {words}"))?;
        button.send_keys(&char::from(Key::Enter).to_string()).await?;
        let left = async {
            while button.tag_name().await.is_ok() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let left = tokio::time::timeout(SHOWN_LIMIT, left).await;
        left.with_context(|| format!("{words} was pressed, and the page stayed"))
    }

    /// That the page fits its screen and everybody can use it: nothing to scroll sideways, nothing too small for a thumb,
    /// every field labelled, one heading, a language, no script, nothing fetched from elsewhere.
    ///
    /// # Errors
    /// Says all that is wrong.
    pub async fn looks_good(&self) -> anyhow::Result<()> {
        let seen = self.client.execute(LOOK, Vec::new()).await?;
        let none = |name: &str| seen[name].as_array().is_some_and(Vec::is_empty);
        let good = seen["wide"].as_i64().is_some_and(|wide| wide <= 0)
            && none("small")
            && none("nameless")
            && none("outside")
            && seen["headings"] == 1
            && seen["scripts"] == 0
            && seen["language"].as_str().is_some_and(|language| !language.is_empty());
        ensure!(good, "{} is not as it should be: {seen}", self.address().await?);
        Ok(())
    }
}

/// A text as XPath writes it; ours have no double quotes.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
