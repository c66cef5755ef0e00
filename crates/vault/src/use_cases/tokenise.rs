//! Card data or a client's token becomes connector tokens.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{TenantId, find_card_number, mask_card_numbers};
use tender_domain::ports::{CardData, GatewayError, PaymentGateway, TokenisedCard};
use tender_domain::vault::{Card, MethodFingerprint, check_card_data};
use tender_http::ServerTiming;

use super::MethodSource;
use crate::sealing::ConnectorTokens;
use crate::{VaultError, VaultService};

/// What the connectors made of a card.
pub(super) struct Tokenised {
    pub(super) card: Card,
    pub(super) fingerprint: MethodFingerprint,
    pub(super) tokens: ConnectorTokens,
}

impl VaultService {
    /// Asks the connectors; the time it takes counts as theirs.
    pub(super) async fn tokenised(
        &self,
        (tenant, livemode): (&TenantId, bool),
        source: &MethodSource,
    ) -> Result<Tokenised, VaultError> {
        let started = Instant::now();
        let gateways = self.gateways_of(tenant, livemode).await?;
        let result = match source {
            MethodSource::Card(card) => self.tokenise_card(tenant, card, &gateways).await,
            MethodSource::Token(token) => self.inspect_token(tenant, token, &gateways).await,
        };
        ServerTiming::current().add_gateway(started.elapsed());
        result
    }

    /// A token at every connector that answers. One is enough: routing sees only those that hold one.
    async fn tokenise_card(
        &self,
        tenant: &TenantId,
        card: &CardData,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Result<Tokenised, VaultError> {
        check_card_data(card, self.deps.clock.now())?;
        let ask = |gateway: &Arc<dyn PaymentGateway>| {
            let gateway = Arc::clone(gateway);
            async move {
                let answer = gateway.tokenise(tenant, card).await;
                taken(gateway.name(), "tokenise", answer.map(Some)).ok().flatten().map(|made| (gateway, made))
            }
        };
        let made: Vec<_> = join_all(gateways.iter().map(ask)).await.into_iter().flatten().collect();
        let number = card.number.expose_secret();
        let harmless = |made: &TokenisedCard| !made.token.expose_secret().contains(number);
        let made =
            made.into_iter().filter(|(gateway, made)| sane(gateway.name(), made) && harmless(made)).collect();
        let mut tokenised = self.gathered(tenant, made).ok_or(VaultError::ConnectorsUnavailable)?;
        tokenised.card.bin = bin_of(number);
        Ok(tokenised)
    }

    /// The first connector that knows the token. When one could not be asked and no other knows it, that is no "no".
    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Result<Tokenised, VaultError> {
        let mut all_answered = true;
        for gateway in gateways {
            let answer = gateway.inspect_token(tenant, token).await;
            match taken(gateway.name(), "inspect_token", answer) {
                Ok(Some(known)) if sane(gateway.name(), &known) => {
                    let made = vec![(Arc::clone(gateway), known)];
                    return self.gathered(tenant, made).ok_or(VaultError::TokenUnknown);
                }
                Ok(None) => {}
                Ok(Some(_)) | Err(_) => all_answered = false,
            }
        }
        Err(if all_answered { VaultError::TokenUnknown } else { VaultError::ConnectorsUnavailable })
    }

    /// The connectors that take cards of this tenant: the operator's, then its own. A token at each is what lets a payment
    /// go elsewhere when one fails; so nothing is saved while it cannot be said which there are.
    async fn gateways_of(
        &self,
        tenant: &TenantId,
        livemode: bool,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, VaultError> {
        let own = self.deps.own_gateways.enabled(tenant, livemode).await.map_err(|error| {
            tracing::warn!(%tenant, %error, "a card could not be tokenised at the tenant's own connectors");
            VaultError::ConnectorsUnavailable
        })?;
        Ok(self.deps.gateways.iter().cloned().chain(own).collect())
    }

    /// The first connector's word says what card it is.
    fn gathered(
        &self,
        tenant: &TenantId,
        made: Vec<(Arc<dyn PaymentGateway>, TokenisedCard)>,
    ) -> Option<Tokenised> {
        let (first, shown) = made.first()?;
        let card = shown_card(shown);
        // A connector that tells no identity tells every token apart.
        let identity =
            if shown.card_identity.expose_secret().is_empty() { &shown.token } else { &shown.card_identity };
        let fingerprint = self.deps.fingerprint_key.of_card(tenant, first.name(), identity);
        let tokens =
            made.into_iter().map(|(gateway, made)| (gateway.name().to_owned(), made.token)).collect();
        Some(Tokenised { card, fingerprint, tokens: ConnectorTokens(tokens) })
    }
}

fn shown_card(made: &TokenisedCard) -> Card {
    Card {
        brand: made.brand.clone(),
        last4: made.last4.clone(),
        exp_month: made.exp_month,
        exp_year: made.exp_year,
        bin: None,
    }
}

/// The first six digits of a card's number.
fn bin_of(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).take(6).collect();
    (digits.len() == 6).then_some(digits)
}

/// Counts and logs the answer. What a gateway says may repeat what it was sent: it is masked first.
fn taken(
    connector: &str,
    call: &'static str,
    answer: Result<Option<TokenisedCard>, GatewayError>,
) -> Result<Option<TokenisedCard>, ()> {
    let outcome = match &answer {
        Ok(Some(_)) => "done",
        Ok(None) => "not_known",
        Err(GatewayError::NotDone(_)) => "not_done",
        Err(GatewayError::Unknown(_)) => "unknown",
    };
    metrics::counter!("vault_gateway_calls_total", "connector" => connector.to_owned(), "call" => call,
        "outcome" => outcome)
    .increment(1);
    answer.map_err(|error| {
        let error = mask_card_numbers(&error.to_string());
        tracing::warn!(connector, call, error, "a connector gave no token");
    })
}

/// Whether a gateway's answer may be kept: it shows four digits, and its token is no card number.
fn sane(connector: &str, made: &TokenisedCard) -> bool {
    let token = made.token.expose_secret();
    let is_sane = shown_card(made).is_plausible() && !token.is_empty() && !is_bare_card_number(token);
    if !is_sane {
        tracing::error!(connector, "a connector's answer shows no card that may be kept; it was dropped");
    }
    is_sane
}

/// Whether a text is a card number and nothing else. Tokens are opaque: digits within one mean nothing.
pub(super) fn is_bare_card_number(text: &str) -> bool {
    let only_digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    only_digits && find_card_number(&digits).is_err()
}
