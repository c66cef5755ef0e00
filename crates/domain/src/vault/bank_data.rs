//! Bank account data before any gateway sees it.

use std::fmt;

use iban::{Iban, IbanLike};
use secrecy::{ExposeSecret, SecretString};

use super::method_details::is_bic;
use super::{BankAccount, MethodType};

/// Countries of the SEPA schemes by the first two letters of their IBANs (EPC409-09, list of SEPA scheme countries).
const SEPA_COUNTRIES: [&str; 42] = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
];

const HOLDER_CHARS_MAX: usize = 140;

/// The number of a bank account, as its country has it.
#[derive(Clone)]
pub enum AccountNumber {
    /// An IBAN; spaces are allowed.
    Iban(SecretString),
    /// A number beside the bank's.
    Local {
        /// Where the account is held: ISO 3166-1 alpha-2.
        country: String,
        /// The bank's number (ABA routing number, sort code …).
        routing_number: String,
        /// The account's number at the bank.
        account_number: SecretString,
    },
}

/// Bank account data on its way to be tokenised: in memory only, printed nowhere.
#[derive(Clone)]
pub struct BankData {
    /// The account's number.
    pub number: AccountNumber,
    /// Its bank (BIC).
    pub bic: Option<String>,
    /// Whose account it is.
    pub holder_name: String,
}

impl fmt::Debug for BankData {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BankData(not printed)")
    }
}

/// What is wrong with bank account data. Says where, never what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBankData {
    /// The IBAN has not its country's form, or its check digits are wrong.
    #[error("must be an IBAN of its country's length and form with right check digits (ISO 13616, mod 97)")]
    Iban,
    /// The account is in no country of the SEPA schemes.
    #[error("must be the IBAN of a country that takes part in SEPA")]
    NotSepa,
    /// SEPA direct debit wants an IBAN.
    #[error("is required for `sepa_debit`")]
    IbanRequired,
    /// The BIC has not the form of one.
    #[error("must be a BIC: 8 or 11 upper-case letters and digits with a country at the fifth (ISO 9362)")]
    Bic,
    /// The country is no country code.
    #[error("must be two upper-case letters (ISO 3166-1 alpha-2)")]
    Country,
    /// The bank's number is wrong.
    #[error("must have 3 to 12 digits; of the US 9 digits with a right check digit")]
    RoutingNumber,
    /// The account's number is wrong.
    #[error("must have 5 to 34 letters and digits")]
    AccountNumber,
    /// There is no name of the account's holder.
    #[error("must have 1 to 140 characters")]
    HolderName,
}

impl InvalidBankData {
    /// The place in the object of the account, as in a JSON Pointer.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Iban | Self::NotSepa | Self::IbanRequired => "/iban",
            Self::Bic => "/bic",
            Self::Country => "/country",
            Self::RoutingNumber => "/routing_number",
            Self::AccountNumber => "/account_number",
            Self::HolderName => "/holder_name",
        }
    }
}

impl BankData {
    /// Checks the data for a method of this type, and says what may be shown of it.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, method_type: MethodType) -> Result<BankAccount, InvalidBankData> {
        if self.holder_name.trim().is_empty() || self.holder_name.chars().count() > HOLDER_CHARS_MAX {
            return Err(InvalidBankData::HolderName);
        }
        if self.bic.as_deref().is_some_and(|bic| !is_bic(bic)) {
            return Err(InvalidBankData::Bic);
        }
        let (country, last4) = match &self.number {
            AccountNumber::Iban(iban) => shown_iban(iban, method_type)?,
            AccountNumber::Local { .. } if method_type == MethodType::SepaDebit => {
                return Err(InvalidBankData::IbanRequired);
            }
            AccountNumber::Local { country, routing_number, account_number } => {
                shown_local(country, routing_number, account_number)?
            }
        };
        Ok(BankAccount { country, last4, bic: self.bic.clone() })
    }

    /// What tells the account from every other, in one form however it was written.
    #[must_use]
    pub fn identity(&self) -> SecretString {
        match &self.number {
            AccountNumber::Iban(iban) => bare(iban).into(),
            AccountNumber::Local { country, routing_number, account_number } => {
                format!("{country}/{routing_number}/{}", bare(account_number)).into()
            }
        }
    }
}

/// Without spaces, in upper case.
fn bare(number: &SecretString) -> String {
    let number = number.expose_secret();
    let mut bare = String::with_capacity(number.len());
    bare.extend(number.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()));
    bare
}

fn shown_iban(iban: &SecretString, method_type: MethodType) -> Result<(String, String), InvalidBankData> {
    let iban: Iban = bare(iban).parse().map_err(|_| InvalidBankData::Iban)?;
    let country = iban.country_code().to_owned();
    if method_type == MethodType::SepaDebit && !SEPA_COUNTRIES.contains(&&*country) {
        return Err(InvalidBankData::NotSepa);
    }
    Ok((country, last_four(iban.electronic_str())))
}

fn shown_local(
    country: &str,
    routing_number: &str,
    account_number: &SecretString,
) -> Result<(String, String), InvalidBankData> {
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(InvalidBankData::Country);
    }
    let digits = routing_number.bytes().all(|byte| byte.is_ascii_digit());
    let is_routing_number = if country == "US" {
        digits && passes_aba(routing_number)
    } else {
        digits && (3..=12).contains(&routing_number.len())
    };
    if !is_routing_number {
        return Err(InvalidBankData::RoutingNumber);
    }
    let number = bare(account_number);
    let is_number =
        (5..=34).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_number {
        return Err(InvalidBankData::AccountNumber);
    }
    Ok((country.to_owned(), last_four(&number)))
}

