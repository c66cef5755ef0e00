//! What is kept of a payment beside its intent.

use crate::kernel::{IntentId, TenantId, words};
use crate::payment_links::Guest;

words! {
    /// By which of the document's channels something was begun.
    BookingChannel {
        /// The guest books online.
        GuestBooking = "GUEST_BOOKING",
        /// The guest follows a payment link.
        PaymentLink = "PAYMENT_LINK",
        /// The hotel's staff acts for the guest.
        Agent = "AGENT",
    }
}

/// The document's `PaymentInitiation`, but for its status, which is its intent's. Written once, with the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelPayment {
    /// Whose.
    pub tenant: TenantId,
    /// The intent that pays it.
    pub intent_id: IntentId,
    /// Of which hotel, as the tenant calls it.
    pub hotel_id: String,
    /// By which channel it was begun.
    pub channel: BookingChannel,
    /// By what the booking system names the booking.
    pub booking_reference: Option<String>,
    /// Who is to pay.
    pub guest: Guest,
    /// Where the guest's browser goes once it is paid; none for a payment by link, whose page shows it.
    pub success_url: Option<String>,
    /// Where it goes when it is not paid.
    pub failure_url: Option<String>,
    /// Who is called when it has ended; none: whom the hotel's settings name.
    pub notification_url: Option<String>,
}
