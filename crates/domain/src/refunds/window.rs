//! For how long a charge can be refunded by who asks for it.

use chrono::{DateTime, Days};

use crate::kernel::Timestamp;

use super::{RefundRefusal, RefundableCharge};

/// The version of UUIDs that begin with their time.
const WITH_TIME: usize = 7;

impl RefundableCharge {
    /// When the payment was made: what its id says, where it was told of later than that.
    #[must_use]
    pub fn taken_at(&self) -> Timestamp {
        let uuid = self.id.uuid();
        let millis = i64::try_from(uuid.as_u128() >> 80).ok();
        let named = millis.filter(|_| uuid.get_version_num() == WITH_TIME);
        let named = named.and_then(DateTime::from_timestamp_millis);
        named.map_or(self.created_at, |named| named.min(self.created_at))
    }

    /// Why it cannot be refunded any more, where a window of so many days is over for it.
    #[must_use]
    pub fn window_closed(&self, days: u32, now: Timestamp) -> Option<RefundRefusal> {
        let until = self.taken_at().checked_add_days(Days::new(days.into()))?;
        (now >= until).then_some(RefundRefusal::WindowClosed { days, until })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::{CaptureId, ChargeId, Currency, IntentId, Money, TenantId};
    use crate::refunds::{CapturedCharge, CapturedPart};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn charge(id: u128) -> RefundableCharge {
        let amount = Money::new(100, Currency::JPY);
        let told = CapturedCharge {
            charge_id: ChargeId::from_uuid(Uuid::from_u128(id)),
            intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
            merchant_account_id: "ma".into(),
            connector: "simulator".into(),
            gateway_reference: "gw".into(),
            customer_id: None,
            order_id: None,
            livemode: false,
            authorized: amount,
            captures: vec![CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(3)), amount }],
        };
        RefundableCharge::open(&TenantId::sandbox(), &told, at(0)).unwrap()
    }

    #[test]
    fn a_window_is_counted_from_when_the_payment_was_made_also_when_it_is_told_later() {
        let day = 86_400;
        let told_at_once = charge(1);
        assert_eq!(told_at_once.taken_at(), at(0));
        assert_eq!(told_at_once.window_closed(2, at(2 * day - 1)), None);
        let closed = told_at_once.window_closed(2, at(2 * day));
        assert_eq!(closed, Some(RefundRefusal::WindowClosed { days: 2, until: at(2 * day) }));
        // Made a day before it was told of, as its id says.
        let millis = u128::try_from(at(-day).timestamp_millis()).unwrap();
        let told_late = charge((millis << 80) | (7 << 76) | (0b10 << 62));
        assert_eq!(told_late.taken_at(), at(-day));
        assert!(told_late.window_closed(2, at(day)).is_some());
    }
}
