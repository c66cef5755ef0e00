//! All checks of the deployment files, one after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::Context;

use super::{
    broker, compose_file, containers, edge, env_file::EnvFile, image, processes, processes::Process, settings,
};
use crate::{violation::Violation, workspace::Workspace};

const FOLDER: &str = "deploy/env";

/// Every disagreement between the deployment files.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Vec<Violation>> {
    let root = &workspace.root;
    let processes = processes::parse(&read(root, processes::PATH)?);
    let containers = compose_file::parse(&read(root, "docker-compose.yml")?)?;
    let (files, mut found) = read_env_files(root)?;
    found.extend(processes::check(&processes, &workspace.programs()));
    found.extend(check_file_names(&processes, &files));

    let nothing_given = BTreeMap::new();
    let common = files.get("common").cloned().unwrap_or_default();
    let variables: BTreeMap<String, _> = files
        .iter()
        .filter(|(name, _)| *name != "common")
        .map(|(name, own)| (name.clone(), settings::of_process(&common, own, &nothing_given)))
        .collect();
    found.extend(variables.iter().filter_map(|(name, variables)| settings::check_accepted(name, variables)));
    found.extend(settings::check_ports(&processes, &variables));

    let ports: BTreeMap<String, String> = variables
        .iter()
        .filter_map(|(name, variables)| Some((name.clone(), variables.get("TENDER__HTTP__PORT")?.clone())))
        .collect();
    found.extend(containers::check(&processes, &ports, &containers));
    for process in &processes {
        let mut placeholders = common.placeholders();
        placeholders.extend(files.get(&process.name).map(EnvFile::placeholders).unwrap_or_default());
        found.extend(containers::check_hosts(process, &placeholders, &containers));
    }

    let kafka = containers.get("kafka").cloned().unwrap_or_default();
    let pom = read(root, "deploy/local/kafka/pom.xml")?;
    found.extend(broker::check(&pom, &read(root, "deploy/local/kafka/server.properties.in")?, &kafka));
    let edge = containers.get("edge").cloned().unwrap_or_default();
    found.extend(edge::check(&read(root, edge::PATH)?, &edge, &ports, &containers));
    found.extend(image::check(&read(root, "deploy/docker/Dockerfile")?, &processes));
    found.extend(check_scripts(root)?);
    Ok(found)
}

fn read(root: &Path, path: &str) -> anyhow::Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}

fn read_env_files(root: &Path) -> anyhow::Result<(BTreeMap<String, EnvFile>, Vec<Violation>)> {
    let mut files = BTreeMap::new();
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER)).with_context(|| format!("cannot list {FOLDER}"))? {
        let file_name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(name) = file_name.strip_suffix(".env") {
            let path = format!("{FOLDER}/{file_name}");
            let (file, mistakes) = EnvFile::parse(&path, &read(root, &path)?);
            files.insert(name.to_owned(), file);
            found.extend(mistakes);
        }
    }
    Ok((files, found))
}

/// Each process has its file, and each file its process; beside them only what all share and the migration.
fn check_file_names(processes: &[Process], files: &BTreeMap<String, EnvFile>) -> Vec<Violation> {
    let mut wanted: BTreeSet<&str> = processes.iter().map(|process| process.name.as_str()).collect();
    wanted.extend(["common", "migrate"]);
    let there: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    let missing = wanted.difference(&there).map(|name| {
        Violation::new(format!("{FOLDER}/{name}.env"), "is not there", "write it beside the others")
    });
    let unknown = there.difference(&wanted).map(|name| {
        Violation::new(
            format!("{FOLDER}/{name}.env"),
            "belongs to no process",
            "add the process to deploy/env/processes, or delete the file",
        )
    });
    missing.chain(unknown).collect()
}

/// The local set-up takes its processes from the list and keeps none of its own.
fn check_scripts(root: &Path) -> anyhow::Result<Vec<Violation>> {
    let mut found = Vec::new();
    for script in ["deploy/local/up.sh", "deploy/local/down.sh", "deploy/local/status.sh"] {
        if !read(root, script)?.contains("< <(processes") {
            found.push(Violation::new(
                script,
                "does not take the processes from deploy/env/processes",
                "read them with the function `processes` of deploy/local/lib.sh",
            ));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_processes_must_match() {
        let processes = processes::parse("vault tender-vault\n");
        let files =
            |names: &[&str]| names.iter().map(|&name| (name.to_owned(), EnvFile::default())).collect();
        assert_eq!(check_file_names(&processes, &files(&["common", "migrate", "vault"])), []);
        assert_eq!(check_file_names(&processes, &files(&["common", "migrate", "vaults"])).len(), 2);
    }
}
