/*
 * A belay driver of the mandatory core alone: a text file of KEY=VALUE lines is a database of one table,
 *
 *     entry (key TEXT PRIMARY KEY, value TEXT)
 *
 * A line without "=" is a key whose value is NULL. "\\", "\n" and "\=" stand for a backslash, a line end and a "=".
 * The statements are those that belay itself needs to back a table up and to restore it:
 *
 *     SELECT key, value FROM entry [WHERE key = X]
 *     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
 *     DELETE FROM entry [WHERE key = X]                                  X: 'text', NULL or ?
 *
 * Start reading at the bottom, with the table of functions.
 */
#define _DEFAULT_SOURCE /* strdup, getline, flock */
#include "belay_driver.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct { char *key, *value; } entry; /* value: NULL is SQL's NULL */
typedef struct { entry *at; size_t n; } table;
struct belay_conn { char *path; int read_only; struct stat file; char identity[64]; };

static const belay_host *host;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }

/* Every failure of this driver leaves the file as it was: save() renames a finished file over it, or does nothing. */
static int32_t fail(belay_error *error, int32_t code, int64_t offset, const char *what, const char *object) {
  char message[512];
  snprintf(message, sizeof message, object ? "%s: %s" : "%s", what, object);
  return host->fail(error, code, BELAY_NOT_APPLIED, str(""), 0, offset, str(message), str(""));
}

/* ---- The file ---- */

static void clear(table *t) {
  for (size_t i = 0; i < t->n; i++) free(t->at[i].key), free(t->at[i].value);
  free(t->at);
  *t = (table){NULL, 0};
}

static entry *find(const table *t, const char *key) {
  for (size_t i = 0; i < t->n; i++)
    if (strcmp(t->at[i].key, key) == 0) return &t->at[i];
  return NULL;
}

/* Takes over key and value, also on failure. */
static int32_t add(table *t, char *key, char *value, belay_error *error) {
  int32_t code = BELAY_OK;
  entry *grown;
  if (!key) code = fail(error, BELAY_E_CONSTRAINT, -1, "a key must not be NULL", NULL);
  else if (find(t, key)) code = fail(error, BELAY_E_CONSTRAINT, -1, "this key exists already", key);
  else if (!(grown = realloc(t->at, (t->n + 1) * sizeof *grown)))
    code = fail(error, BELAY_E_INTERNAL, -1, "out of memory", NULL);
  else t->at = grown, t->at[t->n++] = (entry){key, value};
  if (code != BELAY_OK) free(key), free(value);
  return code;
}

static int32_t load(belay_conn *conn, table *t, belay_error *error) {
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  int32_t code = BELAY_OK;
  FILE *file = fopen(conn->path, "r");
  if (!file) return fail(error, errno == ENOENT ? BELAY_E_NOT_FOUND : BELAY_E_IO, -1, strerror(errno), conn->path);
  while (code == BELAY_OK && (length = getline(&line, &room, file)) > 0) {
    char *to = line, *value = NULL;
    if (line[length - 1] == '\n') line[--length] = 0;
    if (strlen(line) != (size_t)length) code = fail(error, BELAY_E_CORRUPT, -1, "a NUL byte in the file", conn->path);
    for (const char *from = line; *from && code == BELAY_OK; from++) {
      if (*from == '=' && !value) *to++ = 0, value = to;
      else if (*from != '\\') *to++ = *from;
      else if (*++from == 'n') *to++ = '\n';
      else if (*from == '\\' || *from == '=') *to++ = *from;
      else code = fail(error, BELAY_E_CORRUPT, -1, "a \\ before nothing known in the file", conn->path);
    }
    *to = 0;
    if (code == BELAY_OK) code = add(t, strdup(line), value ? strdup(value) : NULL, error);
  }
  if (code == BELAY_OK && ferror(file)) code = fail(error, BELAY_E_IO, -1, strerror(errno), conn->path);
  free(line);
  fclose(file);
  return code;
}

static void put(FILE *file, const char *text) {
  for (; *text; text++) {
    if (*text == '\n') fputs("\\n", file);
    else if (*text == '\\' || *text == '=') fprintf(file, "\\%c", *text);
    else fputc(*text, file);
  }
}

