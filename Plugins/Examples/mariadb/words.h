/* words.c: the words of MariaDB's SQL. */
#ifndef BELAY_MARIADB_WORDS_H
#define BELAY_MARIADB_WORDS_H

#include "driver.h"

typedef enum {
  W_END,    /* of the script */
  W_WORD,   /* a bare name, keyword or number */
  W_QUOTED, /* `name`, or "name" with ANSI_QUOTES */
  W_STRING, /* 'text' */
  W_SIGN    /* one character */
} word_kind;

typedef struct { word_kind kind; const char *at; size_t n; } sql_word;

/* Words in their order. Zero it, append to it, free at. */
typedef struct { sql_word *at; size_t n, room; } word_list;

/* Where a script is being read. within: inside of a comment whose content the server runs. */
typedef struct {
  const char *start, *at, *end;
  unsigned long version;
  int backslashes, ansi, within;
  const char *code; /* the last byte that the server sees, for a statement's end */
} reader;

/* Goes over spaces and comments. */
void reader_skip(reader *r);
sql_word reader_next(reader *r);
/* 0: out of memory. */
int words_add(word_list *list, sql_word w);
int word_is(sql_word w, const char *keyword);
/* Any of the keywords, up to NULL. */
int word_is_any(sql_word w, const char *const *keywords);
int sign_is(sql_word w, char sign);
/* What a name stands for, without its quotes; the caller frees it. NULL: out of memory. */
char *word_name(sql_word w);

#endif
