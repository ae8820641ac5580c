/*
 * A driver that follows every rule, unless BELAY_FAULTY names a way in which to break one. It is used to test the
 * conformance suite. It uses SQLite, and can be like other engines (engines.c). Do not learn from it how to write a driver; use ../minimal for that.
 *
 * The code of each mode is where a driver would make that mistake: search for is("...").
 */
#define _GNU_SOURCE
#include "faulty.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

const belay_host *host;
static const char *mode = "";
static belay_conn *all;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int busy, opened_so_far;

int is(const char *wanted) {
  size_t n = strlen(wanted);
  for (const char *at = mode; *at; at += strspn(at, ",")) {
    size_t length = strcspn(at, ",");
    if (length == n && memcmp(at, wanted, n) == 0) return 1;
    at += length;
  }
  return 0;
}
belay_str str(const char *text) { return (belay_str){text, text ? strlen(text) : 0}; }
int same(belay_str text, const char *other) { return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0; }
sqlite3 *readable(belay_conn *conn) { return conn->view ? conn->view : conn->db; }

belay_conn *others(belay_conn *conn, belay_conn *after) {
  belay_conn *found = after ? after->next : all;
  while (found && (strcmp(found->path, conn->path) != 0 || (found == conn && !is("lists-itself")))) found = found->next;
  return found;
}

/* ---- Failures ---- */

static int32_t report(belay_error *error, int32_t code, uint32_t outcome, int64_t vendor, int64_t offset,
                      const char *message) {
  if (is("fails-twice")) host->fail(error, code, outcome, str(""), vendor, offset, str(message), str(""));
  return host->fail(error, code, outcome, str(""), vendor, offset, str(message), str(""));
}

int32_t refuse(belay_error *error, int32_t code, const char *what) {
  return report(error, code, BELAY_NOT_APPLIED, 0, -1, what);
}

static int32_t code_of(belay_conn *conn, sqlite3 *db, belay_op *op) {
  int missing = strstr(sqlite3_errmsg(db), "no such table") != NULL;
  switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_CONSTRAINT: return is("constraint-is-sql") ? BELAY_E_SQL : BELAY_E_CONSTRAINT;
    case SQLITE_BUSY: case SQLITE_LOCKED: return BELAY_E_BUSY;
    case SQLITE_READONLY: return BELAY_E_DENIED;
    case SQLITE_CANTOPEN: return BELAY_E_NOT_FOUND;
    case SQLITE_NOTADB: case SQLITE_CORRUPT: return is("garbage-is-io") ? BELAY_E_IO : BELAY_E_CORRUPT;
    case SQLITE_ERROR:
      return is("wrong-code") ? BELAY_E_IO : missing && is("missing-is-corrupt") ? BELAY_E_CORRUPT : BELAY_E_SQL;
    case SQLITE_INTERRUPT:
      conn->cancelled_once = 1;
      return host->cancelled(op) ? BELAY_E_CANCELLED : BELAY_E_TIMEOUT;
    default: return BELAY_E_IO;
  }
}

int32_t fail(belay_conn *conn, sqlite3 *db, belay_op *op, uint32_t outcome, belay_error *error) {
  char message[512]; /* fail() copies it, but code_of() may not leave it as it is */
  int vendor = sqlite3_errcode(db), offset = sqlite3_error_offset(db);
  int32_t code = code_of(conn, db, op);
  snprintf(message, sizeof message, "%s", sqlite3_errmsg(db));
  conn->failed_once = 1;
  if (is("leaks-memory") && !malloc(4096)) return refuse(error, BELAY_E_INTERNAL, "out of memory");
  if (is("odd-offset")) offset = 9999;
  return report(error, code, is("says-nothing-applied") ? BELAY_NOT_APPLIED : outcome, vendor, offset, message);
}

static int stop(void *context) {
  belay_conn *conn = context;
  if (!conn->op) return 0;
  return (!is("deaf") && host->cancelled(conn->op)) || (!is("no-deadline") && host->remaining_ms(conn->op) == 0);
}

