//! Card data, bank account data or a client's token becomes connector tokens.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{TenantId, find_card_number, mask_card_numbers};
use tender_domain::ports::{CardData, GatewayError, PaymentGateway, TokenisedMethod};
use tender_domain::vault::{
    BankAccount, BankData, MethodDetails, MethodFingerprint, MethodType, check_card_data,
};
use tender_http::ServerTiming;

use super::MethodSource;
use crate::sealing::ConnectorTokens;
use crate::{VaultError, VaultService};

/// What the connectors made of a method.
pub(super) struct Tokenised {
    pub(super) details: MethodDetails,
    pub(super) fingerprint: MethodFingerprint,
    pub(super) tokens: ConnectorTokens,
}

/// What is to be tokenised, for whom, as which type.
pub(super) struct Wanted<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) livemode: bool,
    pub(super) method_type: MethodType,
    pub(super) source: &'a MethodSource,
}

type Made = (Arc<dyn PaymentGateway>, TokenisedMethod);

impl VaultService {
    /// Asks the connectors that take the type; the time it takes counts as theirs.
    pub(super) async fn tokenised(&self, wanted: &Wanted<'_>) -> Result<Tokenised, VaultError> {
        let started = Instant::now();
        let gateways = self.gateways_that_take(wanted.tenant, wanted.livemode, wanted.method_type).await?;
        let result = match wanted.source {
            MethodSource::Card(card) => self.tokenise_card(wanted, card, &gateways).await,
            MethodSource::BankAccount(account) => self.tokenise_account(wanted, account, &gateways).await,
            MethodSource::Token(token) => self.inspect_token(wanted, token, &gateways).await,
        };
        ServerTiming::current().add_gateway(started.elapsed());
        result
    }

