use std::collections::BTreeMap;

use crate::kernel::{Currency, Money, find_card_number};

use super::SettingsRefusal;

/// How an intent that says nothing is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DefaultCaptureMode {
    /// At once.
    #[default]
    Auto,
    /// When somebody asks for it.
    Manual,
}

impl DefaultCaptureMode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::Auto, Self::Manual];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
        }
    }

    /// The mode with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|mode| mode.as_str() == text).copied()
    }
}

/// When a customer is asked to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ThreeDsPolicy {
    /// When the gateway, the issuer or the law asks for it.
    #[default]
    Automatic,
    /// Always where the method can.
    Always,
    /// As risk asks for: what the law lets go without is asked for so (low value, risk analysis), what fraud's rules
    /// doubt is challenged.
    RiskBased,
    /// Never by our own wish: only when the gateway, the issuer, the client or fraud's rules demand it.
    Never,
}

impl ThreeDsPolicy {
    /// Every policy.
    pub const ALL: &'static [Self] = &[Self::Automatic, Self::Always, Self::RiskBased, Self::Never];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Always => "always",
            Self::RiskBased => "risk_based",
            Self::Never => "never",
        }
    }

    /// The policy with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|policy| policy.as_str() == text).copied()
    }
}

/// What a tenant can set. [`Default`] is what holds while nothing is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsValues {
    /// The method types that can be paid with (`card`, `ideal`).
    pub allowed_methods: Vec<String>,
    /// How an intent that says nothing is captured.
    pub default_capture_mode: DefaultCaptureMode,
    /// The largest authorization by currency, in minor units; a currency that is not here has no limit.
    pub max_authorization: BTreeMap<Currency, Money>,
    /// When a customer is asked to authenticate.
    pub three_ds_policy: ThreeDsPolicy,
    /// Up to which amount transaction risk analysis may stand in for authentication, in EUR: 100, 250 or 500, by the
    /// fraud rate of the tenant's acquirer (RTS, annex); none when it may not.
    pub risk_analysis_max: Option<Money>,
    /// How long a dispute and its evidence are kept after its end, in days.
    pub dispute_retention_days: u32,
    /// How often an intent can be tried.
    pub max_attempts: u32,
    /// The origins whose pages may call us with a publishable key.
    pub allowed_origins: Vec<String>,
}

impl SettingsValues {
    /// The names of those that are others in `after`, as clients call them.
    #[must_use]
    pub fn changed_names(&self, after: &Self) -> Vec<&'static str> {
        let changed = [
            ("allowed_methods", self.allowed_methods != after.allowed_methods),
            ("default_capture_mode", self.default_capture_mode != after.default_capture_mode),
            ("max_authorization_amount", self.max_authorization != after.max_authorization),
            ("three_ds_policy", self.three_ds_policy != after.three_ds_policy),
            ("risk_analysis_max_eur", self.risk_analysis_max != after.risk_analysis_max),
            ("dispute_retention_days", self.dispute_retention_days != after.dispute_retention_days),
            ("max_attempts", self.max_attempts != after.max_attempts),
            ("allowed_origins", self.allowed_origins != after.allowed_origins),
        ];
        changed.into_iter().filter_map(|(name, is_other)| is_other.then_some(name)).collect()
    }
}

/// Values to set; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    /// Replaces the list.
    pub allowed_methods: Option<Vec<String>>,
    /// Replaces the mode.
    pub default_capture_mode: Option<DefaultCaptureMode>,
    /// By currency: a new limit in minor units, or none to lift it. Currencies that are not here stay.
    pub max_authorization: BTreeMap<Currency, Option<i64>>,
    /// Replaces the policy.
    pub three_ds_policy: Option<ThreeDsPolicy>,
    /// Replaces the amount, in minor units of EUR; 0 for none.
    pub risk_analysis_max_eur: Option<i64>,
    /// Replaces the days.
    pub dispute_retention_days: Option<u32>,
    /// Replaces the number.
    pub max_attempts: Option<u32>,
    /// Replaces the list.
    pub allowed_origins: Option<Vec<String>>,
}

impl Default for SettingsValues {
    fn default() -> Self {
        let methods =
            ["card", "bank_account", "apple_pay", "google_pay", "paypal", "sepa_debit", "ideal", "klarna"];
        Self {
            allowed_methods: methods.map(str::to_owned).to_vec(),
            default_capture_mode: DefaultCaptureMode::default(),
            max_authorization: BTreeMap::new(),
            three_ds_policy: ThreeDsPolicy::default(),
            risk_analysis_max: None,
            dispute_retention_days: 730,
            max_attempts: 5,
            allowed_origins: Vec::new(),
        }
    }
}

