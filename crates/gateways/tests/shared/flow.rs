//! A shop's day through an adapter, against somebody else's gateway: what is held is taken in part and given back in part,
//! what is held is let go, and what is sold is taken.

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, Capture, GatewayAnswer, GatewayError, Ids, PaymentGateway, Refund, ThreeDs, Void,
};
use tender_testkit::RandomIds;

type Outcome = Result<GatewayAnswer, GatewayError>;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// A reference that no other run has: a gateway that is somebody else's remembers them all.
pub(crate) fn reference(prefix: &str) -> String {
    format!("{prefix}_{}", RandomIds.uuid().simple())
}

/// An authorization of the sandbox's tenant.
pub(crate) fn authorization(reference: &str, token: &SecretString, minor: i64, capture: bool) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount: eur(minor),
        capture,
        token: token.clone(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::Automatic,
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

/// What the gateway calls what it did, which was exactly this.
pub(crate) fn approval(answer: &Outcome, minor: i64, was_captured: bool) -> String {
    match answer {
        Ok(GatewayAnswer::Approved { gateway_reference, amount, captured, .. }) => {
            assert_eq!((*amount, *captured), (eur(minor), was_captured));
            gateway_reference.clone()
        }
        other => panic!("approved expected: {other:?}"),
    }
}

/// Done for so much; or, where only the callback ends it, received.
fn ended(gateway: &dyn PaymentGateway, answer: &Outcome, minor: i64, captured: bool) {
    if gateway.capabilities().ends_by_callback {
        assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
    } else {
        let _ = approval(answer, minor, captured);
    }
}

/// Walks it, with a token of a card that is good.
pub(crate) async fn money_moves_and_comes_back(gateway: &dyn PaymentGateway, token: &SecretString) {
    let hold = async |attempt: &str| {
        approval(&gateway.authorize(&authorization(attempt, token, 1_000, false)).await, 1_000, false)
    };
    let held = hold(&reference("att")).await;
    let capture = Capture {
        tenant: TenantId::sandbox(),
        reference: reference("cap"),
        gateway_reference: held.clone(),
        amount: eur(600),
        is_final: true,
        is_again: false,
    };
    ended(gateway, &gateway.capture(&capture).await, 600, true);
    let refund = Refund {
        tenant: TenantId::sandbox(),
        reference: reference("rf"),
        gateway_reference: held,
        amount: eur(250),
    };
    ended(gateway, &gateway.refund(&refund).await, 250, false);

    let attempt = reference("att");
    let void = Void {
        tenant: TenantId::sandbox(),
        reference: format!("{attempt}/void"),
        gateway_reference: hold(&attempt).await,
    };
    ended(gateway, &gateway.void(&void).await, 1_000, false);
    // Whenever it comes again it lets nothing else go.
    ended(gateway, &gateway.void(&void).await, 1_000, false);

    let sale = gateway.authorize(&authorization(&reference("att"), token, 500, true)).await;
    let _ = approval(&sale, 500, true);
}
