#define _GNU_SOURCE
#include "entries.h"

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

typedef struct {
  char *start, *at, *end;
  const entries_value *values;
  size_t nvalues, used;
  entries_error *error;
} reader;

static int fail(entries_error *error, int code, const char *what, const char *object) {
  *error = (entries_error){.code = code, .at = -1};
  snprintf(error->message, sizeof error->message, object ? "%s: %.400s" : "%s", what, object);
  return code;
}

/* ---- The statements ---- */

static int ended(reader *r) {
  while (r->at < r->end && isspace((unsigned char)*r->at)) r->at++;
  return r->at == r->end;
}

/* Skips these words if they come next, each with or without double quotes. */
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

static int wrong(reader *r) {
  fail(r->error, ENTRIES_WRONG, "cannot be parsed from here on", NULL);
  r->error->at = r->at - r->start;
  return ENTRIES_WRONG;
}

/* 'text', NULL or the next of the values. */
static int value(reader *r, entries_value *value) {
  *value = (entries_value){NULL, 0};
  if (take(r, "NULL")) return ENTRIES_OK;
  if (take(r, "?")) {
    if (r->used == r->nvalues) return fail(r->error, ENTRIES_PARAMETER, "a parameter is missing", NULL);
    *value = r->values[r->used++];
    return ENTRIES_OK;
  }
  if (!take(r, "'")) return wrong(r);
  char *from = r->at, *to = from; /* a doubled quote becomes one, in place */
  for (; r->at < r->end; *to++ = *r->at++)
    if (*r->at == '\'' && (++r->at == r->end || *r->at != '\'')) {
      *value = (entries_value){from, (size_t)(to - from)};
      return ENTRIES_OK;
    }
  return wrong(r);
}

/* The row with this key; all->n if there is none. Nothing equals NULL. */
static size_t find(const entries *all, entries_value key) {
  for (size_t i = 0; i < all->n && key.text; i++)
    if (all->rows[i].key.len == key.len && memcmp(all->rows[i].key.text, key.text, key.len) == 0) return i;
  return all->n;
}

static int insert(reader *r, entries *all) {
  do {
    entries_row *grown = realloc(all->rows, (all->n + 1) * sizeof *grown);
    if (!grown) return fail(r->error, ENTRIES_MEMORY, "out of memory", NULL);
    entries_row *row = (all->rows = grown) + all->n;
    int code = take(r, "(") ? value(r, &row->key) : wrong(r);
    if (code == ENTRIES_OK) code = take(r, ",") ? value(r, &row->value) : wrong(r);
    if (code == ENTRIES_OK && !take(r, ")")) code = wrong(r);
    if (code == ENTRIES_OK && (!row->key.text || find(all, row->key) < all->n))
      code = fail(r->error, ENTRIES_CONFLICT, "a key must not be NULL or exist already", NULL);
    if (code != ENTRIES_OK) return code;
    all->n++;
  } while (take(r, ","));
  return ENTRIES_OK;
}

int entries_run(entries *all, char *sql, size_t len, const entries_value *values, size_t nvalues, long *changed,
                entries_error *error) {
  reader r = {sql, sql, sql + len, values, nvalues, 0, error};
  int code = ENTRIES_OK;
  while (code == ENTRIES_OK && !ended(&r)) {
    size_t before = all->n;
    if (take(&r, "INSERT INTO entry ( key , value ) VALUES")) code = insert(&r, all);
    else if (take(&r, "DELETE FROM entry")) all->n = 0;
    else return wrong(&r);
    *changed = (long)(all->n ? all->n - before : before);
    if (code == ENTRIES_OK && !take(&r, ";") && !ended(&r)) code = wrong(&r);
  }
  return code;
}

int entries_select(const entries *all, char *sql, size_t len, const entries_value *values, size_t nvalues,
                   size_t *first, size_t *end, entries_error *error) {
  reader r = {sql, sql, sql + len, values, nvalues, 0, error};
  entries_value key = {NULL, 0};
  int code = take(&r, "SELECT key , value FROM entry") ? ENTRIES_OK : wrong(&r);
  int one = code == ENTRIES_OK && take(&r, "WHERE key =");
  if (one) code = value(&r, &key);
  if (code == ENTRIES_OK && !take(&r, ";") && !ended(&r)) code = wrong(&r);
  *first = one ? find(all, key) : 0;
  *end = one && *first < all->n ? *first + 1 : all->n;
  return code;
}

/* ---- The file ---- */

int entries_load(entries *all, const char *path, entries_error *error) {
  struct stat s = {0};
  long changed;
  FILE *file = fopen(path, "re");
  int ok = file && fstat(fileno(file), &s) == 0 && (all->text = malloc((size_t)s.st_size + 1)) &&
           fread(all->text, 1, (size_t)s.st_size, file) == (size_t)s.st_size;
  int code = ok ? ENTRIES_OK : fail(error, errno == ENOENT ? ENTRIES_MISSING : ENTRIES_IO, strerror(errno), path);
  if (file) fclose(file);
  if (ok) code = entries_run(all, all->text, (size_t)s.st_size, NULL, 0, &changed, error);
  if (code == ENTRIES_WRONG || code == ENTRIES_PARAMETER)
    code = fail(error, ENTRIES_DAMAGED, "the file contains something other than INSERT statements", path);
  return code;
}

void entries_free(entries *all) { free(all->text), free(all->rows); }

static void put(FILE *file, entries_value value, const char *after) {
  fputs(value.text ? "'" : "NULL", file);
  for (size_t i = 0; i < value.len; i++) fputs(value.text[i] == '\'' ? "'" : "", file), fputc(value.text[i], file);
  fputs(value.text ? "'" : "", file), fputs(after, file);
}

/* Writes a new file beside the old one, syncs it, renames it over the old one, and syncs the folder. */
int entries_save(const entries *all, const char *path, entries_error *error) {
  char name[PATH_MAX + 4];
  snprintf(name, sizeof name, "%s.new", path);
  FILE *file = fopen(name, "we");
  if (!file) return fail(error, ENTRIES_IO, strerror(errno), name);
  for (size_t i = 0; i < all->n; i++) {
    fputs("INSERT INTO entry (key, value) VALUES (", file);
    put(file, all->rows[i].key, ", "), put(file, all->rows[i].value, ");\n");
  }
  int bad = fflush(file) != 0 || ferror(file) || fsync(fileno(file)) != 0;
  if (fclose(file) != 0 || bad || rename(name, path) != 0) {
    fail(error, ENTRIES_IO, strerror(errno), name);
    unlink(name);
    return ENTRIES_IO;
  }
  *strrchr(name, '/') = 0;
  int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  return synced ? ENTRIES_OK : fail(error, ENTRIES_UNSYNCED, "written, but a power failure may undo it", name);
}
