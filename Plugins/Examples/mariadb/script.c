/* belay.script/1: where statements end, even with DELIMITER and in bodies of routines, and what they write. */
#include "columns.h"

/* ---- Bodies: a semicolon in BEGIN … END does not end a statement ---- */

/* Whether what has been read so far begins a statement with a body. */
static int has_body(const word_list *list) {
  static const char *const kinds[] = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", NULL};
  static const char *const others[] = {"TABLE", "INDEX", "VIEW", "DATABASE", "SCHEMA", "USER", "ROLE", NULL};
  if (list->n && word_is(list->at[0], "BEGIN")) return list->n > 1 && word_is(list->at[1], "NOT");
  if (!list->n || !(word_is(list->at[0], "CREATE") || word_is(list->at[0], "ALTER"))) return 0;
  for (size_t i = 1; i < list->n; i++) {
    for (const char *const *k = kinds; *k; k++)
      if (word_is(list->at[i], *k)) return 1;
    for (const char *const *o = others; *o; o++)
      if (word_is(list->at[i], *o)) return 0;
  }
  return 0;
}

static int begins_statement(const word_list *list, size_t i) {
  static const char *const before[] = {"BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "ROW", "ATOMIC", NULL};
  if (i == 0) return 1;
  sql_word w = list->at[i - 1];
  if (sign_is(w, ';') || sign_is(w, ':') || sign_is(w, ')')) return 1;
  for (const char *const *b = before; *b; b++)
    if (word_is(w, *b)) return 1;
  return 0;
}

/* How many blocks are open after all words of the list. */
static int open_blocks(const word_list *list) {
  static const char *const loops[] = {"IF", "LOOP", "REPEAT", "WHILE", "FOR", NULL};
  int depth = 0;
  for (size_t i = 0; i < list->n; i++) {
    sql_word w = list->at[i], next = i + 1 < list->n ? list->at[i + 1] : (sql_word){0};
    if (word_is(w, "END")) {
      depth--;
      for (const char *const *l = loops; *l; l++)
        if (word_is(next, *l)) i++;
      if (word_is(next, "CASE")) i++;
    } else if (word_is(w, "BEGIN") || word_is(w, "CASE")) {
      depth++;
    } else if (begins_statement(list, i) && !word_is(next, "EXISTS") && !word_is(next, "NOT") &&
               !(word_is(w, "FOR") && word_is(next, "EACH"))) {
      for (const char *const *l = loops; *l; l++)
        if (word_is(w, *l)) depth++;
    }
  }
  return depth;
}

/* ---- Statements ---- */

typedef struct {
  call *c;
  const belay_statementsink *sink;
  reader r;
  text delimiter;
  uint32_t line;
  const char *counted; /* up to here lines have been counted */
  word_list list;
  known_columns known;
} splitter;

static int has_columns_dropped(const statement *s) {
  for (uint32_t i = 0; i < s->nwrites; i++)
    if (str_is(s->writes[i].kind, "column") && s->writes[i].actions & BELAY_W_DROP) return 1;
  return 0;
}

/* With its last column an index goes, and the statement that drops the columns has named it so. */
static int32_t name_indexes(call *c, statement *s) {
  text sql = {0};
  MYSQL_RES *found;
  const char *table = s->writes[0].name.ptr, *separator = " AND COLUMN_NAME NOT IN (";
  text_put(&sql, "SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS a WHERE TABLE_SCHEMA = DATABASE() AND"
                 " TABLE_NAME = ");
  text_literal(&sql, table, strlen(table));
  text_put(&sql, " AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS b WHERE b.TABLE_SCHEMA ="
                 " a.TABLE_SCHEMA AND b.TABLE_NAME = a.TABLE_NAME AND b.INDEX_NAME = a.INDEX_NAME");
  for (uint32_t i = 0; i < s->nwrites; i++)
    if (str_is(s->writes[i].kind, "column")) {
      text_put(&sql, separator), text_literal(&sql, s->writes[i].name.ptr, s->writes[i].name.len);
      separator = ", ";
    }
  text_put(&sql, "))");
  int32_t code = ask_text(c, &found, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; (row = mysql_fetch_row(found));) statement_write(s, "index", row[0], table, BELAY_W_DROP);
  mysql_free_result(found);
  return BELAY_OK;
}

/* Rows written through a view belong to another table. */
static int32_t look_for_views(call *c, statement *s) {
  text sql = {0};
  char *found = NULL;
  for (uint32_t i = 0; i < s->nwrites; i++) {
    if (!str_is(s->writes[i].kind, "table") || s->writes[i].actions & (BELAY_W_CREATE | BELAY_W_ALTER)) continue;
    text_put(&sql, sql.length ? ", " : "SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND"
                                       " TABLE_NAME IN (");
    text_literal(&sql, s->writes[i].name.ptr, s->writes[i].name.len);
  }
  if (!sql.length) return BELAY_OK;
  text_put(&sql, ") LIMIT 1");
  int32_t code = sql.failed ? out_of_memory(c->error) : ask_word(c, &found, "%s", sql.at);
  if (code == BELAY_OK && found) statement_note(s, BELAY_S_UNREAD, "it writes through a view");
  free(found);
  text_clear(&sql);
  return code;
}

static int32_t give(splitter *p, const char *from, const char *end) {
  statement s = {.words = p->list.at, .n = p->list.n, .database = p->c->conn->database};
  int32_t code = BELAY_OK;
  for (; p->counted < from; p->counted++) p->line += *p->counted == '\n';
  if (s.n) statement_read(&s);
  if (has_columns_dropped(&s)) code = name_indexes(p->c, &s);
  if (code == BELAY_OK && s.nwrites) code = look_for_views(p->c, &s);
  if (code == BELAY_OK) columns_read(&s, &p->known);
  if (code == BELAY_OK && (s.failed || s.note.failed)) code = out_of_memory(p->c->error);
  if (code == BELAY_OK) {
    belay_statement made = {.struct_size = sizeof made, .flags = s.flags, .offset = (uint64_t)(from - p->r.start),
                            .len = (uint64_t)(end - from), .line = p->line, .nwrites = s.nwrites,
                            .writes = s.writes, .note = text_str(&s.note)};
    code = p->sink->statement(p->sink->ctx, &made);
  }
  statement_clear(&s);
  return code;
}

/* "DELIMITER //" stands on a line of its own, and is the client's. */
static int take_delimiter(splitter *p) {
  static const char word[] = "DELIMITER";
  size_t n = sizeof word - 1;
  reader *r = &p->r;
  sql_word first = {.kind = W_WORD, .at = r->at, .n = n};
  if ((size_t)(r->end - r->at) <= n || !word_is(first, word) || (r->at[n] != ' ' && r->at[n] != '\t')) return 0;
  const char *from = r->at + n, *line = memchr(from, '\n', (size_t)(r->end - from)), *end = line ? line : r->end;
  while (from < end && strchr(" \t", *from)) from++;
  while (end > from && strchr(" \t\r", end[-1])) end--;
  p->delimiter.length = 0;
  text_add(&p->delimiter, from, (size_t)(end - from));
  r->at = line ? line : r->end;
  return p->delimiter.length > 0;
}

static int at_delimiter(const splitter *p) {
  const text *d = &p->delimiter;
  return (size_t)(p->r.end - p->r.at) >= d->length && memcmp(p->r.at, d->at, d->length) == 0;
}

static int32_t one(splitter *p) {
  reader *r = &p->r;
  const char *from = NULL;
  p->list.n = 0;
  for (;;) {
    /* A comment that the server runs belongs to its statement, even at its beginning. */
    const char *before = r->at;
    int was_within = r->within;
    reader_skip(r);
    if (!from && !was_within && r->within) from = memmem(before, (size_t)(r->at - before), "/*", 2);
    if (r->at >= r->end) break;
    if (!from && take_delimiter(p)) continue;
    if (!r->within && at_delimiter(p)) {
      int inner = p->delimiter.length == 1 && *p->delimiter.at == ';' && has_body(&p->list) && open_blocks(&p->list) > 0;
      if (!inner) break;
    }
    sql_word w = reader_next(r);
    if (!from) from = w.at;
    if (!words_add(&p->list, w)) return out_of_memory(p->c->error);
  }
  const char *end = from ? r->code : NULL;
  if (r->at < r->end) r->at += p->delimiter.length;
  return from && end > from && p->list.n ? give(p, from, end) : BELAY_OK;
}

static int32_t split(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *statements,
                     belay_error *error) {
  call c = begin(conn, op, error);
  char *mode = NULL;
  int32_t code = ask_word(&c, &mode, "SELECT @@SESSION.sql_mode");
  if (code != BELAY_OK) return code;
  splitter p = {.c = &c, .sink = statements, .line = 1, .counted = script.ptr};
  p.r = (reader){.start = script.ptr, .at = script.ptr, .end = script.ptr + script.len,
                 .version = mysql_get_server_version(conn->link),
                 .backslashes = !(mode && strstr(mode, "NO_BACKSLASH_ESCAPES")),
                 .ansi = mode && strstr(mode, "ANSI_QUOTES") != NULL};
  free(mode);
  text_put(&p.delimiter, ";");
  if (p.delimiter.failed) return out_of_memory(error);
  while (code == BELAY_OK && p.r.at < p.r.end) {
    int32_t stop = asked_to_stop(&c);
    code = stop ? fail(error, stop, "cancelled while reading the script", "") : one(&p);
  }
  free(p.list.at);
  columns_forget(&p.known);
  text_clear(&p.delimiter);
  return code;
}

const belay_script script_extension = {.struct_size = sizeof script_extension, .probe = always, .split = split};