int32_t run(belay_conn *conn, belay_op *op, sqlite3 *db, const char *sql, belay_error *error) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? BELAY_OK : fail(conn, db, op, BELAY_NOT_APPLIED, error);
}

int copy(sqlite3 *from, sqlite3 *to) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
  if (!backup) return sqlite3_errcode(to);
  sqlite3_backup_step(backup, -1);
  return sqlite3_backup_finish(backup);
}

/* Before every call, sends one byte to the server and back. */
static int32_t enter(belay_conn *conn, belay_op *op, belay_error *error) {
  char byte = 0;
  conn->op = op;
  if (is("crashes")) raise(SIGSEGV);
  if (is("hangs")) for (;;) pause();
  if (is("exits")) exit(3);
  if (is("prints")) printf("a call\n"), fflush(stdout);
  if (conn->ended) return refuse(error, BELAY_E_IO, "the session was ended");
  if (send(conn->wire[0], &byte, 1, MSG_NOSIGNAL) != 1 || recv(conn->wire[1], &byte, 1, 0) != 1)
    return refuse(error, is("cut-is-sql") ? BELAY_E_SQL : BELAY_E_IO, "the connection is gone");
  if (is("one-thread") && conn->thread != (unsigned long)pthread_self())
    return refuse(error, BELAY_E_INVALID, "another thread has opened this connection");
  if (is("stays-cancelled") && conn->cancelled_once) return refuse(error, BELAY_E_CANCELLED, "cancelled");
  if (conn->poisoned) return conn->poisoned = 0, refuse(error, BELAY_E_CANCELLED, "interrupted");
  if (is("one-at-a-time") && __atomic_exchange_n(&busy, 1, __ATOMIC_SEQ_CST))
    return refuse(error, BELAY_E_IO, "another call is running");
  if (is("one-at-a-time")) usleep(2000);
  return BELAY_OK;
}

static int32_t leave(belay_conn *conn, int32_t code) {
  conn->op = NULL;
  if (is("one-at-a-time")) __atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
  return code;
}

/* ---- What the transaction has written ---- */

static void wrote(void *context, int action, const char *database, const char *table, sqlite3_int64 row) {
  belay_conn *conn = context;
  (void)database, (void)row;
  for (int i = 0; i < TABLES; i++) {
    written *w = &conn->tables[i];
    if (!w->name[0]) snprintf(w->name, sizeof w->name, "%s", table);
    if (strcmp(w->name, table) != 0) continue;
    *(action == SQLITE_INSERT ? &w->inserted : action == SQLITE_UPDATE ? &w->updated : &w->deleted) += 1;
    return;
  }
}

static void forget(void *context) { memset(((belay_conn *)context)->tables, 0, sizeof(written[TABLES])); }
static int committed(void *context) { return forget(context), 0; }

/* Rows are deleted one by one then, so that each is told; in SQLite's own tables it would keep objects from being dropped. */
static int authorize(void *context, int action, const char *table, const char *b, const char *c, const char *d) {
  static _Thread_local char dropped[128];
  belay_conn *conn = context;
  (void)b, (void)c, (void)d;
  if (action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT || action == SQLITE_ATTACH || action == SQLITE_DETACH)
    conn->ends = 1;
  /* The rows of a table that is dropped go with it: ignored, the DROP itself would do nothing. So with views. */
  if (action == SQLITE_DROP_TABLE || action == SQLITE_DROP_VIEW) snprintf(dropped, sizeof dropped, "%s", table);
  if (action == SQLITE_DELETE && dropped[0] && strcmp(dropped, table) == 0) return dropped[0] = 0, SQLITE_OK;
  return action == SQLITE_DELETE && strncmp(table, "sqlite_", 7) != 0 ? SQLITE_IGNORE : SQLITE_OK;
}

/* ---- The core ---- */

