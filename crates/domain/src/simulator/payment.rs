use super::BookRefusal;
use crate::kernel::{Money, TenantId, Version};

/// One approved authorization in the simulator's books, with all that was captured and refunded of it.
///
/// Always: `0 ≤ refunded ≤ captured ≤ authorized`, all in the currency of `authorized`, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedPayment {
    /// Whose.
    pub tenant: TenantId,
    /// What the simulator calls it.
    pub gateway_reference: String,
    /// The caller's reference of the authorization (`att_…`).
    pub reference: String,
    /// How much was approved.
    pub authorized: Money,
    /// How much was taken, in minor units.
    pub captured_minor: i64,
    /// How much was given back, in minor units.
    pub refunded_minor: i64,
    /// Whether what is not captured has been let go: by a void or by a final capture.
    pub released: bool,
    /// How often it was written.
    pub version: Version,
}

impl BookedPayment {
    /// A payment just approved; with `capture` the money is taken at once.
    #[must_use]
    pub fn approved(
        tenant: TenantId,
        gateway_reference: String,
        reference: String,
        amount: Money,
        capture: bool,
    ) -> Self {
        Self {
            tenant,
            gateway_reference,
            reference,
            authorized: amount,
            captured_minor: if capture { amount.minor() } else { 0 },
            refunded_minor: 0,
            released: capture,
            version: Version::FIRST,
        }
    }

    /// What can still be captured.
    #[must_use]
    pub fn capturable(&self) -> Money {
        let held =
            if self.released { 0 } else { self.authorized.minor().saturating_sub(self.captured_minor) };
        Money::new(held, self.authorized.currency())
    }

    /// What can still be refunded.
    #[must_use]
    pub fn refundable(&self) -> Money {
        Money::new(self.captured_minor.saturating_sub(self.refunded_minor), self.authorized.currency())
    }

    /// Takes `amount` of what is held; with `is_final` the rest is let go.
    ///
    /// # Errors
    /// `BadAmount`, or `ExceedsAuthorized` when less is held.
    pub fn capture(&self, amount: Money, is_final: bool) -> Result<Self, BookRefusal> {
        self.check(amount)?;
        let capturable = self.capturable();
        if amount.minor() > capturable.minor() {
            return Err(BookRefusal::ExceedsAuthorized { asked: amount, capturable });
        }
        // At most `authorized`, so it cannot overflow.
        let captured_minor = self.captured_minor + amount.minor();
        let released = is_final || captured_minor == self.authorized.minor();
        Ok(Self { captured_minor, released, ..self.next() })
    }

    /// Lets go what is held; says how much that was.
    ///
    /// # Errors
    /// `NothingHeld` when it was captured to the end or voided before.
    pub fn void(&self) -> Result<(Self, Money), BookRefusal> {
        let held = self.capturable();
        if held.is_zero() {
            return Err(BookRefusal::NothingHeld);
        }
        Ok((Self { released: true, ..self.next() }, held))
    }

    /// Gives `amount` back.
    ///
    /// # Errors
    /// `BadAmount`, or `ExceedsCaptured` when less was captured and not yet given back.
    pub fn refund(&self, amount: Money) -> Result<Self, BookRefusal> {
        self.check(amount)?;
        let refundable = self.refundable();
        if amount.minor() > refundable.minor() {
            return Err(BookRefusal::ExceedsCaptured { asked: amount, refundable });
        }
        // At most `captured`, so it cannot overflow.
        Ok(Self { refunded_minor: self.refunded_minor + amount.minor(), ..self.next() })
    }

    fn check(&self, amount: Money) -> Result<(), BookRefusal> {
        if amount.minor() <= 0 || amount.currency() != self.authorized.currency() {
            return Err(BookRefusal::BadAmount { given: amount, authorized: self.authorized });
        }
        Ok(())
    }

    fn next(&self) -> Self {
        Self { version: self.version.next(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::Currency;

    fn held(minor: i64) -> BookedPayment {
        let amount = Money::new(minor, Currency::EUR);
        BookedPayment::approved(TenantId::sandbox(), "sim_1".into(), "att_1".into(), amount, false)
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    #[test]
    fn a_final_capture_lets_the_rest_go() {
        let captured = held(1000).capture(eur(400), true).expect("within what is held");
        assert_eq!(captured.capturable(), eur(0));
        assert!(matches!(captured.capture(eur(1), true), Err(BookRefusal::ExceedsAuthorized { .. })));
        assert_eq!(captured.void(), Err(BookRefusal::NothingHeld));
    }

    #[test]
    fn a_void_after_a_partial_capture_releases_the_rest_only() {
        let captured = held(1000).capture(eur(400), false).expect("within what is held");
        let (voided, released) = captured.void().expect("600 are held");
        assert_eq!(released, eur(600));
        assert_eq!(voided.refundable(), eur(400));
    }

    #[test]
    fn another_currency_or_nothing_is_refused() {
        for amount in [Money::new(5, Currency::USD), eur(0), eur(-5)] {
            assert!(matches!(held(10).capture(amount, true), Err(BookRefusal::BadAmount { .. })), "{amount}");
            assert!(matches!(held(10).refund(amount), Err(BookRefusal::BadAmount { .. })), "{amount}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_calls_breaks_the_order_of_amounts(
            authorized in 1_i64..5_000,
            calls in proptest::collection::vec((0_u8..3, 1_i64..5_000, any::<bool>()), 0..20),
        ) {
            let mut payment = held(authorized);
            for (what, minor, is_final) in calls {
                let next = match what {
                    0 => payment.capture(eur(minor), is_final).ok(),
                    1 => payment.refund(eur(minor)).ok(),
                    _ => payment.void().ok().map(|(voided, _)| voided),
                };
                if let Some(next) = next {
                    prop_assert_eq!(next.version, payment.version.next());
                    payment = next;
                }
                prop_assert!(0 <= payment.refunded_minor);
                prop_assert!(payment.refunded_minor <= payment.captured_minor);
                prop_assert!(payment.captured_minor <= payment.authorized.minor());
            }
        }
    }
}
