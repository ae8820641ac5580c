//! An engine with one table. It stands for the library of your engine, and knows nothing of belay.
//!
//! A database is a file of INSERT statements. It is read completely, changed in memory, and written completely. The
//! statements; X is 'text', NULL or ?:
//!
//!     SELECT key, value FROM entry [WHERE key = X]
//!     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
//!     DELETE FROM entry

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::raw::c_int;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::io::AsRawFd;
use std::path::{Path, PathBuf};

pub enum EngineError {
    /// The byte from which on a statement cannot be parsed.
    Wrong(usize),
    /// A key is NULL, or exists already.
    Conflict,
    /// There are fewer values than ?.
    Parameter,
    Missing(PathBuf),
    /// The file contains something else.
    Damaged(PathBuf),
    /// Somebody else is writing.
    Locked(PathBuf),
    /// The file cannot be read or written, and is unchanged.
    Io(PathBuf, io::Error),
    /// The file was written, but a power failure may undo it.
    Unsynced(PathBuf),
}

type Row = (Vec<u8>, Option<Vec<u8>>);

/// The rows of a file, in its order.
#[derive(Default)]
pub struct Entries {
    pub rows: Vec<Row>,
    keys: HashSet<Vec<u8>>,
}

impl Entries {
    // ---- The statements ----

    /// Runs any number of statements, up to the first that fails.
    /// - values: those of each ?, in order.
    /// - check: called before each statement; may fail.
    /// Returns the rows changed by the last one.
    pub fn run<E: From<EngineError>>(
        &mut self, sql: &[u8], values: &[Option<&[u8]>], check: impl Fn() -> Result<(), E>,
    ) -> Result<i64, E> {
        let mut words = Words { sql, at: 0, values: values.iter() };
        let mut changed = 0;
        while !words.is_at_end() {
            check()?;
            let before = self.rows.len();
            if words.take("INSERT INTO entry ( key , value ) VALUES") {
                self.insert(&mut words)?;
                while words.take(",") {
                    self.insert(&mut words)?;
                }
            } else if words.take("DELETE FROM entry") {
                *self = Entries::default();
            } else {
                return Err(words.wrong().into());
            }
            words.end_statement()?;
            changed = self.rows.len().abs_diff(before) as i64;
        }
        Ok(changed)
    }

    fn insert(&mut self, words: &mut Words) -> Result<(), EngineError> {
        words.expect("(")?;
        let key = words.value()?;
        words.expect(",")?;
        let value = words.value()?;
        words.expect(")")?;
        let key = key.ok_or(EngineError::Conflict)?;
        if !self.keys.insert(key.clone()) {
            return Err(EngineError::Conflict);
        }
        self.rows.push((key, value));
        Ok(())
    }

    /// The rows that a query asks for.
    pub fn select(&self, sql: &[u8], values: &[Option<&[u8]>]) -> Result<Vec<(&[u8], &Option<Vec<u8>>)>, EngineError> {
        let mut words = Words { sql, at: 0, values: values.iter() };
        words.expect("SELECT key , value FROM entry")?;
        let wanted = if words.take("WHERE key =") { Some(words.value()?) } else { None };
        words.end_statement()?;
        // Nothing equals NULL.
        let fits = |key: &Vec<u8>| wanted.as_ref().map_or(true, |wanted| wanted.as_ref() == Some(key));
        Ok(self.rows.iter().filter(|row| fits(&row.0)).map(|row| (row.0.as_slice(), &row.1)).collect())
    }

    // ---- The file ----

    pub fn load(path: &Path) -> Result<Entries, EngineError> {
        let text = fs::read(path).map_err(|error| unreadable(path, error))?;
        let mut all = Entries::default();
        all.run::<EngineError>(&text, &[], || Ok(())).map_err(|error| match error {
            EngineError::Wrong(_) | EngineError::Parameter => EngineError::Damaged(path.into()),
            other => other,
        })?;
        Ok(all)
    }

    /// Writes a new file beside the old one, syncs it, renames it over the old one, and syncs the folder.
    pub fn save(&self, path: &Path) -> Result<(), EngineError> {
        let new = beside(path, ".new");
        let written = self.write(&new).and_then(|_| fs::rename(&new, path));
        if let Err(error) = written {
            // It is reported why it was not written; that it stays does no harm.
            let _ = fs::remove_file(&new);
            return Err(EngineError::Io(new, error));
        }
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|_| EngineError::Unsynced(path.into()))
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(File::create(path)?);
        for (key, value) in &self.rows {
            file.write_all(b"INSERT INTO entry (key, value) VALUES (")?;
            file.write_all(&quoted(key))?;
            file.write_all(b", ")?;
            file.write_all(&value.as_deref().map_or(b"NULL".to_vec(), quoted))?;
            file.write_all(b");\n")?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    }
}

