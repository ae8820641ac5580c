/*
 * belay_driver.h - the belay driver ABI, major version 1, minor version 0.
 *
 * A driver is one shared object that exports one symbol, belay_driver_v1(). It includes nothing of belay but this file.
 * The promise to authors: a driver built for 1.0 loads in every 1.x.
 *
 * Rules
 *  1 Growth. Structs that start with struct_size only ever grow at the end; whoever fills one sets struct_size to the
 *    size that it was compiled with, and whoever reads one looks no further (BELAY_HAS). Array elements never change
 *    layout. A new group of functions is a new extension id, never a change to an old one.
 *  2 Text is UTF-8 with a length, not NUL-terminated, unless it is a const char *. Every borrowed pointer dies when
 *    the call or the callback that it was handed to returns.
 *  3 Whoever allocates frees. Nothing is released across the border. Errors and operations belong to the host.
 *  4 Threads. [conn]: the host serialises calls per connection, but makes them from any OS thread. [any]:
 *    concurrently, from any thread. Host callbacks that take a belay_op or a belay_error are called only during the
 *    call that handed them over.
 *  5 No exception, panic, longjmp or exit() crosses the border; no signal handler is installed; nothing is written to
 *    stdout or stderr. The library is never unloaded.
 *  6 Legal order. belay_driver_v1 first; open before everything that takes a belay_conn; close last, once, also after
 *    a failed call. Every other call is legal at any time between open and close, except where it says so.
 *
 * Return values: BELAY_OK, or one of BELAY_E_*, after belay_host.fail() was called once with the same code. A non-zero
 * code that came out of a sink, a source or a rowsink is handed on as it is, without calling fail().
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

/* The only legal way to test a slot that may be absent, on either side. */
#define BELAY_HAS(p, T, m) ((p) && (p)->struct_size >= offsetof(T, m) + sizeof((p)->m) && (p)->m)

typedef struct belay_conn belay_conn;   /* the driver's, opaque to the host: one open database */
typedef struct belay_op belay_op;       /* the host's, opaque to the driver: one running operation */
typedef struct belay_error belay_error; /* the host's, opaque to the driver: never NULL, filled through belay_host.fail */

/* len bytes at ptr. ptr may be NULL only where len is 0. */
typedef struct { const char *ptr; uint64_t len; } belay_str;

/* What went wrong. */
enum {
  BELAY_OK = 0,
  BELAY_E_UNSUPPORTED = 1, /* this driver, server version or connection cannot do that */
  BELAY_E_INVALID = 2,     /* the caller asked for something malformed: a bad URL, an unknown option */
  BELAY_E_AUTH = 3,        /* the server does not accept who we are */
  BELAY_E_DENIED = 4,      /* it does, but this is not allowed (grants, read-only) */
  BELAY_E_NOT_FOUND = 5,   /* no such database, table, file */
  BELAY_E_IO = 6,          /* disk full, file unreadable, network gone */
  BELAY_E_TIMEOUT = 7,     /* the deadline of the operation passed */
  BELAY_E_CANCELLED = 8,   /* belay_host.cancelled() said so */
  BELAY_E_BUSY = 9,        /* somebody else holds a lock; trying again later may work. With NOT_APPLIED in a transaction:
                              it is as it was before the call, and the same call may be made again */
  BELAY_E_CONSTRAINT = 10, /* a constraint refused the data */
  BELAY_E_SQL = 11,        /* the statement is wrong */
  BELAY_E_CORRUPT = 12,    /* the database or the dump is damaged */
  BELAY_E_INTERNAL = 13    /* a defect in the driver */
};

/* What the failed call did to the database: this decides whether to retry, go back, or stop and look. */
enum {
  BELAY_NOT_APPLIED = 1,     /* nothing of it took effect */
  BELAY_APPLIED = 2,         /* all of it did, though the call failed afterwards */
  BELAY_PARTIAL = 3,         /* some of it did */
  BELAY_OUTCOME_UNKNOWN = 4  /* cannot be known from here, e.g. the connection died during COMMIT */
};

