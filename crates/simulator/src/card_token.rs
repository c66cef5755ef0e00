//! Card tokens: what the engine must know of a card, sealed by the simulator's secret. No card number is kept
//! anywhere, and a token of one tenant is nothing to another.

use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, TokenisedCard};

use crate::Behaviour;
use crate::cards::{self, Brand};
use crate::secret::derive;

const PREFIX: &str = "tok_card_";
/// behaviour 1, brand 1, last four 2, month 1, year 2, identity 16
const BODY_BYTES: usize = 23;
const SEAL_BYTES: usize = 16;

/// What is behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenCard {
    pub(crate) behaviour: Behaviour,
    pub(crate) brand: Brand,
    pub(crate) last4: u16,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
    /// Equal for the same card number of the same tenant.
    identity: [u8; 16],
}

impl TokenCard {
    /// What is on a card; none when its number is no card number.
    pub(crate) fn of_card(secret: &SecretString, tenant: &TenantId, card: &CardData) -> Option<Self> {
        let number = card.number.expose_secret();
        Self::of_number(secret, tenant, number, card.exp_month, card.exp_year)
    }

    /// A card that nobody has, of this behaviour; another one for each seed.
    pub(crate) fn fresh(secret: &SecretString, tenant: &TenantId, behaviour: Behaviour, seed: &str) -> Self {
        let derived = derive(secret, "faucet", &[tenant.as_str().as_bytes(), seed.as_bytes()]);
        Self {
            behaviour,
            brand: Brand::visa(),
            last4: u16::from_be_bytes([derived[30], derived[31]]) % 10_000,
            exp_month: cards::EXP_MONTH,
            exp_year: cards::EXP_YEAR,
            identity: first_16(&derived),
        }
    }

    fn of_number(
        secret: &SecretString,
        tenant: &TenantId,
        number: &str,
        month: u8,
        year: u16,
    ) -> Option<Self> {
        let (behaviour, brand) = cards::recognise(number)?;
        let full = derive(secret, "card identity", &[tenant.as_str().as_bytes(), number.as_bytes()]);
        Some(Self {
            behaviour,
            brand,
            last4: number.get(number.len() - 4..)?.parse().ok()?,
            exp_month: month,
            exp_year: year,
            identity: first_16(&full),
        })
    }

    /// What is behind a token of this tenant: a test token, or one made of a card.
    pub(crate) fn of_token(secret: &SecretString, tenant: &TenantId, token: &str) -> Option<Self> {
        if let Some(card) = cards::by_token(token) {
            return Self::of_number(secret, tenant, card.number, cards::EXP_MONTH, cards::EXP_YEAR);
        }
        let sealed = BASE32_NOPAD.decode(token.strip_prefix(PREFIX)?.to_ascii_uppercase().as_bytes()).ok()?;
        let (body, seal) = sealed.split_at_checked(BODY_BYTES)?;
        if !bool::from(seal_of(secret, tenant, body).ct_eq(seal)) {
            return None;
        }
        let body: &[u8; BODY_BYTES] = body.try_into().ok()?;
        Some(Self {
            behaviour: Behaviour::from_number(body[0])?,
            brand: Brand::from_number(body[1])?,
            last4: u16::from_be_bytes([body[2], body[3]]),
            exp_month: body[4],
            exp_year: u16::from_be_bytes([body[5], body[6]]),
            identity: first_16(&body[7..]),
        })
    }

    /// The token that carries this card.
    pub(crate) fn seal(&self, secret: &SecretString, tenant: &TenantId) -> SecretString {
        let mut body = Vec::with_capacity(BODY_BYTES + SEAL_BYTES);
        body.extend([self.behaviour.number(), self.brand.number()]);
        body.extend(self.last4.to_be_bytes());
        body.push(self.exp_month);
        body.extend(self.exp_year.to_be_bytes());
        body.extend(self.identity);
        let seal = seal_of(secret, tenant, &body);
        body.extend(seal);
        format!("{PREFIX}{}", BASE32_NOPAD.encode(&body).to_ascii_lowercase()).into()
    }

    /// The card as the port tells it, under this token.
    pub(crate) fn tokenised(&self, token: SecretString) -> TokenisedCard {
        TokenisedCard {
            token,
            brand: self.brand.name().to_owned(),
            last4: format!("{:04}", self.last4),
            exp_month: self.exp_month,
            exp_year: self.exp_year,
            card_identity: BASE32_NOPAD.encode(&self.identity).to_ascii_lowercase().into(),
        }
    }
}

fn seal_of(secret: &SecretString, tenant: &TenantId, body: &[u8]) -> [u8; SEAL_BYTES] {
    first_16(&derive(secret, "card token", &[tenant.as_str().as_bytes(), body]))
}

fn first_16(bytes: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretString {
        "a secret of tests".into()
    }

    fn card(number: &str) -> CardData {
        CardData { number: number.into(), exp_month: 4, exp_year: 2031, cvc: None, holder_name: None }
    }

    #[test]
    fn a_card_token_gives_back_the_card_to_its_tenant_only() {
        let tenant = TenantId::sandbox();
        let made = TokenCard::of_card(&secret(), &tenant, &card("4000000000000002")).expect("a card number");
        let token = made.seal(&secret(), &tenant);
        assert_eq!(TokenCard::of_token(&secret(), &tenant, token.expose_secret()), Some(made));
        let other = "other".parse().expect("a tenant");
        assert_eq!(TokenCard::of_token(&secret(), &other, token.expose_secret()), None);
        let other_secret = "another secret".into();
        assert_eq!(TokenCard::of_token(&other_secret, &tenant, token.expose_secret()), None);
        assert!(!token.expose_secret().contains("4000000000000002"));
    }

    #[test]
    fn a_changed_token_is_no_token() {
        let tenant = TenantId::sandbox();
        let made = TokenCard::of_card(&secret(), &tenant, &card("4242424242424242")).expect("a card number");
        let token = made.seal(&secret(), &tenant);
        let token = token.expose_secret();
        for at in PREFIX.len()..token.len() - 1 {
            let mut changed: Vec<u8> = token.bytes().collect();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(TokenCard::of_token(&secret(), &tenant, &changed), None, "place {at}");
        }
        for text in ["", "tok_card_", "tok_card_a", "tok_unknown", "tok_card_é", &token[..token.len() - 8]] {
            assert_eq!(TokenCard::of_token(&secret(), &tenant, text), None, "{text}");
        }
    }

    #[test]
    fn a_test_token_is_the_same_card_as_its_number() {
        let tenant = TenantId::sandbox();
        let token = TokenCard::of_token(&secret(), &tenant, "tok_visa").expect("a test token");
        let typed = TokenCard::of_card(&secret(), &tenant, &card("4242424242424242")).expect("a card number");
        assert_eq!(token.identity, typed.identity);
    }
}
