/* What one statement names and writes, from its tokens. What is not certain is flagged, never guessed. */
#include "writes.h"

/* ---- Words ---- */

static const sql_word nothing = {.kind = W_END};

static sql_word peek(const statement *s, size_t ahead) { return s->at + ahead < s->n ? s->words[s->at + ahead] : nothing; }

static int take(statement *s, const char *keyword) { return word_is(peek(s, 0), keyword) ? s->at++, 1 : 0; }

static int take_sign(statement *s, char sign) { return sign_is(peek(s, 0), sign) ? s->at++, 1 : 0; }

/* Any of the words, each at most once or often: LOW_PRIORITY IGNORE … */
static void skip_any(statement *s, const char *const *words) {
  for (const char *const *w = words; *w;) {
    if (take(s, *w)) w = words;
    else w++;
  }
}

static char *keep(statement *s, char *name) {
  char **grown = name ? realloc(s->names, (s->nnames + 1) * sizeof *grown) : NULL;
  if (!grown) {
    free(name);
    s->failed = 1;
    return NULL;
  }
  s->names = grown;
  return s->names[s->nnames++] = name;
}

void statement_note(statement *s, uint32_t flags, const char *note) {
  s->flags |= flags;
  if (!s->note.length) text_put(&s->note, note);
}

static void unread(statement *s, const char *note) { statement_note(s, BELAY_S_UNREAD, note); }

void statement_write(statement *s, const char *kind, const char *name, const char *parent, uint32_t actions) {
  for (uint32_t i = 0; i < s->nwrites; i++) {
    belay_write *w = &s->writes[i];
    if (str_is(w->kind, kind) && str_is(w->name, name) && str_is(w->parent, parent)) {
      w->actions |= actions;
      return;
    }
  }
  belay_write *grown = realloc(s->writes, (s->nwrites + 1) * sizeof *grown);
  char *own = keep(s, strdup(name)), *whose = keep(s, strdup(parent));
  if (grown) s->writes = grown;
  if (!grown || !own || !whose) {
    s->failed = 1;
    return;
  }
  s->writes[s->nwrites++] = (belay_write){.kind = str(kind), .name = str(own), .parent = str(whose), .actions = actions};
}

/* NAME or DATABASE.NAME, if it is in this database. NULL: there is no name, or it is in another one, which is noted. */
static const char *name(statement *s) {
  sql_word first = peek(s, 0);
  if (first.kind != W_WORD && first.kind != W_QUOTED) return NULL;
  s->at++;
  char *own = keep(s, word_name(first));
  sql_word second = peek(s, 1);
  if (own && sign_is(peek(s, 0), '.') && (second.kind == W_WORD || second.kind == W_QUOTED)) {
    s->at += 2;
    if (strcmp(own, s->database) != 0) {
      unread(s, "it names another database, which belay does not protect");
      return NULL;
    }
    own = keep(s, word_name(second));
  }
  return own;
}

static void write_named(statement *s, const char *kind, uint32_t actions) {
  const char *found = name(s);
  if (found) statement_write(s, kind, found, "", actions);
  else unread(s, "its name could not be parsed");
}

static void skip_exists(statement *s) {
  if (word_is(peek(s, 0), "IF")) {
    s->at++;
    take(s, "NOT");
    take(s, "EXISTS");
  }
}

/* Skips parentheses with their content, if they come next. */
static int skip_parentheses(statement *s) {
  if (!sign_is(peek(s, 0), '(')) return 0;
  for (int depth = 0; s->at < s->n; s->at++) {
    if (sign_is(peek(s, 0), '(')) depth++;
    if (sign_is(peek(s, 0), ')') && --depth == 0) return s->at++, 1;
  }
  return 1;
}

/* ---- Rows ---- */

typedef struct { const char *name, *alias; } reference;
typedef struct { reference at[32]; size_t n; int overflow; } references;

static int ends_references(const statement *s, const char *const *ends) {
  return word_is_any(peek(s, 0), ends) || s->at >= s->n;
}