static int32_t save(belay_conn *conn, const table *t, belay_error *error) {
  char name[4096];
  FILE *file;
  int bad;
  snprintf(name, sizeof name, "%s.new", conn->path);
  if (!(file = fopen(name, "w"))) return fail(error, BELAY_E_IO, -1, strerror(errno), name);
  for (size_t i = 0; i < t->n; i++) {
    put(file, t->at[i].key);
    if (t->at[i].value) fputc('=', file), put(file, t->at[i].value);
    fputc('\n', file);
  }
  bad = fflush(file) != 0 || fsync(fileno(file)) != 0;
  if (fclose(file) != 0 || bad || rename(name, conn->path) != 0) {
    int32_t code = fail(error, BELAY_E_IO, -1, strerror(errno), name);
    unlink(name);
    return code;
  }
  return BELAY_OK;
}

/* ---- The statements ---- */

typedef struct { const char *start, *at, *end; const belay_cell *params; uint32_t nparams, used; } reader;

static void skip(reader *r) { while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) r->at++; }

static int symbol(reader *r, char wanted) {
  skip(r);
  return r->at < r->end && *r->at == wanted ? r->at++, 1 : 0;
}

/* A word, as it is or in double quotes. */
static int word(reader *r, const char *wanted) {
  size_t n = strlen(wanted);
  skip(r);
  int quoted = r->at < r->end && *r->at == '"';
  const char *from = r->at + quoted;
  if ((size_t)(r->end - from) < n + quoted || strncasecmp(from, wanted, n) != 0) return 0;
  if (quoted ? from[n] != '"' : from + n < r->end && (isalnum((unsigned char)from[n]) || from[n] == '_')) return 0;
  r->at = from + n + quoted;
  return 1;
}

static int32_t wrong(reader *r, belay_error *error) {
  char rest[60];
  snprintf(rest, sizeof rest, "%.*s", (int)(r->end - r->at < 60 ? r->end - r->at : 60), r->at < r->end ? r->at : "");
  return fail(error, BELAY_E_SQL, r->at - r->start, "this driver does not understand the statement from here", rest);
}

/* 'text', NULL or the next parameter. The caller frees *value. */
static int32_t value(reader *r, char **value, belay_error *error) {
  *value = NULL;
  if (word(r, "NULL")) return BELAY_OK;
  if (symbol(r, '?')) {
    if (r->used >= r->nparams) return fail(error, BELAY_E_INVALID, r->at - r->start, "a parameter is missing", NULL);
    const belay_cell *cell = &r->params[r->used++];
    if (cell->type == BELAY_NULL) return BELAY_OK;
    if (cell->type != BELAY_TEXT) return fail(error, BELAY_E_UNSUPPORTED, -1, "a value that is not text", NULL);
    if (cell->len && memchr(cell->v.ptr, 0, cell->len))
      return fail(error, BELAY_E_UNSUPPORTED, -1, "text with a NUL byte", NULL);
    *value = cell->len ? strndup(cell->v.ptr, cell->len) : strdup("");
  } else if (symbol(r, '\'')) {
    const char *end = r->at; /* a quote within the text is doubled */
    while (end < r->end && (*end != '\'' || (end + 1 < r->end && end[1] == '\''))) end += *end == '\'' ? 2 : 1;
    if (end >= r->end || memchr(r->at, 0, end - r->at)) return wrong(r, error);
    char *to = *value = malloc(end - r->at + 1);
    for (; to && r->at < end; r->at++) r->at += *r->at == '\'', *to++ = *r->at;
    if (to) *to = 0;
    r->at = end + 1;
  } else {
    return wrong(r, error);
  }
  return *value ? BELAY_OK : fail(error, BELAY_E_INTERNAL, -1, "out of memory", NULL);
}

/* [WHERE key = X] and the statement's end. *key stays NULL without a condition; matches says whether there is one. */
static int32_t condition(reader *r, int *present, char **key, belay_error *error) {
  int32_t code = BELAY_OK;
  *key = NULL;
  *present = word(r, "WHERE");
  if (*present && !(word(r, "key") && symbol(r, '='))) return wrong(r, error);
  if (*present) code = value(r, key, error);
  if (code == BELAY_OK && !symbol(r, ';') && r->at < r->end) code = wrong(r, error);
  if (code != BELAY_OK) free(*key), *key = NULL;
  return code;
}

static int matches(const entry *e, int condition, const char *key) {
  return !condition || (key && strcmp(e->key, key) == 0); /* nothing equals NULL */
}

