/*
 * belay_driver.h - the belay driver ABI, major version 1, minor version 0.
 *
 * A driver is one shared object that exports one symbol, belay_driver_v1(). This is the only file of belay's that it
 * includes. The promise to authors: a driver built for 1.0 loads in every 1.x.
 *
 * Rules
 *  1 Growth. Structs that begin with struct_size only grow at the end. The side that fills such a struct sets
 *    struct_size to the size that it was compiled with; the side that reads it reads no further (BELAY_HAS). Array
 *    elements never change their layout. A new group of functions gets a new extension id; existing extensions do not
 *    change.
 *  2 Text is UTF-8 with a length and without a NUL at the end, unless it is a const char *. A pointer that is passed to
 *    a call or a callback is valid until that call or callback returns.
 *  3 The side that allocates memory frees it. Neither side releases memory of the other. Errors and operations belong
 *    to the host.
 *  4 Threads. [conn]: the host makes one call at a time on a connection, but may make each from a different OS thread.
 *    [any]: at any time, from any thread, several calls at once. Host callbacks that take a belay_op or a belay_error
 *    are called only during the call that received it.
 *  5 No exception, panic, longjmp or exit() leaves the driver. It installs no signal handlers, and writes nothing to
 *    stdout or stderr. The library is never unloaded.
 *  6 Order of calls. belay_driver_v1 comes first; open comes before every call that takes a belay_conn; close comes
 *    last, once, even after a failed call. Every other call is allowed at any time between open and close, unless its
 *    comment says otherwise.
 *
 * Return values: BELAY_OK, or one of BELAY_E_* after belay_host.fail() was called once with the same code. A non-zero
 * code that a sink, a source or a rowsink returned is returned unchanged, without calling fail().
 */
#ifndef BELAY_DRIVER_H
#define BELAY_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BELAY_ABI_MAJOR 1
#define BELAY_ABI_MINOR 0

/* Whether a slot is there. Both sides must use this for slots that may be absent. */
#define BELAY_HAS(p, T, m) ((p) && (p)->struct_size >= offsetof(T, m) + sizeof((p)->m) && (p)->m)

typedef struct belay_conn belay_conn;   /* of the driver, opaque to the host: one open database */
typedef struct belay_op belay_op;       /* of the host, opaque to the driver: one running operation */
typedef struct belay_error belay_error; /* of the host, opaque to the driver: never NULL, filled by belay_host.fail */

/* len bytes at ptr. ptr may be NULL only if len is 0. */
typedef struct { const char *ptr; uint64_t len; } belay_str;

/* What went wrong. */
enum {
  BELAY_OK = 0,
  BELAY_E_UNSUPPORTED = 1, /* this driver, server version or connection does not support this */
  BELAY_E_INVALID = 2,     /* the caller asked for something malformed: a bad URL, an unknown option */
  BELAY_E_AUTH = 3,        /* the server rejected the user or the password */
  BELAY_E_DENIED = 4,      /* the user may not do this (missing privilege, read-only) */
  BELAY_E_NOT_FOUND = 5,   /* no such database, table, file */
  BELAY_E_IO = 6,          /* disk full, file unreadable, connection lost */
  BELAY_E_TIMEOUT = 7,     /* the deadline of the operation passed */
  BELAY_E_CANCELLED = 8,   /* belay_host.cancelled() returned non-zero */
  BELAY_E_BUSY = 9,        /* somebody else holds a lock; a later attempt may succeed. The only code after which the host
                              repeats a call. With NOT_APPLIED in a transaction: it is as it was before the call, which
                              may be repeated. With an sqlstate of class 40 (40001, 40P01) too: the transaction cannot
                              succeed any more; the host rolls it back and begins it anew, at most three times */
  BELAY_E_CONSTRAINT = 10, /* the data violates a constraint */
  BELAY_E_SQL = 11,        /* the statement is invalid */
  BELAY_E_CORRUPT = 12,    /* the database or the dump is damaged */
  BELAY_E_INTERNAL = 13    /* a bug in the driver */
};

/* What the failed call did to the database. From this the host decides whether to retry, roll back, or stop and
   check. */
enum {
  BELAY_NOT_APPLIED = 1,     /* it had no effect */
  BELAY_APPLIED = 2,         /* it took full effect; something failed afterwards */
  BELAY_PARTIAL = 3,         /* a part of it took effect */
  BELAY_OUTCOME_UNKNOWN = 4  /* not known, e.g. the connection was lost during COMMIT */
};

