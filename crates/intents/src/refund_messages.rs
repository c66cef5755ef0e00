//! What people are told of a refund that was done.

use tender_domain::hotels::HotelPayment;
use tender_domain::intents::{Intent, RefundOfIntent};
use tender_domain::payment_links::Guest;
use tender_domain::ports::NoticeChannel;

use crate::words::{fill, words_for};

/// What had been paid for is named by no more characters than this.
const WHAT_CHARS: usize = 120;

/// A refund with what a message says of it.
pub(crate) struct RefundMail<'a> {
    /// The payment.
    pub(crate) intent: &'a Intent,
    /// The refund.
    pub(crate) refund: &'a RefundOfIntent,
    /// Whether it was given as credit with the merchant.
    pub(crate) is_credit: bool,
    /// Who had paid.
    pub(crate) payer: &'a Guest,
    /// What a hotel had kept of the payment.
    pub(crate) hotel: Option<&'a HotelPayment>,
}

impl RefundMail<'_> {
    /// What had been paid for, as the payer knows it: one line, for it stands in subjects.
    fn what(&self) -> Option<String> {
        let order = || self.intent.order_ref.as_deref();
        let what = match self.hotel {
            // Its description is ours, in English.
            Some(kept) => kept.booking_reference.as_deref().or_else(order),
            None => self.intent.description.as_deref().or_else(order),
        };
        what.map(|what| {
            let plain = what.chars().map(|sign| if sign.is_control() { ' ' } else { sign });
            plain.take(WHAT_CHARS).collect()
        })
    }
}

/// Subject and text for who had paid, in their language.
pub(crate) fn to_payer(mail: &RefundMail<'_>, channel: NoticeChannel) -> (String, String) {
    let words = words_for(mail.payer.locale.as_deref(), None);
    let amount = words.amount(mail.refund.amount);
    let what = mail.what().unwrap_or_else(|| words.your_payment.to_owned());
    let values = [("what", &*what), ("amount", &*amount)];
    let subject = fill(words.refund_subject, &values);
    if channel == NoticeChannel::Sms {
        return (subject, fill(words.refund_message, &values));
    }
    let greeting = match &mail.payer.name {
        Some(name) => fill(words.mail_dear, &[("name", name)]),
        None => words.mail_hello.to_owned(),
    };
    let told = fill(if mail.is_credit { words.refund_credit } else { words.refund_text }, &values);
    (subject, format!("{greeting}\n\n{told}\n\n{} {}\n", words.reference, mail.refund.id))
}

/// Subject and text for the hotel, and for who asked for it there.
pub(crate) fn mail_to_hotel(mail: &RefundMail<'_>, kept: &HotelPayment) -> (String, String) {
    let booking = mail.what().unwrap_or_else(|| "a booking".to_owned());
    let guest = kept.guest.name.as_deref().unwrap_or("not named");
    let refund = mail.refund;
    let text = format!(
        "{amount} for booking {booking} was refunded.\n\nHotel: {hotel}\nGuest: {guest}\nReason: {reason}\n\
         Refund: {id}\nPayment: {payment}\n",
        amount = refund.amount,
        hotel = kept.hotel_id,
        reason = refund.reason,
        id = refund.id.uuid(),
        payment = mail.intent.id.uuid(),
    );
    (format!("{} for {booking} was refunded", refund.amount), text)
}
