//! Strong customer authentication: what is asked of a gateway, and what it tells. The cryptogram of an authentication
//! (CAVV) is never asked for and never kept: gateways authenticate and authorize in one, so nobody here would use it.

use serde::{Deserialize, Serialize};

use super::decline::DeclinedAt;
use crate::kernel::Timestamp;

/// How an authentication ended: `transStatus` of EMV 3-D Secure 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthenticationStatus {
    /// The customer is authenticated.
    Y,
    /// Authentication was attempted: the issuer does not take part, and stands by it all the same.
    A,
    /// A challenge is needed.
    C,
    /// Not authenticated.
    N,
    /// Rejected by the issuer: not to be authorized.
    R,
    /// It could not be done, for a technical reason.
    U,
}

impl AuthenticationStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Y, Self::A, Self::C, Self::N, Self::R, Self::U];

    /// The letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Y => "Y",
            Self::A => "A",
            Self::C => "C",
            Self::N => "N",
            Self::R => "R",
            Self::U => "U",
        }
    }
}

/// Whether the customer had to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationFlow {
    /// No: the issuer was content with what it was told of the device.
    Frictionless,
    /// Yes: a challenge.
    Challenge,
}

impl AuthenticationFlow {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frictionless => "frictionless",
            Self::Challenge => "challenge",
        }
    }
}

/// What an authentication came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The version of the protocol (`2.2.0`), when the gateway tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// How it ended.
    pub status: AuthenticationStatus,
    /// The network's electronic commerce indicator, two digits (Visa `05`, `06`, `07`; Mastercard `02`, `01`, `00`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eci: Option<String>,
    /// Whether fraud is the issuer's loss and not the merchant's.
    pub liability_shift: bool,
    /// Whether the customer had to do something.
    pub flow: AuthenticationFlow,
    /// What the directory server calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ds_transaction_id: Option<String>,
}

/// Why a payment need not be authenticated (Delegated Regulation (EU) 2018/389, "RTS").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// Article 16: 30 EUR at most. The issuer counts what it let through and asks again after 100 EUR or five payments.
    LowValue,
    /// Article 18: transaction risk analysis, up to the amount that the acquirer's fraud rate permits.
    TransactionRisk,
    /// Outside of the article 97 PSD2: begun by the merchant, on an agreement that the customer authenticated.
    MerchantInitiated,
    /// Article 14: one of a series of the same amount to the same payee, whose first was authenticated.
    Recurring,
}

impl Exemption {
    /// Every one.
    pub const ALL: &'static [Self] =
        &[Self::LowValue, Self::TransactionRisk, Self::MerchantInitiated, Self::Recurring];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowValue => "low_value",
            Self::TransactionRisk => "transaction_risk",
            Self::MerchantInitiated => "merchant_initiated",
            Self::Recurring => "recurring",
        }
    }
}

/// What a stored method is charged for when the customer is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementKind {
    /// A series at fixed intervals.
    Recurring,
    /// When something happens that the customer agreed to (a top-up, a no-show).
    Unscheduled,
}

impl AgreementKind {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recurring => "recurring",
            Self::Unscheduled => "unscheduled",
        }
    }
}

/// The agreement that a payment without the customer refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// What it is for.
    pub kind: AgreementKind,
    /// What the card network called the first payment, which the customer authenticated; none where the gateway does not
    /// tell, and keeps the agreement with its own token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub network_transaction_id: Option<String>,
}

/// What is asked of a gateway beside an authorization; nothing, for most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaRequest {
    /// The exemption that is asked for. A gateway that does not grant it answers with a challenge, or declines as
    /// `authentication_required`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exemption: Option<Exemption>,
    /// This payment begins an agreement of this kind: the network's name of it is wanted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub begins: Option<AgreementKind>,
    /// This payment is made on an agreement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agreement: Option<Agreement>,
    /// Where the customer's browser comes back to after a challenge; none where the client says nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub return_url: Option<String>,
    /// The client can show a challenge within its own page. A gateway that has no such form answers with an address all the
    /// same.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub embeds: bool,
}

/// What a gateway tells of authentication, with an approval or a decline; and what a decline left there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaAnswer {
    /// What the authentication came to; none when there was none, or nobody tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authentication: Option<Authentication>,
    /// Whether the exemption that was asked for was granted; none when none was asked for, or nobody tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exemption_granted: Option<bool>,
    /// What the card network calls the payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub network_transaction_id: Option<String>,
    /// What a decline left there; an approval says the same itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub declined: Option<DeclinedAt>,
}

/// How the customer gets to the page of an alternative payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionFlow {
    /// The browser goes there.
    Redirect,
    /// A telephone scans a code that leads there.
    Qr,
}

/// Asks for a session of an alternative payment method in place of charging a token. Its answer is a
/// [`Challenge`](super::GatewayAnswer::Challenge), whose URL is where the browser goes or what the code holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// The method (`ideal`, `paypal`, `klarna`, [`card`](Self::CARD) for the gateway's own card page).
    pub method: String,
    /// How the customer gets there.
    pub flow: SessionFlow,
    /// Where the customer's browser comes back to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub return_url: Option<String>,
    /// From when on the session can no longer be paid.
    pub expires_at: Timestamp,
    /// What the page is told of the payer and of us; none where a client asks for the session itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<Box<SessionPage>>,
}

/// What a gateway's payment page is told beside the amount. A gateway that has no use for a part goes without it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionPage {
    /// Where the payer's browser comes back to when the payer goes back without paying; `return_url` when it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<String>,
    /// Where the gateway tells us by itself that something happened; what it says there is never trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// What is paid for, as the payer knows it (a booking's reference).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The payer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_name: Option<String>,
    /// The payer's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_email: Option<String>,
}

impl SessionRequest {
    /// The method of a page on which the payer enters a card.
    pub const CARD: &'static str = "card";
}

impl ScaRequest {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ScaAnswer {
    /// What a decline left at the gateway, in the gateway's texts, which are masked; none when it left nothing.
    #[must_use]
    pub fn of_decline(left: DeclinedAt) -> Option<Box<Self>> {
        let declined = Some(left.masked()).filter(|left| *left != DeclinedAt::default())?;
        Some(Box::new(Self { declined: Some(declined), ..Self::default() }))
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is known after a later answer: it replaces what it tells of.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            authentication: later.authentication.or(self.authentication),
            exemption_granted: later.exemption_granted.or(self.exemption_granted),
            network_transaction_id: later.network_transaction_id.or(self.network_transaction_id),
            declined: later.declined.or(self.declined),
        }
    }
}
