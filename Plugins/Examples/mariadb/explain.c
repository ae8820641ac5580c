/* belay.explain/1: EXPLAIN, a row per table. */
#include "driver.h"

/* EXPLAIN's columns, by their number. */
enum { X_ID, X_SELECT, X_TABLE, X_TYPE, X_POSSIBLE, X_KEY, X_KEY_LENGTH, X_REF, X_ROWS, X_EXTRA, X_COUNT };

static int32_t step(rows *out, MYSQL_ROW row, int64_t depth, belay_error *error) {
  text detail = {0};
  text_printf(&detail, "%s %s", row[X_SELECT] ? row[X_SELECT] : "", row[X_TYPE] ? row[X_TYPE] : "");
  if (row[X_KEY]) text_printf(&detail, " using %s", row[X_KEY]);
  if (row[X_EXTRA] && *row[X_EXTRA]) text_printf(&detail, " (%s)", row[X_EXTRA]);
  if (detail.failed) return out_of_memory(error);
  int is_table = row[X_TABLE] && *row[X_TABLE] != '<';
  rows_i64(out, depth);
  rows_bytes(out, BELAY_TEXT, detail.at, detail.length);
  rows_word(out, is_table ? row[X_TABLE] : NULL);
  rows_bool(out, is_table && row[X_TYPE] && strcmp(row[X_TYPE], "ALL") == 0);
  if (row[X_ROWS]) rows_i64(out, strtoll(row[X_ROWS], NULL, 10));
  else rows_null(out);
  text_clear(&detail);
  return rows_flush(out, 0, error);
}

static int32_t explain(belay_conn *conn, belay_op *op, belay_str query, const belay_rowsink *sink,
                       belay_error *error) {
  static const char *const names[][2] = {
      {"depth", "int"}, {"detail", "text"}, {"table", "text"}, {"full_scan", "bool"}, {"rows", "bigint"}};
  call c = begin(conn, op, error);
  rows out = {.sink = sink};
  belay_column columns[5] = {0};
  text sql = {0};
  MYSQL_RES *plan;
  text_put(&sql, "EXPLAIN ");
  text_add(&sql, query.ptr, query.len);
  /* Of a text with several statements those after the first would be run. */
  if (mysql_set_server_option(conn->link, MYSQL_OPTION_MULTI_STATEMENTS_OFF) != 0)
    return text_clear(&sql), fail_server(&c, BELAY_NOT_APPLIED, str(""));
  int32_t code = ask_text(&c, &plan, &sql);
  text_clear(&sql);
  if (!conn->lost && mysql_set_server_option(conn->link, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0 && code == BELAY_OK)
    return mysql_free_result(plan), fail_server(&c, BELAY_NOT_APPLIED, str(""));
  if (code != BELAY_OK) return code;
  int64_t first = -1;
  for (int i = 0; i < 5; i++) columns[i].name = str(names[i][0]), columns[i].native_type = str(names[i][1]);
  if (mysql_num_fields(plan) < X_COUNT) code = fail(error, BELAY_E_UNSUPPORTED, "this server's EXPLAIN has an unknown form", "");
  if (code == BELAY_OK) code = rows_columns(&out, columns, 5);
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(plan));) {
    int64_t id = row[X_ID] ? strtoll(row[X_ID], NULL, 10) : first;
    if (first < 0) first = id;
    code = step(&out, row, id > first ? id - first : 0, error);
  }
  if (code == BELAY_OK) code = rows_flush(&out, 1, error);
  mysql_free_result(plan);
  rows_clear(&out);
  return code;
}

const belay_explain explain_extension = {
    .struct_size = sizeof explain_extension, .probe = always, .explain = explain};
