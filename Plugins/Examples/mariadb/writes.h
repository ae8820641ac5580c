/* writes.c: what one statement names and writes. */
#ifndef BELAY_MARIADB_WRITES_H
#define BELAY_MARIADB_WRITES_H

#include "words.h"

/* One statement, split into tokens, and what was found out about it. */
typedef struct {
  const sql_word *words;
  size_t n, at;
  const char *database; /* names with this one before them are of the target */
  uint32_t flags;
  text note;
  belay_write *writes;
  char **names; /* owned: what the writes point to */
  uint32_t nwrites, nnames;
  int failed; /* memory ran out */
  /* Tables of which columns go: their indexes are asked for. The names are in writes: kind "column", BELAY_W_DROP. */
} statement;

void statement_read(statement *s);
void statement_write(statement *s, const char *kind, const char *name, const char *parent, uint32_t actions);
void statement_note(statement *s, uint32_t flags, const char *note);
void statement_clear(statement *s);

#endif