/*
 * Cell types, with the union member that holds the value.
 * NATIVE is the server's own lossless text form of the type named in belay_column.native_type.
 * TEXT is UTF-8; an engine that does not check its text (SQLite) hands over the bytes as they are stored.
 */
enum {
  BELAY_NULL = 0,   /* none */
  BELAY_BOOL = 1,   /* i64: 0 or 1 */
  BELAY_I64 = 2,    /* i64 */
  BELAY_F64 = 3,    /* f64; infinities and NaN are values */
  BELAY_TEXT = 4,   /* ptr, len; may hold NUL bytes */
  BELAY_BLOB = 5,   /* ptr, len */
  BELAY_NATIVE = 6  /* ptr, len */
};

/* belay_traits.flags */
enum {
  BELAY_T_TXN = 1,         /* transactions, by the statements in txn_begin, txn_commit, txn_rollback */
  BELAY_T_TXN_DDL = 2,     /* DDL is rolled back with the rest */
  BELAY_T_STABLE_READ = 4, /* between txn_begin and the end, one connection sees one instant */
  BELAY_T_READ_ONLY = 8,   /* this connection can write nothing */
  BELAY_T_EXCLUSIVE = 16,  /* between txn_begin and the end nobody else writes to the database */
  BELAY_T_SWAPS = 32,      /* promote keeps what was there before under the scratch's URL, until that is dropped */
  BELAY_T_NO_PROMOTE = 64  /* scratch databases are there, and none of them can take this one's place */
};

/* belay_option.flags */
enum { BELAY_OPT_SECRET = 1 }; /* the host never logs it; the driver must not echo it */

/* belay_host.log levels */
enum { BELAY_LOG_DEBUG = 0, BELAY_LOG_INFO = 1, BELAY_LOG_NOTICE = 2, BELAY_LOG_WARNING = 3, BELAY_LOG_ERROR = 4 };

/* One value. Array element: 24 bytes, for ever. len counts bytes and is 0 for types without ptr. */
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
 * Push streams. A non-zero return means: stop now, and return that code from the call.
 * sink.write takes all n bytes or fails. source.read fills at most cap bytes and may give fewer; 0 is the end, below 0
 * is a failure (return BELAY_E_IO without calling fail: the host knows why).
 * rowsink: columns() once, before any rows, also for a result of no rows; then rows() any number of times. A batch
 * holds at most about 1 MiB or one row, whichever is more.
 * They are called on the thread that made the call, and only during it.
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
  BELAY_O_GENERATED = 1,    /* column: computed by the engine; neither read nor written by a backup */
  BELAY_O_IMPLICIT = 2,     /* column: not declared, yet readable and writable by this name, e.g. a rowid */
  BELAY_O_NOT_NULL = 4,     /* column */
  BELAY_O_PRIMARY_KEY = 8,  /* column: part of the primary key */
  BELAY_O_NO_ROWS = 16,     /* table: has no rows of its own to back up (a virtual or foreign table) */
  BELAY_O_SHADOW = 32,      /* table: storage of the virtual table named in parent */
  BELAY_O_INTERNAL = 64,    /* the engine keeps it by itself (sqlite_sequence); it changes without being named */
  BELAY_O_OUTSIDE_DUMP = 128 /* a dump of belay.snapshot/1 does not hold it: the host runs its ddl, which must do no harm
                                where the object is there already, before a dump is restored if the object comes before
                                the first table, else after it */
};

/*
 * One object of the schema: a table, column, index, constraint, view, trigger, sequence, function, setting ...
 * kind "table" is what rows are read from and written to; kind "column" has its table in parent.
 * Objects come in the order that recreates them: a table directly before its columns; whatever must wait until the rows
 * are in (indexes, triggers, foreign keys added later, sequences' values) after all tables.
 * Identity is (kind, schema, parent, name). Objects of equal identity and equal definition are the same.
 */
