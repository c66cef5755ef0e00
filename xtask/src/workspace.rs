//! The workspace as the checks see it: crates, what they name, what programs they make.

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::Context;
use cargo_metadata::{DependencyKind, MetadataCommand};

/// The whole workspace, read from cargo's own description of it.
pub(crate) struct Workspace {
    /// The repository's folder.
    pub(crate) root: PathBuf,
    /// Every member.
    pub(crate) crates: Vec<Crate>,
}

/// One member of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Crate {
    /// Its package name, for instance `tender-intents`.
    pub(crate) name: String,
    /// The packages it names for normal use or for its build script. What only its tests name is not here.
    pub(crate) names: BTreeSet<String>,
    /// The programs it makes.
    pub(crate) programs: BTreeSet<String>,
}

impl Workspace {
    /// Asks cargo, without resolving dependencies: needs neither the registry nor cargo's lock.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo metadata failed")?;
        let crates = metadata
            .packages
            .iter()
            .map(|package| Crate {
                name: package.name.to_string(),
                names: package
                    .dependencies
                    .iter()
                    .filter(|dependency| dependency.kind != DependencyKind::Development)
                    .map(|dependency| dependency.name.clone())
                    .collect(),
                programs: package
                    .targets
                    .iter()
                    .filter(|target| target.is_bin())
                    .map(|target| target.name.clone())
                    .collect(),
            })
            .collect();
        Ok(Self { root: metadata.workspace_root.into_std_path_buf(), crates })
    }

    /// All programs of all members.
    pub(crate) fn programs(&self) -> BTreeSet<&str> {
        self.crates.iter().flat_map(|member| member.programs.iter().map(String::as_str)).collect()
    }
}
