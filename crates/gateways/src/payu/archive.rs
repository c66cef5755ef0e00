//! The archives that PayU's statements come in. Nothing that an archive says of itself is believed: not how much is in it.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::rest::REPORT_BYTES_MAX;

/// The most files of an archive that is opened.
const FILES_MAX: usize = 16;

/// The texts of the tables (`.csv`) in it.
///
/// # Errors
/// What is wrong with it, for people: also when its tables are larger together than a report may be.
pub(super) fn tables(bytes: &[u8]) -> Result<Vec<String>, String> {
    let bad = |error: zip::result::ZipError| format!("it is no archive that can be read: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    if archive.len() > FILES_MAX {
        return Err(format!("there are more than {FILES_MAX} files in it"));
    }
    // Of them only the last would be read.
    if archive.has_duplicate_names() {
        return Err("files of it have the same name".to_owned());
    }
    let (mut tables, mut room) = (Vec::new(), REPORT_BYTES_MAX);
    for place in 0..archive.len() {
        let name = archive.name_for_index(place).transpose().map_err(bad)?;
        if !name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".csv")) {
            continue;
        }
        let file = archive.by_index(place).map_err(bad)?;
        let (mut table, one_more) = (Vec::new(), room.saturating_add(1));
        let read = file.take(u64::try_from(one_more).unwrap_or(u64::MAX)).read_to_end(&mut table);
        read.map_err(|error| format!("it is damaged: {error}"))?;
        room = room
            .checked_sub(table.len())
            .ok_or_else(|| format!("it holds more than {REPORT_BYTES_MAX} bytes"))?;
        tables.push(String::from_utf8(table).map_err(|_| "its table is no text in UTF-8".to_owned())?);
    }
    if tables.is_empty() { Err("there is no table (.csv) in it".to_owned()) } else { Ok(tables) }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    /// An archive of these files.
    pub(in crate::payu) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            archive.start_file(*name, options).expect("it is begun");
            archive.write_all(bytes).expect("it is written");
        }
        archive.finish().expect("it is whole").into_inner()
    }

    #[test]
    fn its_tables_are_read_and_nothing_else() {
        let read = tables(&archive(&[("a.CSV", b"1"), ("b.pdf", b"\xff"), ("c/d.csv", "ł".as_bytes())]));
        assert_eq!(read, Ok(vec!["1".to_owned(), "ł".to_owned()]));
        for (bytes, why) in [
            (b"no archive".to_vec(), "no archive"),
            (Vec::new(), "nothing"),
            (archive(&[("b.pdf", b"x")]), "no table"),
            (archive(&[("a.csv", b"\xff\xfe")]), "no text"),
        ] {
            assert!(tables(&bytes).is_err(), "{why}");
        }
        let mut cut = archive(&[("a.csv", &[b'x'; 500])]);
        cut.truncate(cut.len() - 10);
        assert!(tables(&cut).is_err(), "cut off");
        let many: Vec<_> =
            ["a.csv"; FILES_MAX + 1].iter().enumerate().map(|(n, a)| format!("{n}{a}")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(tables(&archive(&many)).is_err(), "too many");
        assert!(tables(&archive(&many[1..])).is_ok());
    }

    #[test]
    fn of_two_tables_of_one_name_none_is_lost() {
        let mut twice = archive(&[("a.csv", b"1"), ("b.csv", b"2")]);
        let places: Vec<_> =
            (0..twice.len() - 5).filter(|place| twice[*place..].starts_with(b"b.csv")).collect();
        assert_eq!(places.len(), 2, "at the file and in the list of files");
        places.into_iter().for_each(|place| twice[place] = b'a');
        assert!(tables(&twice).is_err_and(|why| why.contains("same name")));
    }

    #[test]
    fn what_unpacks_to_more_than_is_read_is_not_unpacked() {
        let half = vec![b'0'; REPORT_BYTES_MAX / 2 + 1];
        let bomb = archive(&[("a.csv", &half), ("b.csv", &half)]);
        assert!(bomb.len() < REPORT_BYTES_MAX / 100, "it is small as it comes");
        assert!(tables(&bomb).is_err_and(|why| why.contains("more than")));
        assert!(tables(&archive(&[("a.csv", &half)])).is_ok());
    }
}
