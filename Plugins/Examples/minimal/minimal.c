/*
 * A belay driver with only the mandatory core: a file of INSERT statements is a database with one table,
 *
 *     entry (key TEXT PRIMARY KEY, value TEXT)
 *
 * entries.c reads and writes such files; it stands for the library of your engine. This file has what belay needs.
 * Start reading at the bottom, with the table of functions.
 */
#define _GNU_SOURCE
#include "belay_driver.h"

#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct belay_conn { char path[PATH_MAX]; int read_only; };

static const belay_host *host;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }

/* Every failure goes through here, with its outcome: what the call did to the database. "" and 0 are the places of the
   engine's SQLSTATE and number, which this one does not have. */
static int32_t failed(belay_error *error, int32_t code, uint32_t outcome, int64_t offset, const char *what,
                      const char *object) {
  char message[512];
  snprintf(message, sizeof message, object ? "%s: %.400s" : "%s", what, object);
  return host->fail(error, code, outcome, str(""), 0, offset, str(message), str(""));
}

static int32_t refuse(belay_error *error, int32_t code, const char *what, const char *object) {
  return failed(error, code, BELAY_NOT_APPLIED, -1, what, object);
}

/* Translates the engine's failure into belay's codes. Files are replaced as a whole, so usually nothing was applied. */
static int32_t engine_failed(belay_error *error, const entries_error *e) {
  static const int32_t codes[] = {
      [ENTRIES_WRONG] = BELAY_E_SQL, [ENTRIES_CONFLICT] = BELAY_E_CONSTRAINT, [ENTRIES_PARAMETER] = BELAY_E_INVALID,
      [ENTRIES_MISSING] = BELAY_E_NOT_FOUND, [ENTRIES_DAMAGED] = BELAY_E_CORRUPT, [ENTRIES_IO] = BELAY_E_IO,
      [ENTRIES_UNSYNCED] = BELAY_E_IO, [ENTRIES_MEMORY] = BELAY_E_INTERNAL};
  uint32_t outcome = e->code == ENTRIES_UNSYNCED ? BELAY_APPLIED : BELAY_NOT_APPLIED;
  return failed(error, codes[e->code], outcome, e->at, e->message, NULL);
}

/* Whether the call must stop: called between statements, and between batches of rows. */
static int32_t stopped(belay_op *op, belay_error *error) {
  if (host->cancelled(op)) return refuse(error, BELAY_E_CANCELLED, "cancelled", NULL);
  return host->remaining_ms(op) == 0 ? refuse(error, BELAY_E_TIMEOUT, "the time allowed has passed", NULL) : BELAY_OK;
}

static void closed(belay_conn *conn) { free(conn); }

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  char path[PATH_MAX] = "", key[32];
  entries all = {NULL, NULL, 0};
  entries_error e;
  int create = 0, file, code = BELAY_OK;
  belay_conn *conn = calloc(1, sizeof *conn);
  (void)op;
  if (!conn) return refuse(error, BELAY_E_INTERNAL, "out of memory", NULL);
  for (uint32_t i = 0; i < n && code == BELAY_OK; i++) {
    belay_str text = options[i].value;
    const char *colon = memchr(text.ptr, ':', text.len); /* in a URL: scheme, colon, path */
    snprintf(key, sizeof key, "%.*s", (int)options[i].key.len, options[i].key.ptr);
    if (strcmp(key, "url") == 0 && colon && text.len < sizeof path)
      snprintf(path, sizeof path, "%.*s", (int)(text.ptr + text.len - colon) - 1, colon + 1);
    else if (strcmp(key, "create") == 0) create = text.len == 1 && *text.ptr == '1';
    else if (strcmp(key, "read_only") == 0) conn->read_only = text.len == 1 && *text.ptr == '1';
    else if (strcmp(key, "scratch_dir") != 0) code = refuse(error, BELAY_E_INVALID, "unknown option", key);
  }
  if (code == BELAY_OK && create && (file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)) >= 0) close(file);
  if (code == BELAY_OK && !realpath(path, conn->path))
    code = refuse(error, errno == ENOENT ? BELAY_E_NOT_FOUND : BELAY_E_IO, strerror(errno), path);
  if (code == BELAY_OK && entries_load(&all, conn->path, &e)) code = engine_failed(error, &e);
  if (code == BELAY_OK && create && all.n) code = refuse(error, BELAY_E_CONSTRAINT, "not empty", path);
  entries_free(&all);
  if (code == BELAY_OK) *out = conn;
  else closed(conn);
  return code;
}

/* Writes only fields of 1.0: the struct of an older host ends before those that were added later (BELAY_HAS). */
static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  (void)error;
  traits->flags = conn->read_only ? BELAY_T_READ_ONLY : 0;
  traits->server_name = str("minimal");
  traits->server_version = str("1.0.0");
  traits->ident_quote = str("\"");
  traits->param_style = str("?");
  traits->identity = str(conn->path);
  return BELAY_OK;
}

/* One row of parameters, for the engine. */
static int32_t parameters(const belay_batch *params, uint64_t row, entries_value *values, belay_error *error) {
  for (uint32_t i = 0; params && i < params->ncols; i++) {
    const belay_cell *cell = &params->cells[row * params->ncols + i];
    if (cell->type != BELAY_NULL && cell->type != BELAY_TEXT)
      return refuse(error, BELAY_E_UNSUPPORTED, "a value that is not text", NULL);
    values[i] = cell->type == BELAY_NULL ? (entries_value){NULL, 0}
                                         : (entries_value){cell->len ? cell->v.ptr : "", cell->len};
  }
  return BELAY_OK;
}