typedef struct {
  uint32_t struct_size, flags;
  belay_str kind, schema, name, parent, native_type;
  belay_str definition;  /* canonical text: equal text = equal object (schema diff) */
  belay_str ddl;         /* the statements that recreate it; empty where part of the parent's */
  int64_t row_estimate;  /* tables: -1 where unknown */
  belay_str drop;        /* one statement that removes it, and does no harm where it is gone; empty: it goes with its
                            parent, or the host's own DROP TABLE, VIEW, INDEX or TRIGGER by its name is right */
} belay_object;

typedef struct { void *ctx; int32_t (*object)(void *ctx, const belay_object *object); } belay_objectsink;

/* What a connection can do; depends on the server's version and the user's grants. Text is valid until close. */
typedef struct {
  uint32_t struct_size, flags;     /* the host sets struct_size and zeroes the rest; the driver writes no further */
  belay_str server_name;           /* "SQLite" */
  belay_str server_version;        /* "3.40.1" */
  belay_str ident_quote;           /* one character, doubled inside a quoted name: " or ` */
  belay_str param_style;           /* "?" or "$1" */
  belay_str identity;              /* equal for two URLs of one database, different otherwise; holds no secret */
  belay_str txn_begin;             /* the statement that opens a transaction which is going to write */
  belay_str txn_commit, txn_rollback;
  belay_str load_begin, load_end;  /* statements around the SQL text of a whole backup, e.g. to switch off foreign keys */
  uint64_t max_sql_bytes, max_params, max_rows_per_execute; /* 0: no limit */
  uint64_t database_bytes;         /* 0: unknown; for the disk-space check and for progress */
  uint64_t free_bytes;             /* room left where the database lies; 0: unknown */
  belay_str restore_steps;         /* for an archive's README: lines, separated by LF, that restore its members
                                      full_backup.* with the engine's own client, belay absent; may be empty. An empty
                                      line stands between two ways of which one is enough; a way is left out where the
                                      archive does not have the member that it names first */
  /* The convention by which this engine's migrations are usually named and recorded, by the host's name for it:
     "wrangler-d1"; empty: the engine has none. The host ignores a name that it does not know. */
  belay_str convention;
  /* The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits. Empty: CAST(X'?' AS TEXT). Used
     in SQL text for values that hold NUL or CR, which clients do not take as they are. */
  belay_str hex_text;
} belay_traits;

/* The host's callbacks: all [any], valid for the life of the process. */
typedef struct {
  uint32_t struct_size, abi_minor;
  /* Describes the failure of the current call, and returns code. Copies what it is given. outcome: BELAY_NOT_APPLIED ...
     sqlstate, message, hint may be empty; vendor_code 0 where there is none; sql_offset: byte in the statement's text
     where the error stands, -1 where unknown. */
  int32_t (*fail)(belay_error *error, int32_t code, uint32_t outcome, belay_str sqlstate, int64_t vendor_code,
                  int64_t sql_offset, belay_str message, belay_str hint);
  /* A line for the log, without a line end. op may be NULL. */
  void (*log)(belay_op *op, int32_t level, belay_str message);
  /* How far the current call has come, in units of its own; total 0 where unknown. At most every 50 ms or so. */
  void (*progress)(belay_op *op, uint64_t done, uint64_t total, belay_str what);
  /* Non-zero: stop and fail with BELAY_E_CANCELLED. Poll at least every 100 ms or 1 MiB. */
  int32_t (*cancelled)(belay_op *op);
  /* Milliseconds until the deadline, 0 when passed, -1: none. Use it as the statement timeout. */
  int64_t (*remaining_ms)(belay_op *op);
  /* Host extensions by id; NULL if unknown. None is defined in 1.0. */
  const void *(*extension)(const char *id);
} belay_host;