/*
 * Cell types, with the union member that holds the value.
 * NATIVE is the server's own lossless text form of the type named in belay_column.native_type.
 * TEXT is UTF-8; an engine that does not validate text (SQLite) passes the bytes as they are stored.
 */
enum {
  BELAY_NULL = 0,   /* none */
  BELAY_BOOL = 1,   /* i64: 0 or 1 */
  BELAY_I64 = 2,    /* i64 */
  BELAY_F64 = 3,    /* f64; infinities and NaN are allowed */
  BELAY_TEXT = 4,   /* ptr, len; may contain NUL bytes */
  BELAY_BLOB = 5,   /* ptr, len */
  BELAY_NATIVE = 6  /* ptr, len */
};

/* belay_traits.flags */
enum {
  BELAY_T_TXN = 1,         /* transactions, with the statements txn_begin, txn_commit, txn_rollback */
  BELAY_T_TXN_DDL = 2,     /* a transaction may contain DDL, later statements of it can use what it made, and ROLLBACK
                              undoes it */
  BELAY_T_STABLE_READ = 4, /* from txn_begin to the end, the connection sees the data of one instant */
  BELAY_T_READ_ONLY = 8,   /* this connection cannot write */
  BELAY_T_EXCLUSIVE = 16,  /* from txn_begin to the end, nobody else can write to the database */
  BELAY_T_SWAPS = 32,      /* after promote, the scratch URL leads to the previous database, until that is dropped */
  BELAY_T_NO_PROMOTE = 64, /* scratch databases can be created, but cannot replace this database */
  BELAY_T_ALTERS_COLUMNS = 128 /* ALTER TABLE takes NOT NULL, DEFAULT and CHECK away from a column: nobody makes a table
                              anew for that, so a migration that loses one so does not mean to */
};

/* belay_option.flags */
enum { BELAY_OPT_SECRET = 1 }; /* the host never logs it; the driver must not echo it */

/* belay_host.log levels */
enum { BELAY_LOG_DEBUG = 0, BELAY_LOG_INFO = 1, BELAY_LOG_NOTICE = 2, BELAY_LOG_WARNING = 3, BELAY_LOG_ERROR = 4 };

/* One value. Array element, always 24 bytes. len is in bytes, and 0 for types without ptr. */
typedef struct {
  uint32_t type, reserved;
  union { int64_t i64; double f64; const void *ptr; } v;
  uint64_t len;
} belay_cell;

/* nrows * ncols cells, row after row. */
typedef struct { const belay_cell *cells; uint64_t nrows; uint32_t ncols, reserved; } belay_batch;

/* One column of a result. Array element. */
typedef struct { belay_str name, native_type; uint32_t flags, reserved[3]; } belay_column;

/* One setting, for open. Array element. */
typedef struct { belay_str key, value; uint32_t flags, reserved; } belay_option;

/*
 * Push streams. A non-zero return value means: stop now, and return that code from the call. Call them only during the
 * call that received them, on its thread.
 * sink: write accepts all n bytes or fails.
 * source: read fills at most cap bytes and may return fewer; 0 is the end, a negative value is a failure (then return
 * BELAY_E_IO without calling fail: the host knows the reason).
 * rowsink: call columns() once, before any rows, even if there are no rows; then rows() any number of times. A batch
 * has at most about 1 MiB, or one row if that is larger.
 */
typedef struct { void *ctx; int32_t (*write)(void *ctx, const void *buf, uint64_t n); } belay_sink;
typedef struct { void *ctx; int64_t (*read)(void *ctx, void *buf, uint64_t cap); } belay_source;
typedef struct {
  void *ctx;
  int32_t (*columns)(void *ctx, const belay_column *columns, uint32_t n);
  int32_t (*rows)(void *ctx, const belay_batch *batch);
} belay_rowsink;

