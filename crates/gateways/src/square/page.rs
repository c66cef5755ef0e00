//! What a page is called here: Square's id of its link, and of the order that it sells (`<link>/<order>`). The order outlives
//! the link, and shows who paid.

use tender_domain::ports::GatewayError;

use super::request;
use super::wire::Payment;

/// A page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<'a> {
    link: &'a str,
    /// None of one that was named before orders were kept.
    pub(super) order: Option<&'a str>,
}

/// What became of a page.
pub(super) enum Visited {
    /// Somebody paid, or is about to.
    Paid(Box<Payment>),
    /// Nobody paid yet.
    Open,
    /// Nobody paid, and nobody can any more.
    Closed,
}

impl<'a> Page<'a> {
    /// The page of this name.
    ///
    /// # Errors
    /// `NotDone` when there can be no such page.
    pub(super) fn of(name: &'a str) -> Result<Self, GatewayError> {
        let (link, order) = name.split_once('/').map_or((name, None), |(link, order)| (link, Some(order)));
        Ok(Self { link: request::payment(link)?, order: order.map(request::payment).transpose()? })
    }

    /// What a page is called.
    pub(super) fn name(link: &str, order: Option<&str>) -> String {
        order.map_or_else(|| link.to_owned(), |order| format!("{link}/{order}"))
    }

    /// Where its link is at Square.
    pub(super) fn path(&self) -> String {
        format!("v2/online-checkout/payment-links/{}", self.link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_name() {
        for (link, order) in [("LINK000001", Some("ORDER00002")), ("LINK000001", None)] {
            assert_eq!(Page::of(&Page::name(link, order)).expect("good"), Page { link, order });
        }
        for other in ["", "a b", "LINK000001/", "LINK000001/../x", "/ORDER00002"] {
            assert!(Page::of(other).is_err(), "{other}");
        }
    }
}
