//! The belay driver ABI, major version 1, for Rust: `belay_driver.h` in Rust's words.
//!
//! Written by `scripts/abi rust` of belay's sources from the header; not to be changed by hand. Names are those of the
//! header, where the rules for both sides stand too.
#![allow(non_camel_case_types, dead_code)]

use std::mem::{size_of, MaybeUninit};
use std::os::raw::{c_char, c_void};
use std::ptr::null;

pub const BELAY_ABI_MAJOR: u32 = 1;
pub const BELAY_ABI_MINOR: u32 = 0;

/// Whether a slot is there: of a struct that the other side has filled, which may be older than this one, through a pointer
/// to it. Must be used for every slot that may be absent.
#[macro_export]
macro_rules! belay_has {
    ($pointer:expr, $member:ident) => {{
        let pointer = $pointer;
        // The place is computed, and not read.
        !pointer.is_null() && {
            let slot = std::ptr::addr_of!((*pointer).$member);
            let end = slot.add(1) as usize - pointer as usize;
            (*pointer).struct_size as usize >= end
        }
    }};
}

/// of the driver, opaque to the host: one open database
#[repr(C)]
pub struct belay_conn {
    _private: [u8; 0],
}

/// of the host, opaque to the driver: one running operation
#[repr(C)]
pub struct belay_op {
    _private: [u8; 0],
}

/// of the host, opaque to the driver: never NULL, filled by belay_host.fail
#[repr(C)]
pub struct belay_error {
    _private: [u8; 0],
}