/* belay_object.flags */
enum {
  BELAY_O_GENERATED = 1,    /* column: computed by the engine; a backup neither reads nor writes it */
  BELAY_O_IMPLICIT = 2,     /* column: not declared, but readable and writable by this name, e.g. a rowid */
  BELAY_O_NOT_NULL = 4,     /* column */
  BELAY_O_PRIMARY_KEY = 8,  /* column: part of the primary key */
  BELAY_O_NO_ROWS = 16,     /* table: has no rows of its own to back up (a virtual or foreign table) */
  BELAY_O_SHADOW = 32,      /* table: storage of the virtual table named in parent */
  BELAY_O_INTERNAL = 64,    /* maintained by the engine (sqlite_sequence); changes without being named in a statement */
  BELAY_O_OUTSIDE_DUMP = 128, /* a dump of belay.snapshot/1 does not contain it: the host runs its ddl before it restores
                                a dump if the object comes before the first table, otherwise after it. The ddl must not
                                do harm if the object already exists */
  BELAY_O_COMPUTED = 256,   /* its rows are computed by the engine from others (a materialized view): no backup contains
                               them, and a restored copy computes them anew */
  BELAY_O_TOLD_TWICE = 512, /* also part of its parent's definition (a grant): not compared and not recreated by itself,
                               but a migration can lose it */
  BELAY_O_COUNTER = 1024,   /* column of an internal table: an integer that moves on outside of transactions, as a
                               sequence's value does: a dump may contain a later one than the rows that were read. The
                               table's other stored columns are its PRIMARY_KEY, as text, and at most one COUNTER_STEP.
                               The SQL text of a backup has no rows of it. It may be no table of the engine; then it needs
                               belay.rows/1 */
  BELAY_O_COUNTER_STEP = 2048, /* column of the same table: its sign tells in which direction the counter moves; 0: either */
  BELAY_O_DEFAULT = 4096,   /* column: the engine gives it a value where a statement writes none (DEFAULT, AUTO_INCREMENT,
                               IDENTITY). Not needed where the default is an object of its own */
  BELAY_O_CHECKED = 8192    /* column: its definition has a CHECK. Not needed where the CHECK is an object of its own: of any
                               kind, with the table or the column as its parent, and the CHECK in its definition or ddl */
};

/*
 * One object of the schema: a table, column, index, constraint, view, trigger, sequence, function, setting ...
 * Rows are read from and written to objects of kind "table"; an object of kind "column" has its table in parent.
 * Objects come in the order that recreates them: a table directly before its columns; everything that must wait until
 * the rows are loaded (indexes, triggers, foreign keys added later, values of sequences) after all tables.
 * An object is identified by (kind, schema, parent, name). It is unchanged if its definition is equal.
 */
typedef struct {
  uint32_t struct_size, flags;
  belay_str kind, schema, name, parent, native_type;
  belay_str definition;  /* canonical text: equal text = equal object (schema diff) */
  belay_str ddl;         /* the statements that recreate it; empty if they are part of the parent's */
  int64_t row_estimate;  /* tables: -1 if unknown */
  belay_str drop;        /* one statement that removes it, and does no harm if it does not exist. Empty: it is removed
                            with its parent, or DROP TABLE, VIEW, INDEX or TRIGGER with its name removes it */
  belay_str id;          /* the engine's own identifier of it, which survives a rename, and which no other object of this
                            database ever has; empty: the engine has none. Not part of its identity: a copy has others */
} belay_object;

typedef struct { void *ctx; int32_t (*object)(void *ctx, const belay_object *object); } belay_objectsink;

/* What a connection can do; depends on the server's version and the user's privileges. Text is valid until close. */
typedef struct {
  uint32_t struct_size, flags;     /* the host sets struct_size and zeroes the rest; the driver writes no further */
  belay_str server_name;           /* "SQLite" */
  belay_str server_version;        /* "3.40.1" */
  belay_str ident_quote;           /* one character, doubled inside a quoted name: " or ` */
  belay_str param_style;           /* "?" or "$1" */
  belay_str identity;              /* equal for two URLs of one database, otherwise different; contains no secret */
  belay_str txn_begin;             /* the statement that opens a transaction for writing */
  belay_str txn_commit, txn_rollback;
  belay_str load_begin, load_end;  /* statements around the SQL text of a whole backup, e.g. to turn foreign keys off.
                                      The host also runs them around a restore, on the database itself if it is rolled
                                      back in place: they make no objects, and can be run again */
  uint64_t max_sql_bytes;          /* of one statement that the host writes with literals; 0: no limit */
  uint64_t max_params;             /* of one statement; 0: no limit. The host binds one parameter for each column */
  uint64_t max_rows_per_execute;   /* rows in the VALUES list of one INSERT that the host writes with literals; 0: no
                                      limit, 1: the engine has no such lists. Not of params: execute() takes any number */
  uint64_t database_bytes;         /* 0: unknown; for the disk-space check and for progress */
  uint64_t free_bytes;             /* free space where the database is stored; 0: unknown */
  belay_str restore_steps;         /* for an archive's README: commands, separated by LF, that restore its members
                                      full_backup.* with the engine's own client, without belay; may be empty. An empty line
                                      separates two ways of which one is enough; a way is left out if the archive does
                                      not have the member that it names first. The new database is called restored */
  /* The convention by which this engine's own tool names and records migrations, by the host's name for it:
     "wrangler-d1"; empty: there is none. The host ignores a name that it does not know. */
  belay_str convention;
  /* The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits. Empty: CAST(X'?' AS TEXT).
     Used in SQL text for values with NUL or CR, which clients do not read unchanged. */
  belay_str hex_text;
} belay_traits;

