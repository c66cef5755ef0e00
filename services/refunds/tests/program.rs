//! The program by itself.

use tender_testkit::assert_program_explains_itself;

#[test]
fn the_program_says_what_it_is_for_and_what_it_lacks() {
    assert_program_explains_itself(env!("CARGO_BIN_EXE_tender-refunds"), "refunds");
}