/* The tables of "a AS x JOIN b ON … , c", up to one of the words. */
static references read_references(statement *s, const char *const *ends) {
  references r = {.n = 0};
  int expected = 1; /* a table comes next */
  while (!ends_references(s, ends)) {
    if (skip_parentheses(s)) { /* a subquery is only read */
      expected = 0;
      continue;
    }
    sql_word w = peek(s, 0);
    if (take_sign(s, ',') || take(s, "JOIN") || take(s, "STRAIGHT_JOIN")) {
      expected = 1;
    } else if (expected && (w.kind == W_WORD || w.kind == W_QUOTED)) {
      const char *found = name(s), *alias = NULL;
      take(s, "AS");
      sql_word next = peek(s, 0);
      static const char *const none[] = {"JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "STRAIGHT_JOIN", "ON",
                                         "USING", "SET", "WHERE", "FORCE", "USE", "IGNORE", "PARTITION", "FOR", NULL};
      int is_alias = next.kind == W_QUOTED || next.kind == W_WORD;
      for (const char *const *n = none; *n; n++) is_alias = is_alias && !word_is(next, *n);
      if (is_alias && !ends_references(s, ends)) alias = keep(s, word_name(next)), s->at++;
      if (r.n == sizeof r.at / sizeof *r.at) r.overflow = 1;
      else if (found) r.at[r.n++] = (reference){found, alias ? alias : found};
      expected = 0;
    } else {
      s->at++;
    }
  }
  return r;
}

static void write_reference(statement *s, const references *r, const char *alias, uint32_t actions) {
  for (size_t i = 0; i < r->n; i++)
    if (!alias || strcmp(r->at[i].alias, alias) == 0) {
      statement_write(s, "table", r->at[i].name, "", actions);
      if (alias) return;
    }
  if (alias) unread(s, "belay could not find out to which table it writes");
}

