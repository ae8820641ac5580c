/*
 * What other engines do and SQLite does not, each under a name in BELAY_FAULTY. A driver that is one of these follows every
 * rule:
 *
 *   folds-names        makes unquoted names upper case, and finds a quoted name only as it is written
 *   one-row-lists      has no VALUES lists of several rows
 *   virtual-counters   lists the values of its sequences in a table that only belay.rows/1 knows
 *   check-objects      has an object of its own for each CHECK
 */
#define _GNU_SOURCE
#include "faulty.h"

#include <ctype.h>
#include <stdlib.h>

const char *COUNTERS = "sequence values";

/* ---- Names ---- */

/* Whether there is a name like this one in the schema, and only with other letters. */
static int otherwise_written(sqlite3 *db, const char *name, int len) {
  static const char sql[] =
      "SELECT max(n = ?1), count(*) FROM (SELECT name AS n FROM sqlite_schema UNION ALL "
      "SELECT c.name FROM sqlite_schema s, pragma_table_info(s.name) c) WHERE n = ?1 COLLATE NOCASE";
  sqlite3_stmt *s = NULL;
  int odd = 0;
  if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) return 0;
  sqlite3_bind_text(s, 1, name, len, SQLITE_TRANSIENT);
  if (sqlite3_step(s) == SQLITE_ROW) odd = sqlite3_column_int(s, 1) > 0 && sqlite3_column_int(s, 0) == 0;
  sqlite3_finalize(s);
  return odd;
}

char *seen(belay_conn *conn, belay_str sql, belay_error *error) {
  char *text = strndup(sql.len ? sql.ptr : "", sql.len), last = 0, before = 0;
  int folds = is("folds-names"), lists = is("one-row-lists"), values = 0, creates = strncasecmp(text, "CREATE", 6) == 0;
  if (!folds && !lists) return text;
  for (char *at = text; *at;) {
    char *from = at;
    if (at[0] == '-' && at[1] == '-') { at += strcspn(at, "\n"); continue; }
    if (at[0] == '/' && at[1] == '*') { char *end = strstr(at + 2, "*/"); at = end ? end + 2 : at + strlen(at); continue; }
    if (isspace((unsigned char)*at)) { at++; continue; }
    if (*at == '\'' || *at == '"') {
      for (at++; *at && (*at != *from || at[1] == *from); at++) if (*at == *from) at++;
      if (folds && !creates && *from == '"' && otherwise_written(conn->db, from + 1, (int)(at - from - 1)))
        return free(text), refuse(error, BELAY_E_SQL, "no such table or column: quoted names are taken as they are"), NULL;
      if (*at) at++;
    } else if (isalpha((unsigned char)*at) || *at == '_') {
      for (; isalnum((unsigned char)*at) || *at == '_'; at++) if (folds) *at = (char)toupper((unsigned char)*at);
      values |= at - from == 6 && strncasecmp(from, "VALUES", 6) == 0;
    } else at++;
    if (*from == ';') values = 0;
    if (lists && values && before == ')' && last == ',' && *from == '(')
      return free(text), refuse(error, BELAY_E_SQL, "VALUES takes one row"), NULL;
    before = last, last = *from;
  }
  return text;
}

belay_str told_name(belay_str name, int quoted) {
  static _Thread_local char folded[256];
  if (quoted || name.len > sizeof folded || !is("folds-names") || is("writes-as-typed")) return name;
  for (uint64_t i = 0; i < name.len; i++) folded[i] = (char)toupper((unsigned char)name.ptr[i]);
  return (belay_str){folded, name.len};
}

/* ---- Counters ---- */

/* SQLite's own list, which is there once a table has AUTOINCREMENT. */
const char *counter_rows(belay_conn *conn) {
  int has = sqlite3_table_column_metadata(readable(conn), NULL, "sqlite_sequence", NULL, NULL, NULL, NULL, NULL, NULL);
  return has == SQLITE_OK ? "(SELECT name, seq AS value, 1 AS step FROM sqlite_sequence)"
                          : "(SELECT '' AS name, 0 AS value, 1 AS step WHERE 0)";
}

int32_t load_counters(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows, belay_error *error) {
  int32_t code = BELAY_OK;
  for (uint64_t row = 0; row < rows->nrows && code == BELAY_OK && !is("loses-counters"); row++) {
    belay_str key = str("");
    int64_t value = 0;
    for (uint32_t c = 0; c < table->ncolumns; c++) {
      const belay_cell *cell = &rows->cells[row * rows->ncols + c];
      if (same(table->columns[c], "name")) key = (belay_str){cell->v.ptr, cell->len};
      if (same(table->columns[c], "value")) value = cell->v.i64;
    }
    char *sql = sqlite3_mprintf(
        "DELETE FROM sqlite_sequence WHERE name = '%.*q'; INSERT INTO sqlite_sequence (name, seq) VALUES ('%.*q', %lld)",
        (int)key.len, key.ptr, (int)key.len, key.ptr, (long long)value);
    code = run(conn, op, conn->db, sql, error);
    sqlite3_free(sql);
  }
  return code;
}

/* ---- Checks ---- */

int32_t tell_checks(belay_conn *conn, const belay_objectsink *objects) {
  sqlite3_stmt *s = NULL;
  int32_t code = BELAY_OK;
  if (sqlite3_prepare_v2(readable(conn), "SELECT name, substr(sql, instr(sql, 'CHECK (')) FROM sqlite_schema "
                         "WHERE type = 'table' AND instr(sql, 'CHECK (') > 0 ORDER BY rowid", -1, &s, NULL) != SQLITE_OK)
    return BELAY_OK;
  while (code == BELAY_OK && sqlite3_step(s) == SQLITE_ROW) {
    belay_str table = str((const char *)sqlite3_column_text(s, 0)), text = str((const char *)sqlite3_column_text(s, 1));
    belay_object object = {.struct_size = sizeof object, .row_estimate = -1, .kind = str("rule"), .name = str("rule 1"),
                           .parent = table, .definition = text};
    code = objects->object(objects->ctx, &object);
  }
  return sqlite3_finalize(s), code;
}
