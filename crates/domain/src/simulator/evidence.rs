//! What the simulated gateway takes as evidence.

use crate::disputes::EvidenceFile;

/// The most bytes of all files of one answer together: they are sent to it in one body.
const FILES_BYTES_MAX: u64 = 512 * 1024;

/// Whether the simulator takes these files, and why not.
///
/// # Errors
/// When they are too large; in words for a person.
pub fn admit_files(files: &[EvidenceFile]) -> Result<(), String> {
    let size = files.iter().fold(0_u64, |size, one| size.saturating_add(one.file.size));
    match size <= FILES_BYTES_MAX {
        true => Ok(()),
        false => {
            Err(format!("the simulated gateway takes at most {FILES_BYTES_MAX} bytes of files together"))
        }
    }
}