/* The host's callbacks: all [any], valid for the life of the process. */
typedef struct {
  uint32_t struct_size, abi_minor;
  /* Describes the failure of the current call, and returns code. Copies its arguments. outcome: BELAY_NOT_APPLIED ...
     sqlstate, message, hint may be empty; vendor_code: the engine's own number, or 0; sql_offset: the byte of the error
     in the statement's text, or -1 if unknown. */
  int32_t (*fail)(belay_error *error, int32_t code, uint32_t outcome, belay_str sqlstate, int64_t vendor_code,
                  int64_t sql_offset, belay_str message, belay_str hint);
  /* Writes a line to the log. message: without a line end. op may be NULL. */
  void (*log)(belay_op *op, int32_t level, belay_str message);
  /* Reports the progress of the current call: done of total, in any unit. If the total is unknown it is 0, and done counts
     bytes. At most about every 50 ms. */
  void (*progress)(belay_op *op, uint64_t done, uint64_t total, belay_str what);
  /* Non-zero: stop and fail with BELAY_E_CANCELLED. Poll at least every 100 ms or 1 MiB. */
  int32_t (*cancelled)(belay_op *op);
  /* Milliseconds until the deadline; 0: it has passed, -1: there is none. Use it as the statement timeout. */
  int64_t (*remaining_ms)(belay_op *op);
  /* Host extensions by id; NULL if unknown. None is defined in 1.0. */
  const void *(*extension)(const char *id);
} belay_host;

/* THE MANDATORY CORE: everything up to catalog must be filled in. */
typedef struct {
  uint32_t struct_size, abi_minor;
  const char *id;          /* "sqlite": the NAME of belay-driver-NAME.so */
  const char *version;     /* "1.0.0" */
  const char *url_schemes; /* "sqlite file": separated by spaces */

  /* [any] Opens one database. options[0] is "url"; the others are named settings. Options that every driver should
     know: "create" = "1": create the database if it does not exist, and fail if it exists and is not empty;
     "read_only" = "1": never write; "scratch_dir": a folder for temporary files, which the host empties after a crash.
     Unknown options: BELAY_E_INVALID. On success *conn belongs to the driver until close; on failure it stays NULL. */
  int32_t (*open)(const belay_option *options, uint32_t n, belay_op *op, belay_conn **conn, belay_error *error);
  /* [conn] Ends the connection; an open transaction is rolled back. conn is not used again. */
  void (*close)(belay_conn *conn);
  /* [conn] Fills traits up to traits->struct_size. */
  int32_t (*describe)(belay_conn *conn, belay_traits *traits, belay_error *error);
  /* [conn] Runs sql. With params: one statement, once per row of params, of which there may be any number. If params is
     NULL: any number of statements, in order, up to the first that fails. *affected: rows changed by the last
     statement (with params: the sum over all rows), -1 if unknown; affected may be NULL. Results are discarded. */
  int32_t (*execute)(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                     belay_error *error);
  /* [conn] Runs one statement that returns rows. params: NULL, or one row. The statement may be a user's check, and may
     only read: one that would change anything, by itself or by a function that it calls, end the open transaction, or open
     another file, fails with BELAY_E_DENIED and has no effect, as far as the engine can know this. */
  int32_t (*query)(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                   const belay_rowsink *rows, belay_error *error);
  /* [conn] Lists every object of the database, in the order described at belay_object. */
  int32_t (*catalog)(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error);
  /* [any] Optional. The only call allowed during another one on the same connection: makes that call fail soon with
     BELAY_E_CANCELLED. Does nothing if no call is running. */
  void (*interrupt)(belay_conn *conn);
  /* [any] Optional. Returns the extension struct for an id, or NULL; always the same pointer, valid for ever. */
  const void *(*extension)(const char *id);
  /* [any] Optional. Called before open, with a URL of one of url_schemes. If url stands for a database of another
     driver, writes that driver's URL; the host opens it instead, without another redirect. Writes nothing if this
     driver opens url itself. Opens nothing. */
  int32_t (*redirect)(belay_str url, belay_op *op, const belay_sink *to, belay_error *error);
} belay_driver;