/// The check digit of an ABA routing number: the digits weighed 3, 7, 1 add up to a multiple of ten.
fn passes_aba(digits: &str) -> bool {
    let weighed = digits.bytes().zip([3, 7, 1].into_iter().cycle());
    digits.len() == 9
        && weighed.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum::<u32>().is_multiple_of(10)
}

/// Of ASCII that is at least so long.
fn last_four(number: &str) -> String {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iban(text: &str, bic: Option<&str>) -> BankData {
        BankData {
            number: AccountNumber::Iban(text.into()),
            bic: bic.map(str::to_owned),
            holder_name: "Ada Lovelace".to_owned(),
        }
    }

    fn local(country: &str, routing: &str, account: &str) -> BankData {
        let number = AccountNumber::Local {
            country: country.to_owned(),
            routing_number: routing.to_owned(),
            account_number: account.into(),
        };
        BankData { number, bic: None, holder_name: "Ada Lovelace".to_owned() }
    }

    #[test]
    fn an_iban_is_checked_by_country_length_and_check_digits() {
        for (text, country, last4) in [
            ("DE89370400440532013000", "DE", "3000"),
            ("de89 3704 0044 0532 0130 00", "DE", "3000"),
            ("FR1420041010050500013M02606", "FR", "2606"),
            ("GB29NWBK60161331926819", "GB", "6819"),
            ("NL91ABNA0417164300", "NL", "4300"),
            ("MT84MALT011000012345MTLCAST001S", "MT", "001S"),
        ] {
            let shown = iban(text, None).check(MethodType::SepaDebit).expect(text);
            assert_eq!((&*shown.country, &*shown.last4), (country, last4));
        }
        for text in [
            "",
            "DE",
            "DE88370400440532013000",
            "DE8937040044053201300",
            "XX89370400440532013000",
            "DE89370400440532013001",
            "4242424242424242",
        ] {
            let refused = iban(text, None).check(MethodType::SepaDebit);
            assert_eq!(refused, Err(InvalidBankData::Iban), "{text}");
        }
    }

    #[test]
    fn every_digit_of_an_iban_counts() {
        let good = "DE89370400440532013000";
        for place in 2..good.len() {
            let mut digits: Vec<u8> = good.bytes().collect();
            digits[place] = if digits[place] == b'9' { b'0' } else { digits[place] + 1 };
            let changed = String::from_utf8(digits).expect("ASCII");
            let refused = iban(&changed, None).check(MethodType::SepaDebit);
            assert_eq!(refused, Err(InvalidBankData::Iban), "{changed}");
        }
    }

    #[test]
    fn sepa_wants_an_iban_of_a_sepa_country_and_a_good_bic() {
        let brazil = "BR1800360305000010009795493C1";
        assert_eq!(iban(brazil, None).check(MethodType::SepaDebit), Err(InvalidBankData::NotSepa));
        assert!(iban(brazil, None).check(MethodType::BankAccount).is_ok(), "a bank account like others");
        let us = local("US", "110000000", "000123456789");
        assert_eq!(us.check(MethodType::SepaDebit), Err(InvalidBankData::IbanRequired));
        let german = "DE89370400440532013000";
        assert_eq!(iban(german, Some("COBA")).check(MethodType::SepaDebit), Err(InvalidBankData::Bic));
        let shown = iban(german, Some("COBADEFFXXX")).check(MethodType::SepaDebit).expect("good");
        assert_eq!(shown.bic.as_deref(), Some("COBADEFFXXX"));
        let nobodys = BankData { holder_name: " ".to_owned(), ..iban(german, None) };
        assert_eq!(nobodys.check(MethodType::SepaDebit), Err(InvalidBankData::HolderName));
    }

    #[test]
    fn an_account_beside_its_banks_number_is_checked_by_field() {
        use InvalidBankData as E;
        let shown = local("US", "110000000", "000123456789").check(MethodType::BankAccount).expect("good");
        assert_eq!((&*shown.country, &*shown.last4), ("US", "6789"));
        assert!(local("GB", "108800", "00012345").check(MethodType::BankAccount).is_ok());
        for (data, wanted) in [
            (local("us", "110000000", "000123456789"), E::Country),
            (local("US", "110000001", "000123456789"), E::RoutingNumber),
            (local("US", "11000000", "000123456789"), E::RoutingNumber),
            (local("GB", "10", "00012345"), E::RoutingNumber),
            (local("GB", "10880a", "00012345"), E::RoutingNumber),
            (local("US", "110000000", "6789"), E::AccountNumber),
            (local("US", "110000000", "0001-2345"), E::AccountNumber),
        ] {
            assert_eq!(data.check(MethodType::BankAccount), Err(wanted));
        }
    }

    #[test]
    fn one_account_has_one_identity_however_it_is_written_and_prints_nothing() {
        let (one, other) = (iban("DE89370400440532013000", None), iban("de89 3704 0044 0532 0130 00", None));
        assert_eq!(one.identity().expose_secret(), other.identity().expose_secret());
        let printed = format!("{one:?}");
        assert!(!printed.contains("3704") && !printed.contains("Ada"), "{printed}");
    }
}
