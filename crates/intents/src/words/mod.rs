//! What people read, in their language.
//!
//! **How to translate.** Copy `en.rs`, translate the texts and leave what is in braces, and name the file in
//! `language.rs` and here.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod language;
mod nl;
mod table;

pub(crate) use language::{fill, words_for};
pub(crate) use table::Words;