/* THE MANDATORY CORE: everything up to catalog must be there. */
typedef struct {
  uint32_t struct_size, abi_minor;
  const char *id;          /* "sqlite": the NAME of belay-driver-NAME.so */
  const char *version;     /* "1.0.0" */
  const char *url_schemes; /* "sqlite file": separated by spaces */

  /* [any] Opens one database. options[0] is "url"; the others are named settings. Options that every driver should
     know: "create" = "1": make the database where it does not exist, and fail where it exists and is not empty;
     "read_only" = "1": never write; "scratch_dir": a folder for temporary files, which the host empties after a crash.
     Unknown options: BELAY_E_INVALID. On success *conn belongs to the driver until close; on failure it stays NULL. */
  int32_t (*open)(const belay_option *options, uint32_t n, belay_op *op, belay_conn **conn, belay_error *error);
  /* [conn] Ends the connection; an open transaction is rolled back. The conn is not used again. */
  void (*close)(belay_conn *conn);
  /* [conn] Fills traits up to traits->struct_size. */
  int32_t (*describe)(belay_conn *conn, belay_traits *traits, belay_error *error);
  /* [conn] Runs sql: one statement with params, once per row of params; or, where params is NULL, any number of
     statements in order, stopping at the first that fails. *affected: rows changed by the last statement (all rows of
     params summed), -1 where unknown; may be NULL. Results are thrown away. */
  int32_t (*execute)(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                     belay_error *error);
  /* [conn] Runs one statement that returns rows. params: NULL, or one row. */
  int32_t (*query)(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                   const belay_rowsink *rows, belay_error *error);
  /* [conn] Every object of the database, in the order told at belay_object. */
  int32_t (*catalog)(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error);
  /* [any] Optional. The only call allowed during another one on the same connection: makes that one fail soon with
     BELAY_E_CANCELLED. Harmless when nothing runs. */
  void (*interrupt)(belay_conn *conn);
  /* [any] Optional. The extension struct for an id, or NULL. The same pointer each time, valid for ever. */
  const void *(*extension)(const char *id);
  /* [any] Optional; asked before open, with an URL of url_schemes. Where url stands for a database that another driver
     speaks to, writes that driver's URL, which the host opens instead, and which no driver redirects again; writes
     nothing where url is to be opened here. Opens nothing. */
  int32_t (*redirect)(belay_str url, belay_op *op, const belay_sink *to, belay_error *error);
} belay_driver;

/*
 * The one exported symbol; its name holds the ABI's major version. [any] Pure: no I/O, no threads, under 100 ms.
 * host outlives the process's last call. Returns a struct that is never freed, or NULL if the host is not good enough.
 */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const belay_driver *belay_driver_v1(const belay_host *host);

/*
 * OPTIONAL EXTENSIONS, asked for by id. Each begins with probe(): BELAY_OK, or UNSUPPORTED / DENIED with the reason, for
 * this connection, now; [conn]. Beside each id stands what the host does without it: a driver with the core alone can
 * be backed up, migrated and restored.
 */
#define BELAY_EXT_HEAD                                                                                                 \
  uint32_t struct_size, reserved;                                                                                      \
  int32_t (*probe)(belay_conn *conn, belay_op *op, belay_error *error)

/* belay_write.actions */
enum {
  BELAY_W_INSERT = 1, BELAY_W_UPDATE = 2, BELAY_W_DELETE = 4, /* rows */
  BELAY_W_CREATE = 8, BELAY_W_DROP = 16, BELAY_W_ALTER = 32   /* the object */
};

/* One object that a statement names and writes itself: no cascades, no triggers. kind as in belay_object; a rename is
   DROP of the old name and CREATE of the new one, both with ALTER. Dropping a table is DROP, not also DELETE: the host
   takes rows that go missing in a rebuild for lost, and those of a DELETE for meant. Array element. */
typedef struct { belay_str kind, schema, name, parent; uint32_t actions, reserved; } belay_write;