static void closed(belay_conn *conn) {
  pthread_mutex_lock(&guard);
  for (belay_conn **at = &all; *at; at = &(*at)->next)
    if (*at == conn) { *at = conn->next; break; }
  pthread_mutex_unlock(&guard);
  if (is("close-commits") && conn->db && !sqlite3_get_autocommit(conn->db))
    sqlite3_exec(conn->db, "COMMIT", NULL, NULL, NULL);
  sqlite3_close(conn->view);
  if (conn->view_path[0]) unlink(conn->view_path);
  sqlite3_close(conn->db);
  for (int i = 0; i < LOCKS; i++)
    if (conn->locks[i].file > 0 && !is("lock-stays")) close(conn->locks[i].file);
  if (conn->wire[0] > 0 && !is("leaks-descriptors")) close(conn->wire[0]), close(conn->wire[1]);
  free(conn);
}

static int32_t option(belay_conn *conn, const belay_option *o, int *create, belay_error *error) {
  if (same(o->key, "url")) snprintf(conn->path, sizeof conn->path, "%.*s", (int)o->value.len - 7, o->value.ptr + 7);
  else if (same(o->key, "create")) *create = same(o->value, "1");
  else if (same(o->key, "read_only")) conn->read_only = same(o->value, "1") && !is("writes-read-only");
  else if (!(same(o->key, "scratch_dir") && !is("no-scratch-dir")) && !is("any-option"))
    return refuse(error, BELAY_E_INVALID, "unknown option");
  return BELAY_OK;
}

static int empty(sqlite3 *db) {
  sqlite3_stmt *s;
  int rows = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
  sqlite3_finalize(s);
  return !rows;
}

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  belay_conn *conn = calloc(1, sizeof *conn);
  int create = 0;
  int32_t code = BELAY_OK;
  if (!conn) return refuse(error, BELAY_E_INTERNAL, "out of memory");
  for (uint32_t i = 0; i < n && code == BELAY_OK; i++) code = option(conn, &options[i], &create, error);
  if (code != BELAY_OK) return closed(conn), code;
  if (create && is("create-overwrites")) unlink(conn->path);
  if (sqlite3_open_v2(conn->path, &conn->db,
                      (conn->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                          (create || is("makes-what-is-missing") ? SQLITE_OPEN_CREATE : 0), NULL) != SQLITE_OK ||
      sqlite3_exec(conn->db, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK)
    code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  else if (create && !empty(conn->db)) code = refuse(error, BELAY_E_CONSTRAINT, "this database is not empty");
  else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, conn->wire) != 0)
    code = refuse(error, BELAY_E_IO, "no socket is left");
  if (is("connection-of-a-failure")) *out = conn;
  if (code != BELAY_OK) return closed(conn), code;
  conn->thread = (unsigned long)pthread_self();
  sqlite3_busy_timeout(conn->db, 50);
  sqlite3_progress_handler(conn->db, 10000, stop, conn);
  sqlite3_update_hook(conn->db, wrote, conn);
  sqlite3_commit_hook(conn->db, committed, conn);
  sqlite3_rollback_hook(conn->db, forget, conn);
  sqlite3_set_authorizer(conn->db, authorize, conn);
  pthread_mutex_lock(&guard);
  opened_so_far++;
  conn->next = all;
  all = conn;
  pthread_mutex_unlock(&guard);
  *out = conn;
  return BELAY_OK;
}

static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  static char identity[1100];
  struct stat file;
  if (stat(conn->path, &file) != 0) return refuse(error, BELAY_E_IO, "the file is gone");
  snprintf(identity, sizeof identity, "%s %d", conn->path, is("new-identity") ? opened_so_far : 0);
  traits->flags = BELAY_T_TXN | BELAY_T_TXN_DDL | BELAY_T_STABLE_READ | BELAY_T_EXCLUSIVE | BELAY_T_SWAPS |
                  (conn->read_only ? BELAY_T_READ_ONLY : 0);
  if (is("alters-columns") || is("check-objects")) traits->flags |= BELAY_T_ALTERS_COLUMNS;
  if (is("load-makes-a-table")) traits->load_begin = str("CREATE TABLE loading (k)");
  if (is("one-row-lists")) traits->max_rows_per_execute = 1;
  traits->server_name = str("faulty");
  traits->server_version = str(sqlite3_libversion());
  traits->ident_quote = str("\"");
  traits->param_style = str("?");
  if (is("hex-is-cut")) traits->hex_text = str("substr(CAST(X'?' AS TEXT), 1, 3)");
  traits->identity = is("new-identity") ? str(identity) : str(conn->path);
  traits->txn_begin = str(is("no-begin") ? "SELECT 1" : "BEGIN IMMEDIATE");
  traits->txn_commit = str(is("no-begin") ? "SELECT 1" : "COMMIT");
  traits->txn_rollback = str(is("no-begin") ? "SELECT 1" : is("rollback-commits") ? "COMMIT" : "ROLLBACK");
  traits->database_bytes = is("stale-size") ? 4096 : (uint64_t)file.st_size;
  return BELAY_OK;
}

