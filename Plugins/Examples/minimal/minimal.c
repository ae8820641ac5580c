/*
 * A belay driver of the mandatory core alone: a file of INSERT statements is a database of one table,
 *
 *     entry (key TEXT PRIMARY KEY, value TEXT)
 *
 * It takes the statements with which belay backs a table up and restores it; X is 'text', NULL or ?:
 *
 *     SELECT key, value FROM entry [WHERE key = X]
 *     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
 *     DELETE FROM entry
 *
 * Start reading at the bottom, with the table of functions.
 */
#define _GNU_SOURCE
#include "belay_driver.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct belay_conn { char path[4096]; int read_only; };
/* The file's text, and n rows of key and value that point into it: as the host takes them. */
typedef struct { char *text; belay_cell *cells; uint64_t n; } table;
typedef struct { char *start, *at, *end; const belay_cell *params; uint32_t nparams, used; int is_file; } reader;

static const belay_host *host;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }

/* Most failures leave the file as it was: save() renames a finished file over it, or does nothing. */
static int32_t fail(belay_error *error, int32_t code, const char *what, const char *object) {
  char message[512];
  snprintf(message, sizeof message, object ? "%s: %.400s" : "%s", what, object);
  return host->fail(error, code, BELAY_NOT_APPLIED, str(""), 0, -1, str(message), str(""));
}

/* Whether the host still wants the call: asked between statements, and between batches of rows. */
static int32_t stopped(belay_op *op, belay_error *error) {
  if (host->cancelled(op)) return fail(error, BELAY_E_CANCELLED, "cancelled", NULL);
  return host->remaining_ms(op) == 0 ? fail(error, BELAY_E_TIMEOUT, "the time allowed has passed", NULL) : BELAY_OK;
}

/* ---- The statements ---- */

static int ended(reader *r) {
  while (r->at < r->end && isspace((unsigned char)*r->at)) r->at++;
  return r->at == r->end;
}

/* Goes over these words if they come next, each as it is or in double quotes. */
static int take(reader *r, const char *words) {
  reader here = *r;
  for (size_t n; *words; words += n + (words[n] == ' ')) {
    size_t quote = !ended(&here) && *here.at == '"';
    n = strcspn(words, " ");
    if ((size_t)(here.end - here.at) < n + 2 * quote || strncasecmp(here.at + quote, words, n) != 0) return 0;
    if (quote && here.at[n + 1] != '"') return 0;
    here.at += n + 2 * quote;
    if (!quote && isalpha((unsigned char)*words) && here.at < here.end && isalnum((unsigned char)*here.at)) return 0;
  }
  r->at = here.at;
  return 1;
}

static int32_t wrong(reader *r, belay_error *error) {
  if (r->is_file) return fail(error, BELAY_E_CORRUPT, "the file holds something else than INSERT statements", NULL);
  return host->fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, str(""), 0, r->at - r->start,
                    str("this driver does not understand the statement from here"), str(""));
}

/* 'text', NULL or the next parameter: points at the parameter, or into the statement, which must outlive it. */
static int32_t value(reader *r, belay_cell *cell, belay_error *error) {
  *cell = (belay_cell){.type = BELAY_NULL};
  if (take(r, "NULL")) return BELAY_OK;
  if (take(r, "?")) {
    if (r->used == r->nparams) return fail(error, BELAY_E_INVALID, "a parameter is missing", NULL);
    *cell = r->params[r->used++];
    if (cell->type == BELAY_NULL || cell->type == BELAY_TEXT) return BELAY_OK;
    return fail(error, BELAY_E_UNSUPPORTED, "a value that is not text", NULL);
  }
  if (!take(r, "'")) return wrong(r, error);
  char *from = r->at, *to = from; /* a doubled quote becomes one, in place */
  for (; r->at < r->end; *to++ = *r->at++)
    if (*r->at == '\'' && (++r->at == r->end || *r->at != '\'')) {
      *cell = (belay_cell){.type = BELAY_TEXT, .v.ptr = from, .len = to - from};
      return BELAY_OK;
    }
  return wrong(r, error);
}

/* The row with this key; t->n where there is none. Nothing equals NULL. */
static uint64_t find(const table *t, const belay_cell *key) {
  for (uint64_t i = 0; i < t->n && key->type != BELAY_NULL; i++)
    if (t->cells[2 * i].len == key->len && memcmp(t->cells[2 * i].v.ptr, key->v.ptr, key->len) == 0) return i;
  return t->n;
}

