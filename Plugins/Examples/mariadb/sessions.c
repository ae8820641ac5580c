/* belay.sessions/1: who else is connected, from the process list. */
#include "driver.h"

/* What a program calls itself stands in performance_schema only, which MariaDB has switched off. So every connection of
   this driver holds a lock that bears its number (open.c), and by that is known to be belay's. */
static const char listing[] =
    "SELECT ID, CONCAT(USER, '@', HOST), IF(IS_USED_LOCK(CONCAT('belay.session.', ID)) = ID, 'belay', NULL),"
    " NULL, CONCAT_WS(', ', COMMAND, NULLIF(STATE, ''), CONCAT('for ', TIME, ' s')), INFO"
    " FROM information_schema.PROCESSLIST"
    " WHERE DB = DATABASE() AND ID <> CONNECTION_ID() AND USER <> 'system user' ORDER BY ID";

static int32_t list(belay_conn *conn, belay_op *op, const belay_rowsink *sink, belay_error *error) {
  static const char *const names[] = {"id", "user", "application", "since", "state", "statement"};
  call c = begin(conn, op, error);
  rows out = {.sink = sink};
  belay_column columns[6] = {0};
  MYSQL_RES *found;
  int32_t code = ask(&c, &found, "%s", listing);
  if (code != BELAY_OK) return code;
  for (int i = 0; i < 6; i++) columns[i].name = str(names[i]), columns[i].native_type = str("text");
  code = rows_columns(&out, columns, 6);
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));) {
    for (int i = 0; i < 6; i++) rows_word(&out, row[i]);
    code = rows_flush(&out, 0, error);
  }
  if (code == BELAY_OK) code = rows_flush(&out, 1, error);
  mysql_free_result(found);
  rows_clear(&out);
  return code;
}

static int32_t terminate(belay_conn *conn, belay_op *op, belay_str id, belay_error *error) {
  call c = begin(conn, op, error);
  MYSQL_RES *found;
  if (id.len == 0 || id.len > 20 || strspn(id.ptr, "0123456789") < id.len)
    return fail(error, BELAY_E_INVALID, "the id of a session must be a number", "");
  int32_t code = ask(&c, &found, "SELECT IS_USED_LOCK('belay.session.%.*s') <=> ID FROM"
                                 " information_schema.PROCESSLIST WHERE ID = %.*s",
                     (int)id.len, id.ptr, (int)id.len, id.ptr);
  if (code != BELAY_OK) return code;
  MYSQL_ROW row = mysql_fetch_row(found);
  int gone = !row, own = row && strcmp(row[0], "1") == 0;
  mysql_free_result(found);
  if (gone) return fail(error, BELAY_E_NOT_FOUND, "there is no such session", "");
  if (own) return fail(error, BELAY_E_DENIED, "that session belongs to belay", "");
  return run(&c, "KILL CONNECTION %.*s", (int)id.len, id.ptr);
}

const belay_sessions sessions_extension = {
    .struct_size = sizeof sessions_extension, .probe = always, .list = list, .terminate = terminate};
