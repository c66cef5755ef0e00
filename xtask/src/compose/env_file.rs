//! The settings files of deploy/env, read as deploy/env/with-env.sh reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::violation::Violation;

/// One settings file: variables with their values, placeholders not yet replaced.
#[derive(Debug, Clone, Default)]
pub(super) struct EnvFile {
    pub(super) variables: BTreeMap<String, String>,
}

impl EnvFile {
    /// Reads a file's text; what is wrong with it is told under the name `path`.
    pub(super) fn parse(path: &str, text: &str) -> (Self, Vec<Violation>) {
        let mut file = Self::default();
        let mut found = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{path}:{}", index + 1);
            match parse_line(line) {
                Err(problem) => {
                    found.push(Violation::new(place, problem, "write TENDER__SECTION__KEY=value"));
                }
                Ok((key, value)) => {
                    if file.variables.insert(key.to_owned(), value.to_owned()).is_some() {
                        found.push(Violation::new(
                            place,
                            format!("{key} is set twice"),
                            "keep one of the lines",
                        ));
                    }
                }
            }
        }
        (file, found)
    }

    /// The names of all placeholders.
    pub(super) fn placeholders(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for value in self.variables.values() {
            // Values were checked when the file was read, so this cannot fail any more.
            let _ = expand(value, |name| {
                names.insert(name.to_owned());
                None
            });
        }
        names
    }

    /// All variables with placeholders replaced by `given`, or by their defaults.
    pub(super) fn expanded(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.variables
            .iter()
            .filter_map(|(key, value)| {
                let value = expand(value, |name| given.get(name).cloned()).ok()?;
                Some((key.clone(), value))
            })
            .collect()
    }
}

fn parse_line(line: &str) -> Result<(&str, &str), String> {
    let (key, value) = line.split_once('=').ok_or("is no KEY=VALUE")?;
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !key.starts_with("TENDER__") || !is_name(key) {
        return Err(format!("{key} is no name of a setting of Tender"));
    }
    expand(value, |_| None)?;
    Ok((key, value))
}

/// Replaces `${NAME:-default}` and `${NAME}` by what `given` says of the name, else by the default, else by nothing.
pub(super) fn expand(value: &str, mut given: impl FnMut(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, behind) =
            after.split_once('}').ok_or_else(|| format!("${{{after} has no closing bracket"))?;
        let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(format!("${{{inside}}} is no placeholder; write ${{NAME}} or ${{NAME:-default}}"));
        }
        expanded.push_str(before);
        expanded
            .push_str(&given(name).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned()));
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_take_what_is_given_or_their_default() {
        let (file, found) = EnvFile::parse(
            "x.env",
            "# a comment\n\nTENDER__A__URL=pg://${HOST:-127.0.0.1}:${PORT:-5433}/x\nTENDER__B=\n",
        );
        assert_eq!(found, []);
        let given = BTreeMap::from([("HOST".to_owned(), "db".to_owned())]);
        assert_eq!(file.expanded(&given)["TENDER__A__URL"], "pg://db:5433/x");
        assert_eq!(file.expanded(&given)["TENDER__B"], "");
        assert_eq!(file.placeholders(), BTreeSet::from(["HOST".to_owned(), "PORT".to_owned()]));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = "TENDER__A=1\nTENDER__A=2\nPATH=/x\nnonsense\nTENDER__C=${lower}\nTENDER__D=${OPEN\n";
        let (_, found) = EnvFile::parse("x.env", text);
        let told: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert!(told[0].starts_with("x.env:2: TENDER__A is set twice"), "{told:?}");
        assert!(told[4].starts_with("x.env:6: ${OPEN has no closing bracket"), "{told:?}");
    }
}
