//! A belay driver with only the mandatory core: a file of INSERT statements is a database with one table,
//!
//!     entry (key TEXT PRIMARY KEY, value TEXT)
//!
//! `entries.rs` reads and writes such files; it stands for the library of your engine. `border.rs` keeps panics, pointers
//! and codes out of this file. Start reading at the bottom, with the table of functions.

#[path = "belay_driver.rs"]
#[rustfmt::skip]
mod abi;
mod border;
mod entries;

use abi::*;
use border::{guarded, objects, options, parameters, text, Cell, Failure, Operation, RowWriter, Stopped};
use entries::{EngineError, Entries};
use std::path::PathBuf;

struct Connection {
    path: PathBuf,
    /// Lasts until close, as the text of `describe` must.
    identity: String,
    read_only: bool,
}

/// Translates the engine's failure into belay's codes. Files are replaced as a whole, so usually nothing was applied.
impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::Wrong(at) => Failure::new(BELAY_E_SQL, "cannot be parsed from here on").at(at),
            EngineError::Conflict => Failure::new(BELAY_E_CONSTRAINT, "a key must not be NULL or exist already"),
            EngineError::Parameter => Failure::new(BELAY_E_INVALID, "a parameter is missing"),
            EngineError::Missing(path) => Failure::new(BELAY_E_NOT_FOUND, format!("{} does not exist", path.display())),
            EngineError::Damaged(path) => Failure::new(
                BELAY_E_CORRUPT,
                format!("{} contains something other than INSERT statements", path.display()),
            ),
            EngineError::Locked(path) => {
                Failure::new(BELAY_E_BUSY, format!("somebody else is writing to {}", path.display()))
            }
            EngineError::Io(path, why) => Failure::new(BELAY_E_IO, format!("{}: {}", path.display(), why)),
            EngineError::Unsynced(path) => {
                Failure::new(BELAY_E_IO, format!("{} was written, but a power failure may undo it", path.display()))
                    .outcome(BELAY_APPLIED)
            }
        }
    }
}

impl From<EngineError> for Stopped {
    fn from(error: EngineError) -> Stopped {
        Stopped::Failed(error.into())
    }
}

unsafe extern "C" fn open(
    given: *const belay_option, n: u32, _op: *mut belay_op, out: *mut *mut belay_conn, error: *mut belay_error,
) -> i32 {
    guarded(error, || {
        let (mut path, mut create, mut read_only) = ("", false, false);
        for (key, value) in options(given, n)? {
            match key {
                // Scheme, colon, path.
                "url" => path = value.split_once(':').map_or("", |(_, path)| path),
                "create" => create = value == "1",
                "read_only" => read_only = value == "1",
                "scratch_dir" => {}
                _ => return Err(Failure::new(BELAY_E_INVALID, format!("unknown option: {key}")).into()),
            }
        }
        let path = entries::locate(path, create)?;
        let found = Entries::load(&path)?;
        if create && !found.rows.is_empty() {
            return Err(Failure::new(BELAY_E_CONSTRAINT, format!("{} is not empty", path.display())).into());
        }
        let identity = path.to_string_lossy().into_owned();
        *out = Box::into_raw(Box::new(Connection { path, identity, read_only })) as *mut belay_conn;
        Ok(())
    })
}

unsafe extern "C" fn close(conn: *mut belay_conn) {
    drop(Box::from_raw(conn as *mut Connection));
}

unsafe fn connection<'a>(conn: *mut belay_conn) -> &'a Connection {
    &*(conn as *const Connection)
}

/// Writes only fields of 1.0: the struct of an older host ends before those that were added later (`belay_has!`).
unsafe extern "C" fn describe(conn: *mut belay_conn, traits: *mut belay_traits, error: *mut belay_error) -> i32 {
    guarded(error, || {
        let conn = connection(conn);
        (*traits).flags = if conn.read_only { BELAY_T_READ_ONLY } else { 0 };
        (*traits).server_name = belay_str::new("minimal-rust");
        (*traits).server_version = belay_str::new("1.0.0");
        (*traits).ident_quote = belay_str::new("\"");
        (*traits).param_style = belay_str::new("?");
        (*traits).identity = belay_str::new(&conn.identity);
        Ok(())
    })
}

