/*
 * belay.draft.archived/1: statements of an archive, which somebody else may have written. All of them are read before
 * the first one runs: each must be one that catalog.c writes for an object of that kind, or an INSERT of plain values,
 * and must not reach another database, a file or another server. A body, as that of a trigger, is not looked at: making
 * it runs nothing of it.
 */
#include "words.h"

#include <ctype.h>
#include <strings.h>

/* How the server reads text. */
typedef struct { int backslashes, ansi; } mode;

/* What is still to be read, and as what. */
typedef struct {
  belay_error *error;
  const char *kind;
  reader r;
  word_list list; /* one statement */
  mode kept;  /* in @belay_ddl_mode */
  int keeps, sets_charset, refused;
} check;

static sql_word word_at(const word_list *list, size_t i) {
  return i < list->n ? list->at[i] : (sql_word){.kind = W_END};
}

/* Comments that this server runs, by their beginning. */
static int run_comments(const char *at, const char *end) {
  int n = 0;
  for (; end - at > 3; at++) n += at[0] == '/' && at[1] == '*' && (at[2] == '!' || (at[2] == 'M' && at[3] == '!'));
  return n;
}

/* The words up to the next semicolon. 0: out of memory. */
static int next_statement(check *k) {
  k->list.n = 0;
  for (;;) {
    const char *before = k->r.at;
    int was_within = k->r.within;
    reader_skip(&k->r);
    /* SHOW CREATE writes such a comment only for what this server knows: what it holds is read with the rest. */
    if (run_comments(before, k->r.at) > (k->r.within && !was_within)) k->refused = 1;
    sql_word w = reader_next(&k->r);
    if (w.kind == W_END || sign_is(w, ';')) return 1;
    if (!words_add(&k->list, w)) return 0;
  }
}

/* ---- The settings around a statement ---- */

static int is_own_variable(sql_word w) {
  static const char *const own[] = {"belay_ddl_mode", "belay_ddl_zone", "belay_ddl_set", "belay_ddl_order", NULL};
  return word_is_any(w, own);
}

static int is_setting(sql_word w) {
  static const char *const known[] = {"sql_mode", "time_zone", "character_set_client", "collation_connection", NULL};
  return word_is_any(w, known);
}

/* "@@SESSION.time_zone" from i on. */
static int is_present(const word_list *l, size_t i, const char *name) {
  return sign_is(word_at(l, i), '@') && sign_is(word_at(l, i + 1), '@') && word_is(word_at(l, i + 2), "SESSION") &&
         sign_is(word_at(l, i + 3), '.') && (*name ? word_is(word_at(l, i + 4), name) : is_setting(word_at(l, i + 4)));
}

static int has_word(sql_word w, const char *part) { return memmem(w.at, w.n, part, strlen(part)) != NULL; }

/* What follows one "=", from i on: how many words; 0: nothing that the catalog writes. */
static size_t value_of(check *k, sql_word setting, size_t i) {
  const word_list *l = &k->list;
  sql_word value = word_at(l, i);
  if (is_present(l, i, "")) return is_present(l, i, "sql_mode") ? 0 : 5;
  if (sign_is(value, '@')) {
    if (!is_own_variable(word_at(l, i + 1))) return 0;
    if (word_is(setting, "sql_mode")) {
      if (!k->keeps || !word_is(word_at(l, i + 1), "belay_ddl_mode")) return 0;
      k->r.ansi = k->kept.ansi, k->r.backslashes = k->kept.backslashes;
    }
    return 2;
  }
  if (value.kind != W_STRING && value.kind != W_WORD) return 0;
  if (word_is(setting, "sql_mode")) {
    if (value.kind != W_STRING) return 0;
    k->r.ansi = has_word(value, "ANSI"), k->r.backslashes = !has_word(value, "NO_BACKSLASH_ESCAPES");
  }
  return 1;
}