static void read_insert(statement *s, uint32_t actions) {
  static const char *const words[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO", NULL};
  skip_any(s, words);
  for (size_t i = s->at; i + 2 < s->n; i++)
    if (word_is(s->words[i], "DUPLICATE") && word_is(s->words[i + 1], "KEY") && word_is(s->words[i + 2], "UPDATE"))
      actions |= BELAY_W_UPDATE;
  write_named(s, "table", actions);
}

static void read_update(statement *s) {
  static const char *const words[] = {"LOW_PRIORITY", "IGNORE", NULL};
  static const char *const ends[] = {"SET", NULL};
  skip_any(s, words);
  references r = read_references(s, ends);
  if (r.overflow || !r.n || !take(s, "SET")) {
    unread(s, "its tables could not be parsed");
    return;
  }
  /* With several tables, the qualified names of the columns tell which. */
  int all = r.n == 1;
  for (int expected = 1; !all && s->at < s->n && !word_is(peek(s, 0), "WHERE");) {
    if (skip_parentheses(s)) continue;
    if (expected && sign_is(peek(s, 1), '.')) {
      size_t qualifier = sign_is(peek(s, 3), '.') ? 2 : 0;
      char *alias = keep(s, word_name(peek(s, qualifier)));
      if (alias) write_reference(s, &r, alias, BELAY_W_UPDATE);
    } else if (expected) {
      all = 1;
    }
    expected = sign_is(peek(s, 0), ',');
    s->at++;
  }
  if (all) write_reference(s, &r, NULL, BELAY_W_UPDATE);
}

static void read_delete(statement *s) {
  static const char *const words[] = {"LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY", NULL};
  static const char *const ends[] = {"WHERE", "ORDER", "LIMIT", "RETURNING", "USING", "FROM", NULL};
  static const char *const rest[] = {"WHERE", "ORDER", "LIMIT", "RETURNING", NULL};
  skip_any(s, words);
  int from = take(s, "FROM");
  const char *targets[32];
  size_t n = 0;
  size_t before = s->at;
  do {
    const char *found = name(s);
    if (take_sign(s, '.')) take_sign(s, '*');
    if (!found || n == 32) {
      unread(s, "its tables could not be parsed");
      return;
    }
    targets[n++] = found;
  } while (take_sign(s, ','));
  if (take(s, "USING") || (!from && take(s, "FROM"))) {
    references r = read_references(s, rest);
    for (size_t i = 0; i < n; i++) write_reference(s, &r, targets[i], BELAY_W_DELETE);
    return;
  }
  s->at = before;
  references r = read_references(s, ends);
  if (r.n == 1) write_reference(s, &r, NULL, BELAY_W_DELETE);
  else unread(s, "its tables could not be parsed");
}

static void read_load(statement *s) {
  uint32_t actions = BELAY_W_INSERT;
  for (; s->at < s->n; s->at++) {
    if (word_is(peek(s, 0), "REPLACE")) actions |= BELAY_W_DELETE;
    if (word_is(peek(s, 0), "INTO") && word_is(peek(s, 1), "TABLE")) {
      s->at += 2;
      write_named(s, "table", actions);
      return;
    }
  }
  unread(s, "its table could not be parsed");
}

/* ---- Objects ---- */

static int find(const statement *s, const char *keyword, size_t from) {
  for (size_t i = from; i < s->n; i++)
    if (word_is(s->words[i], keyword)) return 1;
  return 0;
}

static void on_table(statement *s, const char *kind, const char *object, uint32_t actions) {
  while (s->at < s->n && !take(s, "ON")) s->at++;
  const char *table = name(s);
  if (object && table) statement_write(s, kind, object, table, actions);
  else unread(s, "its table could not be parsed");
}

/* ALGORITHM = x, DEFINER = user@host, SQL SECURITY x, AGGREGATE: up to the word that tells the kind. */
static void skip_attributes(statement *s) {
  static const char *const kinds[] = {"TABLE", "INDEX", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT",
                                      "SEQUENCE", "PACKAGE", "DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", NULL};
  for (; s->at < s->n; s->at++)
    for (const char *const *k = kinds; *k; k++)
      if (word_is(peek(s, 0), *k)) return;
}

static void read_create(statement *s) {
  uint32_t actions = BELAY_W_CREATE;
  if (take(s, "OR") && take(s, "REPLACE")) actions |= BELAY_W_DROP;
  int temporary = take(s, "TEMPORARY");
  skip_attributes(s);
  if (take(s, "TABLE")) {
    skip_exists(s);
    if (temporary) return; /* exists in this session only */
    const char *table = name(s);
    if (find(s, "SELECT", s->at)) actions |= BELAY_W_INSERT;
    if (table) statement_write(s, "table", table, "", actions);
    else unread(s, "its name could not be parsed");
  } else if (take(s, "INDEX")) {
    skip_exists(s);
    const char *index = name(s);
    on_table(s, "index", index, actions);
  } else if (take(s, "TRIGGER")) {
    skip_exists(s);
    const char *trigger = name(s);
    on_table(s, "trigger", trigger, actions);
  } else {
    static const char *const kinds[][2] = {{"VIEW", "view"}, {"PROCEDURE", "procedure"}, {"FUNCTION", "function"},
                                           {"EVENT", "event"}, {"SEQUENCE", "sequence"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
      if (take(s, kinds[i][0])) {
        skip_exists(s);
        write_named(s, kinds[i][1], actions);
        return;
      }
    unread(s, "it creates something outside of this database");
  }
}

static void read_alter_part(statement *s, const char *table) {
  static const char *const keys[] = {"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR", NULL};
  if (take(s, "ADD")) {
    size_t before = s->at;
    skip_any(s, keys);
    if (take(s, "INDEX") || take(s, "KEY") || s->at > before) {
      skip_exists(s);
      sql_word next = peek(s, 0);
      if (next.kind == W_QUOTED || (next.kind == W_WORD && !word_is(next, "USING"))) {
        const char *index = name(s);
        if (index) statement_write(s, "index", index, table, BELAY_W_CREATE);
      }
    }
  } else if (take(s, "DROP")) {
    if (take(s, "PRIMARY")) statement_write(s, "index", "PRIMARY", table, BELAY_W_DROP);
    else if (take(s, "PARTITION")) statement_write(s, "table", table, "", BELAY_W_DELETE);
    else {
      int index = take(s, "INDEX") || take(s, "KEY"), foreign = !index && take(s, "FOREIGN");
      int constraint = !index && !foreign && take(s, "CONSTRAINT");
      if (foreign) take(s, "KEY");
      else if (!index && !constraint) take(s, "COLUMN");
      skip_exists(s);
      const char *gone = name(s);
      if (!gone) return;
      if (index || constraint) statement_write(s, "index", gone, table, BELAY_W_DROP);
      if (foreign || constraint) statement_write(s, "foreign_key", gone, table, BELAY_W_DROP);
      if (constraint) statement_write(s, "check", gone, table, BELAY_W_DROP);
      if (!index && !foreign && !constraint) statement_write(s, "column", gone, table, BELAY_W_DROP);
    }
  } else if (take(s, "RENAME")) {
    if (take(s, "INDEX") || take(s, "KEY")) {
      const char *from = name(s), *to = take(s, "TO") ? name(s) : NULL;
      if (from) statement_write(s, "index", from, table, BELAY_W_DROP | BELAY_W_ALTER);
      if (to) statement_write(s, "index", to, table, BELAY_W_CREATE | BELAY_W_ALTER);
    } else if (!take(s, "COLUMN")) {
      if (!take(s, "TO")) take(s, "AS");
      const char *to = name(s);
      statement_write(s, "table", table, "", BELAY_W_DROP | BELAY_W_ALTER);
      if (to) statement_write(s, "table", to, "", BELAY_W_CREATE | BELAY_W_ALTER);
    }
  } else if (take(s, "TRUNCATE")) {
    statement_write(s, "table", table, "", BELAY_W_DELETE);
  } else if (take(s, "EXCHANGE")) {
    statement_write(s, "table", table, "", BELAY_W_INSERT | BELAY_W_DELETE);
    while (s->at < s->n && !take(s, "TABLE")) s->at++;
    write_named(s, "table", BELAY_W_INSERT | BELAY_W_DELETE);
  } else if (take(s, "CONVERT") && (word_is(peek(s, 0), "TABLE") || word_is(peek(s, 0), "PARTITION"))) {
    unread(s, "it converts a table to a partition, or back");
  }
}

static void read_alter(statement *s) {
  static const char *const words[] = {"ONLINE", "IGNORE", NULL};
  skip_any(s, words);
  skip_attributes(s);
  if (take(s, "TABLE")) {
    skip_exists(s);
    const char *table = name(s);
    if (!table) {
      unread(s, "its name could not be parsed");
      return;
    }
    statement_write(s, "table", table, "", BELAY_W_ALTER);
    if (take(s, "WAIT")) s->at++;
    else take(s, "NOWAIT");
    while (s->at < s->n) {
      read_alter_part(s, table);
      while (s->at < s->n && !sign_is(peek(s, 0), ','))
        if (!skip_parentheses(s)) s->at++;
      s->at++;
    }
    return;
  }
  static const char *const kinds[][2] = {{"VIEW", "view"}, {"PROCEDURE", "procedure"}, {"FUNCTION", "function"},
                                         {"EVENT", "event"}, {"SEQUENCE", "sequence"}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (take(s, kinds[i][0])) {
      skip_exists(s);
      write_named(s, kinds[i][1], BELAY_W_ALTER);
      return;
    }
  unread(s, "it changes something outside of this database");
}

static void read_drop(statement *s) {
  int temporary = take(s, "TEMPORARY");
  if (take(s, "INDEX")) {
    skip_exists(s);
    const char *index = name(s);
    on_table(s, "index", index, BELAY_W_DROP);
    return;
  }
  static const char *const kinds[][2] = {{"TABLE", "table"}, {"TABLES", "table"}, {"VIEW", "view"},
                                         {"TRIGGER", "trigger"}, {"PROCEDURE", "procedure"}, {"FUNCTION", "function"},
                                         {"EVENT", "event"}, {"SEQUENCE", "sequence"}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (take(s, kinds[i][0])) {
      skip_exists(s);
      if (!temporary)
        do write_named(s, kinds[i][1], BELAY_W_DROP);
        while (take_sign(s, ','));
      return;
    }
  unread(s, "it removes something outside of this database");
}

static void read_rename(statement *s) {
  if (!take(s, "TABLE") && !take(s, "TABLES")) {
    unread(s, "it renames something outside of this database");
    return;
  }
  skip_exists(s);
  do {
    const char *from = name(s);
    if (take(s, "WAIT")) s->at++;
    const char *to = take(s, "TO") ? name(s) : NULL;
    if (!from || !to) {
      unread(s, "its tables could not be parsed");
      return;
    }
    statement_write(s, "table", from, "", BELAY_W_DROP | BELAY_W_ALTER);
    statement_write(s, "table", to, "", BELAY_W_CREATE | BELAY_W_ALTER);
  } while (take_sign(s, ','));
}

/* ---- The first word ---- */

static void read_set(statement *s) {
  if (find(s, "GLOBAL", s->at) || take(s, "PASSWORD") || take(s, "DEFAULT"))
    unread(s, "it changes settings of the whole server");
  if (find(s, "autocommit", s->at)) s->flags |= BELAY_S_OPENS_TXN;
}

void statement_read(statement *s) {
  static const char *const readers[] = {"SELECT", "WITH", "SHOW", "DESC", "DESCRIBE", "EXPLAIN", "VALUES", "CHECK",
                                        "CHECKSUM", "HELP", "DO", "PREPARE", "DEALLOCATE", "OPTIMIZE", "REPAIR",
                                        "HANDLER", "SIGNAL", "RESIGNAL", "GET", NULL};
  static const char *const beyond[] = {"GRANT", "REVOKE", "FLUSH", "RESET", "PURGE", "KILL", "INSTALL", "UNINSTALL",
                                       "CHANGE", "SHUTDOWN", "STOP", "BACKUP", "CACHE", "BINLOG", NULL};
  sql_word first = peek(s, 0);
  s->at++;
  if (word_is_any(first, readers) || sign_is(first, '(')) return;
  if (word_is(first, "INSERT")) read_insert(s, BELAY_W_INSERT);
  else if (word_is(first, "REPLACE")) read_insert(s, BELAY_W_INSERT | BELAY_W_DELETE);
  else if (word_is(first, "UPDATE")) read_update(s);
  else if (word_is(first, "DELETE")) read_delete(s);
  else if (word_is(first, "LOAD")) read_load(s);
  else if (word_is(first, "TRUNCATE")) take(s, "TABLE"), write_named(s, "table", BELAY_W_DELETE);
  else if (word_is(first, "CREATE")) read_create(s);
  else if (word_is(first, "ALTER")) read_alter(s);
  else if (word_is(first, "DROP")) read_drop(s);
  else if (word_is(first, "RENAME")) read_rename(s);
  else if (word_is(first, "SET")) read_set(s);
  else if (word_is(first, "START") && !word_is(peek(s, 0), "TRANSACTION")) unread(s, "it concerns the whole server");
  else if (word_is(first, "BEGIN") && word_is(peek(s, 0), "NOT")) unread(s, "the statements in a block are not analysed");
  else if (word_is(first, "START") || word_is(first, "BEGIN") || word_is(first, "SAVEPOINT") || word_is(first, "LOCK") ||
           word_is(first, "XA"))
    s->flags |= BELAY_S_OPENS_TXN;
  else if (word_is(first, "COMMIT") || word_is(first, "ROLLBACK") || word_is(first, "RELEASE") ||
           word_is(first, "UNLOCK"))
    s->flags |= BELAY_S_ENDS_TXN;
  else if (word_is(first, "USE")) statement_note(s, BELAY_S_CLIENT, "it changes the database, but belay works with a single one");
  else if (word_is(first, "SOURCE") || word_is(first, "SYSTEM") || sign_is(first, '\\'))
    statement_note(s, BELAY_S_CLIENT, "a command of MariaDB's client, not SQL");
  else if (word_is(first, "ANALYZE") && word_is(peek(s, 0), "TABLE")) return;
  else if (word_is(first, "CALL")) unread(s, "what a procedure writes is not known in advance");
  else if (word_is(first, "EXECUTE")) unread(s, "what a prepared statement writes is not known in advance");
  else if (word_is_any(first, beyond)) unread(s, "it concerns the whole server");
  else unread(s, "it does not begin with the first word of a known statement");
}

void statement_clear(statement *s) {
  for (uint32_t i = 0; i < s->nnames; i++) free(s->names[i]);
  free(s->names);
  free(s->writes);
  text_clear(&s->note);
  *s = (statement){0};
}