impl SettingsValues {
    /// The most method types that can be allowed.
    pub const ALLOWED_METHODS: usize = 64;
    /// The most origins that can be allowed.
    pub const ALLOWED_ORIGINS: usize = 64;
    /// The exemption threshold values of the annex of the RTS, in minor units of EUR.
    pub const RISK_ANALYSIS_MAX_EUR: [i64; 3] = [10_000, 25_000, 50_000];
    /// The most attempts an intent can have.
    pub const MAX_ATTEMPTS: u32 = 50;
    /// The fewest days a dispute is kept: schemes reopen cases for half a year.
    pub const DISPUTE_RETENTION_DAYS_MIN: u32 = 180;
    /// The most days a dispute is kept.
    pub const DISPUTE_RETENTION_DAYS_MAX: u32 = 3650;

    /// These values with the patch laid over them.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn patched(&self, patch: SettingsPatch) -> Result<Self, SettingsRefusal> {
        let mut max_authorization = self.max_authorization.clone();
        for (currency, limit) in patch.max_authorization {
            match limit {
                None => max_authorization.remove(&currency),
                Some(minor) => {
                    let limit = Money::positive(minor, currency)
                        .map_err(|_| SettingsRefusal::BadMaxAuthorization(currency))?;
                    max_authorization.insert(currency, limit)
                }
            };
        }
        let patched = Self {
            allowed_methods: patch.allowed_methods.unwrap_or_else(|| self.allowed_methods.clone()),
            default_capture_mode: patch.default_capture_mode.unwrap_or(self.default_capture_mode),
            max_authorization,
            three_ds_policy: patch.three_ds_policy.unwrap_or(self.three_ds_policy),
            risk_analysis_max: match patch.risk_analysis_max_eur {
                None => self.risk_analysis_max,
                Some(0) => None,
                Some(minor) => Some(Money::new(minor, Currency::EUR)),
            },
            dispute_retention_days: patch.dispute_retention_days.unwrap_or(self.dispute_retention_days),
            max_attempts: patch.max_attempts.unwrap_or(self.max_attempts),
            allowed_origins: patch.allowed_origins.unwrap_or_else(|| self.allowed_origins.clone()),
        };
        patched.check()?;
        Ok(patched)
    }

    fn check(&self) -> Result<(), SettingsRefusal> {
        for (field, texts) in
            [("allowed_methods", &self.allowed_methods), ("allowed_origins", &self.allowed_origins)]
        {
            let clean = texts.iter().all(|text| find_card_number(text).is_ok());
            if !clean {
                return Err(SettingsRefusal::CardNumber(field));
            }
        }
        let methods = &self.allowed_methods;
        let count_fits = (1..=Self::ALLOWED_METHODS).contains(&methods.len());
        if !count_fits || !methods.iter().all(|name| is_method_type(name)) || has_twins(methods) {
            return Err(SettingsRefusal::BadAllowedMethods);
        }
        if self.risk_analysis_max.is_some_and(|max| !Self::RISK_ANALYSIS_MAX_EUR.contains(&max.minor())) {
            return Err(SettingsRefusal::BadRiskAnalysisMax);
        }
        let retention = Self::DISPUTE_RETENTION_DAYS_MIN..=Self::DISPUTE_RETENTION_DAYS_MAX;
        if !retention.contains(&self.dispute_retention_days) {
            return Err(SettingsRefusal::BadDisputeRetention);
        }
        if !(1..=Self::MAX_ATTEMPTS).contains(&self.max_attempts) {
            return Err(SettingsRefusal::BadMaxAttempts);
        }
        if self.allowed_origins.len() > Self::ALLOWED_ORIGINS || has_twins(&self.allowed_origins) {
            return Err(SettingsRefusal::BadOrigins);
        }
        match self.allowed_origins.iter().find(|origin| !is_origin(origin)) {
            Some(bad) => Err(SettingsRefusal::BadOrigin(bad.chars().take(80).collect())),
            None => Ok(()),
        }
    }
}

/// Whether the text can name a method type: ours or an alternative one's, which connectors add.
fn is_method_type(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=40).contains(&name.len()) && name.bytes().all(plain)
}

fn has_twins(texts: &[String]) -> bool {
    texts.iter().enumerate().any(|(at, text)| texts[..at].contains(text))
}