/* "SET @belay_ddl_mode = @@SESSION.sql_mode, SESSION sql_mode = '…', …". It tells how the next words are to be read. */
static int is_settings(check *k) {
  const word_list *l = &k->list;
  if (!word_is(word_at(l, 0), "SET")) return 0;
  for (size_t i = 1;; i++) {
    size_t n;
    if (sign_is(word_at(l, i), '@') && is_own_variable(word_at(l, i + 1)) && sign_is(word_at(l, i + 2), '=')) {
      if (!is_present(l, i + 3, "")) return 0;
      if (word_is(word_at(l, i + 1), "belay_ddl_mode")) {
        if (!is_present(l, i + 3, "sql_mode")) return 0;
        k->kept = (mode){.ansi = k->r.ansi, .backslashes = k->r.backslashes}, k->keeps = 1;
      }
      i += 8;
    } else {
      if (word_is(word_at(l, i), "SESSION")) i++;
      sql_word setting = word_at(l, i);
      if (!is_setting(setting) || !sign_is(word_at(l, i + 1), '=')) return 0;
      /* Giving back what was there before changes nothing. */
      if (word_is(setting, "character_set_client") && !sign_is(word_at(l, i + 2), '@')) k->sets_charset = 1;
      if ((n = value_of(k, setting, i + 2)) == 0) return 0;
      i += 2 + n;
    }
    if (i == l->n) return 1;
    if (!sign_is(word_at(l, i), ',')) return 0;
  }
}

/* ---- Objects ---- */

/* A name of this database's own: `t`, not `other`.`t`. */
static int is_name(const word_list *l, size_t i) {
  return word_at(l, i).kind == W_QUOTED && !sign_is(word_at(l, i + 1), '.');
}

/* The same, in words that somebody has typed. */
static int is_typed_name(const word_list *l, size_t i) {
  return is_name(l, i) || (word_at(l, i).kind == W_WORD && !sign_is(word_at(l, i + 1), '.'));
}

/* Nothing in it is looked up in another database, in a file or on another server. */
static int stays_here(const word_list *l) {
  static const char *const beyond[] = {"SELECT", "LOAD_FILE", "DIRECTORY", "CONNECTION", "UNION", NULL};
  static const char *const remote[] = {"FEDERATED", "FEDERATEDX", "CONNECT", "SPIDER", "S3", "OQGRAPH", "SPHINX", NULL};
  for (size_t i = 0; i < l->n; i++) {
    sql_word w = l->at[i];
    if (word_is_any(w, beyond)) return 0;
    if (word_is(w, "VALUES") && sign_is(word_at(l, i + 1), '(')) return 0;
    if (word_is(w, "ENGINE") && sign_is(word_at(l, i + 1), '=') && word_is_any(word_at(l, i + 2), remote)) return 0;
    if (w.kind == W_QUOTED && sign_is(word_at(l, i + 1), '.')) return 0;
  }
  return 1;
}

static int is_table(const word_list *l) {
  return word_is(word_at(l, 0), "CREATE") && word_is(word_at(l, 1), "TABLE") && is_name(l, 2) &&
         sign_is(word_at(l, 3), '(') && !word_is(word_at(l, 4), "LIKE") && stays_here(l);
}

static int is_sequence(const word_list *l) {
  if (word_is(word_at(l, 0), "DO"))
    return l->n == 9 && word_is(l->at[1], "SETVAL") && sign_is(l->at[2], '(') && l->at[3].kind == W_QUOTED &&
           sign_is(l->at[4], ',') && l->at[5].kind == W_WORD && sign_is(l->at[6], ',') && word_is(l->at[7], "0");
  return word_is(word_at(l, 0), "CREATE") && word_is(word_at(l, 1), "SEQUENCE") && is_name(l, 2) && stays_here(l);
}

