//! Payment links as clients write and read them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::intents::Intent;
use tender_domain::kernel::{Currency, Limits, Money, Timestamp, UnknownCurrency};
use tender_domain::payment_links::{Detail, Guest, LinkSending, LinkUsage, PaymentLink, PaymentLinkFilter};
use tender_domain::ports::NoticeChannel;
use tender_http::Problem;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::IntentBody;
use super::request::{DEFAULT_MERCHANT_ACCOUNT, reference, text};
use crate::use_cases::WantedLink;

const DETAIL_CHARS: usize = 100;
const GUEST_CHARS: usize = 255;

/// What is to be paid by a link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreatePaymentLink)]
pub(super) struct CreateLinkBody {
    /// In minor units.
    #[schema(minimum = 1, example = 15_000)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// The customer who pays.
    customer_id: Option<String>,
    /// The merchant account that it is for.
    merchant_account_id: Option<String>,
    /// What it is for; the page shows it.
    #[schema(example = "Deposit for your stay")]
    description: Option<String>,
    /// The order behind it.
    order_ref: Option<String>,
    /// What the page shows besides, at most 20 lines: the booking's details.
    #[serde(default)]
    details: Vec<DetailBody>,
    /// Who is to pay.
    guest: Option<GuestBody>,
    /// How often it can be paid; `single` when it is not there.
    usage: Option<UsageWord>,
    /// Until when; in 7 days when it is not there, a year at most.
    expires_at: Option<DateTime<Utc>>,
}

/// A line of what is paid for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentLinkDetail)]
struct DetailBody {
    /// What it is, at most 100 characters.
    #[schema(example = "Room")]
    label: String,
    /// Its value, at most 100 characters.
    #[schema(example = "Double, sea view")]
    value: String,
}

/// Who is to pay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentLinkGuest)]
pub(super) struct GuestBody {
    /// Their name.
    name: Option<String>,
    /// Where e-mail reaches them.
    email: Option<String>,
    /// Where a text message reaches them.
    phone: Option<String>,
    /// In which language the page and its message speak to them (`de`, `pt-BR`); English where there is no other.
    locale: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentLinkUsage)]
enum UsageWord {
    Single,
    Multiple,
}

/// Another end.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdatePaymentLink)]
pub(super) struct UpdateLinkBody {
    /// Until when, a year from now at most.
    pub(super) expires_at: DateTime<Utc>,
}

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoBody {}

/// By which ways a link is to be sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SendPaymentLink)]
pub(super) struct SendLinkBody {
    /// Each once: `email` to the guest's e-mail address, `sms` to the guest's telephone.
    #[schema(example = json!(["email"]))]
    channels: Vec<ChannelWord>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NotificationChannel)]
enum ChannelWord {
    Email,
    Sms,
}

impl SendLinkBody {
    pub(super) fn into_channels(self) -> Result<Vec<NoticeChannel>, Problem> {
        let mut channels: Vec<NoticeChannel> = self
            .channels
            .into_iter()
            .map(|word| match word {
                ChannelWord::Email => NoticeChannel::Email,
                ChannelWord::Sms => NoticeChannel::Sms,
            })
            .collect();
        channels.sort();
        channels.dedup();
        if channels.is_empty() {
            let detail = "name at least one channel: `email` or `sms`";
            return Err(Problem::bad_request("channel_required", detail).pointer("/channels", detail));
        }
        Ok(channels)
    }
}

/// The messages that were asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentLinkSendings)]
pub(super) struct SendingsBody {
    /// Always `payment_link_sendings`.
    #[schema(value_type = String, example = "payment_link_sendings")]
    object: &'static str,
    /// The link.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_link_id: String,
    /// One for each channel.
    notifications: Vec<SendingBody>,
}

/// A message that was asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentLinkSending)]
struct SendingBody {
    /// Its id; the message carries it.
    #[schema(example = "ntf_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// `email` or `sms`.
    #[schema(value_type = String, example = "email")]
    channel: &'static str,
    /// To whom.
    recipient: String,
    /// `requested`: it is sent as soon as it can be, and tried until it is taken; `sent`; or `failed`: it was refused, or
    /// given up after three days.
    #[schema(value_type = String, example = "requested")]
    status: &'static str,
    /// Why the last try was in vain.
    problem: Option<String>,
}

impl From<&LinkSending> for SendingBody {
    fn from(sending: &LinkSending) -> Self {
        Self {
            id: sending.id.to_string(),
            channel: sending.channel.as_str(),
            recipient: sending.recipient.clone(),
            status: sending.dispatch.status.as_str(),
            problem: sending.dispatch.problem.clone(),
        }
    }
}

impl SendingsBody {
    pub(super) fn of(link: &PaymentLink, sendings: &[LinkSending]) -> Self {
        Self {
            object: "payment_link_sendings",
            payment_link_id: link.id.to_string(),
            notifications: sendings.iter().map(SendingBody::from).collect(),
        }
    }
}

/// Which links.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// Those for an order.
    order_ref: Option<String>,
    /// Those of a customer.
    customer_id: Option<String>,
}

impl From<LinkQuery> for PaymentLinkFilter {
    fn from(query: LinkQuery) -> Self {
        Self { order_ref: query.order_ref, customer_id: query.customer_id }
    }
}

