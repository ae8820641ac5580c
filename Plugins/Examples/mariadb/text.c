/* Text that grows, and SQL's names and literals. */
#include "driver.h"

#include <stdarg.h>

void text_add(text *t, const char *bytes, size_t n) {
  if (t->failed) return;
  if (t->length + n + 1 > t->room) {
    size_t room = t->room ? t->room : 256;
    while (room < t->length + n + 1) room *= 2;
    char *grown = realloc(t->at, room);
    if (!grown) {
      t->failed = 1;
      return;
    }
    t->at = grown, t->room = room;
  }
  if (n) memcpy(t->at + t->length, bytes, n);
  t->length += n;
  t->at[t->length] = 0;
}

void text_put(text *t, const char *words) { text_add(t, words, strlen(words)); }

void text_printf(text *t, const char *format, ...) {
  va_list list;
  char *made = NULL;
  va_start(list, format);
  int n = vasprintf(&made, format, list);
  va_end(list);
  if (n < 0) t->failed = 1;
  else text_add(t, made, (size_t)n), free(made);
}

void text_name(text *t, const char *name, size_t n) {
  text_put(t, "`");
  for (size_t i = 0; i < n; i++) {
    if (name[i] == '`') text_put(t, "`");
    text_add(t, name + i, 1);
  }
  text_put(t, "`");
}

void text_hex(text *t, const char *bytes, size_t n) {
  static const char digits[] = "0123456789abcdef";
  text_put(t, "_utf8mb4 X'");
  for (size_t i = 0; i < n; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    text_add(t, &digits[byte >> 4], 1), text_add(t, &digits[byte & 15], 1);
  }
  text_put(t, "'");
}

void text_literal(text *t, const char *bytes, size_t n) {
  if (n && memchr(bytes, '\\', n)) {
    text_hex(t, bytes, n);
    return;
  }
  text_put(t, "'");
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '\'') text_put(t, "'");
    text_add(t, bytes + i, 1);
  }
  text_put(t, "'");
}

void text_clear(text *t) {
  free(t->at);
  *t = (text){0};
}

belay_str str(const char *words) { return (belay_str){words, words ? strlen(words) : 0}; }
belay_str text_str(const text *t) { return (belay_str){t->at, t->length}; }
int str_is(belay_str s, const char *words) { return s.len == strlen(words) && memcmp(s.ptr, words, s.len) == 0; }