void bind_row(sqlite3_stmt *statement, const belay_batch *params, uint64_t row) {
  for (uint32_t c = 0; params && c < params->ncols; c++) {
    const belay_cell *cell = &params->cells[row * params->ncols + c];
    int n = (int)c + 1;
    uint64_t len = is("cuts-long-values") && cell->len > 1 << 20 ? 1 << 20 : cell->len;
    switch (cell->type) {
      case BELAY_NULL: sqlite3_bind_null(statement, n); break;
      case BELAY_F64: sqlite3_bind_double(statement, n, is("single-reals") ? (float)cell->v.f64 : cell->v.f64); break;
      case BELAY_BLOB:
        if (is("blobs-end-at-nul")) len = strnlen(cell->v.ptr ? cell->v.ptr : "", len);
        sqlite3_bind_blob64(statement, n, len ? cell->v.ptr : "", len, SQLITE_TRANSIENT); break;
      case BELAY_TEXT: case BELAY_NATIVE: {
        char *text = malloc(len + 1);
        if (len) memcpy(text, cell->v.ptr, len);
        for (uint64_t i = 0; i < len; i++) {
          if (is("three-byte-text") && (text[i] & 0xf8) == 0xf0) text[i] = '?';
          if (is("repairs-text") && (text[i] & 0xff) == 0xff) text[i] = '?';
        }
        sqlite3_bind_text64(statement, n, text, len, free, SQLITE_UTF8);
        break;
      }
      case BELAY_BOOL: sqlite3_bind_int64(statement, n, is("false-only") ? 0 : cell->v.i64); break;
      default: sqlite3_bind_int64(statement, n, is("32-bit-integers") ? (int32_t)cell->v.i64 : cell->v.i64);
    }
  }
}

/* What a mode runs instead of a statement. */
static const char *instead(belay_conn *conn, const char *sql) {
  if (is("failure-is-kept") && conn->failed_once && strncmp(sql, "ROLLBACK", 8) == 0) return "COMMIT";
  if (is("ddl-commits") && strncmp(sql, "CREATE", 6) == 0 && !sqlite3_get_autocommit(conn->db))
    sqlite3_exec(conn->db, "COMMIT; BEGIN", NULL, NULL, NULL);
  return sql;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  int32_t code = enter(conn, op, error);
  char *text = code == BELAY_OK ? seen(conn, sql, error) : strdup("");
  if (!text) return leave(conn, BELAY_E_SQL);
  const char *at = instead(conn, text), *end = at + strlen(at);
  int64_t changed = 0;
  uint32_t outcome = BELAY_NOT_APPLIED;
  while (code == BELAY_OK && at < end) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(conn->db, at, (int)(end - at), &statement, &at) != SQLITE_OK)
      code = fail(conn, conn->db, op, outcome, error);
    for (uint64_t row = 0; code == BELAY_OK && statement && row < (params ? params->nrows : 1); row++) {
      int rc;
      bind_row(statement, params, row);
      while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {}
      if (sqlite3_reset(statement) != SQLITE_OK || rc != SQLITE_DONE) {
        if (is("goes-on")) continue;
        code = fail(conn, conn->db, op, outcome, error);
      }
      outcome = BELAY_PARTIAL;
      changed = (params ? changed : 0) + sqlite3_changes(conn->db);
    }
    sqlite3_finalize(statement);
    if (is("first-only")) break;
  }
  free(text);
  if (affected) *affected = is("miscounts") ? 1 : changed;
  return leave(conn, code);
}