/// A payment link.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentLink)]
pub(super) struct LinkBody {
    #[serde(skip)]
    uuid: Uuid,
    /// Always `payment_link`.
    #[schema(value_type = String, example = "payment_link")]
    object: &'static str,
    /// Its id.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_link_id: String,
    /// Where it is paid. Whoever has it can pay.
    url: String,
    /// `active`, `completed`, `canceled` or `expired`.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    /// `single` or `multiple`.
    #[schema(value_type = String, example = "single")]
    usage: &'static str,
    /// The customer who pays.
    customer_id: Option<String>,
    /// The merchant account that it is for.
    merchant_account_id: String,
    /// What it is for.
    description: Option<String>,
    /// The order behind it.
    order_ref: Option<String>,
    /// What the page shows besides.
    details: Vec<DetailBody>,
    /// Who is to pay.
    guest: GuestBody,
    /// The intent that pays a link for one payment, once that began.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// Whether the money is real.
    livemode: bool,
    /// Grows with every change; also its `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

impl LinkBody {
    pub(super) const fn uuid(&self) -> Uuid {
        self.uuid
    }

    pub(super) fn of(link: &PaymentLink, url: String, now: Timestamp) -> Self {
        Self {
            uuid: link.id.uuid(),
            object: "payment_link",
            id: link.id.to_string(),
            payment_link_id: link.id.to_string(),
            url,
            status: link.state(now).as_str(),
            amount: link.amount.minor(),
            currency: link.amount.currency().code(),
            usage: link.usage.as_str(),
            customer_id: link.customer_id.clone(),
            merchant_account_id: link.merchant_account_id.clone(),
            description: link.description.clone(),
            order_ref: link.order_ref.clone(),
            details: link
                .details
                .iter()
                .cloned()
                .map(|Detail { label, value }| DetailBody { label, value })
                .collect(),
            guest: GuestBody::from(&link.guest),
            payment_intent_id: link.intent.map(|intent| intent.to_string()),
            expires_at: link.expires_at,
            livemode: link.livemode,
            version: link.version.number(),
            created_at: link.created_at,
            updated_at: link.updated_at,
        }
    }
}

/// A payment link with what brought it to its guest.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentLinkSent)]
pub(super) struct LinkSentBody {
    #[serde(flatten)]
    link: LinkBody,
    /// The newest messages that were asked for, the newest first, at most twenty.
    notifications: Vec<SendingBody>,
    /// With `expand[]=payment_intent` alone: the intent that pays it, `null` while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<IntentBody>)]
    payment_intent: Option<Option<Box<IntentBody>>>,
}

impl LinkSentBody {
    pub(super) fn of(link: LinkBody, sendings: &[LinkSending]) -> Self {
        let notifications = sendings.iter().map(SendingBody::from).collect();
        Self { link, notifications, payment_intent: None }
    }

    /// With the intent that pays it, or that there is none.
    pub(super) fn open_intent(&mut self, intent: Option<&Intent>) {
        self.payment_intent = Some(intent.map(|intent| Box::new(IntentBody::from(intent))));
    }
}

impl CreateLinkBody {
    pub(super) fn into_wanted(self) -> Result<WantedLink, Problem> {
        let currency: Currency = self.currency.parse().map_err(|error: UnknownCurrency| {
            Problem::bad_request("unknown_currency", error.to_string())
                .pointer("/currency", "must be an ISO 4217 code")
        })?;
        let amount = Money::positive(self.amount, currency).map_err(|error| {
            Problem::bad_request("invalid_amount", error.to_string())
                .pointer("/amount", format!("must be from 1 to {}", Money::MAX_MINOR))
        })?;
        let details = self.details.into_iter().enumerate().map(|(place, detail)| {
            let of = |name: &str, given: String| {
                let pointer = format!("/details/{place}/{name}");
                Ok::<_, Problem>(text(&pointer, Some(given), DETAIL_CHARS)?.unwrap_or_default())
            };
            Ok(Detail { label: of("label", detail.label)?, value: of("value", detail.value)? })
        });
        Ok(WantedLink {
            amount,
            customer_id: reference("/customer_id", self.customer_id)?,
            merchant_account_id: reference("/merchant_account_id", self.merchant_account_id)?
                .unwrap_or_else(|| DEFAULT_MERCHANT_ACCOUNT.to_owned()),
            description: text("/description", self.description, Limits::TEXT_CHARS)?,
            order_ref: reference("/order_ref", self.order_ref)?,
            hotel_id: None,
            details: details.collect::<Result<_, Problem>>()?,
            guest: self.guest.unwrap_or_default().into_guest("")?,
            usage: match self.usage {
                None | Some(UsageWord::Single) => LinkUsage::Single,
                Some(UsageWord::Multiple) => LinkUsage::Multiple,
            },
            expires_at: self.expires_at,
        })
    }
}

impl GuestBody {
    /// The guest, checked. `within` points at what holds it.
    pub(super) fn into_guest(self, within: &str) -> Result<Guest, Problem> {
        let at = |name: &str| format!("{within}/guest/{name}");
        Ok(Guest {
            name: text(&at("name"), self.name, GUEST_CHARS)?,
            email: reference(&at("email"), self.email)?,
            phone: reference(&at("phone"), self.phone)?,
            locale: reference(&at("locale"), self.locale)?,
        })
    }
}

impl From<&Guest> for GuestBody {
    fn from(guest: &Guest) -> Self {
        let Guest { name, email, phone, locale } = guest.clone();
        Self { name, email, phone, locale }
    }
}