/*
 * The one exported symbol; its name contains the ABI's major version. [any] No side effects: no I/O, no threads, under
 * 100 ms. host stays valid until the process ends. Returns a struct that is never freed, or NULL if the driver needs a
 * newer host.
 */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const belay_driver *belay_driver_v1(const belay_host *host);

/*
 * OPTIONAL EXTENSIONS, requested by id. Each begins with probe(), which is [conn]: BELAY_OK, or UNSUPPORTED / DENIED
 * with the reason, for this connection at this time. The comment of each extension says what the host does without it.
 * With the core alone, a database can be backed up, migrated and restored.
 */
#define BELAY_EXT_HEAD                                                                                                 \
  uint32_t struct_size, reserved;                                                                                      \
  int32_t (*probe)(belay_conn *conn, belay_op *op, belay_error *error)

/* belay_write.actions */
enum {
  BELAY_W_INSERT = 1, BELAY_W_UPDATE = 2, BELAY_W_DELETE = 4, /* rows */
  BELAY_W_CREATE = 8, BELAY_W_DROP = 16, BELAY_W_ALTER = 32   /* the object */
};

/* One object that a statement names and writes itself, without cascades and triggers. kind: as in belay_object. A
   rename is DROP of the old name and CREATE of the new one, both with ALTER. Dropping a table is DROP without DELETE:
   the host treats rows that disappear in a rebuild as lost, and rows of a DELETE as intended. Array element. */
typedef struct { belay_str kind, schema, name, parent; uint32_t actions, reserved; } belay_write;

/* belay_statement.flags */
enum {
  BELAY_S_OPENS_TXN = 1,   /* BEGIN, SAVEPOINT ... */
  BELAY_S_ENDS_TXN = 2,    /* COMMIT, ROLLBACK, RELEASE ... */
  BELAY_S_NO_TXN = 4,      /* cannot run inside a transaction */
  BELAY_S_BEFORE_TXN = 8,  /* has an effect only outside a transaction; inside one it silently does nothing */
  BELAY_S_CLIENT = 16,     /* a command of the engine's client (a \ or . line), not SQL: it cannot be run */
  BELAY_S_UNREAD = 32,     /* could not be analysed: writes is incomplete; note says why */
  BELAY_S_SYNTAX = 64,     /* with UNREAD: the engine that would run it does not accept its syntax, whatever the schema is;
                              the host refuses the script. Not for a parser that may be older than the engine */
  BELAY_S_COLUMNS = 128    /* writes also lists, as kind "column" with the table as parent and INSERT or UPDATE alone, each
                              column that gets the value of an expression in rows that are copied from another table or
                              that are there. What is not listed gets the value of a column as it is, or none: where such a
                              statement fills a table that takes the place of another one, the host expects equal values in
                              all other columns. Without it: it expects nothing of them */
};

/* One statement of a script. offset and len are in bytes, without the separator; line counts from 1. */
typedef struct {
  uint32_t struct_size, flags;
  uint64_t offset, len;
  uint32_t line, nwrites;
  const belay_write *writes;
  belay_str note;
} belay_statement;

typedef struct { void *ctx; int32_t (*statement)(void *ctx, const belay_statement *statement); } belay_statementsink;

/* "belay.script/1": where statements end, and what they write. Without it: one execute() per file; every change to a
   table counts as named by the file, but every loss must be declared. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Analyses script against the current schema, without changing anything. Each statement is analysed as if
     those before it had run. An error in a statement does not make split fail: the statement is flagged UNREAD, with a
     note. */
  int32_t (*split)(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *statements,
                   belay_error *error);
} belay_script;