static int32_t insert(reader *r, table *t, belay_error *error) {
  do {
    belay_cell *grown = realloc(t->cells, (t->n + 1) * 2 * sizeof *grown);
    if (!grown) return fail(error, BELAY_E_INTERNAL, "out of memory", NULL);
    belay_cell *row = (t->cells = grown) + 2 * t->n;
    int32_t code = take(r, "(") ? value(r, &row[0], error) : wrong(r, error);
    if (code == BELAY_OK) code = take(r, ",") ? value(r, &row[1], error) : wrong(r, error);
    if (code == BELAY_OK && !take(r, ")")) code = wrong(r, error);
    if (code == BELAY_OK && (row->type == BELAY_NULL || find(t, row) < t->n))
      code = fail(error, BELAY_E_CONSTRAINT, "a key must not be NULL, nor be there already", NULL);
    if (code != BELAY_OK) return code;
    t->n++;
  } while (take(r, ","));
  return BELAY_OK;
}

/* Any number of statements, up to the first that fails. changed: rows changed by the last one. */
static int32_t run(reader *r, table *t, int64_t *changed, belay_error *error) {
  int32_t code = BELAY_OK;
  while (code == BELAY_OK && !ended(r)) {
    uint64_t before = t->n;
    if (take(r, "INSERT INTO entry ( key , value ) VALUES")) code = insert(r, t, error);
    else if (take(r, "DELETE FROM entry")) t->n = 0;
    else return wrong(r, error);
    *changed = t->n ? t->n - before : before;
    if (code == BELAY_OK && !take(r, ";") && !ended(r)) code = wrong(r, error);
  }
  return code;
}

/* ---- The file ---- */

static int32_t load(const belay_conn *conn, table *t, belay_error *error) {
  struct stat s = {0};
  int64_t changed;
  FILE *file = fopen(conn->path, "re");
  int ok = file && fstat(fileno(file), &s) == 0 && (t->text = malloc(s.st_size + 1)) &&
           fread(t->text, 1, s.st_size, file) == (size_t)s.st_size;
  int32_t code = ok ? BELAY_OK : fail(error, errno == ENOENT ? BELAY_E_NOT_FOUND : BELAY_E_IO, strerror(errno), conn->path);
  if (file) fclose(file);
  return ok ? run(&(reader){t->text, t->text, t->text + s.st_size, NULL, 0, 0, 1}, t, &changed, error) : code;
}

static void put(FILE *file, const belay_cell *cell, const char *after) {
  const char *text = cell->v.ptr;
  fputs(cell->type == BELAY_NULL ? "NULL" : "'", file);
  for (uint64_t i = 0; i < cell->len; i++) fputs(text[i] == '\'' ? "'" : "", file), fputc(text[i], file);
  fputs(cell->type == BELAY_NULL ? "" : "'", file), fputs(after, file);
}

/* A new file beside the old one, synced, then renamed over it, then the folder synced. */
static int32_t save(const belay_conn *conn, const table *t, belay_error *error) {
  char name[sizeof conn->path + 4];
  snprintf(name, sizeof name, "%s.new", conn->path);
  FILE *file = fopen(name, "we");
  if (!file) return fail(error, BELAY_E_IO, strerror(errno), name);
  for (uint64_t i = 0; i < t->n; i++) {
    fputs("INSERT INTO entry (key, value) VALUES (", file);
    put(file, &t->cells[2 * i], ", "), put(file, &t->cells[2 * i + 1], ");\n");
  }
  int bad = fflush(file) != 0 || ferror(file) || fsync(fileno(file)) != 0;
  if (fclose(file) != 0 || bad || rename(name, conn->path) != 0) {
    int32_t code = fail(error, BELAY_E_IO, strerror(errno), name);
    unlink(name);
    return code;
  }
  *strrchr(name, '/') = 0;
  int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  return synced ? BELAY_OK : host->fail(error, BELAY_E_IO, BELAY_APPLIED, str(""), 0, -1,
                                        str("written, but a power cut may undo it: the folder is not synced"), str(""));
}

/* ---- The functions of the core ---- */

static void closed(belay_conn *conn) { free(conn); }

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  char path[4096] = "", key[32];
  table t = {NULL, NULL, 0};
  int create = 0, file, code = BELAY_OK;
  belay_conn *conn = calloc(1, sizeof *conn);
  (void)op;
  if (!conn) return fail(error, BELAY_E_INTERNAL, "out of memory", NULL);
  for (uint32_t i = 0; i < n && code == BELAY_OK; i++) {
    belay_str text = options[i].value;
    const char *colon = memchr(text.ptr, ':', text.len); /* in a URL: scheme, colon, path */
    snprintf(key, sizeof key, "%.*s", (int)options[i].key.len, options[i].key.ptr);
    if (strcmp(key, "url") == 0 && colon && text.len < sizeof path)
      snprintf(path, sizeof path, "%.*s", (int)(text.ptr + text.len - colon) - 1, colon + 1);
    else if (strcmp(key, "create") == 0) create = text.len == 1 && *text.ptr == '1';
    else if (strcmp(key, "read_only") == 0) conn->read_only = text.len == 1 && *text.ptr == '1';
    else if (strcmp(key, "scratch_dir") != 0) code = fail(error, BELAY_E_INVALID, "cannot be understood", key);
  }
  if (code == BELAY_OK && create && (file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)) >= 0) close(file);
  if (code == BELAY_OK && !realpath(path, conn->path))
    code = fail(error, errno == ENOENT ? BELAY_E_NOT_FOUND : BELAY_E_IO, strerror(errno), path);
  if (code == BELAY_OK) code = load(conn, &t, error);
  if (code == BELAY_OK && create && t.n) code = fail(error, BELAY_E_CONSTRAINT, "not empty", path);
  free(t.text), free(t.cells);
  if (code == BELAY_OK) *out = conn;
  else closed(conn);
  return code;
}