    /// A token at every connector that answers. One is enough: routing sees only those that hold one.
    async fn tokenise_card(
        &self,
        wanted: &Wanted<'_>,
        card: &CardData,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Result<Tokenised, VaultError> {
        check_card_data(card, self.deps.clock.now())?;
        let ask = |gateway: Arc<dyn PaymentGateway>| async move {
            let answer = gateway.tokenise(wanted.tenant, card).await;
            answer.map(TokenisedMethod::from)
        };
        let number = card.number.expose_secret();
        let made = everywhere(gateways, wanted.method_type, number, ask).await;
        let mut tokenised = self.gathered(wanted, made).ok_or(VaultError::ConnectorsUnavailable)?;
        if let MethodDetails::Card(card) = &mut tokenised.details {
            card.bin = bin_of(number);
        }
        Ok(tokenised)
    }

    /// The same of a bank account. What is shown and by what it is recognised is told by its number, which we have seen.
    async fn tokenise_account(
        &self,
        wanted: &Wanted<'_>,
        account: &BankData,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Result<Tokenised, VaultError> {
        let shown = account.check(wanted.method_type).map_err(VaultError::BankAccount)?;
        let ask = |gateway: Arc<dyn PaymentGateway>| async move {
            gateway.tokenise_bank_account(wanted.tenant, wanted.method_type, account).await
        };
        let identity = account.identity();
        let made = everywhere(gateways, wanted.method_type, identity.expose_secret(), ask).await;
        let tokenised = self.gathered(wanted, made).ok_or(VaultError::ConnectorsUnavailable)?;
        let fingerprint =
            self.deps.fingerprint_key.of_method(wanted.method_type, wanted.tenant, "", &identity);
        Ok(Tokenised { details: with_account(tokenised.details, shown), fingerprint, ..tokenised })
    }

    /// The first connector that knows the token. When one could not be asked and no other knows it, that is no "no".
    async fn inspect_token(
        &self,
        wanted: &Wanted<'_>,
        token: &SecretString,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Result<Tokenised, VaultError> {
        let mut all_answered = true;
        for gateway in gateways {
            let answer = gateway.inspect_method(wanted.tenant, wanted.method_type, token).await;
            match taken(gateway.name(), "inspect_token", answer) {
                Ok(Some(known)) if sane(gateway.name(), wanted.method_type, &known) => {
                    let made = vec![(Arc::clone(gateway), known)];
                    return self.gathered(wanted, made).ok_or(VaultError::TokenUnknown);
                }
                Ok(None) => {}
                Ok(Some(_)) | Err(_) => all_answered = false,
            }
        }
        Err(if all_answered { VaultError::TokenUnknown } else { VaultError::ConnectorsUnavailable })
    }

    /// The connectors that take methods of the type of this tenant: the operator's, then its own. A token at each is what
    /// lets a payment go elsewhere when one fails; so nothing is saved while it cannot be said which there are.
    pub(super) async fn gateways_that_take(
        &self,
        tenant: &TenantId,
        livemode: bool,
        method_type: MethodType,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, VaultError> {
        let own = self.deps.own_gateways.enabled(tenant, livemode).await.map_err(|error| {
            tracing::warn!(%tenant, %error, "the tenant's own connectors are not known now");
            VaultError::ConnectorsUnavailable
        })?;
        let all = self.deps.gateways.iter().cloned().chain(own);
        let taking: Vec<_> = all.filter(|gateway| gateway.method_types().contains(&method_type)).collect();
        if taking.is_empty() && method_type != MethodType::Card {
            return Err(VaultError::TypeNotTaken(method_type));
        }
        Ok(taking)
    }

    /// The first connector's word says what it is.
    fn gathered(&self, wanted: &Wanted<'_>, made: Vec<Made>) -> Option<Tokenised> {
        let (first, shown) = made.first()?;
        let details = shown.details.clone();
        // A connector that tells no identity tells every token apart.
        let identity = if shown.identity.expose_secret().is_empty() { &shown.token } else { &shown.identity };
        let key = &self.deps.fingerprint_key;
        let fingerprint = key.of_method(wanted.method_type, wanted.tenant, first.name(), identity);
        let tokens =
            made.into_iter().map(|(gateway, made)| (gateway.name().to_owned(), made.token)).collect();
        Some(Tokenised { details, fingerprint, tokens: ConnectorTokens(tokens) })
    }
}

/// What all gateways made that answered, but for what may not be kept: `number` is in no token.
async fn everywhere<F>(
    gateways: &[Arc<dyn PaymentGateway>],
    method_type: MethodType,
    number: &str,
    ask: impl Fn(Arc<dyn PaymentGateway>) -> F,
) -> Vec<Made>
where
    F: Future<Output = Result<TokenisedMethod, GatewayError>>,
{
    let asked = gateways.iter().map(|gateway| {
        let answer = ask(Arc::clone(gateway));
        async move {
            let made = taken(gateway.name(), "tokenise", answer.await.map(Some)).ok().flatten()?;
            Some((Arc::clone(gateway), made))
        }
    });
    let made = join_all(asked).await.into_iter().flatten();
    let harmless = |made: &TokenisedMethod| !made.token.expose_secret().contains(number);
    made.filter(|(gateway, made)| sane(gateway.name(), method_type, made) && harmless(made)).collect()
}

/// The same with what we know of the account.
fn with_account(details: MethodDetails, account: BankAccount) -> MethodDetails {
    match details {
        MethodDetails::SepaDebit(_) => MethodDetails::SepaDebit(account),
        MethodDetails::BankAccount(_) => MethodDetails::BankAccount(account),
        other => other,
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
    answer: Result<Option<TokenisedMethod>, GatewayError>,
) -> Result<Option<TokenisedMethod>, ()> {
    let outcome = match &answer {
        Ok(Some(_)) => "done",
        Ok(None) => "not_known",
        Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) => "not_done",
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

/// Whether a gateway's answer may be kept: it is of the type that was asked for, shows no more than may be shown, and
/// its token is no card number.
fn sane(connector: &str, method_type: MethodType, made: &TokenisedMethod) -> bool {
    let token = made.token.expose_secret();
    let is_plausible = made.details.method_type() == method_type && made.details.is_plausible();
    let is_sane = is_plausible && !token.is_empty() && !is_bare_card_number(token);
    if !is_sane {
        tracing::error!(connector, "a connector's answer shows no method that may be kept; it was dropped");
    }
    is_sane
}

/// Whether a text is a card number and nothing else. Tokens are opaque: digits within one mean nothing.
pub(super) fn is_bare_card_number(text: &str) -> bool {
    let only_digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    only_digits && find_card_number(&digits).is_err()
}
