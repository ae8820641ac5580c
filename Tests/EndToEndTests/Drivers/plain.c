/*
 * An SQL engine behind the mandatory core alone: what the host's fallbacks are tested on. Links libsqlite3.
 *
 *   -DROWS      has belay.rows/1 as well, and refuses the SQL text by which the host does without it
 *   -DGUARDED   is another driver, that opens nothing without a password and an option:
 *               guarded://belay:s3cret@FILE, tenant=blue
 */
#define _GNU_SOURCE
#include "belay_driver.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef GUARDED
#define NAME "guarded"
#else
#define NAME "plain"
#endif

struct belay_conn { sqlite3 *db; char path[1024]; belay_op *op; };

static const belay_host *host;

static belay_str str(const char *text) { return (belay_str){text, text ? strlen(text) : 0}; }

static int32_t code_of(int rc) {
  switch (rc & 0xff) {
    case SQLITE_CONSTRAINT: return BELAY_E_CONSTRAINT;
    case SQLITE_BUSY: case SQLITE_LOCKED: return BELAY_E_BUSY;
    case SQLITE_READONLY: return BELAY_E_DENIED;
    case SQLITE_CANTOPEN: return BELAY_E_NOT_FOUND;
    case SQLITE_NOTADB: case SQLITE_CORRUPT: return BELAY_E_CORRUPT;
    case SQLITE_ERROR: return BELAY_E_SQL;
    default: return BELAY_E_IO;
  }
}

/* Interrupted: by a cancellation, or because the time is over. */
static int32_t fail(belay_conn *conn, belay_op *op, uint32_t outcome, belay_error *error) {
  int rc = sqlite3_errcode(conn->db);
  int32_t code = rc != SQLITE_INTERRUPT ? code_of(rc) : host->cancelled(op) ? BELAY_E_CANCELLED : BELAY_E_TIMEOUT;
  return host->fail(error, code, outcome, str(""), rc, sqlite3_error_offset(conn->db), str(sqlite3_errmsg(conn->db)),
                    str(""));
}

static int stop(void *context) {
  belay_conn *conn = context;
  return conn->op && (host->cancelled(conn->op) || host->remaining_ms(conn->op) == 0);
}

static void closed(belay_conn *conn) {
  sqlite3_close(conn->db);
  free(conn);
}

/* The file that a URL names; 0 where it lacks the password. */
static int file_of(belay_str url, char *path, size_t size) {
  static const char guard[] = "guarded://belay:s3cret@";
  size_t start = strlen("plain:");
  if (strcmp(NAME, "guarded") == 0) {
    start = sizeof guard - 1;
    if (url.len <= start || memcmp(url.ptr, guard, start) != 0) return 0;
  }
  return snprintf(path, size, "%.*s", (int)(url.len - start), url.ptr + start) > 0;
}

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  belay_conn *conn = calloc(1, sizeof *conn);
  int flags = SQLITE_OPEN_READWRITE, create = 0, guarded = strcmp(NAME, "guarded") == 0, tenant = 0;
  int32_t code = BELAY_OK;
  for (uint32_t i = 0; i < n; i++) {
    if (i == 0 && !file_of(options[i].value, conn->path, sizeof conn->path))
      return free(conn), host->fail(error, BELAY_E_AUTH, BELAY_NOT_APPLIED, str(""), 0, -1, str("wrong password"), str(""));
    else if (i == 0) continue;
    else if (guarded && options[i].key.len == 6 && memcmp(options[i].key.ptr, "tenant", 6) == 0)
      tenant = options[i].value.len == 4 && memcmp(options[i].value.ptr, "blue", 4) == 0;
    else if (options[i].key.len == 6 && memcmp(options[i].key.ptr, "create", 6) == 0) create = 1;
    else if (options[i].key.len == 9 && memcmp(options[i].key.ptr, "read_only", 9) == 0) flags = SQLITE_OPEN_READONLY;
    else if (options[i].key.len != 11 || memcmp(options[i].key.ptr, "scratch_dir", 11) != 0)
      return free(conn), host->fail(error, BELAY_E_INVALID, BELAY_NOT_APPLIED, str(""), 0, -1, str("unknown option"),
                                    options[i].key);
  }
  if (guarded && !tenant)
    return free(conn), host->fail(error, BELAY_E_AUTH, BELAY_NOT_APPLIED, str(""), 0, -1, str("no such tenant"), str(""));
  if (create && access(conn->path, F_OK) == 0)
    code = host->fail(error, BELAY_E_CONSTRAINT, BELAY_NOT_APPLIED, str(""), 0, -1, str("exists"), str(""));
  else if (sqlite3_open_v2(conn->path, &conn->db, flags | (create ? SQLITE_OPEN_CREATE : 0), NULL) != SQLITE_OK ||
           sqlite3_exec(conn->db, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK)
    code = fail(conn, op, BELAY_NOT_APPLIED, error);
  if (code != BELAY_OK) return closed(conn), code;
  sqlite3_busy_timeout(conn->db, 50);
  sqlite3_progress_handler(conn->db, 10000, stop, conn);
  *out = conn;
  return BELAY_OK;
}