/* belay_statement.flags */
enum {
  BELAY_S_OPENS_TXN = 1,   /* BEGIN, SAVEPOINT ... */
  BELAY_S_ENDS_TXN = 2,    /* COMMIT, ROLLBACK, RELEASE ... */
  BELAY_S_NO_TXN = 4,      /* refuses to run inside a transaction */
  BELAY_S_BEFORE_TXN = 8,  /* has its effect only outside a transaction; inside one it silently does nothing */
  BELAY_S_CLIENT = 16,     /* a command of the engine's client (a \ or . line), not SQL: cannot be run */
  BELAY_S_UNREAD = 32      /* could not be analysed: writes is not complete; note says why */
};

/* One statement of a script. offset and len (bytes, without the separator) and line (from 1) are in the script. */
typedef struct {
  uint32_t struct_size, flags;
  uint64_t offset, len;
  uint32_t line, nwrites;
  const belay_write *writes;
  belay_str note;
} belay_statement;

typedef struct { void *ctx; int32_t (*statement)(void *ctx, const belay_statement *statement); } belay_statementsink;

/* "belay.script/1": where statements end, and what they write. Without: one execute() per file; changes of a table
   count as named by the file, but every loss must be declared. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Reads script against the schema as it is now, changing nothing. A statement that sees the effects of those
     before it is read so. An error in a statement is no failure of split: it is flagged UNREAD with a note. */
  int32_t (*split)(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *statements,
                   belay_error *error);
} belay_script;

/* "belay.snapshot/1": the engine's own dump. Without: the catalog's ddl and rows by query(), restored by execute(). */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Formats, the best first, separated by spaces; valid until close. Each is name:extension: "sqlite_db:db"; with
     ":stored" behind it where the dump is compressed already and is to lie in the archive as it is. */
  belay_str (*formats)(belay_conn *conn);
  /* [conn] Writes one dump. token: empty, or one of belay.token/1 that this connection has acquired or adopted. */
  int32_t (*dump)(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                  belay_error *error);
  /* [conn] Reads a dump to its end with the engine's own check. conn's database is not touched. */
  int32_t (*verify)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error);
  /* [conn] Makes conn's database equal to the dump, objects that are not in the dump removed, all or nothing: on
     failure the outcome is NOT_APPLIED, or the driver says otherwise. Not inside a transaction. */
  int32_t (*restore)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error);
  /* [conn] Optional; NULL: the host makes the SQL text of the catalog's ddl and the rows. Reads a dump to its end and
     writes it as SQL text that the engine's own client restores into an empty database. Counts as verify(): it fails
     where the dump is damaged. conn's database is not touched. */
  int32_t (*text)(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, const belay_sink *sink,
                  belay_error *error);
} belay_snapshot;

/* One table of the catalog, and some of its columns. All names are those of belay_object, and not quoted. */
typedef struct {
  uint32_t struct_size, ncolumns;  /* ncolumns: at least 1 */
  belay_str schema, name;
  const belay_str *columns;        /* of the table's stored columns, IMPLICIT ones included, in any order */
} belay_table;

/* "belay.rows/1": a table's rows as cells, by names, where the engine has a better way than SQL text. Without: the host
   spells SELECT and INSERT for query() and execute(), and quotes the names by ident_quote. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Gives all rows of a table, in no particular order. columns() is told the names as they were asked for, and
     the cells are those that query() would give. Reads what query() would read: the open transaction, or the view of
     belay.token/1; without either, rows that are written meanwhile may or may not be among them. */
  int32_t (*read)(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                  belay_error *error);
  /* [conn] Adds one batch of rows to a table, in the open transaction if there is one. A large table is loaded by many
     calls, one after the other, and there is no call that ends it: what has to follow the rows (indexes, sequences'
     values) is in the catalog. rows: at most about 1 MiB or one row; its cells are in the columns' order, and are as
     read() gave them. Every column takes the value given, one that the engine numbers by itself too; triggers and
     constraints act as they do on an INSERT. In an INTERNAL table a row may set what the engine keeps under its key instead of adding to it. All rows or none: a failure's
     outcome is NOT_APPLIED, except where the engine's limits force the driver to divide the batch, or an answer was
     lost. */
  int32_t (*load)(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                  belay_error *error);
} belay_rows;

