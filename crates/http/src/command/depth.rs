//! How deep JSON nests, without recursion and before anything parses it.

/// Whether no array or object lies deeper than `limit` levels. Text that is not JSON gets an answer too; the parser
/// refuses it afterwards.
pub(super) fn nests_at_most(json: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > limit {
                    return false;
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_within_strings_do_not_nest() {
        assert!(nests_at_most(br#"{"a":"[[[[\"[[[[\\","b":[1]}"#, 2));
        assert!(!nests_at_most(br#"{"a":"\\","b":[[1]]}"#, 2));
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
        assert!(nests_at_most(&nested(64), 64));
        assert!(!nests_at_most(&nested(65), 64));
        assert!(!nests_at_most(&b"[".repeat(1_000_000), 64));
    }
}
