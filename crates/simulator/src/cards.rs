//! The published test cards, and what any other card number is taken for.

use tender_domain::kernel::find_card_number;

use crate::Behaviour;

/// A test card: its number and its token behave alike, at any future date and with any code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestCard {
    /// The card number; a published test number that no issuer gives out.
    pub number: &'static str,
    /// The token that stands for it.
    pub token: &'static str,
    /// The scheme.
    pub brand: &'static str,
    /// What becomes of a payment with it.
    pub behaviour: Behaviour,
    /// The same in words, for people.
    pub description: &'static str,
}

/// Month of expiry of the tokens.
pub(crate) const EXP_MONTH: u8 = 12;
/// Year of expiry of the tokens.
pub(crate) const EXP_YEAR: u16 = 2039;

/// Every test card. Numbers of other payment providers' documentation are used where one is known for the case.
#[must_use]
pub const fn test_cards() -> &'static [TestCard] {
    TEST_CARDS
}

const fn visa(
    number: &'static str,
    token: &'static str,
    behaviour: Behaviour,
    description: &'static str,
) -> TestCard {
    TestCard { number, token, brand: "VISA", behaviour, description }
}

const TEST_CARDS: &[TestCard] = &[
    visa("4242424242424242", "tok_visa", Behaviour::Approve, "approved"),
    TestCard {
        number: "5555555555554444",
        token: "tok_mastercard",
        brand: "MASTERCARD",
        behaviour: Behaviour::Approve,
        description: "approved",
    },
    TestCard {
        number: "378282246310005",
        token: "tok_amex",
        brand: "AMEX",
        behaviour: Behaviour::Approve,
        description: "approved",
    },
    visa("4000000000000002", "tok_declined", Behaviour::Decline, "declined without a reason"),
    visa(
        "4000000000009995",
        "tok_insufficient_funds",
        Behaviour::InsufficientFunds,
        "declined: not enough money",
    ),
    visa("4000000000000069", "tok_expired_card", Behaviour::ExpiredCard, "declined: past its date"),
    visa("4000000000009979", "tok_stolen", Behaviour::StolenCard, "declined: reported stolen"),
    visa(
        "4000000000003220",
        "tok_challenge",
        Behaviour::Challenge,
        "challenge, approved when it ends with success",
    ),
    visa("4000008400001629", "tok_challenge_fail", Behaviour::ChallengeFail, "challenge that always fails"),
    visa("4000000000002008", "tok_slow", Behaviour::Slow, "approved, slowly"),
    visa("4000000000003006", "tok_timeout_before", Behaviour::TimeoutBefore, "never done, and no answer"),
    visa("4000000000004004", "tok_timeout_after", Behaviour::TimeoutAfter, "done, and the answer is lost"),
    visa("4000000000000119", "tok_error", Behaviour::Error, "the gateway refuses the call; not done"),
    visa(
        "4000000000005001",
        "tok_wrong_amount",
        Behaviour::WrongAmount,
        "approved for another amount than asked",
    ),
    visa("4000000000000259", "tok_dispute", Behaviour::Dispute, "approved, and disputed later"),
    visa("4000000000007015", "tok_server_error", Behaviour::ServerError, "done, and answered with HTTP 500"),
    visa("4000000000007023", "tok_malformed", Behaviour::Malformed, "done, and answered with nonsense"),
    visa(
        "4000000000007031",
        "tok_callback_duplicate",
        Behaviour::CallbackDuplicate,
        "approved; the callback comes twice",
    ),
    visa(
        "4000000000007049",
        "tok_callback_late",
        Behaviour::CallbackLate,
        "approved; the callback comes late",
    ),
    visa(
        "4000000000007056",
        "tok_callback_out_of_order",
        Behaviour::CallbackOutOfOrder,
        "approved; an overtaken callback follows",
    ),
    visa(
        "4000000000007064",
        "tok_callback_before_answer",
        Behaviour::CallbackBeforeAnswer,
        "approved; the callback comes before the answer",
    ),
    visa(
        "4000000000007072",
        "tok_callback_only",
        Behaviour::CallbackOnly,
        "done, the answer is lost, and the callback tells it",
    ),
    visa(
        "4000000000003105",
        "tok_3ds_frictionless",
        Behaviour::Frictionless,
        "authenticated without a challenge (status Y), approved",
    ),
    visa(
        "4000000000003113",
        "tok_3ds_attempted",
        Behaviour::AuthenticationAttempted,
        "authentication attempted (status A), approved",
    ),
    visa(
        "4000000000003121",
        "tok_3ds_unavailable",
        Behaviour::AuthenticationUnavailable,
        "authentication not available (status U), approved without liability shift",
    ),
    visa(
        "4000000000003139",
        "tok_3ds_not_authenticated",
        Behaviour::NotAuthenticated,
        "not authenticated (status N), declined",
    ),
    visa(
        "4000000000003147",
        "tok_3ds_rejected",
        Behaviour::AuthenticationRejected,
        "authentication rejected by the issuer (status R), declined",
    ),
    visa(
        "4000000000003154",
        "tok_soft_decline",
        Behaviour::SoftDecline,
        "declined until authentication is asked for (1A), then a challenge",
    ),
    visa(
        "4000000000003162",
        "tok_exemption_refused",
        Behaviour::ExemptionRefused,
        "an exemption is refused with a challenge; approved without one",
    ),
    visa(
        "4000000000007726",
        "tok_refund_pending",
        Behaviour::RefundPending,
        "approved; its refunds are pending until their callback, and succeed",
    ),
    visa(
        "4000000000005126",
        "tok_refund_fails",
        Behaviour::RefundFails,
        "approved; its refunds are pending until their callback, and fail",
    ),
    visa(
        "4000000000007080",
        "tok_refund_taken_back",
        Behaviour::RefundTakenBack,
        "approved; its refunds succeed, and are taken back by callback",
    ),
    visa(
        "4000000000007254",
        "tok_refund_retried",
        Behaviour::RefundRetried,
        "approved; its first refund is refused as one request too many, and taken when it is tried again",
    ),
    visa(
        "4000000000007262",
        "tok_refund_unfunded",
        Behaviour::RefundUnfunded,
        "approved; its refunds are refused, for the merchant's balance at the gateway does not suffice",
    ),
    visa(
        "4000000000004020",
        "tok_lookup_fails",
        Behaviour::LookupFails,
        "done, the answer is lost, and the first look-up fails",
    ),
    visa(
        "4000000000004038",
        "tok_lookup_other_amount",
        Behaviour::LookupOtherAmount,
        "done, the answer is lost, and the first look-up tells another amount",
    ),
    visa(
        "4000000000003246",
        "tok_challenge_answer_lost",
        Behaviour::ChallengeAnswerLost,
        "challenge; the answer to its completion is lost",
    ),
    visa(
        "4000000000007270",
        "tok_refund_needs_action",
        Behaviour::RefundNeedsAction,
        "approved; its refunds wait for the customer to act, and succeed by callback",
    ),
];

