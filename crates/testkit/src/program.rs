use std::process::Command;

/// Asserts that a service's program, by itself, says what it is for, and without a database what it lacks.
///
/// # Panics
/// When it does not, or cannot be run.
pub fn assert_program_explains_itself(program: &str, service: &str) {
    let help = Command::new(program).arg("--help").env_clear().output().expect("the program can be run");
    let said = String::from_utf8_lossy(&help.stdout);
    assert!(help.status.success() && said.contains(&format!("Usage: tender-{service}")), "{said}");

    let bare = Command::new(program).env_clear().output().expect("the program can be run");
    let said = String::from_utf8_lossy(&bare.stderr);
    assert!(!bare.status.success(), "it ran without a database: {said}");
    assert!(said.contains("TENDER__DATABASE__URL"), "it does not say what it lacks: {said}");
}
