//! Look up whether a card's issuer takes part in 3-D Secure.

use std::time::Instant;

use tender_domain::kernel::{Caller, MethodId, Timestamp};
use tender_domain::vault::{ThreeDsSupport, VerificationKind};
use tender_http::ServerTiming;

use super::ask_connector::understood;
use crate::{VaultError, VaultService};

/// What the directory server says of a card now.
pub(crate) struct ThreeDsLookup {
    /// What it says.
    pub(crate) support: ThreeDsSupport,
    /// By which connector it was asked.
    pub(crate) connector: String,
    /// When.
    pub(crate) at: Timestamp,
}

impl VaultService {
    /// Asks the directory server by the first connector that holds the card. Nothing is kept of it.
    ///
    /// # Errors
    /// See [`VaultError`]; `ThreeDsNotTold` when no connector of the method can ask, `ConnectorsUnavailable` when
    /// there was no answer.
    pub(crate) async fn look_up_three_ds(
        &self,
        caller: &Caller,
        id: MethodId,
    ) -> Result<ThreeDsLookup, VaultError> {
        let method = self.visible(caller, id).await?;
        let found = self.verifier((&caller.tenant, id), &[VerificationKind::ThreeDs], None).await;
        let (_, verifier) = found.map_err(|error| match error {
            VaultError::VerificationNotTaken { .. } => VaultError::ThreeDsNotTold,
            error => error,
        })?;
        let started = Instant::now();
        let request = verifier.request(&method, format!("{id}/3ds/{}", self.deps.ids.event()));
        let answer = match verifier.checks() {
            Ok(checks) => checks.three_ds_support(&request).await,
            Err(error) => Err(error),
        };
        let took = started.elapsed();
        ServerTiming::current().add_gateway(took);
        let result = answer.as_ref().map(|_| "done");
        self.counted(&verifier, (&request, "three_ds_lookup"), result, took).await;
        let support = answer.map_err(|_| VaultError::ConnectorsUnavailable)?;
        Ok(ThreeDsLookup {
            support: understood(support),
            connector: verifier.name().to_owned(),
            at: self.deps.clock.now(),
        })
    }
}
