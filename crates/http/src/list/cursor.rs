//! Cursors as clients see them: opaque, and as good as the id of a row.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tender_domain::kernel::{Cursor, Direction, IdKind, IntentId, IntentKind};
use uuid::Uuid;

const OLDER: u8 = b'o';
const NEWER: u8 = b'n';

/// The text of `next_cursor`: where to go on, and which way.
pub(super) fn encode(cursor: Cursor, direction: Direction) -> String {
    let mut bytes = [0_u8; 17];
    bytes[0] = if direction == Direction::Newer { NEWER } else { OLDER };
    bytes[1..].copy_from_slice(cursor.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<(Cursor, Direction)> {
    let bytes: [u8; 17] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let direction = match bytes[0] {
        OLDER => Direction::Older,
        NEWER => Direction::Newer,
        _ => return None,
    };
    let id: [u8; 16] = bytes[1..].try_into().ok()?;
    Some((Cursor(Uuid::from_bytes(id)), direction))
}

/// The cursor at the row with this id, of whatever kind: the list knows its kind, a foreign id finds its place in
/// time. A cursor is taken too.
pub(super) fn at_row(text: &str) -> Option<Cursor> {
    if let Some((_prefix, suffix)) = text.rsplit_once('_') {
        // Read as an intent's: the suffix is the same for every kind.
        let id: Result<IntentId, _> = format!("{}_{suffix}", IntentKind::PREFIX).parse();
        return id.ok().map(|id| Cursor(id.uuid())).or_else(|| decode(text).map(|(cursor, _)| cursor));
    }
    decode(text).map(|(cursor, _)| cursor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(bits in any::<u128>(), newer in any::<bool>()) {
            let cursor = Cursor(Uuid::from_u128(bits));
            let direction = if newer { Direction::Newer } else { Direction::Older };
            let text = encode(cursor, direction);
            prop_assert_eq!(decode(&text), Some((cursor, direction)));
            prop_assert_eq!(at_row(&text), Some(cursor));
            prop_assert_eq!(at_row(&IntentId::from_uuid(cursor.0).to_string()), Some(cursor));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = at_row(&text);
        }
    }
}