static void cell_of(sqlite3_stmt *statement, int c, belay_cell *cell) {
  *cell = (belay_cell){.type = BELAY_NULL};
  switch (sqlite3_column_type(statement, c)) {
    case SQLITE_INTEGER: cell->type = BELAY_I64, cell->v.i64 = sqlite3_column_int64(statement, c); return;
    case SQLITE_FLOAT: cell->type = BELAY_F64, cell->v.f64 = sqlite3_column_double(statement, c); return;
    case SQLITE_TEXT: cell->type = BELAY_TEXT, cell->v.ptr = sqlite3_column_text(statement, c); break;
    case SQLITE_BLOB: cell->type = BELAY_BLOB, cell->v.ptr = sqlite3_column_blob(statement, c); break;
    default:
      if (is("null-is-empty")) cell->type = BELAY_TEXT;
      if (is("len-of-null")) cell->len = 1;
      return;
  }
  cell->len = (uint64_t)sqlite3_column_bytes(statement, c);
  if (is("empty-is-null") && cell->len == 0) cell->type = BELAY_NULL;
}

int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
              belay_error *error) {
  belay_column columns[64];
  belay_cell cells[64];
  sqlite3 *db = readable(conn);
  sqlite3_stmt *statement = NULL;
  int rc = SQLITE_DONE, told = 0, n = 0;
  int32_t code = enter(conn, op, error);
  conn->ends = 0;
  if (code == BELAY_OK && sqlite3_prepare_v2(db, sql.ptr, (int)sql.len, &statement, NULL) != SQLITE_OK)
    code = fail(conn, db, op, BELAY_NOT_APPLIED, error);
  if (code == BELAY_OK && statement && (conn->ends || !sqlite3_stmt_readonly(statement)) && !is("query-writes"))
    code = refuse(error, BELAY_E_DENIED, "a query only reads");
  if (code == BELAY_OK) bind_row(statement, is("parameters-unbound") ? NULL : params, 0), n = sqlite3_column_count(statement);
  for (int c = 0; c < n; c++) columns[c] = (belay_column){.name = str(sqlite3_column_name(statement, c))};
  while (code == BELAY_OK) {
    if (!told && !(is("no-columns-without-rows") && (rc = sqlite3_step(statement)) != SQLITE_ROW)) {
      if (is("no-columns-without-rows")) sqlite3_reset(statement);
      told = 1, code = rows->columns(rows->ctx, columns, (uint32_t)n);
    }
    if (code != BELAY_OK || (rc = sqlite3_step(statement)) == SQLITE_DONE) break;
    if (rc != SQLITE_ROW) { code = fail(conn, db, op, BELAY_NOT_APPLIED, error); break; }
    if (!is("never-polls") && host->cancelled(op)) {
      conn->cancelled_once = 1;
      code = refuse(error, BELAY_E_CANCELLED, "cancelled");
      break;
    }
    for (int c = 0; c < n; c++) cell_of(statement, c, &cells[c]);
    code = rows->rows(rows->ctx, &(belay_batch){cells, 1, (uint32_t)n, 0});
    if (code == BELAY_E_CANCELLED) conn->cancelled_once = 1;
    if (code != BELAY_OK && is("own-codes")) code = refuse(error, BELAY_E_INTERNAL, "the sink failed");
  }
  sqlite3_finalize(statement);
  return leave(conn, code);
}

static int32_t asked(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
                     belay_error *error) {
  char *text = seen(conn, sql, error);
  int32_t code = text ? query(conn, op, str(text), params, rows, error) : BELAY_E_SQL;
  return free(text), code;
}

