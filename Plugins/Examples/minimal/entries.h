/*
 * The engine of the minimal driver: a file of INSERT statements, in memory during a call, and the statements with which
 * belay backs a table up and restores it; X is 'text', NULL or ?:
 *
 *     SELECT key, value FROM entry [WHERE key = X]
 *     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
 *     DELETE FROM entry
 */
#include "belay_driver.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file's text, and n rows of key and value that point into it: as cells, which the host can have as they are. */
typedef struct { char *text; belay_cell *cells; uint64_t n; } table;
typedef struct { char *start, *at, *end; const belay_cell *params; uint32_t nparams, used; int is_file; } reader;

/* In minimal.c: tells the host why the call fails, what became of the file, and where the statement is wrong. */
static int32_t failed(belay_error *error, int32_t code, uint32_t outcome, int64_t offset, const char *what,
                      const char *object);

/* Most failures leave the file as it was: save() renames a finished file over it, or does nothing. */
static int32_t fail(belay_error *error, int32_t code, const char *what, const char *object) {
  return failed(error, code, BELAY_NOT_APPLIED, -1, what, object);
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
  return failed(error, BELAY_E_SQL, BELAY_NOT_APPLIED, r->at - r->start, "not understood from here on", NULL);
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

/* The rows that a query asks for: from *first up to *end. */
static int32_t choose(reader *r, const table *t, uint64_t *first, uint64_t *end, belay_error *error) {
  belay_cell key = {.type = BELAY_NULL};
  int32_t code = take(r, "SELECT key , value FROM entry") ? BELAY_OK : wrong(r, error);
  int one = code == BELAY_OK && take(r, "WHERE key =");
  if (one) code = value(r, &key, error);
  if (code == BELAY_OK && !take(r, ";") && !ended(r)) code = wrong(r, error);
  *first = one ? find(t, &key) : 0;
  *end = one && *first < t->n ? *first + 1 : t->n;
  return code;
}

/* ---- The file ---- */

static int32_t load(const char *path, table *t, belay_error *error) {
  struct stat s = {0};
  int64_t changed;
  FILE *file = fopen(path, "re");
  int ok = file && fstat(fileno(file), &s) == 0 && (t->text = malloc(s.st_size + 1)) &&
           fread(t->text, 1, s.st_size, file) == (size_t)s.st_size;
  int32_t code = ok ? BELAY_OK : fail(error, errno == ENOENT ? BELAY_E_NOT_FOUND : BELAY_E_IO, strerror(errno), path);
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
static int32_t save(const char *path, const table *t, belay_error *error) {
  char name[PATH_MAX + 4];
  snprintf(name, sizeof name, "%s.new", path);
  FILE *file = fopen(name, "we");
  if (!file) return fail(error, BELAY_E_IO, strerror(errno), name);
  for (uint64_t i = 0; i < t->n; i++) {
    fputs("INSERT INTO entry (key, value) VALUES (", file);
    put(file, &t->cells[2 * i], ", "), put(file, &t->cells[2 * i + 1], ");\n");
  }
  int bad = fflush(file) != 0 || ferror(file) || fsync(fileno(file)) != 0;
  if (fclose(file) != 0 || bad || rename(name, path) != 0) {
    int32_t code = fail(error, BELAY_E_IO, strerror(errno), name);
    unlink(name);
    return code;
  }
  *strrchr(name, '/') = 0;
  int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  if (synced) return BELAY_OK;
  return failed(error, BELAY_E_IO, BELAY_APPLIED, -1, "written, but not synced: a power cut may undo it", name);
}