static int32_t insert(reader *r, table *t, int64_t *changed, belay_error *error) {
  if (!(word(r, "INTO") && word(r, "entry") && symbol(r, '(') && word(r, "key") && symbol(r, ',') &&
        word(r, "value") && symbol(r, ')') && word(r, "VALUES")))
    return wrong(r, error);
  do {
    char *k = NULL, *v = NULL;
    int32_t code = symbol(r, '(') ? value(r, &k, error) : wrong(r, error);
    if (code == BELAY_OK) code = symbol(r, ',') ? value(r, &v, error) : wrong(r, error);
    if (code == BELAY_OK && !symbol(r, ')')) code = wrong(r, error);
    if (code != BELAY_OK) return free(k), free(v), code;
    if ((code = add(t, k, v, error)) != BELAY_OK) return code;
    ++*changed;
  } while (symbol(r, ','));
  return symbol(r, ';') || r->at >= r->end ? BELAY_OK : wrong(r, error);
}

static int32_t delete(reader *r, table *t, int64_t *changed, belay_error *error) {
  int present;
  char *key;
  size_t kept = 0;
  int32_t code = word(r, "FROM") && word(r, "entry") ? condition(r, &present, &key, error) : wrong(r, error);
  if (code != BELAY_OK) return code;
  for (size_t i = 0; i < t->n; i++) {
    if (!matches(&t->at[i], present, key)) t->at[kept++] = t->at[i];
    else free(t->at[i].key), free(t->at[i].value), ++*changed;
  }
  t->n = kept;
  free(key);
  return BELAY_OK;
}

/* ---- The functions of the core ---- */

static void closed(belay_conn *conn) {
  free(conn->path);
  free(conn);
}

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  belay_conn *conn = calloc(1, sizeof *conn);
  table t = {NULL, 0};
  int create = 0, file;
  int32_t code = BELAY_OK;
  (void)op;
  if (!conn) return fail(error, BELAY_E_INTERNAL, -1, "out of memory", NULL);
  for (uint32_t i = 0; i < n && code == BELAY_OK; i++) {
    char *key = strndup(options[i].key.ptr, options[i].key.len);
    char *text = options[i].value.len ? strndup(options[i].value.ptr, options[i].value.len) : strdup("");
    if (!key || !text) code = fail(error, BELAY_E_INTERNAL, -1, "out of memory", NULL);
    else if (strcmp(key, "create") == 0) create = strcmp(text, "1") == 0;
    else if (strcmp(key, "read_only") == 0) conn->read_only = strcmp(text, "1") == 0;
    else if (strcmp(key, "url") == 0 && strchr(text, ':')) conn->path = strdup(strchr(text, ':') + 1);
    else if (strcmp(key, "scratch_dir") != 0) code = fail(error, BELAY_E_INVALID, -1, "unknown option", key);
    free(key);
    free(text);
  }
  if (code == BELAY_OK && !(conn->path && *conn->path))
    code = fail(error, BELAY_E_INVALID, -1, "no path in the URL", NULL);
  if (code == BELAY_OK && create) {
    if ((file = open(conn->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)) >= 0) close(file);
    else code = fail(error, BELAY_E_IO, -1, strerror(errno), conn->path);
  }
  if (code == BELAY_OK) code = load(conn, &t, error);
  if (code == BELAY_OK && create && t.n) code = fail(error, BELAY_E_CONSTRAINT, -1, "not empty", conn->path);
  clear(&t);
  if (code != BELAY_OK) closed(conn);
  else *out = conn;
  return code;
}