/// Whether the text is an origin exactly as a browser sends it: compared byte by byte, so no path, no upper case, no
/// wildcard; plain http only for a developer's own machine.
fn is_origin(text: &str) -> bool {
    let (authority, is_plain) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return false,
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let port_fits = port.is_none_or(|port| !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok());
    let label_fits = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let host_fits = host.len() <= 253 && host.split('.').all(label_fits);
    port_fits && host_fits && (!is_plain || matches!(host, "localhost" | "127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(patch: SettingsPatch) -> Result<SettingsValues, SettingsRefusal> {
        SettingsValues::default().patched(patch)
    }

    fn origins(list: &[&str]) -> SettingsPatch {
        let list = list.iter().map(|origin| (*origin).to_owned()).collect();
        SettingsPatch { allowed_origins: Some(list), ..SettingsPatch::default() }
    }

    #[test]
    fn the_defaults_are_in_their_ranges() {
        assert_eq!(patched(SettingsPatch::default()), Ok(SettingsValues::default()));
    }

    #[test]
    fn limits_are_set_and_lifted_by_currency() {
        let set = |limits: &[(Currency, Option<i64>)]| SettingsPatch {
            max_authorization: limits.iter().copied().collect(),
            ..SettingsPatch::default()
        };
        let both =
            patched(set(&[(Currency::EUR, Some(500_000)), (Currency::JPY, Some(70_000))])).expect("in range");
        let one = both.patched(set(&[(Currency::EUR, None)])).expect("in range");
        assert_eq!(
            one.max_authorization,
            BTreeMap::from([(Currency::JPY, Money::new(70_000, Currency::JPY))])
        );
        for bad in [0, -1, i64::MAX] {
            let refused = patched(set(&[(Currency::EUR, Some(bad))]));
            assert_eq!(refused, Err(SettingsRefusal::BadMaxAuthorization(Currency::EUR)), "{bad}");
        }
    }

    #[test]
    fn only_what_a_browser_sends_as_origin_is_an_origin() {
        for good in
            ["https://shop.example", "https://shop.example:8443", "http://localhost:3000", "http://127.0.0.1"]
        {
            assert!(patched(origins(&[good])).is_ok(), "{good}");
        }
        for bad in [
            "https://shop.example/",
            "https://Shop.example",
            "http://shop.example",
            "https://*.shop.example",
            "https://user@shop.example",
            "https://shop.example:",
            "https://shop.example:99999",
            "https://",
            "null",
            "*",
            "https://-a.example",
        ] {
            assert!(matches!(patched(origins(&[bad])), Err(SettingsRefusal::BadOrigin(_))), "{bad}");
        }
        assert_eq!(
            patched(origins(&["https://a.example", "https://a.example"])),
            Err(SettingsRefusal::BadOrigins)
        );
    }

    #[test]
    fn no_card_number_gets_into_the_settings() {
        let refused = patched(origins(&["https://4242424242424242.example"]));
        assert_eq!(refused, Err(SettingsRefusal::CardNumber("allowed_origins")));
    }

    #[test]
    fn numbers_and_names_keep_their_ranges() {
        let base = SettingsPatch::default;
        for days in [0, 179, 3651] {
            let patch = SettingsPatch { dispute_retention_days: Some(days), ..base() };
            assert_eq!(patched(patch), Err(SettingsRefusal::BadDisputeRetention), "{days}");
        }
        for minor in [-1, 1, 9_999, 50_001] {
            let patch = SettingsPatch { risk_analysis_max_eur: Some(minor), ..base() };
            assert_eq!(patched(patch), Err(SettingsRefusal::BadRiskAnalysisMax), "{minor}");
        }
        let set = patched(SettingsPatch { risk_analysis_max_eur: Some(25_000), ..base() }).expect("in range");
        assert_eq!(set.risk_analysis_max, Some(Money::new(25_000, Currency::EUR)));
        let lifted = set.patched(SettingsPatch { risk_analysis_max_eur: Some(0), ..base() });
        assert_eq!(lifted.expect("in range").risk_analysis_max, None);
        for attempts in [0, 51] {
            let patch = SettingsPatch { max_attempts: Some(attempts), ..base() };
            assert_eq!(patched(patch), Err(SettingsRefusal::BadMaxAttempts), "{attempts}");
        }
        for methods in [&[][..], &["Card"], &["card", "card"], &[""], &["sepa debit"]] {
            let methods = methods.iter().map(|name| (*name).to_owned()).collect();
            let patch = SettingsPatch { allowed_methods: Some(methods), ..base() };
            assert_eq!(patched(patch), Err(SettingsRefusal::BadAllowedMethods));
        }
    }
}
