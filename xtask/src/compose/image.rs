//! The Dockerfile: it holds every program, the settings files, and does not run as root.

use std::collections::BTreeSet;

use super::processes::Process;
use crate::violation::Violation;

const PATH: &str = "deploy/docker/Dockerfile";

/// Programs that are not copied, missing settings files, and a last stage that runs as root.
pub(super) fn check(dockerfile: &str, processes: &[Process]) -> Vec<Violation> {
    let mut found = Vec::new();
    let words: BTreeSet<&str> = dockerfile.split_whitespace().collect();
    let programs: BTreeSet<&String> =
        processes.iter().filter_map(|process| process.command.first()).collect();
    for program in programs {
        if !words.contains(format!("target/release/{program}").as_str()) {
            found.push(Violation::new(
                PATH,
                format!("does not copy target/release/{program}"),
                "deploy/env/processes starts it, so the image must hold it",
            ));
        }
    }
    if !dockerfile.lines().any(|line| line.starts_with("COPY deploy/env/ /opt/tender/env/")) {
        found.push(Violation::new(
            PATH,
            "does not copy the settings files",
            "COPY deploy/env/ /opt/tender/env/, where docker-compose.yml looks for them",
        ));
    }
    let last_stage = dockerfile.rsplit("\nFROM ").next().unwrap_or(dockerfile);
    let user = last_stage.lines().filter_map(|line| line.strip_prefix("USER ")).next_back();
    if matches!(user.map(str::trim), None | Some("root" | "0")) {
        found.push(Violation::new(PATH, "runs as root", "end the last stage with a USER that is not root"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::processes;

    const GOOD: &str = "FROM rust AS build\nRUN install target/release/tender-vault /p\nFROM debian\n\
                        COPY deploy/env/ /opt/tender/env/\nUSER tender\n";

    fn told(dockerfile: &str) -> usize {
        check(dockerfile, &processes::parse("vault tender-vault\n")).len()
    }

    #[test]
    fn an_image_with_all_programs_and_a_plain_user_passes() {
        assert_eq!(told(GOOD), 0);
    }

    #[test]
    fn what_lacks_is_told() {
        assert_eq!(told(&GOOD.replace("tender-vault", "tender-vau")), 1);
        assert_eq!(told(&GOOD.replace("COPY", "ADD")), 1);
        assert_eq!(told(&GOOD.replace("USER tender", "USER root")), 1);
        assert_eq!(told(&GOOD.replace("USER tender\n", "")), 1);
        assert_eq!(
            told(
                &GOOD.replace("FROM debian", "USER tender\nFROM debian").replace("env/\nUSER tender", "env/")
            ),
            1
        );
    }
}