/* "ALTER TABLE `t` ADD CONSTRAINT …", and nothing else that ALTER TABLE can do. */
static int is_foreign_key(const word_list *l) {
  int depth = 0;
  if (!word_is(word_at(l, 0), "ALTER") || !word_is(word_at(l, 1), "TABLE") || !is_name(l, 2) ||
      !word_is(word_at(l, 3), "ADD") || !word_is(word_at(l, 4), "CONSTRAINT") || !is_name(l, 5) ||
      !word_is(word_at(l, 6), "FOREIGN") || !word_is(word_at(l, 7), "KEY"))
    return 0;
  for (size_t i = 8; i < l->n; i++) {
    if (sign_is(l->at[i], '(')) depth++;
    if (sign_is(l->at[i], ')')) depth--;
    if (sign_is(l->at[i], ',') && depth == 0) return 0;
  }
  return 1;
}

/* "CREATE ALGORITHM=… DEFINER=… SQL SECURITY … WHAT `name`": the words before WHAT are the server's. */
static int makes(const word_list *l, const char *what, const char *second) {
  static const char *const before[] = {"ALGORITHM", "UNDEFINED", "MERGE", "TEMPTABLE", "DEFINER", "SQL", "SECURITY",
                                       "INVOKER", "AGGREGATE", NULL};
  size_t i = 1;
  if (!word_is(word_at(l, 0), "CREATE")) return 0;
  while (i < l->n && !word_is(l->at[i], what)) {
    sql_word w = l->at[i++];
    if (w.kind != W_QUOTED && !sign_is(w, '=') && !sign_is(w, '@') && !word_is_any(w, before)) return 0;
  }
  i++;
  if (*second && !word_is(word_at(l, i++), second)) return 0;
  /* Of a trigger the server keeps what was typed from this word on. */
  int is_trigger = strcmp(what, "TRIGGER") == 0;
  if (is_trigger && word_is(word_at(l, i), "IF")) i += 3;
  /* Up to here no comment can hide from one reader what another one sees. */
  if (!(is_trigger ? is_typed_name(l, i) : is_name(l, i)) ||
      memmem(l->at[0].at, (size_t)(l->at[i].at - l->at[0].at), "/*", 2))
    return 0;
  if (!is_trigger) return 1;
  /* Before or after what, on which table. */
  while (i < l->n && !word_is(l->at[i], "ON")) i++;
  return is_typed_name(l, i + 1);
}

static int makes_kind(const word_list *l, const char *kind) {
  static const struct { const char *kind, *what, *second; } bodies[] = {
      {"view", "VIEW", ""},         {"procedure", "PROCEDURE", ""},  {"function", "FUNCTION", ""},
      {"trigger", "TRIGGER", ""},   {"event", "EVENT", ""},          {"package", "PACKAGE", ""},
      {"package_body", "PACKAGE", "BODY"},
  };
  if (strcmp(kind, "table") == 0) return is_table(l);
  if (strcmp(kind, "sequence") == 0) return is_sequence(l);
  if (strcmp(kind, "foreign_key") == 0) return is_foreign_key(l);
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    if (strcmp(kind, bodies[i].kind) == 0) return makes(l, bodies[i].what, bodies[i].second);
  return 0;
}

/* "INSERT INTO `t` (…) VALUES (…), (…)": nothing but values. */
static int is_rows(const word_list *l) {
  static const char *const known[] = {"VALUES", "NULL", "TRUE", "FALSE", "X", "_utf8mb4", "_binary", NULL};
  if (!word_is(word_at(l, 0), "INSERT") || !word_is(word_at(l, 1), "INTO") || !is_name(l, 2) ||
      !sign_is(word_at(l, 3), '('))
    return 0;
  for (size_t i = 3; i < l->n; i++) {
    sql_word w = l->at[i];
    if (w.kind == W_SIGN && !strchr("(),.+-", *w.at)) return 0;
    if (w.kind == W_WORD && !isdigit((unsigned char)*w.at) && !word_is_any(w, known)) return 0;
  }
  return 1;
}

/* ---- EXECUTE IMMEDIATE ---- */

static int digit(char c) { return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10; }