static belay_cell cell_of(entries_value value) {
  return (belay_cell){.type = value.text ? BELAY_TEXT : BELAY_NULL, .v.ptr = value.text, .len = value.len};
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  entries all = {NULL, NULL, 0};
  entries_error e;
  char name[sizeof conn->path + 5];
  long changed = 0;
  int64_t sum = 0;
  uint64_t n = params ? params->nrows : 1, width = params ? params->ncols : 0;
  if (conn->read_only) return refuse(error, BELAY_E_DENIED, "opened read-only", conn->path);
  snprintf(name, sizeof name, "%s.lock", conn->path);
  int lock = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0666), code = BELAY_OK;
  char *copies = malloc(n * sql.len + 1); /* copies of the statement, one for each row of parameters: rows point into them */
  entries_value *values = malloc((width + 1) * sizeof *values);
  if (lock < 0 || !copies || !values) code = refuse(error, BELAY_E_IO, strerror(errno), name);
  else if (flock(lock, LOCK_EX | LOCK_NB) != 0) code = refuse(error, BELAY_E_BUSY, "somebody else is writing to", conn->path);
  else if (entries_load(&all, conn->path, &e)) code = engine_failed(error, &e);
  for (uint64_t i = 0; i < n && code == BELAY_OK; i++, sum += changed) {
    char *copy = memcpy(copies + i * sql.len, sql.ptr, sql.len);
    if ((code = stopped(op, error)) == BELAY_OK) code = parameters(params, i, values, error);
    if (code == BELAY_OK && entries_run(&all, copy, sql.len, values, width, &changed, &e)) code = engine_failed(error, &e);
  }
  if (code == BELAY_OK && entries_save(&all, conn->path, &e)) code = engine_failed(error, &e);
  if (affected) *affected = sum;
  free(copies), free(values), entries_free(&all);
  if (lock >= 0) flock(lock, LOCK_UN), close(lock); /* close alone would keep the lock if a child was just forked */
  return code;
}

/* Whether a statement that is no query would write: what it does to the rows in memory is not saved. */
static int writes(entries *all, belay_str sql) {
  entries_error e;
  long changed = -1;
  char *copy = malloc(sql.len + 1);
  if (copy) entries_run(all, memcpy(copy, sql.ptr, sql.len), sql.len, NULL, 0, &changed, &e);
  free(copy);
  return changed >= 0;
}

static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                     const belay_rowsink *rows, belay_error *error) {
  enum { ROWS = 256 };
  belay_column columns[2] = {{.name = str("key"), .native_type = str("TEXT")},
                             {.name = str("value"), .native_type = str("TEXT")}};
  belay_cell cells[2 * ROWS];
  entries_value one = {NULL, 0}; /* the engine's queries have at most one ? */
  entries all = {NULL, NULL, 0};
  entries_error e;
  size_t i = 0, end = 0;
  char *copy = malloc(sql.len + 1);
  if (!copy) return refuse(error, BELAY_E_INTERNAL, "out of memory", NULL);
  memcpy(copy, sql.ptr, sql.len);
  int32_t code = params && params->ncols > 1 ? refuse(error, BELAY_E_INVALID, "too many parameters", NULL)
                                             : parameters(params, 0, &one, error);
  if (code == BELAY_OK && entries_load(&all, conn->path, &e)) code = engine_failed(error, &e);
  if (code == BELAY_OK && entries_select(&all, copy, sql.len, &one, params ? params->ncols : 0, &i, &end, &e))
    code = writes(&all, sql) ? refuse(error, BELAY_E_DENIED, "a query only reads", NULL) : engine_failed(error, &e);
  if (code == BELAY_OK) code = rows->columns(rows->ctx, columns, 2); /* even if there are no rows */
  while (code == BELAY_OK && i < end) {
    belay_batch batch = {cells, 0, 2, 0};
    for (uint64_t bytes = 0; i < end && batch.nrows < ROWS && bytes < 1 << 20; i++, batch.nrows++) {
      cells[2 * batch.nrows] = cell_of(all.rows[i].key); /* the texts are not copied: cells point to them */
      cells[2 * batch.nrows + 1] = cell_of(all.rows[i].value);
      bytes += all.rows[i].key.len + all.rows[i].value.len; /* at most about 1 MiB, or one row */
    }
    if ((code = stopped(op, error)) == BELAY_OK) code = rows->rows(rows->ctx, &batch); /* its code is returned unchanged */
  }
  free(copy), entries_free(&all);
  return code;
}

/* The table is part of every file, so there is no ddl, and nothing to create before rows are restored. */
static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  belay_object table = {.struct_size = sizeof table, .kind = str("table"), .name = str("entry"), .row_estimate = -1,
                        .definition = str("entry (key TEXT PRIMARY KEY, value TEXT)")};
  belay_object column = {.struct_size = sizeof column, .kind = str("column"), .name = str("key"), .parent = table.name,
                         .native_type = str("TEXT"), .definition = str("TEXT"),
                         .flags = BELAY_O_NOT_NULL | BELAY_O_PRIMARY_KEY};
  int32_t code = objects->object(objects->ctx, &table);
  (void)conn, (void)op, (void)error;
  if (code == BELAY_OK) code = objects->object(objects->ctx, &column);
  column.name = str("value"), column.flags = 0;
  return code == BELAY_OK ? objects->object(objects->ctx, &column) : code;
}

/* Functions that are not named here are NULL: no interrupt, no extensions. */
static const belay_driver driver = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR,
    .id = "minimal", .version = "1.0.0", .url_schemes = "minimal",
    .open = opened, .close = closed, .describe = describe, .execute = execute, .query = query, .catalog = catalog,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  host = from;
  return &driver;
}
