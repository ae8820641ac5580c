/* This driver's own queries: short, with their results completely in memory. */
#include "driver.h"

#include <stdarg.h>

static int32_t drain(call *c, belay_str sql) {
  for (;;) {
    MYSQL_RES *result = wait_result(c);
    if (result) mysql_free_result(result);
    else if (mysql_errno(c->conn->link)) return fail_server(c, BELAY_NOT_APPLIED, sql);
    int next = wait_next(c);
    if (next < 0) return BELAY_OK;
    if (next > 0) return fail_server(c, BELAY_PARTIAL, sql);
  }
}

int32_t run_text(call *c, const text *sql) {
  if (sql->failed) return out_of_memory(c->error);
  if (wait_query(c, sql->at, sql->length) != 0) return fail_server(c, BELAY_NOT_APPLIED, text_str(sql));
  return drain(c, text_str(sql));
}

int32_t ask_text(call *c, MYSQL_RES **result, const text *sql) {
  *result = NULL;
  if (sql->failed) return out_of_memory(c->error);
  if (wait_query(c, sql->at, sql->length) != 0) return fail_server(c, BELAY_NOT_APPLIED, text_str(sql));
  *result = wait_result(c);
  if (!*result) return fail_server(c, BELAY_NOT_APPLIED, text_str(sql));
  return BELAY_OK;
}

static int32_t formatted(call *c, text *sql, const char *format, va_list list) {
  char *made = NULL;
  int n = vasprintf(&made, format, list);
  if (n < 0) return out_of_memory(c->error);
  *sql = (text){.at = made, .length = (size_t)n};
  return BELAY_OK;
}

int32_t run(call *c, const char *format, ...) {
  text sql;
  va_list list;
  va_start(list, format);
  int32_t code = formatted(c, &sql, format, list);
  va_end(list);
  if (code != BELAY_OK) return code;
  code = run_text(c, &sql);
  text_clear(&sql);
  return code;
}

int32_t ask(call *c, MYSQL_RES **result, const char *format, ...) {
  text sql;
  va_list list;
  *result = NULL;
  va_start(list, format);
  int32_t code = formatted(c, &sql, format, list);
  va_end(list);
  if (code != BELAY_OK) return code;
  code = ask_text(c, result, &sql);
  text_clear(&sql);
  return code;
}

int32_t ask_word(call *c, char **word, const char *format, ...) {
  text sql;
  va_list list;
  MYSQL_RES *result;
  *word = NULL;
  va_start(list, format);
  int32_t code = formatted(c, &sql, format, list);
  va_end(list);
  if (code != BELAY_OK) return code;
  code = ask_text(c, &result, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  MYSQL_ROW row = mysql_fetch_row(result);
  if (row && row[0] && !(*word = strdup(row[0]))) code = out_of_memory(c->error);
  mysql_free_result(result);
  return code;
}