/* Only fields of 1.0 are written: an older host's struct ends before those that came later (BELAY_HAS). */
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

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  table t = {NULL, NULL, 0};
  char name[sizeof conn->path + 5];
  int64_t changed = 0, sum = 0;
  uint64_t n = params ? params->nrows : 1;
  if (conn->read_only) return fail(error, BELAY_E_DENIED, "opened read-only", conn->path);
  snprintf(name, sizeof name, "%s.lock", conn->path);
  int lock = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0666), code = BELAY_OK;
  char *copies = malloc(n * sql.len + 1); /* of the statement, one for each row of parameters */
  if (lock < 0 || !copies) code = fail(error, BELAY_E_IO, strerror(errno), name);
  else if (flock(lock, LOCK_EX | LOCK_NB) != 0) code = fail(error, BELAY_E_BUSY, "somebody else writes to", conn->path);
  else code = load(conn, &t, error);
  for (uint64_t i = 0; i < n && code == BELAY_OK; i++, sum += changed) {
    char *copy = memcpy(copies + i * sql.len, sql.ptr, sql.len);
    reader r = {copy, copy, copy + sql.len, NULL, 0, 0, 0};
    if (params) r.params = params->cells + i * params->ncols, r.nparams = params->ncols;
    if ((code = stopped(op, error)) == BELAY_OK) code = run(&r, &t, &changed, error);
  }
  if (code == BELAY_OK) code = save(conn, &t, error);
  if (affected) *affected = sum;
  free(copies), free(t.text), free(t.cells);
  if (lock >= 0) flock(lock, LOCK_UN), close(lock); /* closing alone leaves it to a child that was just forked */
  return code;
}

static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                     const belay_rowsink *rows, belay_error *error) {
  belay_column columns[2] = {{.name = str("key"), .native_type = str("TEXT")},
                             {.name = str("value"), .native_type = str("TEXT")}};
  belay_cell key = {.type = BELAY_NULL};
  table t = {NULL, NULL, 0};
  char *copy = malloc(sql.len + 1);
  if (!copy) return fail(error, BELAY_E_INTERNAL, "out of memory", NULL);
  memcpy(copy, sql.ptr, sql.len);
  reader r = {copy, copy, copy + sql.len, params ? params->cells : NULL, params ? params->ncols : 0, 0, 0};
  int32_t code = take(&r, "SELECT key , value FROM entry") ? BELAY_OK : wrong(&r, error);
  int one = code == BELAY_OK && take(&r, "WHERE key =");
  if (one) code = value(&r, &key, error);
  if (code == BELAY_OK && !take(&r, ";") && !ended(&r)) code = wrong(&r, error);
  if (code == BELAY_OK) code = load(conn, &t, error);
  if (code == BELAY_OK) code = rows->columns(rows->ctx, columns, 2); /* also for a result of no rows */
  uint64_t i = one ? find(&t, &key) : 0, end = one && i < t.n ? i + 1 : t.n;
  while (code == BELAY_OK && i < end) {
    belay_batch batch = {t.cells + 2 * i, 0, 2, 0};
    for (uint64_t bytes = 0; i < end && bytes < 1 << 20; i++, batch.nrows++) /* about 1 MiB at most, or one row */
      bytes += 2 * sizeof(belay_cell) + t.cells[2 * i].len + t.cells[2 * i + 1].len;
    if ((code = stopped(op, error)) == BELAY_OK) code = rows->rows(rows->ctx, &batch); /* its code is handed on */
  }
  free(copy), free(t.text), free(t.cells);
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

/* What is not named here is NULL: no interrupt, no extensions. */
static const belay_driver driver = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR,
    .id = "minimal", .version = "1.0.0", .url_schemes = "minimal",
    .open = opened, .close = closed, .describe = describe, .execute = execute, .query = query, .catalog = catalog,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  host = from;
  return &driver;
}