static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  (void)error;
  traits->flags = BELAY_T_TXN | BELAY_T_TXN_DDL | BELAY_T_STABLE_READ;
  traits->server_name = str(NAME);
  traits->server_version = str(sqlite3_libversion());
  traits->ident_quote = str("\"");
  traits->param_style = str("?");
  traits->identity = str(conn->path);
  traits->txn_begin = str("BEGIN IMMEDIATE");
  traits->txn_commit = str("COMMIT");
  traits->txn_rollback = str("ROLLBACK");
  return BELAY_OK;
}

static void bind(sqlite3_stmt *statement, const belay_batch *params, uint64_t row) {
  for (uint32_t c = 0; params && c < params->ncols; c++) {
    const belay_cell *cell = &params->cells[row * params->ncols + c];
    switch (cell->type) {
      case BELAY_NULL: sqlite3_bind_null(statement, (int)c + 1); break;
      case BELAY_F64: sqlite3_bind_double(statement, (int)c + 1, cell->v.f64); break;
      case BELAY_BLOB: sqlite3_bind_blob64(statement, (int)c + 1, cell->len ? cell->v.ptr : "", cell->len, NULL); break;
      case BELAY_TEXT: case BELAY_NATIVE:
        sqlite3_bind_text64(statement, (int)c + 1, cell->len ? cell->v.ptr : "", cell->len, NULL, SQLITE_UTF8); break;
      default: sqlite3_bind_int64(statement, (int)c + 1, cell->v.i64);
    }
  }
}

#ifdef ROWS
/* Whether this reads or loads a table by SQL text, other than belay's own lock. */
static int moves_rows(belay_str sql, const belay_batch *params) {
  int reads = sql.len > 8 && memcmp(sql.ptr, "SELECT \"", 8) == 0, loads = sql.len > 7 && memcmp(sql.ptr, "INSERT ", 7) == 0;
  return (reads || (loads && params)) && !memmem(sql.ptr, sql.len, "belay_lock", 10);
}
#else
static int moves_rows(belay_str sql, const belay_batch *params) { return (void)sql, (void)params, 0; }
#endif

static int32_t by_text(belay_error *error) {
  return host->fail(error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, str(""), 0, -1, str("rows go by belay.rows/1"), str(""));
}

static int32_t run(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                   belay_error *error) {
  const char *at = sql.ptr, *end = sql.ptr + sql.len;
  int64_t changed = 0;
  uint32_t outcome = BELAY_NOT_APPLIED;
  int32_t code = BELAY_OK;
  conn->op = op;
  while (at < end && code == BELAY_OK) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(conn->db, at, (int)(end - at), &statement, &at) != SQLITE_OK)
      code = fail(conn, op, outcome, error);
    for (uint64_t row = 0; code == BELAY_OK && statement && row < (params ? params->nrows : 1); row++) {
      int rc;
      bind(statement, params, row);
      while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {}
      if (rc != SQLITE_DONE || sqlite3_reset(statement) != SQLITE_OK) code = fail(conn, op, outcome, error);
      outcome = BELAY_PARTIAL;
      changed = (params ? changed : 0) + sqlite3_changes(conn->db);
    }
    if (code == BELAY_OK || statement) sqlite3_finalize(statement);
  }
  conn->op = NULL;
  if (affected) *affected = changed;
  return code;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  return moves_rows(sql, params) ? by_text(error) : run(conn, op, sql, params, affected, error);
}

static int32_t select_rows(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                           const belay_rowsink *rows, belay_error *error) {
  belay_column columns[64];
  belay_cell cells[64];
  sqlite3_stmt *statement;
  int rc, n;
  if (sqlite3_prepare_v2(conn->db, sql.ptr, (int)sql.len, &statement, NULL) != SQLITE_OK)
    return fail(conn, op, BELAY_NOT_APPLIED, error);
  conn->op = op;
  bind(statement, params, 0);
  n = sqlite3_column_count(statement);
  for (int c = 0; c < n; c++)
    columns[c] = (belay_column){.name = str(sqlite3_column_name(statement, c)),
                                .native_type = str(sqlite3_column_decltype(statement, c))};
  int32_t code = rows->columns(rows->ctx, columns, (uint32_t)n);
  while (code == BELAY_OK && (rc = sqlite3_step(statement)) != SQLITE_DONE) {
    if (rc != SQLITE_ROW) {
      code = fail(conn, op, BELAY_NOT_APPLIED, error);
      break;
    }
    for (int c = 0; c < n; c++) {
      belay_cell *cell = &cells[c];
      *cell = (belay_cell){.type = BELAY_NULL};
      switch (sqlite3_column_type(statement, c)) {
        case SQLITE_INTEGER: cell->type = BELAY_I64, cell->v.i64 = sqlite3_column_int64(statement, c); break;
        case SQLITE_FLOAT: cell->type = BELAY_F64, cell->v.f64 = sqlite3_column_double(statement, c); break;
        case SQLITE_TEXT: cell->type = BELAY_TEXT, cell->v.ptr = sqlite3_column_text(statement, c); break;
        case SQLITE_BLOB: cell->type = BELAY_BLOB, cell->v.ptr = sqlite3_column_blob(statement, c); break;
        default: continue;
      }
      if (cell->type == BELAY_TEXT || cell->type == BELAY_BLOB)
        cell->len = (uint64_t)sqlite3_column_bytes(statement, c);
    }
    code = rows->rows(rows->ctx, &(belay_batch){cells, 1, (uint32_t)n, 0});
  }
  sqlite3_finalize(statement);
  conn->op = NULL;
  return code;
}

