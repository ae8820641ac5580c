/* Splits MariaDB's SQL into tokens, to find where statements end and what they name. */
#include "words.h"

#include <ctype.h>
#include <strings.h>

/* "!50100" or "M!100301" behind a comment's beginning: does this server run what follows? 0 where it is a plain comment. */
static size_t executable(const reader *r, const char *at) {
  const char *from = at;
  int own = at < r->end && *at == 'M';
  if (own) at++;
  if (at >= r->end || *at++ != '!') return 0;
  unsigned long version = 0;
  int digits = 0;
  for (; at < r->end && isdigit((unsigned char)*at) && digits < 6; at++, digits++)
    version = version * 10 + (unsigned long)(*at - '0');
  if (digits && digits < 5) return 0;
  if (version > r->version) return 0;
  /* MariaDB does not have MySQL's features since 5.7. */
  if (!own && version >= 50700 && version <= 99999) return 0;
  return (size_t)(at - from);
}

void reader_skip(reader *r) {
  while (r->at < r->end) {
    size_t left = (size_t)(r->end - r->at);
    if (isspace((unsigned char)*r->at)) {
      r->at++;
    } else if (*r->at == '#' || (left >= 2 && memcmp(r->at, "--", 2) == 0 &&
                                 (left == 2 || (unsigned char)r->at[2] <= ' '))) {
      const char *line = memchr(r->at, '\n', left);
      r->at = line ? line : r->end;
    } else if (left >= 2 && memcmp(r->at, "/*", 2) == 0) {
      size_t n = r->within ? 0 : executable(r, r->at + 2);
      if (n) {
        r->within = 1, r->at += 2 + n;
        r->code = r->at;
        continue;
      }
      const char *close = memmem(r->at + 2, left - 2, "*/", 2);
      r->at = close ? close + 2 : r->end;
    } else if (r->within && left >= 2 && memcmp(r->at, "*/", 2) == 0) {
      r->within = 0, r->at += 2;
      r->code = r->at;
    } else {
      return;
    }
  }
}

static int is_name(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80; }

sql_word reader_next(reader *r) {
  reader_skip(r);
  sql_word w = {.kind = W_END, .at = r->at};
  if (r->at >= r->end) return w;
  char first = *r->at;
  if (first == '\'' || first == '"' || first == '`') {
    int escapes = first != '`' && r->backslashes && !(first == '"' && r->ansi);
    w.kind = first == '`' || (first == '"' && r->ansi) ? W_QUOTED : W_STRING;
    for (r->at++; r->at < r->end; r->at++) {
      if (*r->at == '\\' && escapes) r->at++;
      else if (*r->at == first && r->at + 1 < r->end && r->at[1] == first) r->at++;
      else if (*r->at == first) break;
    }
    r->at = r->at < r->end ? r->at + 1 : r->end;
  } else if (is_name(first)) {
    w.kind = W_WORD;
    while (r->at < r->end && is_name(*r->at)) r->at++;
  } else {
    w.kind = W_SIGN, r->at++;
  }
  w.n = (size_t)(r->at - w.at);
  r->code = r->at;
  return w;
}

int word_is(sql_word w, const char *keyword) {
  return w.kind == W_WORD && w.n == strlen(keyword) && strncasecmp(w.at, keyword, w.n) == 0;
}

int word_is_any(sql_word w, const char *const *keywords) {
  for (; *keywords; keywords++)
    if (word_is(w, *keywords)) return 1;
  return 0;
}

int sign_is(sql_word w, char sign) { return w.kind == W_SIGN && *w.at == sign; }

int words_add(word_list *list, sql_word w) {
  if (list->n == list->room) {
    size_t room = list->room ? list->room * 2 : 64;
    sql_word *grown = realloc(list->at, room * sizeof *grown);
    if (!grown) return 0;
    list->at = grown, list->room = room;
  }
  list->at[list->n++] = w;
  return 1;
}

char *word_name(sql_word w) {
  if (w.kind != W_QUOTED) return strndup(w.at, w.n);
  char *made = malloc(w.n), *to = made;
  for (size_t i = 1; made && i + 1 < w.n; i++) {
    *to++ = w.at[i];
    if (w.at[i] == *w.at) i++;
  }
  if (made) *to = 0;
  return made;
}
