/*
 * An engine with one table. It stands for the library of your engine, and knows nothing of belay.
 *
 * A database is a file of INSERT statements. It is read completely, changed in memory, and written completely. The statements; X is
 * 'text', NULL or ?:
 *
 *     SELECT key, value FROM entry [WHERE key = X]
 *     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
 *     DELETE FROM entry
 */
#ifndef ENTRIES_H
#define ENTRIES_H

#include <stddef.h>

/* A text with its length; NULL where text is NULL. */
typedef struct { const char *text; size_t len; } entries_value;
typedef struct { entries_value key, value; } entries_row;

/* The rows of a file. They point into its text, or into the text of a statement. Initially {NULL, NULL, 0}. */
typedef struct { char *text; entries_row *rows; size_t n; } entries;

enum {
  ENTRIES_OK,
  ENTRIES_WRONG,     /* the statement cannot be parsed */
  ENTRIES_CONFLICT,  /* a key is NULL, or exists already */
  ENTRIES_PARAMETER, /* there are fewer values than ? */
  ENTRIES_MISSING,   /* there is no such file */
  ENTRIES_DAMAGED,   /* the file contains something else */
  ENTRIES_IO,        /* the file cannot be read or written, and is unchanged */
  ENTRIES_UNSYNCED,  /* the file was written, but a power failure may undo it */
  ENTRIES_MEMORY
};

/* Why a function failed: it returns code, too. at: the byte of the statement that is wrong, or -1. */
typedef struct { int code; long at; char message[512]; } entries_error;

int entries_load(entries *all, const char *path, entries_error *error);
int entries_save(const entries *all, const char *path, entries_error *error);
void entries_free(entries *all);

/* Any number of statements, up to the first that fails. sql is changed, and has to outlive all; values are those of each ?,
   in order. changed: rows changed by the last statement. */
int entries_run(entries *all, char *sql, size_t len, const entries_value *values, size_t nvalues, long *changed,
                entries_error *error);
/* The rows that a SELECT asks for: from *first up to *end. */
int entries_select(const entries *all, char *sql, size_t len, const entries_value *values, size_t nvalues,
                   size_t *first, size_t *end, entries_error *error);

#endif
