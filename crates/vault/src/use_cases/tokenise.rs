//! Card data, bank account data or a client's token becomes connector tokens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::connectors::LoggedCall;
use tender_domain::kernel::{TenantId, find_card_number, gateway_text};
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

/// What is asked of every connector.
struct Asking<'a> {
    wanted: &'a Wanted<'a>,
    call: &'static str,
    /// What no token and no text may repeat.
    secret: &'a str,
    /// Whether a gateway's texts are kept. Of bank accounts none is: it may repeat a part of the account's number.
    keeps_texts: bool,
}

impl Asking<'_> {
    /// Why there is no answer, with nothing of what was asked.
    fn problem(&self, error: &GatewayError) -> String {
        if self.keeps_texts {
            return gateway_text(&error.to_string().replace(self.secret, "…"));
        }
        let kind = match error {
            GatewayError::NotDone(_) => "it was refused",
            GatewayError::NotNow(_) => "it is not done now",
            GatewayError::Unknown(_) => "there was no definite answer",
        };
        kind.to_owned()
    }
}

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
        let asking = Asking { wanted, call: "tokenise", secret: number, keeps_texts: true };
        let made = self.everywhere(&asking, gateways, ask).await;
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
        let secret = identity.expose_secret();
        let asking = Asking { wanted, call: "tokenise", secret, keeps_texts: false };
        let made = self.everywhere(&asking, gateways, ask).await;
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
        let (call, secret) = ("inspect_token", token.expose_secret());
        let asking = Asking { wanted, call, secret, keeps_texts: true };
        let mut all_answered = true;
        for gateway in gateways {
            let began = Instant::now();
            let answer = gateway.inspect_method(wanted.tenant, wanted.method_type, token).await;
            match self.taken(&asking, gateway.name(), answer, began.elapsed()).await {
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

    /// What all gateways made that answered, but for what may not be kept.
    async fn everywhere<F>(
        &self,
        asking: &Asking<'_>,
        gateways: &[Arc<dyn PaymentGateway>],
        ask: impl Fn(Arc<dyn PaymentGateway>) -> F,
    ) -> Vec<Made>
    where
        F: Future<Output = Result<TokenisedMethod, GatewayError>>,
    {
        let asked = gateways.iter().map(|gateway| {
            let (began, answer) = (Instant::now(), ask(Arc::clone(gateway)));
            async move {
                let answer = answer.await.map(Some);
                let made =
                    self.taken(asking, gateway.name(), answer, began.elapsed()).await.ok().flatten()?;
                Some((Arc::clone(gateway), made))
            }
        });
        let made = join_all(asked).await.into_iter().flatten();
        let harmless = |made: &TokenisedMethod| !made.token.expose_secret().contains(asking.secret);
        let method_type = asking.wanted.method_type;
        made.filter(|(gateway, made)| sane(gateway.name(), method_type, made) && harmless(made)).collect()
    }

    /// Counts the answer, and tells the log and the connector's own of it.
    async fn taken(
        &self,
        asking: &Asking<'_>,
        connector: &str,
        answer: Result<Option<TokenisedMethod>, GatewayError>,
        took: Duration,
    ) -> Result<Option<TokenisedMethod>, ()> {
        let Asking { wanted, call, .. } = *asking;
        let outcome = match &answer {
            Ok(Some(_)) => "done",
            Ok(None) => "not_known",
            Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) => "not_done",
            Err(GatewayError::Unknown(_)) => "unknown",
        };
        metrics::counter!("vault_gateway_calls_total", "connector" => connector.to_owned(), "call" => call,
            "outcome" => outcome)
        .increment(1);
        let problem = answer.as_ref().err().map(|error| asking.problem(error));
        // A gateway is not even asked about a token that is not of its making.
        if !matches!(answer, Ok(None)) {
            let result = answer.as_ref().map(|_| outcome);
            let (of, problem) = ((call, ""), problem.as_deref());
            let logged = LoggedCall::about_method(of, wanted.method_type, result, problem, took);
            self.deps.calls_heard.hear(wanted.tenant, connector, logged).await;
        }
        answer.map_err(|_| {
            let error = problem.unwrap_or_default();
            tracing::warn!(connector, call, error, "a connector gave no token");
        })
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