/* "belay.snapshot/1": the engine's own dump. Without it: the catalog's ddl, and rows by query(); restored by
   execute(). */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] The formats, the best one first, separated by spaces; valid until close. Each is name:extension, such as
     "sqlite_db:db", followed by ":stored" if the dump is already compressed and the archive must store it unchanged. */
  belay_str (*formats)(belay_conn *conn);
  /* [conn] Writes one dump. token: empty, or a token of belay.token/1 that this connection has acquired or adopted. */
  int32_t (*dump)(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                  belay_error *error);
  /* [conn] Reads a whole dump and checks it with the engine's own means. Does not touch conn's database. */
  int32_t (*verify)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error);
  /* [conn] Makes conn's database equal to the dump, and removes objects that are not in the dump. All or nothing: after
     a failure the outcome is NOT_APPLIED, unless the driver reports another one. Not inside a transaction. */
  int32_t (*restore)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error);
  /* [conn] Optional; NULL: the host generates the SQL text from the catalog's ddl and the rows. Reads a whole dump and
     writes it as SQL text that the engine's own client can restore into an empty database. Counts as verify(): it fails
     if the dump is damaged. Does not touch conn's database. */
  int32_t (*text)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, const belay_sink *sink,
                  belay_error *error);
} belay_snapshot;

/* One table of the catalog, and some of its columns. All names are as in belay_object, without quotes. */
typedef struct {
  uint32_t struct_size, ncolumns;  /* ncolumns: at least 1 */
  belay_str schema, name;
  const belay_str *columns;        /* stored columns of the table, including IMPLICIT ones, in any order */
} belay_table;

/* "belay.rows/1": reads and loads a table's rows as cells, by name, if the engine has a better way than SQL text.
   Without it: the host writes SELECT for query() and INSERT for execute(), and quotes the names with ident_quote. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Reads all rows of a table, in any order. columns() gets the names in the requested order, and the cells are
     the same as from query(). It reads what query() would read: in the open transaction, or in the view of
     belay.token/1. Without either, rows that are written meanwhile may or may not be included. */
  int32_t (*read)(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                  belay_error *error);
  /* [conn] Adds one batch of rows to a table, in the open transaction if there is one. A large table is loaded by many
     calls, one after the other. No call marks the end: what must follow the rows (indexes, values of sequences) is in
     the catalog. rows: at most about 1 MiB or one row; its cells are in the order of the columns, and as read()
     returned them. Every column gets the given value, even one that the engine numbers itself; triggers and constraints
     act as on an INSERT. In an INTERNAL table a row may set the value that the engine keeps under its key instead of
     adding a row. All rows or none: the outcome of a failure is NOT_APPLIED, unless the engine's limits force the
     driver to split the batch, or a reply was lost. */
  int32_t (*load)(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                  belay_error *error);
} belay_rows;

/* "belay.token/1": one view of the data, shared by several connections. Without it: one connection reads everything, in
   a transaction if the traits include STABLE_READ. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Freezes the view of the current instant, and writes a token for it. From then on query(), catalog() and
     belay_rows.read() of this connection read that instant, until release or close. Not inside a transaction. */
  int32_t (*acquire)(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error);
  /* [conn] Makes another connection read the same instant, until release or close. */
  int32_t (*adopt)(belay_conn *conn, belay_op *op, belay_str token, belay_error *error);
  /* [conn] Returns to the current data. The connection that acquired the token releases it last. */
  int32_t (*release)(belay_conn *conn, belay_op *op, belay_error *error);
} belay_token;

/* "belay.scratch/1": temporary databases beside this one, and replacing it with one of them. Without it: no rehearsal,
   and restore in place. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Creates an empty database and writes its URL, which must not contain secrets that conn's URL does not
     contain. name: letters, digits and "-". Equal names give equal URLs, even after a promote, so that after a crash
     the host can find the database by its name. Fails with BELAY_E_CONSTRAINT if it exists. */
  int32_t (*create)(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error);
  /* [conn] Replaces the content of conn's database with that of the scratch database. Atomic: after a kill at any
     moment the database has either the old or the new content. Not inside a transaction. Ends sessions of others that
     prevent it. Afterwards the scratch database may or may not exist: drop it. With BELAY_T_SWAPS its URL then leads to
     the previous database. */
  int32_t (*promote)(belay_conn *conn, belay_op *op, belay_str url, belay_error *error);
  /* [conn] Removes a scratch database by its URL; succeeds if it does not exist. */
  int32_t (*drop)(belay_conn *conn, belay_op *op, belay_str url, belay_error *error);
  /* [conn] Writes the URL that create would write for this name, without creating anything. */
  int32_t (*locate)(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error);
} belay_scratch;

