//! What a hotel asks of its payments.

use tender_domain::deposits::{HotelPolicies, RatePlanPolicy};
use tender_domain::hotels::{HotelSettings, HotelValues, HotelWrite};
use tender_domain::kernel::{Caller, Change, CommitError, Save, TenantId};

use super::{IntentsError, PayerPage, Seen};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// A hotel's settings with its deposit policies, as far as they were set.
#[derive(Debug)]
pub(crate) struct HotelAsks {
    pub(crate) settings: Option<HotelSettings>,
    pub(crate) policies: Option<HotelPolicies>,
}

/// What is to be set.
#[derive(Debug, Clone)]
pub(crate) struct WantedSettings {
    pub(crate) values: HotelValues,
    /// All of the hotel's deposit policies; none: they stay as they are.
    pub(crate) policies: Option<Vec<RatePlanPolicy>>,
}

impl IntentsService {
    /// A hotel's settings.
    pub(crate) async fn hotel_settings(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<HotelAsks, IntentsError> {
        let settings = self.storefront.hotels.hotel_settings(tenant, hotel_id).await?;
        let policies = self.deposits.deposit_policies(tenant, hotel_id).await?;
        Ok(HotelAsks { settings, policies })
    }

    /// What a hotel asks of its payments: the default where nothing was set.
    pub(crate) async fn hotel_values(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<HotelValues, IntentsError> {
        let settings = self.storefront.hotels.hotel_settings(tenant, hotel_id).await?;
        Ok(settings.map(|settings| settings.values).unwrap_or_default())
    }

    /// Replaces a hotel's settings, and its deposit policies where they are given, by one commit.
    pub(crate) async fn put_hotel_settings(
        &self,
        caller: &Caller,
        hotel_id: &str,
        wanted: WantedSettings,
        seen: Seen,
    ) -> Result<HotelAsks, IntentsError> {
        let tenant = &caller.tenant;
        for _ in 0..DECISIONS_MAX {
            let (before, now) = (self.hotel_settings(tenant, hotel_id).await?, self.clock.now());
            let version =
                before.settings.as_ref().map_or(HotelSettings::UNSET_VERSION, |before| before.version);
            seen.check(version)?;
            let is_first = before.settings.is_none() || before.policies.is_none();
            let settings = match &before.settings {
                Some(before) => before.replace(wanted.values.clone(), now),
                None => HotelSettings::first(tenant.clone(), hotel_id.to_owned(), wanted.values.clone(), now),
            };
            let policies = match (wanted.policies.clone(), &before.policies) {
                (None, _) => None,
                (Some(wanted), Some(before)) => Some(before.replace(wanted, now)?),
                (Some(wanted), None) => {
                    Some(HotelPolicies::first(tenant.clone(), hotel_id.to_owned(), wanted, now)?)
                }
            };
            let save = match before.settings {
                Some(before) => Save::changed(before, settings.clone()),
                None => Save::new(settings.clone()),
            };
            let mut change = Change::of(tenant.clone()).save(HotelWrite::Settings(save));
            if let Some(after) = policies.clone() {
                change = change.save(match before.policies.clone() {
                    Some(before) => Save::<HotelPolicies>::changed(before, after),
                    None => Save::<HotelPolicies>::new(after),
                });
            }
            match self.store.commit(change).await {
                Ok(_) => {
                    let policies = policies.or(before.policies);
                    return Ok(HotelAsks { settings: Some(settings), policies });
                }
                Err(CommitError::Conflict) => {}
                // Two set the hotel's first ones at once: the other's are there now.
                Err(CommitError::Refused { .. }) if is_first => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Whether a connector of this name has a page on which hotels' guests can pay.
    pub(crate) fn has_page(&self, psp: &str) -> bool {
        self.gateways.for_session(PayerPage::CARD, Some(psp)).is_some()
    }

    /// Whether e-mail can be delivered here.
    pub(crate) fn sends_mail(&self) -> bool {
        self.mailer().is_ok()
    }
}