/// The test card with this token.
pub(crate) fn by_token(token: &str) -> Option<&'static TestCard> {
    TEST_CARDS.iter().find(|card| card.token == token)
}

/// What a card number is taken for: a test card's brand and behaviour, else approved by its brand.
///
/// None when it is no card number: not 12 to 19 digits of a known scheme that pass Luhn.
pub(crate) fn recognise(number: &str) -> Option<(Behaviour, Brand)> {
    if !number.bytes().all(|byte| byte.is_ascii_digit()) || find_card_number(number).is_ok() {
        return None;
    }
    let behaviour = TEST_CARDS
        .iter()
        .find(|card| card.number == number)
        .map_or(Behaviour::Approve, |card| card.behaviour);
    Some((behaviour, Brand::of(number)))
}

/// A card scheme. The numbers are in card tokens and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Brand(u8);

impl Brand {
    const NAMES: [&'static str; 8] =
        ["VISA", "MASTERCARD", "AMEX", "DISCOVER", "JCB", "DINERS", "UNIONPAY", "MAESTRO"];

    fn of(number: &str) -> Self {
        let prefix =
            |len: usize| number.get(..len).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
        Self(match (prefix(1), prefix(2), prefix(3), prefix(4)) {
            (4, ..) => 0,
            (_, 51..=55, ..) | (_, _, _, 2221..=2720) => 1,
            (_, 34 | 37, ..) => 2,
            (_, 65, ..) | (_, _, 644..=649, _) | (_, _, _, 6011) => 3,
            (_, _, _, 3528..=3589) => 4,
            (_, 36 | 38, ..) | (_, _, 300..=305, _) => 5,
            (_, 62, ..) => 6,
            _ => 7,
        })
    }

    pub(crate) const fn visa() -> Self {
        Self(0)
    }

    pub(crate) const fn number(self) -> u8 {
        self.0
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < Self::NAMES.len()).then_some(Self(number))
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[usize::from(self.0)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_test_card_is_a_valid_number_of_its_brand_and_no_two_are_the_same() {
        for card in test_cards() {
            let (behaviour, brand) = recognise(card.number).expect(card.number);
            assert_eq!((behaviour, brand.name()), (card.behaviour, card.brand), "{}", card.token);
        }
        let numbers: HashSet<_> = test_cards().iter().map(|card| card.number).collect();
        let tokens: HashSet<_> = test_cards().iter().map(|card| card.token).collect();
        assert_eq!((numbers.len(), tokens.len()), (test_cards().len(), test_cards().len()));
    }

    #[test]
    fn other_cards_are_approved_by_brand_and_wrong_numbers_are_none() {
        for (number, brand) in [
            ("4111111111111111", "VISA"),
            ("2223003122003222", "MASTERCARD"),
            ("6011111111111117", "DISCOVER"),
            ("3530111333300000", "JCB"),
            ("30569309025904", "DINERS"),
        ] {
            let (behaviour, found) = recognise(number).expect(number);
            assert_eq!((behaviour, found.name()), (Behaviour::Approve, brand), "{number}");
        }
        for number in
            ["4242424242424241", "", "42", "4242 4242 4242 4242", "1234567890123452", "42424242424242424242"]
        {
            assert_eq!(recognise(number), None, "{number}");
        }
    }
}