/* "belay.rewind/1": the engine can return to an earlier state by itself (D1 Time Travel, PITR). Without it: the backup
   is restored. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Writes a bookmark of the current state or, while a token of belay.token/1 is in use, of its instant. */
  int32_t (*mark)(belay_conn *conn, belay_op *op, const belay_sink *bookmark, belay_error *error);
  /* [conn] Writes a bookmark of a past moment, in milliseconds since 1970 UTC; fails if that is too long ago. */
  int32_t (*at)(belay_conn *conn, belay_op *op, int64_t unix_ms, const belay_sink *bookmark, belay_error *error);
  /* [conn] Returns the database to a bookmark; writes the bookmark that undoes this. */
  int32_t (*rewind)(belay_conn *conn, belay_op *op, belay_str bookmark, const belay_sink *undo, belay_error *error);
} belay_rewind;

/* "belay.atomic/1": several statements, all or nothing, for engines without BEGIN: a migration file and its row in the
   ledger are sent in one call. Without it: a transaction if there are transactions, otherwise statement by
   statement. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Runs n statements. failed: never NULL, -1 before the call; after a failure, set it to the index of the
     failed statement, if that is known. sql_offset is then an offset in that statement. If the driver has to use a
     method that is not all or nothing, the failure's outcome must say so. The first statements may be ones that have an
     effect only outside a transaction (BELAY_S_BEFORE_TXN). */
  int32_t (*run)(belay_conn *conn, belay_op *op, const belay_str *sql, uint32_t n, int64_t *failed, belay_error *error);
} belay_atomic;

/* "belay.lock/1": one migration at a time. Without it: a row in a table of belay's. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Takes the lock, or fails immediately with BELAY_E_BUSY; the message names the holder, if known. The lock
     ends with the connection or the process. It works inside and outside transactions, and outlasts them. */
  int32_t (*acquire)(belay_conn *conn, belay_op *op, belay_str name, belay_error *error);
  /* [conn] Releases the lock. */
  int32_t (*release)(belay_conn *conn, belay_op *op, belay_str name, belay_error *error);
} belay_lock;

/* "belay.sessions/1": who else is connected. Without it: not known, and belay says so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Columns: id, user, application, since, state, statement; all text, NULL if unknown. Leaves out conn's own
     session. Every other session that belay has opened has the application "belay", or "belay", a space and more text;
     belay never ends these. */
  int32_t (*list)(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error);
  /* [conn] Ends the session with this id. */
  int32_t (*terminate)(belay_conn *conn, belay_op *op, belay_str id, belay_error *error);
} belay_sessions;

/* "belay.explain/1": the plan of a query. Without it: no plans, and belay says so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Must not run sql. Columns: depth (i64), detail (text), table (text or NULL), full_scan (bool), rows (i64 or
     NULL). */
  int32_t (*explain)(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error);
} belay_explain;

/* "belay.lint/1": findings about a migration that are specific to the engine. Without it: none, and belay says so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Analyses script against the current schema. Columns: line (i64), severity (text: "error", "warning",
     "note"), rule (text), message (text), hint (text or NULL). "error": the migration must not run in this form. */
  int32_t (*lint)(belay_conn *conn, belay_op *op, belay_str script, const belay_rowsink *findings, belay_error *error);
} belay_lint;

/* belay_integrity.check depth */
enum { BELAY_CHECK_QUICK = 0, BELAY_CHECK_FULL = 1 };

/* "belay.integrity/1": the engine's own checks of a database. Without it: not checked, and belay says so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Must work inside a transaction too, and then see its changes. Always checks foreign keys; depth says how
     thoroughly it checks the storage. One row per finding, none if there is no problem. Columns: check (text:
     "foreign_key", "constraint", "index", "sequence", "definition" (a view, trigger or foreign key that cannot work) and
     "space" (storage that nothing uses) are problems of data or schema, every other word is damage), object (text: table
     or index), identity (text or NULL: which row), message (text). */
  int32_t (*check)(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *findings, belay_error *error);
} belay_integrity;

/* belay_preflight.check needs: what the host is going to use. */
enum { BELAY_NEED_DUMP = 1, BELAY_NEED_SCRATCH = 2, BELAY_NEED_WRITE = 4 };

