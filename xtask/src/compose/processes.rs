//! The list of processes, deploy/env/processes.

use std::collections::BTreeSet;

use crate::violation::Violation;

/// Where the list is.
pub(super) const PATH: &str = "deploy/env/processes";

/// One process of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    /// Its name: that of its settings file, its container and its log.
    pub(super) name: String,
    /// Program and arguments.
    pub(super) command: Vec<String>,
}

/// Reads the list.
pub(super) fn parse(text: &str) -> Vec<Process> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Process { name: words.next().unwrap_or_default(), command: words.collect() }
        })
        .collect()
}

/// Processes named twice, and programs that no crate of the workspace makes.
pub(super) fn check(processes: &[Process], programs: &BTreeSet<&str>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for process in processes {
        if !names.insert(&process.name) {
            found.push(Violation::new(
                PATH,
                format!("{} is there twice", process.name),
                "keep one of the lines",
            ));
        }
        match process.command.first() {
            None => found.push(Violation::new(
                PATH,
                format!("{} has no program", process.name),
                "write: name program arguments",
            )),
            Some(program) if !programs.contains(program.as_str()) => found.push(Violation::new(
                PATH,
                format!("{} runs {program}, which no crate of the workspace makes", process.name),
                format!("add [[bin]] name = \"{program}\" to the crate that makes it, or mend the name"),
            )),
            Some(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_known_programs_passes() {
        let processes = parse("# order matters\nsimulator tender simulator\nvault tender-vault\n");
        assert_eq!(processes[0].command, ["tender", "simulator"]);
        assert_eq!(check(&processes, &BTreeSet::from(["tender", "tender-vault"])), []);
    }

    #[test]
    fn doubles_and_unknown_programs_are_told() {
        let processes = parse("vault tender-vault\nvault tender-vaul\nrefunds\n");
        assert_eq!(check(&processes, &BTreeSet::from(["tender-vault"])).len(), 3);
    }
}