/* The text in 'it''s' or _utf8mb4 X'…', as text.c writes them. */
static int literal(const word_list *l, size_t i, text *made) {
  sql_word w = word_at(l, i);
  int is_hex = word_is(w, "_utf8mb4") && word_is(word_at(l, i + 1), "X");
  if (is_hex) w = word_at(l, i += 2);
  if (w.kind != W_STRING || *w.at != '\'' || w.n < 2 || i + 1 != l->n) return 0;
  for (const char *at = w.at + 1, *end = w.at + w.n - 1; at < end; at++) {
    if (is_hex) {
      if (end - at < 2 || !isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1])) return 0;
      char byte = (char)(digit(at[0]) << 4 | digit(at[1]));
      text_add(made, &byte, 1), at++;
    } else {
      if (*at == '\\') return 0;
      if (*at == '\'') at++;
      text_add(made, at, 1);
    }
  }
  return !made->failed;
}

static int has_body(const char *kind) {
  return strcmp(kind, "table") != 0 && strcmp(kind, "sequence") != 0 && strcmp(kind, "foreign_key") != 0;
}

/* The server prepares it as one statement: what follows the words that say what it makes is its own. */
static int makes_immediately(check *k) {
  text inner = {0};
  check within = {.kind = k->kind, .r = k->r};
  int good = word_is(word_at(&k->list, 0), "EXECUTE") && word_is(word_at(&k->list, 1), "IMMEDIATE") &&
             literal(&k->list, 2, &inner) && inner.length;
  if (good) {
    within.r.at = within.r.start = within.r.code = inner.at;
    within.r.end = inner.at + inner.length;
    good = next_statement(&within) && makes_kind(&within.list, k->kind) && (has_body(k->kind) || !within.refused);
  }
  free(within.list.at);
  text_clear(&inner);
  return good;
}

/* ---- The extension ---- */

static int32_t refuse(const check *k) {
  return host->fail(k->error, BELAY_E_INVALID, BELAY_NOT_APPLIED, str(""), 0, -1,
                    str("the archive contains a statement that belay never writes for what it makes, or one that"
                        " reaches beyond the database"),
                    str("somebody has changed the archive, or one of its tables keeps its rows elsewhere"));
}

/* A byte that means one thing or another by the client's character set. */
static int is_ascii(const char *at, const char *end) {
  for (; at < end; at++)
    if ((unsigned char)*at >= 0x80) return 0;
  return 1;
}

static int32_t read_all(check *k) {
  int rows = strcmp(k->kind, "rows") == 0;
  while (k->r.at < k->r.end) {
    if (!next_statement(k)) return out_of_memory(k->error);
    if (k->refused) return refuse(k);
    if (k->list.n == 0) continue;
    int good = rows ? is_rows(&k->list)
                    : is_settings(k) || makes_kind(&k->list, k->kind) || makes_immediately(k);
    if (!good) return refuse(k);
  }
  return k->sets_charset && !is_ascii(k->r.start, k->r.end) ? refuse(k) : BELAY_OK;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str kind, belay_str sql, belay_error *error) {
  call c = begin(conn, op, error);
  char *set = NULL, *name = strndup(kind.ptr, kind.len);
  int32_t code = name ? ask_word(&c, &set, "SELECT @@SESSION.sql_mode") : out_of_memory(error);
  if (code == BELAY_OK) {
    check k = {.error = error, .kind = name};
    k.r = (reader){.start = sql.ptr, .at = sql.ptr, .end = sql.ptr + sql.len, .code = sql.ptr,
                   .version = mysql_get_server_version(conn->link),
                   .backslashes = !(set && strstr(set, "NO_BACKSLASH_ESCAPES")),
                   .ansi = set && strstr(set, "ANSI_QUOTES") != NULL};
    code = read_all(&k);
    free(k.list.at);
  }
  free(set), free(name);
  return code == BELAY_OK ? driver_execute(conn, op, sql, NULL, NULL, error) : code;
}

const belay_archived archived_extension = {.struct_size = sizeof archived_extension, .probe = always,
                                           .execute = execute};
