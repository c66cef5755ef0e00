//! Saferpay's rules of stored cards.

use serde_json::{Value, json};

use crate::rules::{Ruled, Saferpay, error, is_id, refused};
use crate::standin::{only, text};

impl Saferpay {
    pub(crate) fn store(&mut self, body: &Value) -> Ruled {
        only(body, &["RegisterAlias", "PaymentMeans"])?;
        only(&body["RegisterAlias"], &["IdGenerator", "Id"])?;
        if body["RegisterAlias"]["IdGenerator"] != "MANUAL" {
            return Err("IdGenerator".into());
        }
        let id = is_id(text(&body["RegisterAlias"], "Id")?, 40)?;
        let card = &body["PaymentMeans"]["Card"];
        only(card, &["Number", "ExpYear", "ExpMonth", "HolderName", "VerificationCode"])?;
        let number = text(card, "Number")?;
        if !number.ends_with("1111") {
            return Ok((400, error("VALIDATION_FAILED")));
        }
        let mut shown = means("411111xxxxxx1111");
        shown["Card"]["ExpYear"] = card["ExpYear"].clone();
        shown["Card"]["ExpMonth"] = card["ExpMonth"].clone();
        let answer = json!({"Alias": {"Id": id, "Lifetime": 1000}, "PaymentMeans": shown});
        self.aliases.insert(id, answer.clone());
        Ok((200, answer))
    }

    pub(crate) fn stored(&self, body: &Value) -> Ruled {
        only(body, &["AliasId"])?;
        let found = self.aliases.get(text(body, "AliasId")?);
        Ok(found.map_or_else(|| refused("ALIAS_INVALID"), |answer| (200, answer.clone())))
    }
}

pub(crate) fn means(masked: &str) -> Value {
    json!({"Brand": {"PaymentMethod": "VISA", "Name": "VISA Saferpay Test"}, "DisplayText": "xxxx xxxx xxxx 1111",
        "Card": {"MaskedNumber": masked, "ExpYear": 2040, "ExpMonth": 4, "CountryCode": "CH"}})
}

pub(crate) fn alias(body: &Value) -> Result<String, String> {
    only(&body["PaymentMeans"], &["Alias"])?;
    only(&body["PaymentMeans"]["Alias"], &["Id"])?;
    is_id(text(&body["PaymentMeans"]["Alias"], "Id")?, 40)
}