static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  static int asked;
  static const char sql[] =
      "SELECT type, name, CASE type WHEN 'table' THEN '' ELSE tbl_name END, sql, 0 AS n, type != 'table' AS late, "
      "rowid AS o, '' AS t, 0 AS f FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
      "UNION ALL SELECT 'column', c.name, s.name, NULL, c.cid + 1, 0, s.rowid, c.type, "
      "c.\"notnull\" * 4 + (c.pk > 0) * 8 + (c.dflt_value IS NOT NULL) * 4096 "
      "FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' "
      "AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
  static const char counters[] =
      " UNION ALL SELECT 'table', 'sequence values', '', '', 0, 0, 1e9, '', 64"
      " UNION ALL SELECT 'column', 'name', 'sequence values', NULL, 1, 0, 1e9, 'TEXT', 12"
      " UNION ALL SELECT 'column', 'value', 'sequence values', NULL, 2, 0, 1e9, 'INTEGER', 1024"
      " UNION ALL SELECT 'column', 'step', 'sequence values', NULL, 3, 0, 1e9, 'INTEGER', 2048";
  char text[sizeof sql + sizeof counters + 32];
  sqlite3_stmt *statement = NULL;
  char definition[64];
  int32_t code = enter(conn, op, error);
  snprintf(text, sizeof text, "%s%s ORDER BY late, o, n", sql, is("virtual-counters") ? counters : "");
  if (code == BELAY_OK && sqlite3_prepare_v2(readable(conn), text, -1, &statement, NULL) != SQLITE_OK)
    code = fail(conn, readable(conn), op, BELAY_NOT_APPLIED, error);
  while (code == BELAY_OK && sqlite3_step(statement) == SQLITE_ROW) {
#define TEXT(c) str((const char *)sqlite3_column_text(statement, c))
    belay_object object = {.struct_size = sizeof object, .row_estimate = -1,
                           .flags = (uint32_t)sqlite3_column_int(statement, 8), .kind = TEXT(0), .name = TEXT(1),
                           .parent = TEXT(2), .ddl = TEXT(3), .native_type = TEXT(7)};
    object.definition = object.ddl.len ? object.ddl : object.native_type;
    if (is("no-views") && same(object.kind, "view")) continue;
    if (is("no-key") && same(object.kind, "column")) object.flags = 0;
    if (is("alters-columns") && same(object.kind, "column")) object.flags &= ~(uint32_t)BELAY_O_NOT_NULL;
    if (is("columns-of-nobody") && same(object.kind, "column")) object.parent = str("nobody");
    if (is("ddl-without-indexes") && same(object.kind, "index")) object.ddl = str("");
    if (is("names-are-folded") && same(object.name, "belay_migrations")) object.name = str("BELAY_MIGRATIONS");
    if (is("drop-does-nothing") && same(object.kind, "view")) object.drop = str("SELECT 1");
    if (is("restless-catalog")) snprintf(definition, sizeof definition, "%d", ++asked), object.definition = str(definition);
    code = objects->object(objects->ctx, &object);
    if (is("deaf-catalog")) code = BELAY_OK;
  }
  sqlite3_finalize(statement);
  if (code == BELAY_OK && is("check-objects") && !is("loses-checks")) code = tell_checks(conn, objects);
  return leave(conn, code);
}

static void interrupt(belay_conn *conn) {
  if (is("interrupt-stays") && !conn->op) conn->poisoned = 1;
  if (!is("deaf")) sqlite3_interrupt(conn->db);
}

static belay_driver driver = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR, .id = "faulty", .version = "1.0.0",
    .url_schemes = "faulty", .open = opened, .close = closed, .describe = describe, .execute = execute,
    .query = asked, .catalog = catalog, .interrupt = interrupt, .extension = extension,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  const char *wanted = getenv("BELAY_FAULTY");
  host = from;
  mode = wanted ? wanted : "";
  if (is("entry-opens") && open("/dev/null", O_RDONLY) < 0) return NULL;
  if (is("no-catalog")) driver.catalog = NULL;
  if (is("reads-beyond-the-host")) {
    volatile const char *beyond = (const char *)from + sizeof(belay_host);
    if (*beyond == 77) return NULL;
  }
  if (is("this-host-only") && from->struct_size != sizeof(belay_host)) return NULL;
  return &driver;
}
