//! What a challenge is called here: whether its money is taken at once, where it is met, and Saferpay's token of it
//! (`sale/page/<token>`).

use tender_domain::kernel::TenantId;
use tender_domain::ports::{GatewayAnswer, GatewayError};

use super::request::order_id;
use super::token::is_token;
use crate::name::Kind;
use crate::said::unknown;

/// A challenge, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge<'a> {
    /// Whether it is met on the payment page, or in a transaction that was begun.
    pub(super) is_page: bool,
    /// Whether the money is taken at once.
    pub(super) is_sale: bool,
    /// What Saferpay calls it.
    pub(super) token: &'a str,
}

/// The challenge of this name; none when it is none of ours.
pub(super) fn of(name: &str) -> Option<Challenge<'_>> {
    let mut parts = name.splitn(3, '/');
    let (kind, place, token) = (parts.next()?, parts.next()?, parts.next()?);
    let is_sale = match kind {
        "sale" => true,
        "hold" => false,
        _ => return None,
    };
    let is_page = match place {
        "page" => true,
        "card" => false,
        _ => return None,
    };
    is_token(token).then_some(Challenge { is_page, is_sale, token })
}

impl Challenge<'_> {
    /// The answer that sends the customer there.
    ///
    /// # Errors
    /// `Unknown` when it is no token of Saferpay's, or no address.
    pub(super) fn answer(&self, url: String) -> Result<GatewayAnswer, GatewayError> {
        let Self { is_page, is_sale, token } = *self;
        if !is_token(token) || !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err(unknown("Saferpay's page has no address"));
        }
        let (kind, place) = (if is_sale { "sale" } else { "hold" }, if is_page { "page" } else { "card" });
        Ok(GatewayAnswer::Challenge {
            url,
            challenge_reference: format!("{kind}/{place}/{token}"),
            creq: None,
        })
    }

    /// Whether Saferpay's order id is the one of this payment.
    pub(super) fn is_of(&self, order: &str, tenant: &TenantId, reference: &str) -> bool {
        order_id(Kind::of_authorization(self.is_sale), tenant, reference).is_ok_and(|own| own == order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_known_by_its_name() {
        for (is_page, is_sale) in [(true, true), (false, true), (true, false), (false, false)] {
            let challenge = Challenge { is_page, is_sale, token: "234uhfh78234hlasdfh8234e" };
            let answer = challenge.answer("https://www.saferpay.com/vt2".to_owned()).expect("good");
            let GatewayAnswer::Challenge { challenge_reference, .. } = answer else { panic!("{answer:?}") };
            assert_eq!(of(&challenge_reference), Some(challenge));
        }
        for other in ["", "nothing", "sale/page/", "sale/page/a b", "sale/other/t", "loan/page/t"] {
            assert_eq!(of(other), None, "{other}");
        }
        let none = Challenge { is_page: true, is_sale: true, token: "t" }.answer("javascript:1".to_owned());
        assert!(none.is_err());
    }
}
