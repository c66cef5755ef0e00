//! Every text that people read on the payment page, on the one that a hotel's guest comes back to, and in the messages that
//! bring a link or tell of a refund: one file a language, which the compiler holds complete. A word in braces is filled in; a test sees that
//! each language has the same ones.

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The texts of a language, how it writes amounts, and how it writes instants.
        #[derive(Debug)]
        pub(crate) struct Words {
            $($(#[$doc])* pub(crate) $name: &'static str,)*
        }

        #[cfg(test)]
        impl Words {
            /// Every text with its name.
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

texts! {
    /// The language itself, as browsers name it.
    tag,
    /// Between whole units and their parts.
    decimal,
    /// Between thousands.
    group,
    /// An instant, as `chrono` formats it.
    moment,
    /// The link for keyboards and screen readers.
    skip,
    /// Above every page of the sandbox.
    test_mode,
    /// Below every page.
    footer,
    /// The heading of a page that takes cards only.
    pay_by_card,
    /// The heading of a page with several ways to pay.
    choose,
    /// Above the card form, below the other ways.
    or_by_card,
    /// The button that shows a code for a telephone.
    by_code,
    /// Before a problem.
    please_check,
    /// A field.
    card_number,
    /// What belongs into it.
    card_number_help,
    /// A field.
    expiry,
    /// An empty field's picture of it.
    expiry_sample,
    /// What belongs into it.
    expiry_help,
    /// A field.
    cvc,
    /// What belongs into it.
    cvc_help,
    /// A field.
    holder,
    /// Before the names of card schemes.
    accepted,
    /// The button of the card form.
    next,
    /// Below it.
    next_help,
    /// Before the amount, for screen readers.
    amount_to_pay,
    /// What is paid for, when nothing else says it.
    your_payment,
    /// The same, with an order.
    order,
    /// The heading before a card is charged.
    review,
    /// Before the card.
    card,
    /// Between a card's brand and its last digits.
    ending_in,
    /// The button that pays.
    pay,
    /// The link back to all ways.
    another,
    /// An address that leads nowhere.
    lost_title,
    /// Its heading.
    lost,
    /// What to do.
    lost_text,
    /// It is paid.
    paid_title,
    /// The same, as a heading.
    paid,
    /// How much.
    paid_text,
    /// A link that was paid before.
    completed,
    /// The same.
    completed_text,
    /// The outcome is not known.
    waiting_title,
    /// The same, as a heading.
    waiting,
    /// What to do.
    waiting_text,
    /// The outcome could not be asked for, as a heading.
    unknown,
    /// What to do.
    unknown_text,
    /// What to do, of a hotel's payment that ended without money.
    ask_hotel,
    /// The customer came back from the gateway's page before it was paid.
    unfinished_title,
    /// The same, as a heading.
    unfinished,
    /// What can be done.
    unfinished_text,
    /// Its button.
    to_payment,
    /// It ended without money.
    failed_title,
    /// The same, as a heading.
    failed,
    /// What to do.
    ask_another_way,
    /// A link that was taken back.
    withdrawn_title,
    /// The same, as a heading.
    withdrawn,
    /// A link whose time is over.
    expired_title,
    /// The same, as a heading.
    expired,
    /// What to do.
    ask_new_link,
    /// Something is to be done elsewhere.
    more_title,
    /// The same, as a heading.
    more,
    /// A challenge.
    bank_text,
    /// Its button.
    to_bank,
    /// A payment elsewhere.
    session_title,
    /// The same.
    session_text,
    /// Its button.
    to_method,
    /// A payment by a code.
    code_text,
    /// What the code is, for screen readers.
    code_label,
    /// Before the payment's id.
    reference,
    /// Why it was not tried.
    not_amount,
    /// The same.
    not_cards,
    /// The same.
    not_method,
    /// The same.
    not_payment,
    /// What is wrong with what was entered.
    bad_card,
    /// The same.
    old_form,
    /// The same.
    busy,
    /// The gateway refused it.
    declined,
    /// Why, when nothing more is known.
    why_refused,
    /// Why.
    why_funds,
    /// Why.
    why_expired,
    /// Why.
    why_limit,
    /// Why.
    why_data,
    /// Why.
    why_authentication,
    /// Why.
    why_late,
    /// Why.
    why_canceled,
    /// The message that brings a link.
    mail_subject,
    /// Its beginning.
    mail_dear,
    /// Its beginning to nobody by name.
    mail_hello,
    /// What it says.
    mail_text,
    /// The same as a text message.
    text_message,
    /// The message of a refund.
    refund_subject,
    /// What it says.
    refund_text,
    /// The same of one that was given as credit with the merchant.
    refund_credit,
    /// The message as a text message.
    refund_message,
}
