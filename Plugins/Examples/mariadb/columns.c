/*
 * BELAY_S_COLUMNS: which columns get the value of an expression in rows that are copied, or that are there. Told only
 * where the words leave no doubt: one table that is read, no query within the query, and columns that the statement or
 * the CREATE TABLE before it lists.
 */
#include "columns.h"

#include <ctype.h>

static sql_word word_at(const statement *s, size_t i) { return i < s->n ? s->words[i] : (sql_word){.kind = W_END}; }

static int names_something(sql_word w) { return w.kind == W_QUOTED || w.kind == W_WORD; }

/* The parenthesis that closes the one at i; the end where none does. */
static size_t closing(const statement *s, size_t i) {
  int depth = 0;
  for (; i < s->n; i++) {
    if (sign_is(s->words[i], '(')) depth++;
    if (sign_is(s->words[i], ')') && --depth == 0) return i;
  }
  return s->n;
}

/* The next place from i on, outside of parentheses, with one of the words; the end where there is none. */
static size_t find(const statement *s, size_t i, const char *const *wanted) {
  for (; i < s->n; i++) {
    if (sign_is(s->words[i], '(')) i = closing(s, i);
    else if (word_is_any(s->words[i], wanted)) return i;
  }
  return s->n;
}

/* Behind what a comma outside of parentheses ends. */
static size_t item_end(const statement *s, size_t i, size_t end) {
  for (; i < end; i++) {
    if (sign_is(s->words[i], '(')) i = closing(s, i);
    else if (sign_is(s->words[i], ',')) return i;
  }
  return end;
}

/* Behind NAME or DATABASE.NAME. */
static size_t behind_name(const statement *s, size_t i) { return sign_is(word_at(s, i + 1), '.') ? i + 3 : i + 1; }

/* ---- Lists of columns ---- */

static int append(column_list *l, sql_word w) {
  char **grown = realloc(l->names, (l->n + 1) * sizeof *grown);
  if (!grown) return 0;
  l->names = grown;
  return (l->names[l->n] = word_name(w)) ? (l->n++, 1) : 0;
}

static void list_clear(column_list *l) {
  for (size_t i = 0; i < l->n; i++) free(l->names[i]);
  free(l->names), free(l->table);
  *l = (column_list){0};
}

static column_list *known_table(known_columns *known, const char *table) {
  for (size_t i = 0; i < known->n; i++)
    if (strcmp(known->at[i].table, table) == 0) return &known->at[i];
  return NULL;
}

static void forget(known_columns *known, const char *table) {
  column_list *l = known_table(known, table);
  if (!l) return;
  list_clear(l);
  *l = known->at[--known->n];
}

/* The columns of "CREATE TABLE t (a int, PRIMARY KEY (a), …)". */
static void learn(statement *s, known_columns *known, const char *table) {
  static const char *const others[] = {"PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL", "VECTOR",
                                       "CONSTRAINT", "FOREIGN", "CHECK", "PERIOD", "LIKE", NULL};
  static const char *const generated[] = {"AS", "GENERATED", "INVISIBLE", NULL};
  static const char *const selects[] = {"SELECT", "VALUES", "TABLE", "WITH", NULL};
  size_t open = 0;
  while (open < s->n && !sign_is(s->words[open], '(')) open++;
  size_t end = closing(s, open);
  if (end >= s->n || find(s, end, selects) < s->n) return;
  column_list made = {.table = strdup(table)};
  int good = made.table != NULL;
  for (size_t i = open + 1; i < end && good;) {
    size_t next = item_end(s, i, end);
    if (s->words[i].kind == W_QUOTED || (s->words[i].kind == W_WORD && !word_is_any(s->words[i], others))) {
      /* A statement without a list of columns leaves out those that others cannot see, or gives them no values. */
      if (find(s, i, generated) < next) good = 0;
      else if (!append(&made, s->words[i])) s->failed = 1, good = 0;
    } else if (word_is(s->words[i], "LIKE")) {
      good = 0;
    }
    i = next + 1;
  }
  column_list *grown = good ? realloc(known->at, (known->n + 1) * sizeof *grown) : NULL;
  if (!grown) {
    list_clear(&made);
    return;
  }
  known->at = grown;
  known->at[known->n++] = made;
}

/* ---- Values ---- */

/* "a" or "t.a", with or without another name for it. */
static int is_column(const statement *s, size_t i, size_t end) {
  static const char *const values[] = {"NULL", "TRUE", "FALSE", "DEFAULT", "CURRENT_TIMESTAMP", "CURRENT_DATE",
                                       "CURRENT_TIME", "CURRENT_USER", "CURRENT_ROLE", "LOCALTIME", "LOCALTIMESTAMP",
                                       "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "NOT", "BINARY", "CASE", "EXISTS",
                                       "INTERVAL", "ROWNUM", "SYSDATE", NULL};
  sql_word first = word_at(s, i);
  if (!names_something(first) || (first.kind == W_WORD && isdigit((unsigned char)*first.at))) return 0;
  if (word_is_any(first, values)) return 0;
  for (i++; i + 1 < end && sign_is(word_at(s, i), '.') && names_something(word_at(s, i + 1));) i += 2;
  if (i == end) return 1;
  if (i + 1 == end) return names_something(word_at(s, i));
  return i + 2 == end && word_is(word_at(s, i), "AS");
}

/* "*" or "t.*" */
static int is_star(const statement *s, size_t i, size_t end) {
  return end > i && sign_is(s->words[end - 1], '*') && (end == i + 1 || sign_is(s->words[end - 2], '.'));
}

static void computed(statement *s, const char *table, const char *column) {
  statement_write(s, "column", column, table, BELAY_W_INSERT);
}

