//! Ask a connector about a saved method.

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tender_domain::connectors::LoggedCall;
use tender_domain::kernel::{MethodId, TenantId, gateway_text, mask_card_numbers};
use tender_domain::ports::{
    CheckMethod, Decline, DepositsAnswer, GatewayError, MethodChecks, PaymentGateway, ZeroAmountAnswer,
};
use tender_domain::vault::{
    DEPOSIT_MAX, Enrolment, MethodType, PaymentMethod, ReadPurpose, ThreeDsSupport, Verification,
    VerificationAnswer, VerificationKind, VerificationResult,
};
use tender_http::ServerTiming;

use crate::{VaultError, VaultService};

/// The longest code of a gateway that is kept.
const CODE_CHARS_MAX: usize = 16;

/// Why nothing came of a call that the gateway surely did not do.
pub(super) const NOT_DONE: &str = "not_done";

/// A connector that checks methods, how, and the method's token there.
pub(super) struct Verifier {
    gateway: Arc<dyn PaymentGateway>,
    pub(super) kind: VerificationKind,
    token: SecretString,
}

/// Whether a connector verifies methods of the type so.
fn verifies(gateway: &Arc<dyn PaymentGateway>, kind: VerificationKind, method_type: MethodType) -> bool {
    gateway.method_checks().is_some_and(|checks| checks.verifies(kind, method_type))
}

impl Verifier {
    pub(super) fn name(&self) -> &str {
        self.gateway.name()
    }

    /// Asks under `reference`.
    pub(super) fn request(&self, method: &PaymentMethod, reference: String) -> CheckMethod {
        CheckMethod {
            tenant: method.tenant.clone(),
            reference,
            method_type: method.details.method_type(),
            token: self.token.clone(),
        }
    }

    pub(super) fn checks(&self) -> Result<&dyn MethodChecks, GatewayError> {
        let none = || GatewayError::NotDone("it checks no methods".to_owned());
        self.gateway.method_checks().ok_or_else(none)
    }
}

impl VaultService {
    /// The first connector that holds a token for the method and verifies its type in the first of these ways, else in the next;
    /// or the one that is named.
    pub(super) async fn verifier(
        &self,
        (tenant, id): (&TenantId, MethodId),
        kinds: &[VerificationKind],
        named: Option<&str>,
    ) -> Result<(Arc<PaymentMethod>, Verifier), VaultError> {
        let by = (self.vault_reader(), ReadPurpose::Verification);
        let (method, mut tokens) = self.read_tokens(by, tenant, id).await?;
        let method_type = method.details.method_type();
        let mut gateways = self.gateways_that_take(tenant, method.livemode, method_type).await?;
        gateways.retain(|gateway| tokens.0.contains_key(gateway.name()));
        let asked = |gateway: &&Arc<dyn PaymentGateway>| named.is_none_or(|name| name == gateway.name());
        let found = kinds.iter().find_map(|kind| {
            let gateway = gateways.iter().filter(asked).find(|one| verifies(one, *kind, method_type))?;
            let token = tokens.0.remove(gateway.name())?;
            Some(Verifier { gateway: Arc::clone(gateway), kind: *kind, token })
        });
        match (found, kinds.first()) {
            (Some(verifier), _) => Ok((method, verifier)),
            (None, Some(kind)) if named.is_none() => {
                let of_any = |kind: &VerificationKind| {
                    gateways.iter().any(|gateway| verifies(gateway, *kind, method_type))
                };
                let instead = VerificationKind::ALL.iter().copied().filter(of_any).collect();
                Err(VaultError::VerificationNotTaken { method_type, kind: *kind, instead })
            }
            // It was asked before, and may be there again.
            (None, _) => Err(VaultError::ConnectorsUnavailable),
        }
    }

