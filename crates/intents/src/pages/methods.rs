//! How ways to pay are called.

use super::views::MethodView;

/// What people call a method; of one that is not known here its name, as a word.
pub(super) fn shown_name(method: &str) -> String {
    match method {
        "ideal" => "iDEAL".to_owned(),
        "paypal" => "PayPal".to_owned(),
        "blik" => "BLIK".to_owned(),
        "eps" => "EPS".to_owned(),
        "p24" => "Przelewy24".to_owned(),
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
        }
    }
}

/// As the page offers them.
pub(super) fn offered(methods: Vec<String>) -> Vec<MethodView> {
    let view = |name: String| MethodView { shown: shown_name(&name), name };
    let mut views: Vec<_> = methods.into_iter().map(view).collect();
    views.sort_by_key(|view| view.shown.to_lowercase());
    views
}