/* "SELECT …" from i on, into these columns. */
static int read_select(statement *s, size_t i, const char *table, const column_list *into) {
  static const char *const first[] = {"ALL", "DISTINCT", "DISTINCTROW", "HIGH_PRIORITY", "STRAIGHT_JOIN",
                                      "SQL_SMALL_RESULT", "SQL_BIG_RESULT", "SQL_BUFFER_RESULT", "SQL_CACHE",
                                      "SQL_NO_CACHE", "SQL_CALC_FOUND_ROWS", NULL};
  static const char *const joints[] = {"UNION", "INTERSECT", "EXCEPT", "MINUS", "DUPLICATE", "RETURNING", "INTO", NULL};
  static const char *const from_word[] = {"FROM", NULL};
  static const char *const ends[] = {"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "PROCEDURE", "FOR", "LOCK",
                                     "OFFSET", "FETCH", NULL};
  if (!word_is(word_at(s, i), "SELECT") || find(s, i, joints) < s->n) return 0;
  for (i++; word_is_any(word_at(s, i), first);) i++;
  size_t from = find(s, i, from_word), stars = 0, items = 0;
  /* Without a table the rows are new. */
  if (from == s->n) return 1;
  for (size_t at = from + 1, end = find(s, from, ends); at < end; at++)
    if (sign_is(s->words[at], '(') || sign_is(s->words[at], ',') || word_is(s->words[at], "JOIN") ||
        word_is(s->words[at], "STRAIGHT_JOIN"))
      return 0;
  for (size_t at = i; at < from; items++) {
    size_t end = item_end(s, at, from);
    stars += (size_t)is_star(s, at, end);
    at = end + 1;
  }
  if (stars > 1 || into->n + stars < items) return 0;
  size_t place = 0;
  for (size_t at = i; at < from;) {
    size_t end = item_end(s, at, from);
    if (is_star(s, at, end)) {
      place += into->n - (items - 1);
    } else {
      if (place >= into->n) return 0;
      if (!is_column(s, at, end)) computed(s, table, into->names[place]);
      place++;
    }
    at = end + 1;
  }
  /* Too few: the server refuses it. */
  return place == into->n;
}

/* INSERT INTO t (a, b) SELECT …, VALUES … or SET …: of the latter two the rows are new. */
static int read_insert(statement *s, known_columns *known, const char *table) {
  static const char *const words[] = {"INSERT", "REPLACE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO",
                                      NULL};
  static const char *const duplicate[] = {"DUPLICATE", NULL};
  size_t i = 0;
  if (find(s, 0, duplicate) < s->n) return 0;
  while (word_is_any(word_at(s, i), words)) i++;
  i = behind_name(s, i);
  column_list listed = {0};
  const column_list *into = known_table(known, table);
  if (sign_is(word_at(s, i), '(') && !word_is(word_at(s, i + 1), "SELECT")) {
    size_t end = closing(s, i);
    for (size_t at = i + 1; at < end; at++)
      if (names_something(s->words[at]) && !sign_is(word_at(s, at + 1), '.') && !append(&listed, s->words[at]))
        s->failed = 1;
    into = &listed;
    i = end + 1;
  }
  sql_word next = word_at(s, i);
  int told = word_is(next, "VALUES") || word_is(next, "VALUE") || word_is(next, "SET") ||
             (into && read_select(s, i, table, into));
  list_clear(&listed);
  return told;
}

/* UPDATE t SET a = …, t.b = …: of one table. */
static int read_update(statement *s, const char *table) {
  static const char *const set_word[] = {"SET", NULL};
  static const char *const ends[] = {"WHERE", "ORDER", "LIMIT", "RETURNING", NULL};
  size_t i = find(s, 0, set_word), end = find(s, i, ends);
  for (size_t at = 0; at < i; at++)
    if (sign_is(s->words[at], ',') || sign_is(s->words[at], '(') || word_is(s->words[at], "JOIN") ||
        word_is(s->words[at], "STRAIGHT_JOIN"))
      return 0;
  for (i++; i < end;) {
    size_t next = item_end(s, i, end);
    while (sign_is(word_at(s, i + 1), '.')) i += 2;
    if (!names_something(word_at(s, i)) || !sign_is(word_at(s, i + 1), '=')) return 0;
    char *column = word_name(s->words[i]);
    if (column) statement_write(s, "column", column, table, BELAY_W_UPDATE);
    else s->failed = 1;
    free(column);
    i = next + 1;
  }
  return 1;
}

void columns_read(statement *s, known_columns *known) {
  if (s->flags & BELAY_S_UNREAD) return;
  uint32_t writes = s->nwrites;
  /* The name points to what the statement owns, which is not moved when more is written down. */
  const char *table = writes == 1 && str_is(s->writes[0].kind, "table") ? s->writes[0].name.ptr : NULL;
  sql_word first = word_at(s, 0);
  for (uint32_t i = 0; i < writes; i++)
    if (s->writes[i].actions & (BELAY_W_CREATE | BELAY_W_ALTER | BELAY_W_DROP)) forget(known, s->writes[i].name.ptr);
  if (!table) return;
  int told = 0;
  if (word_is(first, "CREATE")) learn(s, known, table);
  else if (word_is(first, "INSERT") || word_is(first, "REPLACE")) told = read_insert(s, known, table);
  else if (word_is(first, "UPDATE")) told = read_update(s, table);
  if (told) s->flags |= BELAY_S_COLUMNS;
  /* What was found before it turned out to be too much is not told. */
  else s->nwrites = writes;
}

void columns_forget(known_columns *known) {
  for (size_t i = 0; i < known->n; i++) list_clear(&known->at[i]);
  free(known->at);
  *known = (known_columns){0};
}