/* "belay.preflight/1": problems that the engine knows of before a run begins. Without it: only what the host can
   check. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Changes nothing. One row per finding, none if there is no problem. Columns: severity (text: "error",
     "warning", "note"), rule (text), subject (text: which object; empty: the database), message (text), hint (text or
     NULL: the solution). "error": the run must not begin. The rule "unchecked" is for what no check of this driver can
     prove: a backup, a restore or a migration then ends with warnings. */
  int32_t (*check)(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *findings, belay_error *error);
} belay_preflight;

/*
 * DRAFTS. An extension whose id begins with belay.draft. is not part of the promise: no 1.x has to support it, and its
 * struct may change in any version. Each version of the struct has its own id, so that a host cannot confuse them. A
 * draft that has proved useful becomes an extension above, with a new id.
 */

/* "belay.draft.footprint/2": what a transaction has done so far, as the engine reports it. A footprint is complete, or there
   is none: the host does not look again at what it does not name. Without it: locks and rewrites are not known, and belay
   compares the rows and uses the rehearsal to distinguish the transaction's rows from rows that others wrote. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] One row per table of the catalog that has rows of its own. Columns: schema (text), table (text), lock (text
     or NULL: the engine's name of the strongest lock that this connection's open transaction holds on the table),
     blocks (text: "", "writes" or "everything": what others cannot do with it meanwhile), storage (text: changes when
     the table is rewritten or emptied, or made anew under its name), inserted, updated, deleted (i64: rows written by this
     connection's open transaction, including triggers and the actions of foreign keys; 0 outside a transaction; those of a
     table that was renamed go with it), own_inserted, own_updated, own_deleted (i64: those of them that the statements
     wrote themselves, without triggers and the actions of foreign keys; all three NULL if the engine does not tell them
     apart), reached_by (text or NULL: what can write rows of this table when a statement writes another one, for people, in
     the words of SQL: "ON DELETE CASCADE of posts.author"). */
  int32_t (*read)(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error);
  /* [conn] Optional; NULL: the host calls belay_integrity.check, which may read the whole database while others wait.
     Checks what the open transaction has written or altered, as far as the engine does not guarantee it itself. Columns:
     as those of belay_integrity.check. */
  int32_t (*check)(belay_conn *conn, belay_op *op, const belay_rowsink *findings, belay_error *error);
} belay_footprint;

/* "belay.draft.reset/1": what a script leaves behind in its session: settings, the role, temporary objects. Without: it
   reaches the scripts that follow in the same transaction, and the host's own statements. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Makes the session what open made of it. Also within a transaction, which goes on; what lasts in the database
     stays. */
  int32_t (*reset)(belay_conn *conn, belay_op *op, belay_error *error);
  /* [conn] Writes statements that mean the same to belay.script/1. The host puts them between two scripts that it hands
     over as one, and never runs them. */
  int32_t (*seam)(belay_conn *conn, belay_op *op, const belay_sink *statements, belay_error *error);
  /* [conn] Writes the schema of a table that the host keeps for itself, by the table's name: where the table is, as a
     session that has just been opened finds it; else where it is to be made. Writes nothing where tables have no schema.
     Fails with BELAY_E_INVALID if there are several, or if its schema is not on the search path of such a session. */
  int32_t (*place)(belay_conn *conn, belay_op *op, belay_str table, const belay_sink *schema, belay_error *error);
} belay_reset;

/* "belay.draft.surroundings/1": what the database shares with others, such as roles: nothing that is undone in the
   database takes back what was done there, and a scratch database has the same. Without: not known. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Also within a transaction, whose own changes it sees. Columns: kind (text), name (text), definition (text:
     equal text = unchanged; holds no secret), written (bool: this connection's open transaction has written objects of
     this kind). A row with an empty name tells only that. */
  int32_t (*read)(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error);
} belay_surroundings;

/* "belay.draft.archived/1": statements that an archive holds. Somebody else may have written the archive: they may make
   what an archive holds, and nothing more. Without: they are run by execute(), as they are. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Runs, in order, the statements of sql: the ddl of one object, or with the kind "rows" the INSERTs of its rows.
     kind: as in belay_object. Fails with BELAY_E_INVALID at the first statement that catalog() would not write for an
     object of that kind, or that reaches beyond conn's database: into files, other databases, programs. Also within a
     transaction. */
  int32_t (*execute)(belay_conn *conn, belay_op *op, belay_str kind, belay_str sql, belay_error *error);
} belay_archived;

#ifdef __cplusplus
}
#endif
#endif