static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                     const belay_rowsink *rows, belay_error *error) {
  return moves_rows(sql, params) ? by_text(error) : select_rows(conn, op, sql, params, rows, error);
}

#ifdef ROWS
static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) { return (void)conn, (void)op, (void)error, 0; }

/* Both work by SQL text of the driver's own; the host's names come without quotes. */
static char *statement(const belay_table *table, const char *before, const char *between, const char *after) {
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, before);
  for (uint32_t i = 0; i < table->ncolumns; i++)
    sqlite3_str_appendf(sql, i ? ", \"%.*w\"" : "\"%.*w\"", (int)table->columns[i].len, table->columns[i].ptr);
  sqlite3_str_appendf(sql, between, (int)table->name.len, table->name.ptr);
  for (uint32_t i = 0; after && i < table->ncolumns; i++) sqlite3_str_appendall(sql, i ? ", ?" : after);
  if (after) sqlite3_str_appendall(sql, ")");
  return sqlite3_str_finish(sql);
}

static int32_t read_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                         belay_error *error) {
  char *sql = statement(table, "SELECT ", " FROM \"%.*w\"", NULL);
  int32_t code = select_rows(conn, op, str(sql), NULL, rows, error);
  return sqlite3_free(sql), code;
}

static int32_t load_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                         belay_error *error) {
  sqlite3_str *head = sqlite3_str_new(NULL);
  sqlite3_str_appendf(head, "INSERT INTO \"%.*w\" (", (int)table->name.len, table->name.ptr);
  char *before = sqlite3_str_finish(head), *sql = statement(table, before, ") ", "VALUES (?");
  int32_t code = run(conn, op, str("SAVEPOINT batch"), NULL, NULL, error);
  if (code == BELAY_OK) {
    code = run(conn, op, str(sql), rows, NULL, error);
    sqlite3_exec(conn->db, code == BELAY_OK ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch", NULL, NULL, NULL);
  }
  return sqlite3_free(before), sqlite3_free(sql), code;
}

static const belay_rows rows_extension = {
    .struct_size = sizeof rows_extension, .probe = probe, .read = read_rows, .load = load_rows};
static const void *plain_extension(const char *id) { return strcmp(id, "belay.rows/1") == 0 ? &rows_extension : NULL; }
#else
static const void *plain_extension(const char *id) { return (void)id, NULL; }
#endif

static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  static const char sql[] =
      "SELECT type, name, CASE type WHEN 'table' THEN '' ELSE tbl_name END, sql, 0 AS n, type != 'table' AS late, "
      "rowid AS o, '' AS t, 0 AS f FROM sqlite_schema WHERE sql IS NOT NULL UNION ALL "
      "SELECT 'column', c.name, s.name, NULL, c.cid + 1, 0, s.rowid, c.type, c.\"notnull\" * 4 + (c.pk > 0) * 8 "
      "FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' ORDER BY late, o, n";
  sqlite3_stmt *statement;
  int32_t code = BELAY_OK;
  if (sqlite3_prepare_v2(conn->db, sql, -1, &statement, NULL) != SQLITE_OK)
    return fail(conn, op, BELAY_NOT_APPLIED, error);
  while (code == BELAY_OK && sqlite3_step(statement) == SQLITE_ROW) {
    belay_object object = {
        .struct_size = sizeof object, .row_estimate = -1, .flags = (uint32_t)sqlite3_column_int(statement, 8),
        .kind = str((const char *)sqlite3_column_text(statement, 0)),
        .name = str((const char *)sqlite3_column_text(statement, 1)),
        .parent = str((const char *)sqlite3_column_text(statement, 2)),
        .ddl = str((const char *)sqlite3_column_text(statement, 3)),
        .native_type = str((const char *)sqlite3_column_text(statement, 7))};
    object.definition = object.ddl.len ? object.ddl : object.native_type;
    code = objects->object(objects->ctx, &object);
  }
  sqlite3_finalize(statement);
  return code;
}

static void interrupt(belay_conn *conn) { sqlite3_interrupt(conn->db); }

static const belay_driver driver = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR, .id = NAME, .version = "1.0.0",
    .url_schemes = NAME, .open = opened, .close = closed, .describe = describe, .execute = execute,
    .query = query, .catalog = catalog, .interrupt = interrupt, .extension = plain_extension,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  host = from;
  return &driver;
}
