use std::path::PathBuf;

/// What `tender demo` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArguments {
    /// Where Tender answers.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,

    /// The file with an admin API key of tenant `sandbox`; `tender run` and `make up` write one.
    #[arg(long, value_name = "FILE", default_value = "data/admin.key")]
    pub key_file: PathBuf,

    /// Speak to the five services at their own ports, as the settings services.*_url have them, and not to one URL.
    #[arg(long, conflicts_with = "url")]
    pub services: bool,
}