/* "belay.token/1": one view of the data, shared by several connections. Without: one connection does it all, within a
   transaction where traits say STABLE_READ. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Fixes an instant and writes a token for it. From now on query(), catalog() and belay_rows.read() of this
     connection read that instant. The view lives until release or close of this connection. Not inside a transaction. */
  int32_t (*acquire)(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error);
  /* [conn] Makes them read that instant on another connection, until release or close. */
  int32_t (*adopt)(belay_conn *conn, belay_op *op, belay_str token, belay_error *error);
  /* [conn] Back to the present. On the connection that acquired: after all that adopted. */
  int32_t (*release)(belay_conn *conn, belay_op *op, belay_error *error);
} belay_token;

/* "belay.scratch/1": a throw-away database beside this one, and a swap. Without: no rehearsal, and restore in place. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Makes an empty database; writes its URL, which holds no secret that conn's URL does not hold. name: letters,
     digits and "-"; equal names give equal URLs, after a promote too, so that a host that was killed finds it again by
     name. Fails with BELAY_E_CONSTRAINT where it exists. */
  int32_t (*create)(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error);
  /* [conn] Atomically: the content of scratch becomes the content of conn's database; a kill at any moment leaves
     either the one or the other. Not inside a transaction. Sessions of others that stand in the way are ended. The
     scratch may be gone or not afterwards: drop it. With BELAY_T_SWAPS its URL then leads to what was there before. */
  int32_t (*promote)(belay_conn *conn, belay_op *op, belay_str url, belay_error *error);
  /* [conn] Removes a scratch database by its URL; OK where it does not exist. */
  int32_t (*drop)(belay_conn *conn, belay_op *op, belay_str url, belay_error *error);
  /* [conn] Writes the URL that create would give for a name, without creating anything. */
  int32_t (*locate)(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error);
} belay_scratch;

/* "belay.rewind/1": the engine's own way back (D1 Time Travel, PITR). Without: restore of the backup. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Writes a bookmark of the present; of the instant, between acquire or adopt and release of belay.token/1. */
  int32_t (*mark)(belay_conn *conn, belay_op *op, const belay_sink *bookmark, belay_error *error);
  /* [conn] Writes a bookmark of a past moment, in milliseconds since 1970 UTC; fails where it cannot go back so far. */
  int32_t (*at)(belay_conn *conn, belay_op *op, int64_t unix_ms, const belay_sink *bookmark, belay_error *error);
  /* [conn] Goes back to a bookmark; writes the bookmark that undoes this. */
  int32_t (*rewind)(belay_conn *conn, belay_op *op, belay_str bookmark, const belay_sink *undo, belay_error *error);
} belay_rewind;

/* "belay.atomic/1": all or nothing, for engines without BEGIN: a migration's file and its row in the ledger go in one
   call. Without: transactions, or none. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Runs n statements. failed: never NULL, -1 before the call; after a failure, the index in sql of the statement
     that failed, where that is known. sql_offset is then in that statement. A driver that has to choose a way that is not
     all or nothing says so by the failure's outcome. Statements at the top may be such as have their effect only outside
     a transaction (BELAY_S_BEFORE_TXN). */
  int32_t (*run)(belay_conn *conn, belay_op *op, const belay_str *sql, uint32_t n, int64_t *failed, belay_error *error);
} belay_atomic;

/* "belay.lock/1": one migrator at a time. Without: a row in belay's own table. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Takes the lock, or fails at once with BELAY_E_BUSY, the holder in the message if known. It is gone when the
     connection or the process is gone. Usable inside and outside transactions, and survives them. */
  int32_t (*acquire)(belay_conn *conn, belay_op *op, belay_str name, belay_error *error);
  /* [conn] */
  int32_t (*release)(belay_conn *conn, belay_op *op, belay_str name, belay_error *error);
} belay_lock;