static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  /* The folder and the name, not the file: save() makes a new file each time. */
  char folder[4096];
  const char *slash = strrchr(conn->path, '/');
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - conn->path) + 1 : 1, slash ? conn->path : ".");
  if (stat(folder, &conn->file) != 0) return fail(error, BELAY_E_IO, -1, strerror(errno), folder);
  snprintf(conn->identity, sizeof conn->identity, "%lx:%lx:%.24s", (long)conn->file.st_dev, (long)conn->file.st_ino,
           slash ? slash + 1 : conn->path);
  /* The host may be older than this header: never write past its struct_size. All of these are in 1.0. */
  traits->flags = conn->read_only ? BELAY_T_READ_ONLY : 0;
  traits->server_name = str("minimal");
  traits->server_version = str("1.0.0");
  traits->ident_quote = str("\"");
  traits->param_style = str("?");
  traits->identity = str(conn->identity);
  return BELAY_OK;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  table t = {NULL, 0};
  int64_t changed = 0;
  uint64_t row = 0;
  int32_t code;
  char name[4096];
  if (conn->read_only) return fail(error, BELAY_E_DENIED, -1, "opened read-only", conn->path);
  snprintf(name, sizeof name, "%s.lock", conn->path);
  int lock = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (lock < 0) return fail(error, BELAY_E_IO, -1, strerror(errno), name);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return fail(error, BELAY_E_BUSY, -1, "somebody else is writing", conn->path);
  }
  code = load(conn, &t, error);
  do {
    reader r = {sql.ptr, sql.ptr, sql.ptr + sql.len, NULL, 0, 0};
    if (params) r.params = params->cells + row * params->ncols, r.nparams = params->ncols;
    while (code == BELAY_OK && (skip(&r), r.at < r.end)) {
      if (host->cancelled(op)) code = fail(error, BELAY_E_CANCELLED, -1, "cancelled", NULL);
      else if (word(&r, "INSERT")) changed = params ? changed : 0, code = insert(&r, &t, &changed, error);
      else if (word(&r, "DELETE")) changed = params ? changed : 0, code = delete(&r, &t, &changed, error);
      else code = wrong(&r, error);
    }
  } while (code == BELAY_OK && params && ++row < params->nrows);
  if (code == BELAY_OK) code = save(conn, &t, error);
  if (code == BELAY_OK && affected) *affected = changed;
  clear(&t);
  flock(lock, LOCK_UN); /* closing alone would leave it to a child that another thread has just forked */
  close(lock);
  return code;
}

static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                     const belay_rowsink *rows, belay_error *error) {
  enum { MOST = 256 };
  belay_column columns[2] = {{.name = str("key"), .native_type = str("TEXT")},
                             {.name = str("value"), .native_type = str("TEXT")}};
  belay_cell cells[2 * MOST];
  table t = {NULL, 0};
  char *key = NULL;
  int present;
  reader r = {sql.ptr, sql.ptr, sql.ptr + sql.len, params ? params->cells : NULL, params ? params->ncols : 0, 0};
  int32_t code = word(&r, "SELECT") && word(&r, "key") && symbol(&r, ',') && word(&r, "value") && word(&r, "FROM") &&
                         word(&r, "entry") ? condition(&r, &present, &key, error) : wrong(&r, error);
  if (code == BELAY_OK) code = load(conn, &t, error);
  if (code == BELAY_OK) code = rows->columns(rows->ctx, columns, 2); /* also for a result of no rows */
  for (size_t i = 0; i < t.n && code == BELAY_OK;) {
    belay_batch batch = {cells, 0, 2, 0};
    uint64_t bytes = 0;
    for (; i < t.n && batch.nrows < MOST && bytes < 1 << 20; i++) { /* about 1 MiB at most, or one row */
      if (!matches(&t.at[i], present, key)) continue;
      const char *text[2] = {t.at[i].key, t.at[i].value};
      for (int c = 0; c < 2; c++) {
        belay_cell *cell = &cells[2 * batch.nrows + c];
        *cell = (belay_cell){.type = text[c] ? BELAY_TEXT : BELAY_NULL};
        if (text[c]) cell->v.ptr = text[c], bytes += cell->len = strlen(text[c]);
      }
      batch.nrows++;
    }
    if (host->cancelled(op)) code = fail(error, BELAY_E_CANCELLED, -1, "cancelled", NULL);
    else if (batch.nrows) code = rows->rows(rows->ctx, &batch); /* a code of the sink is handed on as it is */
  }
  free(key);
  clear(&t);
  return code;
}

/* The table is part of every file, so there is no ddl, and nothing to create before rows are restored. */
static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  const belay_object all[3] = {
      {.struct_size = sizeof(belay_object), .kind = str("table"), .name = str("entry"),
       .definition = str("entry (key TEXT PRIMARY KEY, value TEXT)"), .row_estimate = -1},
      {.struct_size = sizeof(belay_object), .kind = str("column"), .name = str("key"), .parent = str("entry"),
       .native_type = str("TEXT"), .definition = str("TEXT"), .flags = BELAY_O_NOT_NULL | BELAY_O_PRIMARY_KEY},
      {.struct_size = sizeof(belay_object), .kind = str("column"), .name = str("value"), .parent = str("entry"),
       .native_type = str("TEXT"), .definition = str("TEXT")}};
  int32_t code = BELAY_OK;
  (void)conn, (void)op, (void)error;
  for (int i = 0; i < 3 && code == BELAY_OK; i++) code = objects->object(objects->ctx, &all[i]);
  return code;
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