/// Whether a statement is one that writes.
pub fn writes(sql: &[u8]) -> bool {
    let mut words = Words { sql, at: 0, values: [].iter() };
    words.take("INSERT INTO entry") || words.take("DELETE FROM entry")
}

/// The path that a file has whatever folder one is in.
pub fn locate(path: &str, create: bool) -> Result<PathBuf, EngineError> {
    let failed = |error| unreadable(Path::new(path), error);
    if create {
        OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    }
    fs::canonicalize(path).map_err(failed)
}

/// Keeps other writers out until it is dropped.
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would keep the lock if a child was just forked.
        unsafe { flock(self.0.as_raw_fd(), 8) };
    }
}

pub fn lock(path: &Path) -> Result<Lock, EngineError> {
    let name = beside(path, ".lock");
    let file = OpenOptions::new().create(true).append(true).open(&name).map_err(|error| unreadable(&name, error))?;
    // LOCK_EX | LOCK_NB
    if unsafe { flock(file.as_raw_fd(), 2 | 4) } != 0 {
        return Err(EngineError::Locked(path.into()));
    }
    Ok(Lock(file))
}

extern "C" {
    fn flock(descriptor: c_int, operation: c_int) -> c_int;
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned().into_vec();
    name.extend(suffix.as_bytes());
    std::ffi::OsString::from_vec(name).into()
}

fn unreadable(path: &Path, error: io::Error) -> EngineError {
    match error.kind() {
        io::ErrorKind::NotFound => EngineError::Missing(path.into()),
        _ => EngineError::Io(path.into(), error),
    }
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in text {
        if byte == b'\'' {
            quoted.push(byte);
        }
        quoted.push(byte);
    }
    quoted.push(b'\'');
    quoted
}

/// A text of statements, and how far it has been read.
struct Words<'a> {
    sql: &'a [u8],
    at: usize,
    values: std::slice::Iter<'a, Option<&'a [u8]>>,
}

impl Words<'_> {
    fn is_at_end(&mut self) -> bool {
        let space = self.sql[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += space;
        self.at == self.sql.len()
    }

    /// Skips these words if they come next, each with or without double quotes.
    fn take(&mut self, words: &str) -> bool {
        let start = self.at;
        let all = words.split(' ').all(|word| self.take_word(word.as_bytes()));
        if !all {
            self.at = start;
        }
        all
    }

    fn take_word(&mut self, word: &[u8]) -> bool {
        if self.is_at_end() {
            return false;
        }
        let rest = &self.sql[self.at..];
        let quote = usize::from(rest[0] == b'"');
        let behind = quote + word.len();
        if rest.len() < behind + quote || !rest[quote..behind].eq_ignore_ascii_case(word) {
            return false;
        }
        if quote == 1 && rest[behind] != b'"' {
            return false;
        }
        let goes_on = rest.get(behind).map_or(false, u8::is_ascii_alphanumeric);
        if quote == 0 && word[0].is_ascii_alphabetic() && goes_on {
            return false;
        }
        self.at += behind + quote;
        true
    }

    fn expect(&mut self, words: &str) -> Result<(), EngineError> {
        if self.take(words) {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }

    fn end_statement(&mut self) -> Result<(), EngineError> {
        if self.take(";") || self.is_at_end() {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }

    /// 'text', NULL or the next of the values.
    fn value(&mut self) -> Result<Option<Vec<u8>>, EngineError> {
        if self.take("NULL") {
            return Ok(None);
        }
        if self.take("?") {
            let value = self.values.next().ok_or(EngineError::Parameter)?;
            return Ok(value.map(<[u8]>::to_vec));
        }
        self.expect("'")?;
        let mut text = Vec::new();
        loop {
            match (self.sql.get(self.at), self.sql.get(self.at + 1)) {
                (Some(b'\''), Some(b'\'')) => {
                    text.push(b'\'');
                    self.at += 2;
                }
                (Some(b'\''), _) => {
                    self.at += 1;
                    return Ok(Some(text));
                }
                (Some(&byte), _) => {
                    text.push(byte);
                    self.at += 1;
                }
                (None, _) => return Err(self.wrong()),
            }
        }
    }

    fn wrong(&self) -> EngineError {
        EngineError::Wrong(self.at)
    }
}
