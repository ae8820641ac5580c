/* Parses the text of SHOW CREATE TABLE, which the server always writes in the same form. */
#include "shape.h"

/* Behind the quoted text that begins here: '…' and "…" with backslashes, `…` without. */
static const char *behind_quoted(const char *at) {
  char quote = *at++;
  for (; *at; at++) {
    if (*at == '\\' && quote != '`' && at[1]) at++;
    else if (*at == quote && at[1] == quote) at++;
    else if (*at == quote) return at + 1;
  }
  return at;
}

static int is_quote(char c) { return c == '\'' || c == '"' || c == '`'; }

/* Defaults name sequences with their database: `app`.`s`. In another database they must not refer to this one. */
static char *without_database(const char *created, const char *database) {
  text own = {0}, made = {0};
  text_name(&own, database, strlen(database));
  text_put(&own, ".");
  for (const char *at = created; *at && !own.failed;) {
    const char *end = is_quote(*at) ? behind_quoted(at) : at + 1;
    if (*at == '`' && strncmp(at, own.at, own.length) == 0) at += own.length;
    else text_add(&made, at, (size_t)(end - at)), at = end;
  }
  if (own.failed || made.failed) text_clear(&made);
  text_clear(&own);
  return made.at;
}

/* `a``b` becomes a`b. */
static char *unquoted(const char *at) {
  const char *end = behind_quoted(at) - 1;
  char *made = malloc((size_t)(end - at)), *to = made;
  for (at++; made && at < end; at++) {
    *to++ = *at;
    if (*at == '`') at++;
  }
  if (made) *to = 0;
  return made;
}

static int starts(belay_str s, const char *words) {
  return s.len >= strlen(words) && memcmp(s.ptr, words, strlen(words)) == 0;
}

/* The server writes the word so, between spaces. */
int part_has_check(const part *p) {
  const char *end = p->definition.ptr + p->definition.len;
  for (const char *at = p->definition.ptr; at < end; at = is_quote(*at) ? behind_quoted(at) : at + 1)
    if (strncmp(at, " CHECK (", 8) == 0) return 1;
  return 0;
}

static int part_read(part *p) {
  const char *name = NULL;
  p->definition = p->whole;
  if (*p->whole.ptr == '`') {
    p->kind = PART_COLUMN, name = p->whole.ptr;
    const char *rest = behind_quoted(name);
    p->definition = (belay_str){rest + 1, (uint64_t)(p->whole.ptr + p->whole.len - rest - 1)};
  } else if (starts(p->whole, "PRIMARY KEY")) {
    p->kind = PART_INDEX;
    return (p->name = strdup("PRIMARY")) != NULL;
  } else if (starts(p->whole, "CONSTRAINT `")) {
    name = p->whole.ptr + strlen("CONSTRAINT ");
    p->kind = strncmp(behind_quoted(name), " FOREIGN KEY", 12) == 0 ? PART_FOREIGN_KEY : PART_CHECK;
  } else if (starts(p->whole, "KEY `") || starts(p->whole, "UNIQUE KEY `") || starts(p->whole, "FULLTEXT KEY `") ||
             starts(p->whole, "SPATIAL KEY `") || starts(p->whole, "VECTOR KEY `")) {
    p->kind = PART_INDEX, name = memchr(p->whole.ptr, '`', p->whole.len);
  } else {
    p->kind = PART_OTHER; /* PERIOD FOR SYSTEM_TIME */
    return (p->name = strdup("")) != NULL;
  }
  return (p->name = unquoted(name)) != NULL;
}

static int add(shape *s, const char *from, const char *end) {
  while (from < end && strchr(" \n", *from)) from++;
  while (end > from && strchr(" \n", end[-1])) end--;
  part *grown = realloc(s->parts, (s->n + 1) * sizeof *grown);
  if (!grown || from == end) return 0;
  s->parts = grown;
  s->parts[s->n] = (part){.whole = {from, (uint64_t)(end - from)}};
  return part_read(&s->parts[s->n++]);
}

int shape_read(shape *s, const char *created, const char *database) {
  *s = (shape){.text = without_database(created, database)};
  const char *at = s->text ? strchr(s->text, '`') : NULL;
  if (!at || *(at = behind_quoted(at)) != ' ' || *++at != '(') return 0;
  const char *from = ++at;
  for (int depth = 1; *at; ) {
    if (is_quote(*at)) {
      at = behind_quoted(at);
      continue;
    }
    if (*at == '(') depth++;
    if (*at == ')' && --depth == 0) break;
    if (*at == ',' && depth == 1) {
      if (!add(s, from, at)) return 0;
      from = at + 1;
    }
    at++;
  }
  if (*at != ')' || !add(s, from, at)) return 0;
  s->options = str(at[1] == ' ' ? at + 2 : at + 1);
  return 1;
}

void shape_clear(shape *s) {
  for (size_t i = 0; i < s->n; i++) free(s->parts[i].name);
  free(s->parts);
  free(s->text);
  *s = (shape){0};
}

void shape_definition(const shape *s, text *out) {
  const char *number = strstr(s->options.ptr, "AUTO_INCREMENT="), *comment = strstr(s->options.ptr, " COMMENT='");
  if (!number || (comment && comment < number)) {
    text_add(out, s->options.ptr, s->options.len);
    return;
  }
  const char *end = number + strlen("AUTO_INCREMENT=");
  end += strspn(end, "0123456789");
  if (*end == ' ') end++;
  text_add(out, s->options.ptr, (size_t)(number - s->options.ptr));
  text_put(out, end);
}

void shape_ddl(const shape *s, const char *name, text *out) {
  const char *separator = "(\n  ";
  text_put(out, "CREATE TABLE ");
  text_name(out, name, strlen(name));
  text_put(out, " ");
  for (size_t i = 0; i < s->n; i++) {
    if (s->parts[i].kind == PART_FOREIGN_KEY) continue;
    text_put(out, separator);
    text_add(out, s->parts[i].whole.ptr, s->parts[i].whole.len);
    separator = ",\n  ";
  }
  text_put(out, "\n) ");
  text_add(out, s->options.ptr, s->options.len);
}