/// len bytes at ptr. ptr may be NULL only if len is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_str {
    pub ptr: *const c_char,
    pub len: u64,
}
impl Default for belay_str {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// What went wrong.
pub const BELAY_OK: i32 = 0;
/// this driver, server version or connection does not support this
pub const BELAY_E_UNSUPPORTED: i32 = 1;
/// the caller asked for something malformed: a bad URL, an unknown option
pub const BELAY_E_INVALID: i32 = 2;
/// the server rejected the user or the password
pub const BELAY_E_AUTH: i32 = 3;
/// the user may not do this (missing privilege, read-only)
pub const BELAY_E_DENIED: i32 = 4;
/// no such database, table, file
pub const BELAY_E_NOT_FOUND: i32 = 5;
/// disk full, file unreadable, connection lost
pub const BELAY_E_IO: i32 = 6;
/// the deadline of the operation passed
pub const BELAY_E_TIMEOUT: i32 = 7;
/// belay_host.cancelled() returned non-zero
pub const BELAY_E_CANCELLED: i32 = 8;
/// somebody else holds a lock; a later attempt may succeed. The only code after which the host repeats a call. With
/// NOT_APPLIED in a transaction: it is as it was before the call, which may be repeated. With an sqlstate of class 40
/// (40001, 40P01) too: the transaction cannot succeed any more; the host rolls it back and begins it anew, at most
/// three times
pub const BELAY_E_BUSY: i32 = 9;
/// the data violates a constraint
pub const BELAY_E_CONSTRAINT: i32 = 10;
/// the statement is invalid
pub const BELAY_E_SQL: i32 = 11;
/// the database or the dump is damaged
pub const BELAY_E_CORRUPT: i32 = 12;
/// a bug in the driver
pub const BELAY_E_INTERNAL: i32 = 13;

// What the failed call did to the database. From this the host decides whether to retry, roll back, or stop and
// check.
/// it had no effect
pub const BELAY_NOT_APPLIED: u32 = 1;
/// it took full effect; something failed afterwards
pub const BELAY_APPLIED: u32 = 2;
/// a part of it took effect
pub const BELAY_PARTIAL: u32 = 3;
/// not known, e.g. the connection was lost during COMMIT
pub const BELAY_OUTCOME_UNKNOWN: u32 = 4;

// Cell types, with the union member that holds the value. NATIVE is the server's own lossless text form of the type
// named in belay_column.native_type. TEXT is UTF-8; an engine that does not validate text (SQLite) passes the bytes
// as they are stored.
/// none
pub const BELAY_NULL: u32 = 0;
/// i64: 0 or 1
pub const BELAY_BOOL: u32 = 1;
/// i64
pub const BELAY_I64: u32 = 2;
/// f64; infinities and NaN are allowed
pub const BELAY_F64: u32 = 3;
/// ptr, len; may contain NUL bytes
pub const BELAY_TEXT: u32 = 4;
/// ptr, len
pub const BELAY_BLOB: u32 = 5;
/// ptr, len
pub const BELAY_NATIVE: u32 = 6;

// belay_traits.flags
/// transactions, with the statements txn_begin, txn_commit, txn_rollback
pub const BELAY_T_TXN: u32 = 1;
/// a transaction may contain DDL, later statements of it can use what it made, and ROLLBACK undoes it
pub const BELAY_T_TXN_DDL: u32 = 2;
/// from txn_begin to the end, the connection sees the data of one instant
pub const BELAY_T_STABLE_READ: u32 = 4;
/// this connection cannot write
pub const BELAY_T_READ_ONLY: u32 = 8;
/// from txn_begin to the end, nobody else can write to the database
pub const BELAY_T_EXCLUSIVE: u32 = 16;
/// after promote, the scratch URL leads to the previous database, until that is dropped
pub const BELAY_T_SWAPS: u32 = 32;
/// scratch databases can be created, but cannot replace this database
pub const BELAY_T_NO_PROMOTE: u32 = 64;
/// ALTER TABLE takes NOT NULL, DEFAULT and CHECK away from a column: nobody makes a table anew for that, so a
/// migration that loses one so does not mean to
pub const BELAY_T_ALTERS_COLUMNS: u32 = 128;

// belay_option.flags
/// the host never logs it; the driver must not echo it
pub const BELAY_OPT_SECRET: u32 = 1;

// belay_host.log levels
pub const BELAY_LOG_DEBUG: i32 = 0;
pub const BELAY_LOG_INFO: i32 = 1;
pub const BELAY_LOG_NOTICE: i32 = 2;
pub const BELAY_LOG_WARNING: i32 = 3;
pub const BELAY_LOG_ERROR: i32 = 4;

#[repr(C)]
#[derive(Clone, Copy)]
pub union belay_cell_v {
    pub i64: i64,
    pub f64: f64,
    pub ptr: *const c_void,
}

/// One value. Array element, always 24 bytes. len is in bytes, and 0 for types without ptr.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_cell {
    pub r#type: u32,
    pub reserved: u32,
    pub v: belay_cell_v,
    pub len: u64,
}
impl Default for belay_cell {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// nrows * ncols cells, row after row.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_batch {
    pub cells: *const belay_cell,
    pub nrows: u64,
    pub ncols: u32,
    pub reserved: u32,
}
impl Default for belay_batch {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// One column of a result. Array element.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_column {
    pub name: belay_str,
    pub native_type: belay_str,
    pub flags: u32,
    pub reserved: [u32; 3],
}
impl Default for belay_column {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// One setting, for open. Array element.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_option {
    pub key: belay_str,
    pub value: belay_str,
    pub flags: u32,
    pub reserved: u32,
}
impl Default for belay_option {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// Push streams. A non-zero return value means: stop now, and return that code from the call. Call them only during
/// the call that received them, on its thread. sink: write accepts all n bytes or fails. source: read fills at most
/// cap bytes and may return fewer; 0 is the end, a negative value is a failure (then return BELAY_E_IO without
/// calling fail: the host knows the reason). rowsink: call columns() once, before any rows, even if there are no
/// rows; then rows() any number of times. A batch has at most about 1 MiB, or one row if that is larger.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_sink {
    pub ctx: *mut c_void,
    pub write: Option<unsafe extern "C" fn(ctx: *mut c_void, buf: *const c_void, n: u64) -> i32>,
}
impl Default for belay_sink {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_source {
    pub ctx: *mut c_void,
    pub read: Option<unsafe extern "C" fn(ctx: *mut c_void, buf: *mut c_void, cap: u64) -> i64>,
}
impl Default for belay_source {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_rowsink {
    pub ctx: *mut c_void,
    pub columns: Option<unsafe extern "C" fn(ctx: *mut c_void, columns: *const belay_column, n: u32) -> i32>,
    pub rows: Option<unsafe extern "C" fn(ctx: *mut c_void, batch: *const belay_batch) -> i32>,
}
impl Default for belay_rowsink {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// belay_object.flags
/// column: computed by the engine; a backup neither reads nor writes it
pub const BELAY_O_GENERATED: u32 = 1;
/// column: not declared, but readable and writable by this name, e.g. a rowid
pub const BELAY_O_IMPLICIT: u32 = 2;
/// column
pub const BELAY_O_NOT_NULL: u32 = 4;
/// column: part of the primary key
pub const BELAY_O_PRIMARY_KEY: u32 = 8;
/// table: has no rows of its own to back up (a virtual or foreign table)
pub const BELAY_O_NO_ROWS: u32 = 16;
/// table: storage of the virtual table named in parent
pub const BELAY_O_SHADOW: u32 = 32;
/// maintained by the engine (sqlite_sequence); changes without being named in a statement
pub const BELAY_O_INTERNAL: u32 = 64;
/// a dump of belay.snapshot/1 does not contain it: the host runs its ddl before it restores a dump if the object
/// comes before the first table, otherwise after it. The ddl must not do harm if the object already exists
pub const BELAY_O_OUTSIDE_DUMP: u32 = 128;
/// its rows are computed by the engine from others (a materialized view): no backup contains them, and a restored
/// copy computes them anew
pub const BELAY_O_COMPUTED: u32 = 256;
/// also part of its parent's definition (a grant): not compared and not recreated by itself, but a migration can lose
/// it
pub const BELAY_O_TOLD_TWICE: u32 = 512;
/// column of an internal table: an integer that moves on outside of transactions, as a sequence's value does: a dump
/// may contain a later one than the rows that were read. The table's other stored columns are its PRIMARY_KEY, as
/// text, and at most one COUNTER_STEP. The SQL text of a backup has no rows of it. It may be no table of the engine;
/// then it needs belay.rows/1
pub const BELAY_O_COUNTER: u32 = 1024;
/// column of the same table: its sign tells in which direction the counter moves; 0: either
pub const BELAY_O_COUNTER_STEP: u32 = 2048;
/// column: the engine gives it a value where a statement writes none (DEFAULT, AUTO_INCREMENT, IDENTITY). Not needed
/// where the default is an object of its own
pub const BELAY_O_DEFAULT: u32 = 4096;
/// column: its definition has a CHECK. Not needed where the CHECK is an object of its own: of any kind, with the
/// table or the column as its parent, and the CHECK in its definition or ddl
pub const BELAY_O_CHECKED: u32 = 8192;

/// One object of the schema: a table, column, index, constraint, view, trigger, sequence, function, setting ... Rows
/// are read from and written to objects of kind "table"; an object of kind "column" has its table in parent. Objects
/// come in the order that recreates them: a table directly before its columns; everything that must wait until the
/// rows are loaded (indexes, triggers, foreign keys added later, values of sequences) after all tables. An object is
/// identified by (kind, schema, parent, name). It is unchanged if its definition is equal.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_object {
    pub struct_size: u32,
    pub flags: u32,
    pub kind: belay_str,
    pub schema: belay_str,
    pub name: belay_str,
    pub parent: belay_str,
    pub native_type: belay_str,
    /// canonical text: equal text = equal object (schema diff)
    pub definition: belay_str,
    /// the statements that recreate it; empty if they are part of the parent's
    pub ddl: belay_str,
    /// tables: -1 if unknown
    pub row_estimate: i64,
    /// one statement that removes it, and does no harm if it does not exist. Empty: it is removed with its parent, or
    /// DROP TABLE, VIEW, INDEX or TRIGGER with its name removes it
    pub drop: belay_str,
    /// the engine's own identifier of it, which survives a rename, and which no other object of this database ever
    /// has; empty: the engine has none. Not part of its identity: a copy has others
    pub id: belay_str,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_object {}
impl Default for belay_object {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_objectsink {
    pub ctx: *mut c_void,
    pub object: Option<unsafe extern "C" fn(ctx: *mut c_void, object: *const belay_object) -> i32>,
}
impl Default for belay_objectsink {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// What a connection can do; depends on the server's version and the user's privileges. Text is valid until close.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_traits {
    /// the host sets struct_size and zeroes the rest; the driver writes no further
    pub struct_size: u32,
    /// the host sets struct_size and zeroes the rest; the driver writes no further
    pub flags: u32,
    /// "SQLite"
    pub server_name: belay_str,
    /// "3.40.1"
    pub server_version: belay_str,
    /// one character, doubled inside a quoted name: " or `
    pub ident_quote: belay_str,
    /// "?" or "$1"
    pub param_style: belay_str,
    /// equal for two URLs of one database, otherwise different; contains no secret
    pub identity: belay_str,
    /// the statement that opens a transaction for writing
    pub txn_begin: belay_str,
    pub txn_commit: belay_str,
    pub txn_rollback: belay_str,
    /// statements around the SQL text of a whole backup, e.g. to turn foreign keys off. The host also runs them
    /// around a restore, on the database itself if it is rolled back in place: they make no objects, and can be run
    /// again
    pub load_begin: belay_str,
    /// statements around the SQL text of a whole backup, e.g. to turn foreign keys off. The host also runs them
    /// around a restore, on the database itself if it is rolled back in place: they make no objects, and can be run
    /// again
    pub load_end: belay_str,
    /// of one statement that the host writes with literals; 0: no limit
    pub max_sql_bytes: u64,
    /// of one statement; 0: no limit. The host binds one parameter for each column
    pub max_params: u64,
    /// rows in the VALUES list of one INSERT that the host writes with literals; 0: no limit, 1: the engine has no
    /// such lists. Not of params: execute() takes any number
    pub max_rows_per_execute: u64,
    /// 0: unknown; for the disk-space check and for progress
    pub database_bytes: u64,
    /// free space where the database is stored; 0: unknown
    pub free_bytes: u64,
    /// for an archive's README: commands, separated by LF, that restore its members full_backup.* with the engine's
    /// own client, without belay; may be empty. An empty line separates two ways of which one is enough; a way is
    /// left out if the archive does not have the member that it names first. The new database is called restored
    pub restore_steps: belay_str,
    /// The convention by which this engine's own tool names and records migrations, by the host's name for it:
    /// "wrangler-d1"; empty: there is none. The host ignores a name that it does not know.
    pub convention: belay_str,
    /// The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits. Empty: CAST(X'?' AS
    /// TEXT). Used in SQL text for values with NUL or CR, which clients do not read unchanged.
    pub hex_text: belay_str,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_traits {}
impl Default for belay_traits {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// The host's callbacks: all \[any\], valid for the life of the process.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_host {
    pub struct_size: u32,
    pub abi_minor: u32,
    /// Describes the failure of the current call, and returns code. Copies its arguments. outcome: BELAY_NOT_APPLIED
    /// ... sqlstate, message, hint may be empty; vendor_code: the engine's own number, or 0; sql_offset: the byte of
    /// the error in the statement's text, or -1 if unknown.
    pub fail: Option<unsafe extern "C" fn(error: *mut belay_error, code: i32, outcome: u32, sqlstate: belay_str, vendor_code: i64, sql_offset: i64, message: belay_str, hint: belay_str) -> i32>,
    /// Writes a line to the log. message: without a line end. op may be NULL.
    pub log: Option<unsafe extern "C" fn(op: *mut belay_op, level: i32, message: belay_str)>,
    /// Reports the progress of the current call: done of total, in any unit. If the total is unknown it is 0, and
    /// done counts bytes. At most about every 50 ms.
    pub progress: Option<unsafe extern "C" fn(op: *mut belay_op, done: u64, total: u64, what: belay_str)>,
    /// Non-zero: stop and fail with BELAY_E_CANCELLED. Poll at least every 100 ms or 1 MiB.
    pub cancelled: Option<unsafe extern "C" fn(op: *mut belay_op) -> i32>,
    /// Milliseconds until the deadline; 0: it has passed, -1: there is none. Use it as the statement timeout.
    pub remaining_ms: Option<unsafe extern "C" fn(op: *mut belay_op) -> i64>,
    /// Host extensions by id; NULL if unknown. None is defined in 1.0.
    pub extension: Option<unsafe extern "C" fn(id: *const c_char) -> *const c_void>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_host {}
impl Default for belay_host {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// THE MANDATORY CORE: everything up to catalog must be filled in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_driver {
    pub struct_size: u32,
    pub abi_minor: u32,
    /// "sqlite": the NAME of belay-driver-NAME.so
    pub id: *const c_char,
    /// "1.0.0"
    pub version: *const c_char,
    /// "sqlite file": separated by spaces
    pub url_schemes: *const c_char,
    /// \[any\] Opens one database. options\[0\] is "url"; the others are named settings. Options that every driver
    /// should know: "create" = "1": create the database if it does not exist, and fail if it exists and is not empty;
    /// "read_only" = "1": never write; "scratch_dir": a folder for temporary files, which the host empties after a
    /// crash. Unknown options: BELAY_E_INVALID. On success *conn belongs to the driver until close; on failure it
    /// stays NULL.
    pub open: Option<unsafe extern "C" fn(options: *const belay_option, n: u32, op: *mut belay_op, conn: *mut *mut belay_conn, error: *mut belay_error) -> i32>,
    /// \[conn\] Ends the connection; an open transaction is rolled back. conn is not used again.
    pub close: Option<unsafe extern "C" fn(conn: *mut belay_conn)>,
    /// \[conn\] Fills traits up to traits-\>struct_size.
    pub describe: Option<unsafe extern "C" fn(conn: *mut belay_conn, traits: *mut belay_traits, error: *mut belay_error) -> i32>,
    /// \[conn\] Runs sql. With params: one statement, once per row of params, of which there may be any number. If
    /// params is NULL: any number of statements, in order, up to the first that fails. *affected: rows changed by the
    /// last statement (with params: the sum over all rows), -1 if unknown; affected may be NULL. Results are
    /// discarded.
    pub execute: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, sql: belay_str, params: *const belay_batch, affected: *mut i64, error: *mut belay_error) -> i32>,
    /// \[conn\] Runs one statement that returns rows. params: NULL, or one row. The statement may be a user's check,
    /// and may only read: one that would change anything, by itself or by a function that it calls, end the open
    /// transaction, or open another file, fails with BELAY_E_DENIED and has no effect, as far as the engine can know
    /// this.
    pub query: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, sql: belay_str, params: *const belay_batch, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
    /// \[conn\] Lists every object of the database, in the order described at belay_object.
    pub catalog: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, objects: *const belay_objectsink, error: *mut belay_error) -> i32>,
    /// \[any\] Optional. The only call allowed during another one on the same connection: makes that call fail soon
    /// with BELAY_E_CANCELLED. Does nothing if no call is running.
    pub interrupt: Option<unsafe extern "C" fn(conn: *mut belay_conn)>,
    /// \[any\] Optional. Returns the extension struct for an id, or NULL; always the same pointer, valid for ever.
    pub extension: Option<unsafe extern "C" fn(id: *const c_char) -> *const c_void>,
    /// \[any\] Optional. Called before open, with a URL of one of url_schemes. If url stands for a database of
    /// another driver, writes that driver's URL; the host opens it instead, without another redirect. Writes nothing
    /// if this driver opens url itself. Opens nothing.
    pub redirect: Option<unsafe extern "C" fn(url: belay_str, op: *mut belay_op, to: *const belay_sink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_driver {}
impl Default for belay_driver {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// belay_write.actions
/// rows
pub const BELAY_W_INSERT: u32 = 1;
/// rows
pub const BELAY_W_UPDATE: u32 = 2;
/// rows
pub const BELAY_W_DELETE: u32 = 4;
/// the object
pub const BELAY_W_CREATE: u32 = 8;
/// the object
pub const BELAY_W_DROP: u32 = 16;
/// the object
pub const BELAY_W_ALTER: u32 = 32;

/// One object that a statement names and writes itself, without cascades and triggers. kind: as in belay_object. A
/// rename is DROP of the old name and CREATE of the new one, both with ALTER. Dropping a table is DROP without
/// DELETE: the host treats rows that disappear in a rebuild as lost, and rows of a DELETE as intended. Array element.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_write {
    pub kind: belay_str,
    pub schema: belay_str,
    pub name: belay_str,
    pub parent: belay_str,
    pub actions: u32,
    pub reserved: u32,
}
impl Default for belay_write {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// belay_statement.flags
/// BEGIN, SAVEPOINT ...
pub const BELAY_S_OPENS_TXN: u32 = 1;
/// COMMIT, ROLLBACK, RELEASE ...
pub const BELAY_S_ENDS_TXN: u32 = 2;
/// cannot run inside a transaction
pub const BELAY_S_NO_TXN: u32 = 4;
/// has an effect only outside a transaction; inside one it silently does nothing
pub const BELAY_S_BEFORE_TXN: u32 = 8;
/// a command of the engine's client (a \ or . line), not SQL: it cannot be run
pub const BELAY_S_CLIENT: u32 = 16;
/// could not be analysed: writes is incomplete; note says why
pub const BELAY_S_UNREAD: u32 = 32;
/// with UNREAD: the engine that would run it does not accept its syntax, whatever the schema is; the host refuses the
/// script. Not for a parser that may be older than the engine
pub const BELAY_S_SYNTAX: u32 = 64;
/// writes also lists, as kind "column" with the table as parent and INSERT or UPDATE alone, each column that gets the
/// value of an expression in rows that are copied from another table or that are there. What is not listed gets the
/// value of a column as it is, or none: where such a statement fills a table that takes the place of another one, the
/// host expects equal values in all other columns. Without it: it expects nothing of them
pub const BELAY_S_COLUMNS: u32 = 128;

/// One statement of a script. offset and len are in bytes, without the separator; line counts from 1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_statement {
    pub struct_size: u32,
    pub flags: u32,
    pub offset: u64,
    pub len: u64,
    pub line: u32,
    pub nwrites: u32,
    pub writes: *const belay_write,
    pub note: belay_str,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_statement {}
impl Default for belay_statement {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_statementsink {
    pub ctx: *mut c_void,
    pub statement: Option<unsafe extern "C" fn(ctx: *mut c_void, statement: *const belay_statement) -> i32>,
}
impl Default for belay_statementsink {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.script/1": where statements end, and what they write. Without it: one execute() per file; every change to a
/// table counts as named by the file, but every loss must be declared.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_script {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Analyses script against the current schema, without changing anything. Each statement is analysed as
    /// if those before it had run. An error in a statement does not make split fail: the statement is flagged UNREAD,
    /// with a note.
    pub split: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, script: belay_str, statements: *const belay_statementsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_script {}
impl Default for belay_script {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.snapshot/1": the engine's own dump. Without it: the catalog's ddl, and rows by query(); restored by
/// execute().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_snapshot {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] The formats, the best one first, separated by spaces; valid until close. Each is name:extension, such
    /// as "sqlite_db:db", followed by ":stored" if the dump is already compressed and the archive must store it
    /// unchanged.
    pub formats: Option<unsafe extern "C" fn(conn: *mut belay_conn) -> belay_str>,
    /// \[conn\] Writes one dump. token: empty, or a token of belay.token/1 that this connection has acquired or
    /// adopted.
    pub dump: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, format: belay_str, token: belay_str, sink: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Reads a whole dump and checks it with the engine's own means. Does not touch conn's database.
    pub verify: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, format: belay_str, source: *const belay_source, error: *mut belay_error) -> i32>,
    /// \[conn\] Makes conn's database equal to the dump, and removes objects that are not in the dump. All or
    /// nothing: after a failure the outcome is NOT_APPLIED, unless the driver reports another one. Not inside a
    /// transaction.
    pub restore: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, format: belay_str, source: *const belay_source, error: *mut belay_error) -> i32>,
    /// \[conn\] Optional; NULL: the host generates the SQL text from the catalog's ddl and the rows. Reads a whole
    /// dump and writes it as SQL text that the engine's own client can restore into an empty database. Counts as
    /// verify(): it fails if the dump is damaged. Does not touch conn's database.
    pub text: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, format: belay_str, source: *const belay_source, sink: *const belay_sink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_snapshot {}
impl Default for belay_snapshot {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// One table of the catalog, and some of its columns. All names are as in belay_object, without quotes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_table {
    /// ncolumns: at least 1
    pub struct_size: u32,
    /// ncolumns: at least 1
    pub ncolumns: u32,
    pub schema: belay_str,
    pub name: belay_str,
    /// stored columns of the table, including IMPLICIT ones, in any order
    pub columns: *const belay_str,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_table {}
impl Default for belay_table {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.rows/1": reads and loads a table's rows as cells, by name, if the engine has a better way than SQL text.
/// Without it: the host writes SELECT for query() and INSERT for execute(), and quotes the names with ident_quote.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_rows {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Reads all rows of a table, in any order. columns() gets the names in the requested order, and the
    /// cells are the same as from query(). It reads what query() would read: in the open transaction, or in the view
    /// of belay.token/1. Without either, rows that are written meanwhile may or may not be included.
    pub read: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, table: *const belay_table, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
    /// \[conn\] Adds one batch of rows to a table, in the open transaction if there is one. A large table is loaded
    /// by many calls, one after the other. No call marks the end: what must follow the rows (indexes, values of
    /// sequences) is in the catalog. rows: at most about 1 MiB or one row; its cells are in the order of the columns,
    /// and as read() returned them. Every column gets the given value, even one that the engine numbers itself;
    /// triggers and constraints act as on an INSERT. In an INTERNAL table a row may set the value that the engine
    /// keeps under its key instead of adding a row. All rows or none: the outcome of a failure is NOT_APPLIED, unless
    /// the engine's limits force the driver to split the batch, or a reply was lost.
    pub load: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, table: *const belay_table, rows: *const belay_batch, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_rows {}
impl Default for belay_rows {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.token/1": one view of the data, shared by several connections. Without it: one connection reads everything,
/// in a transaction if the traits include STABLE_READ.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_token {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Freezes the view of the current instant, and writes a token for it. From then on query(), catalog()
    /// and belay_rows.read() of this connection read that instant, until release or close. Not inside a transaction.
    pub acquire: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, token: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Makes another connection read the same instant, until release or close.
    pub adopt: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, token: belay_str, error: *mut belay_error) -> i32>,
    /// \[conn\] Returns to the current data. The connection that acquired the token releases it last.
    pub release: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_token {}
impl Default for belay_token {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.scratch/1": temporary databases beside this one, and replacing it with one of them. Without it: no
/// rehearsal, and restore in place.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_scratch {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Creates an empty database and writes its URL, which must not contain secrets that conn's URL does not
    /// contain. name: letters, digits and "-". Equal names give equal URLs, even after a promote, so that after a
    /// crash the host can find the database by its name. Fails with BELAY_E_CONSTRAINT if it exists.
    pub create: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, name: belay_str, url: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Replaces the content of conn's database with that of the scratch database. Atomic: after a kill at
    /// any moment the database has either the old or the new content. Not inside a transaction. Ends sessions of
    /// others that prevent it. Afterwards the scratch database may or may not exist: drop it. With BELAY_T_SWAPS its
    /// URL then leads to the previous database.
    pub promote: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, url: belay_str, error: *mut belay_error) -> i32>,
    /// \[conn\] Removes a scratch database by its URL; succeeds if it does not exist.
    pub drop: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, url: belay_str, error: *mut belay_error) -> i32>,
    /// \[conn\] Writes the URL that create would write for this name, without creating anything.
    pub locate: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, name: belay_str, url: *const belay_sink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_scratch {}
impl Default for belay_scratch {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.rewind/1": the engine can return to an earlier state by itself (D1 Time Travel, PITR). Without it: the
/// backup is restored.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_rewind {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Writes a bookmark of the current state or, while a token of belay.token/1 is in use, of its instant.
    pub mark: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, bookmark: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Writes a bookmark of a past moment, in milliseconds since 1970 UTC; fails if that is too long ago.
    pub at: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, unix_ms: i64, bookmark: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Returns the database to a bookmark; writes the bookmark that undoes this.
    pub rewind: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, bookmark: belay_str, undo: *const belay_sink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_rewind {}
impl Default for belay_rewind {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.atomic/1": several statements, all or nothing, for engines without BEGIN: a migration file and its row in
/// the ledger are sent in one call. Without it: a transaction if there are transactions, otherwise statement by
/// statement.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_atomic {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Runs n statements. failed: never NULL, -1 before the call; after a failure, set it to the index of
    /// the failed statement, if that is known. sql_offset is then an offset in that statement. If the driver has to
    /// use a method that is not all or nothing, the failure's outcome must say so. The first statements may be ones
    /// that have an effect only outside a transaction (BELAY_S_BEFORE_TXN).
    pub run: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, sql: *const belay_str, n: u32, failed: *mut i64, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_atomic {}
impl Default for belay_atomic {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.lock/1": one migration at a time. Without it: a row in a table of belay's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_lock {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Takes the lock, or fails immediately with BELAY_E_BUSY; the message names the holder, if known. The
    /// lock ends with the connection or the process. It works inside and outside transactions, and outlasts them.
    pub acquire: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, name: belay_str, error: *mut belay_error) -> i32>,
    /// \[conn\] Releases the lock.
    pub release: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, name: belay_str, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_lock {}
impl Default for belay_lock {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.sessions/1": who else is connected. Without it: not known, and belay says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_sessions {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Columns: id, user, application, since, state, statement; all text, NULL if unknown. Leaves out conn's
    /// own session. Every other session that belay has opened has the application "belay", or "belay", a space and
    /// more text; belay never ends these.
    pub list: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
    /// \[conn\] Ends the session with this id.
    pub terminate: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, id: belay_str, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_sessions {}
impl Default for belay_sessions {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.explain/1": the plan of a query. Without it: no plans, and belay says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_explain {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Must not run sql. Columns: depth (i64), detail (text), table (text or NULL), full_scan (bool), rows
    /// (i64 or NULL).
    pub explain: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, sql: belay_str, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_explain {}
impl Default for belay_explain {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.lint/1": findings about a migration that are specific to the engine. Without it: none, and belay says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_lint {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Analyses script against the current schema. Columns: line (i64), severity (text: "error", "warning",
    /// "note"), rule (text), message (text), hint (text or NULL). "error": the migration must not run in this form.
    pub lint: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, script: belay_str, findings: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_lint {}
impl Default for belay_lint {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// belay_integrity.check depth
pub const BELAY_CHECK_QUICK: u32 = 0;
pub const BELAY_CHECK_FULL: u32 = 1;

/// "belay.integrity/1": the engine's own checks of a database. Without it: not checked, and belay says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_integrity {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Must work inside a transaction too, and then see its changes. Always checks foreign keys; depth says
    /// how thoroughly it checks the storage. One row per finding, none if there is no problem. Columns: check (text:
    /// "foreign_key", "constraint", "index", "sequence", "definition" (a view, trigger or foreign key that cannot
    /// work) and "space" (storage that nothing uses) are problems of data or schema, every other word is damage),
    /// object (text: table or index), identity (text or NULL: which row), message (text).
    pub check: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, depth: u32, findings: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_integrity {}
impl Default for belay_integrity {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

// belay_preflight.check needs: what the host is going to use.
pub const BELAY_NEED_DUMP: u32 = 1;
pub const BELAY_NEED_SCRATCH: u32 = 2;
pub const BELAY_NEED_WRITE: u32 = 4;

/// "belay.preflight/1": problems that the engine knows of before a run begins. Without it: only what the host can
/// check.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_preflight {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Changes nothing. One row per finding, none if there is no problem. Columns: severity (text: "error",
    /// "warning", "note"), rule (text), subject (text: which object; empty: the database), message (text), hint (text
    /// or NULL: the solution). "error": the run must not begin. The rule "unchecked" is for what no check of this
    /// driver can prove: a backup, a restore or a migration then ends with warnings.
    pub check: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, needs: u32, findings: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_preflight {}
impl Default for belay_preflight {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.draft.footprint/2": what a transaction has done so far, as the engine reports it. A footprint is complete,
/// or there is none: the host does not look again at what it does not name. Without it: locks and rewrites are not
/// known, and belay compares the rows and uses the rehearsal to distinguish the transaction's rows from rows that
/// others wrote.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_footprint {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] One row per table of the catalog that has rows of its own. Columns: schema (text), table (text), lock
    /// (text or NULL: the engine's name of the strongest lock that this connection's open transaction holds on the
    /// table), blocks (text: "", "writes" or "everything": what others cannot do with it meanwhile), storage (text:
    /// changes when the table is rewritten or emptied, or made anew under its name), inserted, updated, deleted (i64:
    /// rows written by this connection's open transaction, including triggers and the actions of foreign keys; 0
    /// outside a transaction; those of a table that was renamed go with it), own_inserted, own_updated, own_deleted
    /// (i64: those of them that the statements wrote themselves, without triggers and the actions of foreign keys;
    /// all three NULL if the engine does not tell them apart), reached_by (text or NULL: what can write rows of this
    /// table when a statement writes another one, for people, in the words of SQL: "ON DELETE CASCADE of
    /// posts.author").
    pub read: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
    /// \[conn\] Optional; NULL: the host calls belay_integrity.check, which may read the whole database while others
    /// wait. Checks what the open transaction has written or altered, as far as the engine does not guarantee it
    /// itself. Columns: as those of belay_integrity.check.
    pub check: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, findings: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_footprint {}
impl Default for belay_footprint {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.draft.reset/1": what a script leaves behind in its session: settings, the role, temporary objects. Without:
/// it reaches the scripts that follow in the same transaction, and the host's own statements.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_reset {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Makes the session what open made of it. Also within a transaction, which goes on; what lasts in the
    /// database stays.
    pub reset: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Writes statements that mean the same to belay.script/1. The host puts them between two scripts that
    /// it hands over as one, and never runs them.
    pub seam: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, statements: *const belay_sink, error: *mut belay_error) -> i32>,
    /// \[conn\] Writes the schema of a table that the host keeps for itself, by the table's name: where the table is,
    /// as a session that has just been opened finds it; else where it is to be made. Writes nothing where tables have
    /// no schema. Fails with BELAY_E_INVALID if there are several, or if its schema is not on the search path of such
    /// a session.
    pub place: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, table: belay_str, schema: *const belay_sink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_reset {}
impl Default for belay_reset {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.draft.surroundings/1": what the database shares with others, such as roles: nothing that is undone in the
/// database takes back what was done there, and a scratch database has the same. Without: not known.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_surroundings {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Also within a transaction, whose own changes it sees. Columns: kind (text), name (text), definition
    /// (text: equal text = unchanged; holds no secret), written (bool: this connection's open transaction has written
    /// objects of this kind). A row with an empty name tells only that.
    pub read: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, rows: *const belay_rowsink, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_surroundings {}
impl Default for belay_surroundings {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// "belay.draft.archived/1": statements that an archive holds. Somebody else may have written the archive: they may
/// make what an archive holds, and nothing more. Without: they are run by execute(), as they are.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct belay_archived {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, error: *mut belay_error) -> i32>,
    /// \[conn\] Runs, in order, the statements of sql: the ddl of one object, or with the kind "rows" the INSERTs of
    /// its rows. kind: as in belay_object. Fails with BELAY_E_INVALID at the first statement that catalog() would not
    /// write for an object of that kind, or that reaches beyond conn's database: into files, other databases,
    /// programs. Also within a transaction.
    pub execute: Option<unsafe extern "C" fn(conn: *mut belay_conn, op: *mut belay_op, kind: belay_str, sql: belay_str, error: *mut belay_error) -> i32>,
}
// Its pointers lead to what lasts for ever, or are used by one thread at a time.
unsafe impl Sync for belay_archived {}
impl Default for belay_archived {
    /// All zero: no text, no functions.
    fn default() -> Self {
        // Zero is a value of each field.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

impl belay_str {
    /// Of a text that outlives it.
    pub fn new(text: &str) -> Self {
        belay_str { ptr: text.as_ptr() as *const c_char, len: text.len() as u64 }
    }

    pub const EMPTY: Self = belay_str { ptr: null(), len: 0 };
}

// The sizes that are frozen: a newer version of a struct that grows is larger.
const _: () = assert!(size_of::<belay_str>() == 16);
const _: () = assert!(size_of::<belay_cell>() == 24);
const _: () = assert!(size_of::<belay_batch>() == 24);
const _: () = assert!(size_of::<belay_column>() == 48);
const _: () = assert!(size_of::<belay_option>() == 40);
const _: () = assert!(size_of::<belay_sink>() == 16);
const _: () = assert!(size_of::<belay_source>() == 16);
const _: () = assert!(size_of::<belay_rowsink>() == 24);
const _: () = assert!(size_of::<belay_object>() == 160);
const _: () = assert!(size_of::<belay_objectsink>() == 16);
const _: () = assert!(size_of::<belay_traits>() == 256);
const _: () = assert!(size_of::<belay_host>() == 56);
const _: () = assert!(size_of::<belay_driver>() == 104);
const _: () = assert!(size_of::<belay_write>() == 72);
const _: () = assert!(size_of::<belay_statement>() == 56);
const _: () = assert!(size_of::<belay_statementsink>() == 16);
const _: () = assert!(size_of::<belay_script>() == 24);
const _: () = assert!(size_of::<belay_snapshot>() == 56);
const _: () = assert!(size_of::<belay_table>() == 48);
const _: () = assert!(size_of::<belay_rows>() == 32);
const _: () = assert!(size_of::<belay_token>() == 40);
const _: () = assert!(size_of::<belay_scratch>() == 48);
const _: () = assert!(size_of::<belay_rewind>() == 40);
const _: () = assert!(size_of::<belay_atomic>() == 24);
const _: () = assert!(size_of::<belay_lock>() == 32);
const _: () = assert!(size_of::<belay_sessions>() == 32);
const _: () = assert!(size_of::<belay_explain>() == 24);
const _: () = assert!(size_of::<belay_lint>() == 24);
const _: () = assert!(size_of::<belay_integrity>() == 24);
const _: () = assert!(size_of::<belay_preflight>() == 24);

/// The places that are frozen: run by `cargo test`.
#[cfg(test)]
mod layout {
    use super::*;

    macro_rules! place {
        ($type:ty, $field:ident) => {{
            let all = MaybeUninit::<$type>::zeroed();
            let start = all.as_ptr();
            unsafe { std::ptr::addr_of!((*start).$field) as usize - start as usize }
        }};
    }

    #[test]
    fn fields_lie_where_c_has_them() {
        assert_eq!(place!(belay_str, ptr), 0);
        assert_eq!(place!(belay_str, len), 8);
        assert_eq!(place!(belay_cell, r#type), 0);
        assert_eq!(place!(belay_cell, reserved), 4);
        assert_eq!(place!(belay_cell, v), 8);
        assert_eq!(place!(belay_cell, len), 16);
        assert_eq!(place!(belay_batch, cells), 0);
        assert_eq!(place!(belay_batch, nrows), 8);
        assert_eq!(place!(belay_batch, ncols), 16);
        assert_eq!(place!(belay_batch, reserved), 20);
        assert_eq!(place!(belay_column, name), 0);
        assert_eq!(place!(belay_column, native_type), 16);
        assert_eq!(place!(belay_column, flags), 32);
        assert_eq!(place!(belay_column, reserved), 36);
        assert_eq!(place!(belay_option, key), 0);
        assert_eq!(place!(belay_option, value), 16);
        assert_eq!(place!(belay_option, flags), 32);
        assert_eq!(place!(belay_option, reserved), 36);
        assert_eq!(place!(belay_sink, ctx), 0);
        assert_eq!(place!(belay_sink, write), 8);
        assert_eq!(place!(belay_source, ctx), 0);
        assert_eq!(place!(belay_source, read), 8);
        assert_eq!(place!(belay_rowsink, ctx), 0);
        assert_eq!(place!(belay_rowsink, columns), 8);
        assert_eq!(place!(belay_rowsink, rows), 16);
        assert_eq!(place!(belay_object, struct_size), 0);
        assert_eq!(place!(belay_object, flags), 4);
        assert_eq!(place!(belay_object, kind), 8);
        assert_eq!(place!(belay_object, schema), 24);
        assert_eq!(place!(belay_object, name), 40);
        assert_eq!(place!(belay_object, parent), 56);
        assert_eq!(place!(belay_object, native_type), 72);
        assert_eq!(place!(belay_object, definition), 88);
        assert_eq!(place!(belay_object, ddl), 104);
        assert_eq!(place!(belay_object, row_estimate), 120);
        assert_eq!(place!(belay_object, drop), 128);
        assert_eq!(place!(belay_object, id), 144);
        assert_eq!(place!(belay_objectsink, ctx), 0);
        assert_eq!(place!(belay_objectsink, object), 8);
        assert_eq!(place!(belay_traits, struct_size), 0);
        assert_eq!(place!(belay_traits, flags), 4);
        assert_eq!(place!(belay_traits, server_name), 8);
        assert_eq!(place!(belay_traits, server_version), 24);
        assert_eq!(place!(belay_traits, ident_quote), 40);
        assert_eq!(place!(belay_traits, param_style), 56);
        assert_eq!(place!(belay_traits, identity), 72);
        assert_eq!(place!(belay_traits, txn_begin), 88);
        assert_eq!(place!(belay_traits, txn_commit), 104);
        assert_eq!(place!(belay_traits, txn_rollback), 120);
        assert_eq!(place!(belay_traits, load_begin), 136);
        assert_eq!(place!(belay_traits, load_end), 152);
        assert_eq!(place!(belay_traits, max_sql_bytes), 168);
        assert_eq!(place!(belay_traits, max_params), 176);
        assert_eq!(place!(belay_traits, max_rows_per_execute), 184);
        assert_eq!(place!(belay_traits, database_bytes), 192);
        assert_eq!(place!(belay_traits, free_bytes), 200);
        assert_eq!(place!(belay_traits, restore_steps), 208);
        assert_eq!(place!(belay_traits, convention), 224);
        assert_eq!(place!(belay_traits, hex_text), 240);
        assert_eq!(place!(belay_host, struct_size), 0);
        assert_eq!(place!(belay_host, abi_minor), 4);
        assert_eq!(place!(belay_host, fail), 8);
        assert_eq!(place!(belay_host, log), 16);
        assert_eq!(place!(belay_host, progress), 24);
        assert_eq!(place!(belay_host, cancelled), 32);
        assert_eq!(place!(belay_host, remaining_ms), 40);
        assert_eq!(place!(belay_host, extension), 48);
        assert_eq!(place!(belay_driver, struct_size), 0);
        assert_eq!(place!(belay_driver, abi_minor), 4);
        assert_eq!(place!(belay_driver, id), 8);
        assert_eq!(place!(belay_driver, version), 16);
        assert_eq!(place!(belay_driver, url_schemes), 24);
        assert_eq!(place!(belay_driver, open), 32);
        assert_eq!(place!(belay_driver, close), 40);
        assert_eq!(place!(belay_driver, describe), 48);
        assert_eq!(place!(belay_driver, execute), 56);
        assert_eq!(place!(belay_driver, query), 64);
        assert_eq!(place!(belay_driver, catalog), 72);
        assert_eq!(place!(belay_driver, interrupt), 80);
        assert_eq!(place!(belay_driver, extension), 88);
        assert_eq!(place!(belay_driver, redirect), 96);
        assert_eq!(place!(belay_write, kind), 0);
        assert_eq!(place!(belay_write, schema), 16);
        assert_eq!(place!(belay_write, name), 32);
        assert_eq!(place!(belay_write, parent), 48);
        assert_eq!(place!(belay_write, actions), 64);
        assert_eq!(place!(belay_write, reserved), 68);
        assert_eq!(place!(belay_statement, struct_size), 0);
        assert_eq!(place!(belay_statement, flags), 4);
        assert_eq!(place!(belay_statement, offset), 8);
        assert_eq!(place!(belay_statement, len), 16);
        assert_eq!(place!(belay_statement, line), 24);
        assert_eq!(place!(belay_statement, nwrites), 28);
        assert_eq!(place!(belay_statement, writes), 32);
        assert_eq!(place!(belay_statement, note), 40);
        assert_eq!(place!(belay_statementsink, ctx), 0);
        assert_eq!(place!(belay_statementsink, statement), 8);
        assert_eq!(place!(belay_script, struct_size), 0);
        assert_eq!(place!(belay_script, reserved), 4);
        assert_eq!(place!(belay_script, probe), 8);
        assert_eq!(place!(belay_script, split), 16);
        assert_eq!(place!(belay_snapshot, struct_size), 0);
        assert_eq!(place!(belay_snapshot, reserved), 4);
        assert_eq!(place!(belay_snapshot, probe), 8);
        assert_eq!(place!(belay_snapshot, formats), 16);
        assert_eq!(place!(belay_snapshot, dump), 24);
        assert_eq!(place!(belay_snapshot, verify), 32);
        assert_eq!(place!(belay_snapshot, restore), 40);
        assert_eq!(place!(belay_snapshot, text), 48);
        assert_eq!(place!(belay_table, struct_size), 0);
        assert_eq!(place!(belay_table, ncolumns), 4);
        assert_eq!(place!(belay_table, schema), 8);
        assert_eq!(place!(belay_table, name), 24);
        assert_eq!(place!(belay_table, columns), 40);
        assert_eq!(place!(belay_rows, struct_size), 0);
        assert_eq!(place!(belay_rows, reserved), 4);
        assert_eq!(place!(belay_rows, probe), 8);
        assert_eq!(place!(belay_rows, read), 16);
        assert_eq!(place!(belay_rows, load), 24);
        assert_eq!(place!(belay_token, struct_size), 0);
        assert_eq!(place!(belay_token, reserved), 4);
        assert_eq!(place!(belay_token, probe), 8);
        assert_eq!(place!(belay_token, acquire), 16);
        assert_eq!(place!(belay_token, adopt), 24);
        assert_eq!(place!(belay_token, release), 32);
        assert_eq!(place!(belay_scratch, struct_size), 0);
        assert_eq!(place!(belay_scratch, reserved), 4);
        assert_eq!(place!(belay_scratch, probe), 8);
        assert_eq!(place!(belay_scratch, create), 16);
        assert_eq!(place!(belay_scratch, promote), 24);
        assert_eq!(place!(belay_scratch, drop), 32);
        assert_eq!(place!(belay_scratch, locate), 40);
        assert_eq!(place!(belay_rewind, struct_size), 0);
        assert_eq!(place!(belay_rewind, reserved), 4);
        assert_eq!(place!(belay_rewind, probe), 8);
        assert_eq!(place!(belay_rewind, mark), 16);
        assert_eq!(place!(belay_rewind, at), 24);
        assert_eq!(place!(belay_rewind, rewind), 32);
        assert_eq!(place!(belay_atomic, struct_size), 0);
        assert_eq!(place!(belay_atomic, reserved), 4);
        assert_eq!(place!(belay_atomic, probe), 8);
        assert_eq!(place!(belay_atomic, run), 16);
        assert_eq!(place!(belay_lock, struct_size), 0);
        assert_eq!(place!(belay_lock, reserved), 4);
        assert_eq!(place!(belay_lock, probe), 8);
        assert_eq!(place!(belay_lock, acquire), 16);
        assert_eq!(place!(belay_lock, release), 24);
        assert_eq!(place!(belay_sessions, struct_size), 0);
        assert_eq!(place!(belay_sessions, reserved), 4);
        assert_eq!(place!(belay_sessions, probe), 8);
        assert_eq!(place!(belay_sessions, list), 16);
        assert_eq!(place!(belay_sessions, terminate), 24);
        assert_eq!(place!(belay_explain, struct_size), 0);
        assert_eq!(place!(belay_explain, reserved), 4);
        assert_eq!(place!(belay_explain, probe), 8);
        assert_eq!(place!(belay_explain, explain), 16);
        assert_eq!(place!(belay_lint, struct_size), 0);
        assert_eq!(place!(belay_lint, reserved), 4);
        assert_eq!(place!(belay_lint, probe), 8);
        assert_eq!(place!(belay_lint, lint), 16);
        assert_eq!(place!(belay_integrity, struct_size), 0);
        assert_eq!(place!(belay_integrity, reserved), 4);
        assert_eq!(place!(belay_integrity, probe), 8);
        assert_eq!(place!(belay_integrity, check), 16);
        assert_eq!(place!(belay_preflight, struct_size), 0);
        assert_eq!(place!(belay_preflight, reserved), 4);
        assert_eq!(place!(belay_preflight, probe), 8);
        assert_eq!(place!(belay_preflight, check), 16);
    }
}
