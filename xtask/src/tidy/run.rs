//! All house rules, one after the other.

use std::fs;

use anyhow::Context;

use super::{arrows, doors, drivers, sizes, sources, time};
use crate::{violation::Violation, workspace::Workspace};

/// Every broken house rule of the workspace.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Vec<Violation>> {
    let sources = sources::read_all(&workspace.root)?;
    let allow_list = fs::read_to_string(workspace.root.join(sizes::ALLOW_FILE))
        .with_context(|| format!("cannot read {}", sizes::ALLOW_FILE))?;
    let mut found = arrows::check(&workspace.crates);
    found.extend(drivers::check(&workspace.crates));
    found.extend(sizes::check(&sources, &allow_list));
    found.extend(doors::check(&sources));
    found.extend(time::check(&sources));
    Ok(found)
}
