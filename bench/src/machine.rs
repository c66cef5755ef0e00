//! What the machine is, for the page that is read elsewhere.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

/// Lines that describe the machine.
pub(crate) fn describe() -> Vec<(&'static str, String)> {
    let cpu = first_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = first_value("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kilobytes: u64 = memory.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    vec![
        ("processor", format!("{cpu}, {cores} cores")),
        ("memory", format!("{} GiB", kilobytes / 1024 / 1024)),
        ("kernel", said("uname", &["-sr"])),
        ("compiler", said("rustc", &["--version"])),
    ]
}

/// The first line of what a program says; empty when it cannot be run.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn first_value(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The CPU time that a process has used, by its folder in `/proc`.
pub(crate) fn cpu_time(process: impl AsRef<Path>) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(process.as_ref().join("stat"))?;
    let fields = after_name(&stat).context("a process without a name")?;
    let ticks: u64 = fields[UTIME].parse::<u64>()? + fields[UTIME + 1].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * TICK_MILLIS))
}

/// The CPU time that the living children of a process have used.
pub(crate) fn cpu_time_of_children(parent: u32) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for process in fs::read_dir("/proc")?.flatten() {
        // What ended meanwhile is not counted.
        let Ok(stat) = fs::read_to_string(process.path().join("stat")) else { continue };
        let is_child = after_name(&stat).is_some_and(|fields| fields[PPID].parse() == Ok(parent));
        if is_child {
            sum += cpu_time(process.path()).unwrap_or_default();
        }
    }
    Ok(sum)
}

/// Places in what follows a process's name in its `stat`.
const PPID: usize = 1;
const UTIME: usize = 11;
/// A tick of `stat` on every Linux that there is.
const TICK_MILLIS: u64 = 10;

fn after_name(stat: &str) -> Option<Vec<&str>> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (fields.len() > UTIME + 1).then_some(fields)
}