    /// Asks the connector what becomes of a verification that was begun. `is_first` says that it surely was not asked
    /// before: only then is a call that was not done the end of it.
    pub(super) async fn ask(
        &self,
        verifier: &Verifier,
        (method, verification): (&PaymentMethod, &Verification),
        is_first: bool,
    ) -> VerificationAnswer {
        let started = Instant::now();
        let reference = verification.reference(method.id);
        let request = verifier.request(method, reference.clone());
        let answer = match verifier.checks() {
            Err(error) => Err(error),
            Ok(checks) => match verification.kind {
                VerificationKind::ZeroAmount => checks.authorize_nothing(&request).await.map(of_zero_amount),
                VerificationKind::ThreeDs => checks.three_ds_support(&request).await.map(of_three_ds),
                VerificationKind::MicroDeposits => {
                    let sent = checks.send_deposits(&request).await;
                    sent.map(|sent| self.of_deposits(&reference, sent))
                }
            },
        };
        let (took, call) = (started.elapsed(), verification.kind.as_str());
        ServerTiming::current().add_gateway(took);
        let result = answer.as_ref().map(came_to);
        self.counted(verifier, (&request, call), result, took).await;
        match answer {
            Ok(answer) => answer,
            Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) if is_first => {
                VerificationAnswer::Nothing(VerificationResult::because(NOT_DONE))
            }
            Err(_) => VerificationAnswer::Unknown,
        }
    }

    /// Counts the answer, and tells the log and the connector's own of it. What a gateway says may repeat what it was sent: that
    /// is taken out first.
    pub(super) async fn counted(
        &self,
        verifier: &Verifier,
        (request, call): (&CheckMethod, &'static str),
        result: Result<&'static str, &GatewayError>,
        took: Duration,
    ) {
        let connector = verifier.name();
        let outcome = match result {
            Ok(_) => "done",
            Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) => "not_done",
            Err(GatewayError::Unknown(_)) => "unknown",
        };
        metrics::counter!("vault_gateway_calls_total", "connector" => connector.to_owned(), "call" => call,
            "outcome" => outcome)
        .increment(1);
        let text = |error: &GatewayError| {
            gateway_text(&error.to_string().replace(request.token.expose_secret(), "…"))
        };
        let problem = result.err().map(text);
        if let Some(error) = &problem {
            tracing::warn!(connector, call, error, "a connector did not check a method");
        }
        let (of, problem) = ((call, &*request.reference), problem.as_deref());
        let logged = LoggedCall::about_method(of, request.method_type, result, problem, took);
        self.deps.calls_heard.hear(&request.tenant, connector, logged).await;
    }

    fn of_deposits(&self, reference: &str, sent: DepositsAnswer) -> VerificationAnswer {
        match sent {
            DepositsAnswer::Sent(amounts)
                if amounts.iter().all(|minor| (1..=DEPOSIT_MAX).contains(minor)) =>
            {
                VerificationAnswer::Deposited(self.deps.fingerprint_key.of_deposits(reference, amounts))
            }
            DepositsAnswer::Sent(_) => {
                tracing::error!(reference, "a connector says that it sent deposits out of bounds");
                VerificationAnswer::Nothing(VerificationResult::because("answer_not_understood"))
            }
            DepositsAnswer::Refused(decline) => refused("deposits_refused", decline),
        }
    }
}

fn of_zero_amount(answer: ZeroAmountAnswer) -> VerificationAnswer {
    match answer {
        ZeroAmountAnswer::Approved { response_code, avs } => VerificationAnswer::Passed(VerificationResult {
            network_code: code(response_code),
            avs_result: code(avs.avs_result),
            cvv_result: code(avs.cvv_result),
            ..VerificationResult::default()
        }),
        ZeroAmountAnswer::Declined(decline) => refused("declined", decline),
    }
}

fn of_three_ds(support: ThreeDsSupport) -> VerificationAnswer {
    let support = understood(support);
    let (enrolment, three_ds) = (support.enrolment, Some(support));
    match enrolment {
        Enrolment::Enrolled => {
            VerificationAnswer::Passed(VerificationResult { three_ds, ..VerificationResult::default() })
        }
        Enrolment::NotEnrolled => VerificationAnswer::Failed(VerificationResult {
            three_ds,
            ..VerificationResult::because("not_enrolled")
        }),
        Enrolment::Unknown => VerificationAnswer::Nothing(VerificationResult {
            three_ds,
            ..VerificationResult::because("enrolment_unknown")
        }),
    }
}

/// The same with nothing that may not be kept.
pub(super) fn understood(support: ThreeDsSupport) -> ThreeDsSupport {
    ThreeDsSupport { version: code(support.version), ..support }
}

fn refused(reason: &str, decline: Decline) -> VerificationAnswer {
    VerificationAnswer::Failed(VerificationResult {
        decline_code: Some(decline.code.as_str().to_owned()),
        network_code: code(decline.network_code),
        ..VerificationResult::because(reason)
    })
}

/// A code as gateways write them; nothing else of a gateway's words is kept.
fn code(text: Option<String>) -> Option<String> {
    let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.filter(|text| (1..=CODE_CHARS_MAX).contains(&text.len()) && text.chars().all(is_code))
        .filter(|text| mask_card_numbers(text) == *text)
}

/// What an answer came to, in the words of the connectors' logs.
const fn came_to(answer: &VerificationAnswer) -> &'static str {
    match answer {
        VerificationAnswer::Passed(_) => "approved",
        VerificationAnswer::Failed(_) => "declined",
        VerificationAnswer::Nothing(_) | VerificationAnswer::Deposited(_) => "done",
        VerificationAnswer::Unknown => "unknown",
    }
}
