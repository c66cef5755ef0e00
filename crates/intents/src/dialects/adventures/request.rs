//! What the annex's client sends.

use serde::Deserialize;
use serde_json::Value;
use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{Channel, IntentFilter};
use tender_domain::kernel::MethodId;
use tender_http::storefront::adventures::instant;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::error::Refused;
use super::status::PaymentStatus;
use crate::dialects::annex::{amount, currency, uuid};
use crate::use_cases::PayReservation;

/// The longest idempotency key, as the document's column has it.
pub(super) const KEY_CHARS_MAX: usize = 64;

/// A payment for a reservation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresPay)]
pub(super) struct PayBody {
    /// The reservation, a UUID.
    #[schema(value_type = String, format = Uuid)]
    reservation_id: Option<String>,
    /// The guest who pays, a UUID.
    #[schema(value_type = String, format = Uuid)]
    guest_id: Option<String>,
    /// In major units: greater than zero, with no more places than the currency has.
    #[schema(value_type = f64, example = 249.50)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    currency: Option<String>,
    /// The method to charge: the UUID of its `pm_…`.
    #[schema(value_type = String, format = Uuid)]
    payment_method_id: Option<String>,
    /// A text of the client's own, the same when the request is sent again; at most 64 characters. Or as the header
    /// `Idempotency-Key`.
    pub(super) idempotency_key: Option<String>,
}

impl PayBody {
    /// The command, or which field is wrong.
    pub(super) fn into_command(self) -> Result<PayReservation, Refused> {
        let reservation = uuid("reservation_id", self.reservation_id)?;
        let guest = uuid("guest_id", self.guest_id)?;
        let method = MethodId::from_uuid(uuid("payment_method_id", self.payment_method_id)?);
        let amount = amount("amount", self.amount, currency(self.currency)?)?;
        Ok(PayReservation { reservation, guest, amount, method, signals: RiskSignals::default() })
    }
}

/// Which of a guest's payments.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Those that stand so.
    #[param(inline)]
    status: Option<PaymentStatus>,
    /// Those begun then or later: an RFC 3339 instant, or a day.
    from: Option<String>,
    /// Those begun before: an RFC 3339 instant; or on that day or before.
    to: Option<String>,
}

impl HistoryQuery {
    /// The filter.
    pub(super) fn filter(self, guest: Uuid) -> Result<IntentFilter, Refused> {
        let filter = IntentFilter {
            customer_id: Some(guest.to_string()),
            channel: Some(Channel::Adventures),
            created_from: self.from.map(|text| instant("from", &text, 0)).transpose()?,
            created_to: self.to.map(|text| instant("to", &text, 1)).transpose()?,
            ..IntentFilter::default()
        };
        Ok(match self.status {
            None => filter,
            Some(status) => status.narrow(filter),
        })
    }
}