/// Parameters, for the engine.
fn values<'a>(row: &[Cell<'a>]) -> Result<Vec<Option<&'a [u8]>>, Failure> {
    row.iter()
        .map(|cell| match cell {
            Cell::Null => Ok(None),
            Cell::Text(bytes) => Ok(Some(*bytes)),
            _ => Err(Failure::new(BELAY_E_UNSUPPORTED, "a value that is not text")),
        })
        .collect()
}

/// All or nothing: a failure has only changed a copy, which is dropped.
unsafe extern "C" fn execute(
    conn: *mut belay_conn, op: *mut belay_op, sql: belay_str, params: *const belay_batch, affected: *mut i64,
    error: *mut belay_error,
) -> i32 {
    guarded(error, || {
        let (conn, operation) = (connection(conn), Operation::new(op));
        if conn.read_only {
            return Err(Failure::new(BELAY_E_DENIED, format!("{} was opened read-only", conn.identity)).into());
        }
        let sql = text(sql)?.as_bytes();
        let _lock = entries::lock(&conn.path)?;
        let mut all = Entries::load(&conn.path)?;
        let check = || -> Result<(), Stopped> { Ok(operation.check()?) };
        let mut changed = 0;
        match parameters(params) {
            None => changed = all.run(sql, &[], check)?,
            Some(rows) => {
                for row in rows {
                    changed += all.run(sql, &values(&row)?, check)?;
                }
            }
        }
        all.save(&conn.path)?;
        if !affected.is_null() {
            *affected = changed;
        }
        Ok(())
    })
}

unsafe extern "C" fn query(
    conn: *mut belay_conn, op: *mut belay_op, sql: belay_str, params: *const belay_batch, rows: *const belay_rowsink,
    error: *mut belay_error,
) -> i32 {
    guarded(error, || {
        let (conn, operation) = (connection(conn), Operation::new(op));
        let row = parameters(params).and_then(|mut rows| rows.next()).unwrap_or_default();
        let all = Entries::load(&conn.path)?;
        let sql = text(sql)?.as_bytes();
        if entries::writes(sql) {
            return Err(Failure::new(BELAY_E_DENIED, "a query only reads").into());
        }
        let found = all.select(sql, &values(&row)?)?;
        let mut writer = RowWriter::new(rows, &operation, &[("key", "TEXT"), ("value", "TEXT")])?;
        for (key, value) in found {
            writer.row([Cell::Text(key), value.as_deref().map_or(Cell::Null, Cell::Text)])?;
        }
        writer.finish()
    })
}

/// The table is part of every file, so there is no ddl, and nothing to create before rows are restored.
unsafe extern "C" fn catalog(
    _conn: *mut belay_conn, _op: *mut belay_op, sink: *const belay_objectsink, error: *mut belay_error,
) -> i32 {
    guarded(error, || {
        let named = |kind, name, definition| belay_object {
            struct_size: std::mem::size_of::<belay_object>() as u32,
            kind: belay_str::new(kind),
            name: belay_str::new(name),
            definition: belay_str::new(definition),
            row_estimate: -1,
            ..Default::default()
        };
        let table = named("table", "entry", "entry (key TEXT PRIMARY KEY, value TEXT)");
        let column = |name, flags| belay_object {
            flags,
            parent: table.name,
            native_type: belay_str::new("TEXT"),
            ..named("column", name, "TEXT")
        };
        objects(sink, &[table, column("key", BELAY_O_NOT_NULL | BELAY_O_PRIMARY_KEY), column("value", 0)])
    })
}

/// Functions that are None are not there: no interrupt, no extensions.
static DRIVER: belay_driver = belay_driver {
    struct_size: std::mem::size_of::<belay_driver>() as u32,
    abi_minor: BELAY_ABI_MINOR,
    id: b"minimal-rust\0".as_ptr() as *const _,
    version: b"1.0.0\0".as_ptr() as *const _,
    url_schemes: b"minimal-rust\0".as_ptr() as *const _,
    open: Some(open),
    close: Some(close),
    describe: Some(describe),
    execute: Some(execute),
    query: Some(query),
    catalog: Some(catalog),
    interrupt: None,
    extension: None,
    redirect: None,
};

/// The one exported symbol.
#[no_mangle]
pub extern "C" fn belay_driver_v1(host: *const belay_host) -> *const belay_driver {
    border::begin(host);
    &DRIVER
}
