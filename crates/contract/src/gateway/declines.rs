//! What a gateway promises of a decline.

use tender_domain::ports::{Avs, Decline, DeclineCode, DeclinedAt, GatewayAnswer};

use super::rig::GatewayRig;

/// What a gateway tells of a decline beside why, and beside what it calls it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToldOfDecline {
    /// The response code of its acquirer or its network.
    pub response_code: Option<&'static str>,
    /// The acquirer.
    pub acquirer: Option<&'static str>,
    /// What the check of the address found.
    pub avs: Option<&'static str>,
    /// What the check of the card's code found.
    pub cvv: Option<&'static str>,
}

/// A decline says why, and asked for again it is the same.
pub async fn declines_with_a_reason(rig: &GatewayRig) {
    let (token, code) = rig.declined;
    let request = rig.authorization(token, 500, true);
    let answer = rig.gateway.authorize(&request).await.expect("answered");
    assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    rig.assert_told_again(&request, &answer).await;
}

/// A token the gateway does not know is a decline, not an error.
pub async fn an_unknown_token_is_declined(rig: &GatewayRig) {
    let answer =
        rig.gateway.authorize(&rig.authorization("tok_nobody_knows", 500, true)).await.expect("answered");
    let code = DeclineCode::InvalidToken;
    assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
}

/// A decline shows what the gateway calls it, no two the same; and of its response code, its acquirer and its checks what
/// the gateway tells, and no more. Asked for again it shows the same.
pub async fn a_decline_shows_what_it_left_there(rig: &GatewayRig) {
    let mut names = Vec::new();
    for capture in [true, false] {
        let request = rig.authorization(rig.declined.0, 500, capture);
        let answer = rig.gateway.authorize(&request).await.expect("answered");
        let GatewayAnswer::Declined(Decline { network_code, sca, .. }) = &answer else {
            panic!("declined: {answer:?}")
        };
        let left = sca.as_ref().and_then(|told| told.declined.clone()).expect("it left something");
        let told = rig.told_of_decline;
        assert_eq!(network_code.as_deref(), told.response_code);
        let text = |told: Option<&str>| told.map(str::to_owned);
        let expected = DeclinedAt {
            gateway_reference: left.gateway_reference.clone(),
            acquirer: text(told.acquirer),
            avs: Avs { avs_result: text(told.avs), cvv_result: text(told.cvv) },
        };
        assert_eq!(left, expected);
        names.push(left.gateway_reference.expect("it has a name"));
        rig.assert_told_again(&request, &answer).await;
    }
    assert_ne!(names[0], names[1]);
}