/* "belay.sessions/1": who else is connected. Without: not known, and said so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Columns: id, user, application, since, state, statement; all text, NULL where unknown. Without conn's own;
     whatever else belay has opened has the application "belay", and is never ended. */
  int32_t (*list)(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error);
  /* [conn] Ends one, by its id. */
  int32_t (*terminate)(belay_conn *conn, belay_op *op, belay_str id, belay_error *error);
} belay_sessions;

/* "belay.explain/1": the plan of a query. Without: skipped, and said so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Does not run sql. Columns: depth (i64), detail (text), table (text or NULL), full_scan (bool), rows (i64 or
     NULL). */
  int32_t (*explain)(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error);
} belay_explain;

/* "belay.lint/1": the dialect's own findings on a migration. Without: none, and said so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Reads script against the schema as it is now. Columns: line (i64), severity (text: "error", "warning",
     "note"), rule (text), message (text), hint (text or NULL). "error": the migration must not run as it stands. */
  int32_t (*lint)(belay_conn *conn, belay_op *op, belay_str script, const belay_rowsink *findings, belay_error *error);
} belay_lint;

/* belay_integrity.check depth */
enum { BELAY_CHECK_QUICK = 0, BELAY_CHECK_FULL = 1 };

/* "belay.integrity/1": the engine's own checks of a database. Without: skipped, and said so. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Runs also inside a transaction, and sees its changes. Foreign keys are always checked; depth says how far
     the storage is. One row per finding, none when all is well. Columns: check (text: "foreign_key", "constraint",
     "index", "sequence", "definition" (a view, trigger or foreign key that cannot work) and "space" (storage that nothing
     uses) tell of data and schema, every other word of damage), object (text: table or index),
     identity (text or NULL: which row), message (text). */
  int32_t (*check)(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *findings, belay_error *error);
} belay_integrity;

/* belay_preflight.check needs: what the host is about to ask for. */
enum { BELAY_NEED_DUMP = 1, BELAY_NEED_SCRATCH = 2, BELAY_NEED_WRITE = 4 };

/* "belay.preflight/1": what the engine itself knows to stand in the way. Without: only what the host can see. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] Changes nothing. One row per finding, all at once, none when all is well. Columns: severity (text: "error",
     "warning", "note"), rule (text), subject (text: which object; empty: the database), message (text), hint (text or
     NULL: the cure). "error": the run must not begin. The rule "unchecked" is for what no check of this driver can
     prove: a backup, a restore and a migration end with warnings then. */
  int32_t (*check)(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *findings, belay_error *error);
} belay_preflight;

/*
 * DRAFTS. An id that begins with belay.draft. promises nothing: no 1.x has to know it, and its struct may change in any
 * version. Each shape has an id of its own, so that a host never takes one shape for another. A draft that has proved
 * itself becomes an extension above, with a new id.
 */

/* "belay.draft.footprint/1": what a transaction has done so far, told by the engine. Without: locks and rewrites are not
   known, and the rehearsal is what tells rows of the transaction from rows that others wrote meanwhile. */
typedef struct {
  BELAY_EXT_HEAD;
  /* [conn] One row per table of the catalog that has rows of its own. Columns: schema (text), table (text), lock (text or
     NULL: the engine's word for the strongest lock that this connection's open transaction holds on it), blocks (text:
     "", "writes" or "everything": what others cannot do to it meanwhile), storage (text: another one after the table was
     rewritten or emptied), inserted, updated, deleted (i64: rows written by this connection's open transaction, by
     triggers and cascades too; 0 outside a transaction). */
  int32_t (*read)(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error);
} belay_footprint;

#ifdef __cplusplus
}
#endif
#endif
