//! The doors of crates and modules: lib.rs and mod.rs say what is inside and hold nothing else.

use syn::Item;

use super::sources::Source;
use crate::violation::Violation;

/// Items in lib.rs and mod.rs that are neither `mod` nor `use`, and a lib.rs that does not introduce its crate.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    sources.iter().flat_map(check_file).collect()
}

fn check_file(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    let name = source.file_name();
    if name == "lib.rs" && !source.text.starts_with("//!") {
        found.push(Violation::new(
            &source.path,
            "does not begin with //!",
            "open it with what lives here, what never does, and how to add one",
        ));
    }
    if name != "lib.rs" && name != "mod.rs" {
        return found;
    }
    match syn::parse_file(&source.text) {
        Ok(file) => {
            let kinds: Vec<_> = file.items.iter().filter_map(refused).collect();
            if !kinds.is_empty() {
                found.push(Violation::new(
                    &source.path,
                    format!("holds {}", kinds.join(", ")),
                    "lib.rs and mod.rs hold documentation, `mod` and `use` only: move it to a file named for it",
                ));
            }
        }
        Err(error) => found.push(Violation::new(
            &source.path,
            format!("cannot be read as Rust: {error}"),
            "mend it; cargo check tells more",
        )),
    }
    found
}

/// What is wrong with an item, if anything.
fn refused(item: &Item) -> Option<String> {
    match item {
        Item::Use(_) | Item::ExternCrate(_) => None,
        // A module written out in place is a door too, so the same holds inside.
        Item::Mod(module) => {
            let inside = &module.content.as_ref()?.1;
            inside.iter().find_map(refused).map(|kind| format!("mod {} with {kind}", module.ident))
        }
        Item::Fn(function) => Some(format!("fn {}", function.sig.ident)),
        Item::Impl(_) => Some("an impl".to_owned()),
        Item::Struct(item) => Some(format!("struct {}", item.ident)),
        Item::Enum(item) => Some(format!("enum {}", item.ident)),
        Item::Trait(item) => Some(format!("trait {}", item.ident)),
        Item::Const(item) => Some(format!("const {}", item.ident)),
        Item::Static(item) => Some(format!("static {}", item.ident)),
        Item::Type(item) => Some(format!("type {}", item.ident)),
        Item::Macro(_) => Some("a macro".to_owned()),
        _ => Some("an item".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        check(&[source]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn documentation_modules_and_uses_pass() {
        let text = "//! What lives here.\n#![warn(x)]\nmod a;\n#[cfg(test)]\nmod tests;\npub use a::A;\n\
                    pub mod prelude {\n    pub use super::A;\n}\n";
        assert_eq!(check_text("crates/a/src/lib.rs", text), [""; 0]);
    }

    #[test]
    fn code_in_a_door_is_told_by_name() {
        let told = check_text("a/mod.rs", "mod b;\npub struct C;\nimpl C {}\nasync fn d() {}\n");
        assert!(told[0].contains("struct C, an impl, fn d"), "{told:?}");
    }

    #[test]
    fn code_in_a_module_written_in_place_is_told() {
        let told = check_text("a/mod.rs", "mod tests {\n    fn x() {}\n}\n");
        assert!(told[0].contains("mod tests with fn x"), "{told:?}");
    }

    #[test]
    fn a_crate_without_introduction_is_told() {
        let told = check_text("crates/a/src/lib.rs", "mod b;\n");
        assert!(told[0].contains("does not begin with //!"), "{told:?}");
    }

    #[test]
    fn other_files_may_hold_anything() {
        assert_eq!(check_text("a/b.rs", "fn x() {}\n"), [""; 0]);
    }
}
