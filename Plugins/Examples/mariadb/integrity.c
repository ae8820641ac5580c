/* belay.integrity/1: rows that refer to nothing, views that no longer work, and CHECK TABLE. */
#include "driver.h"

#include <mysqld_error.h>

static int32_t finding(rows *out, const char *check, const char *object, const char *identity, const char *message,
                       belay_error *error) {
  rows_word(out, check), rows_word(out, object), rows_word(out, identity), rows_word(out, message);
  return rows_flush(out, 0, error);
}

/* Foreign keys can be switched off by every session; then the engine knows nothing of what they let in. One query per key:
   those of the child whose columns are all set, and whose parent is not there. */
static const char keys[] =
    "SELECT k.CONSTRAINT_NAME, k.TABLE_NAME, k.REFERENCED_TABLE_NAME,"
    " GROUP_CONCAT(CONCAT('c.`', REPLACE(k.COLUMN_NAME, '`', '``'), '` = p.`',"
    "   REPLACE(k.REFERENCED_COLUMN_NAME, '`', '``'), '`') ORDER BY k.ORDINAL_POSITION SEPARATOR ' AND '),"
    " GROUP_CONCAT(CONCAT('c.`', REPLACE(k.COLUMN_NAME, '`', '``'), '` IS NOT NULL') SEPARATOR ' AND '),"
    " GROUP_CONCAT(CONCAT('c.`', REPLACE(k.COLUMN_NAME, '`', '``'), '`') ORDER BY k.ORDINAL_POSITION),"
    " k.REFERENCED_TABLE_SCHEMA"
    " FROM information_schema.KEY_COLUMN_USAGE k WHERE k.CONSTRAINT_SCHEMA = DATABASE() AND"
    " k.REFERENCED_TABLE_NAME IS NOT NULL GROUP BY k.CONSTRAINT_NAME, k.TABLE_NAME, k.REFERENCED_TABLE_SCHEMA,"
    " k.REFERENCED_TABLE_NAME";

static int32_t orphans(call *c, rows *out, MYSQL_ROW key) {
  text sql = {0};
  MYSQL_RES *found;
  text_printf(&sql, "SELECT CONCAT_WS(', ', %s) FROM ", key[5]);
  text_name(&sql, key[1], strlen(key[1]));
  text_put(&sql, " c WHERE ");
  text_printf(&sql, "%s AND NOT EXISTS (SELECT 1 FROM ", key[4]);
  text_name(&sql, key[6], strlen(key[6])), text_put(&sql, ".");
  text_name(&sql, key[2], strlen(key[2]));
  text_printf(&sql, " p WHERE %s) LIMIT 100", key[3]);
  int32_t code = ask_text(c, &found, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));) {
    text message = {0};
    text_printf(&message, "foreign key %s refers to a row that does not exist in %s", key[0], key[2]);
    code = message.failed ? out_of_memory(c->error) : finding(out, "foreign_key", key[1], row[0], message.at, c->error);
    text_clear(&message);
  }
  mysql_free_result(found);
  return code;
}

/* The server drops what a view reads without a word, and says so only when the view is used. */
static int32_t broken_views(call *c, rows *out) {
  MYSQL_RES *found;
  int32_t code = ask(c, &found, "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
                                " ORDER BY TABLE_NAME");
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));) {
    text sql = {0};
    text_put(&sql, "SELECT 1 FROM "), text_name(&sql, row[0], strlen(row[0])), text_put(&sql, " LIMIT 0");
    if (sql.failed) code = out_of_memory(c->error);
    else if (wait_query(c, sql.at, sql.length) == 0) mysql_free_result(wait_result(c));
    else if (mysql_errno(c->conn->link) == ER_VIEW_INVALID)
      code = finding(out, "view", row[0], NULL,
                     "this view cannot be read: what it reads is not there, or its definer may not read it", c->error);
    else if (c->conn->lost || c->stop) code = fail_server(c, BELAY_NOT_APPLIED, text_str(&sql));
    text_clear(&sql);
  }
  mysql_free_result(found);
  return code;
}

/* Not in a transaction: CHECK TABLE would wait for locks of the transaction itself. */
static int32_t storage(call *c, rows *out, const char *table, const char *how) {
  text sql = {0};
  MYSQL_RES *found;
  text_put(&sql, "CHECK TABLE "), text_name(&sql, table, strlen(table)), text_put(&sql, how);
  int32_t code = ask_text(c, &found, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));)
    if (row[2] && (strcmp(row[2], "error") == 0 || strcmp(row[2], "Error") == 0 || strcmp(row[2], "warning") == 0))
      code = finding(out, "storage", table, NULL, row[3] ? row[3] : "CHECK TABLE gives no details", c->error);
  mysql_free_result(found);
  return code;
}

static int32_t check(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *sink, belay_error *error) {
  static const char *const names[] = {"check", "object", "identity", "message"};
  call c = begin(conn, op, error);
  rows out = {.sink = sink};
  belay_column columns[4] = {0};
  MYSQL_RES *found;
  unsigned state = 0;
  for (int i = 0; i < 4; i++) columns[i].name = str(names[i]), columns[i].native_type = str("text");
  int32_t code = run(&c, "SET SESSION group_concat_max_len = 1048576");
  if (code == BELAY_OK) code = ask(&c, &found, "%s", keys);
  if (code != BELAY_OK) return code;
  code = rows_columns(&out, columns, 4);
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));) code = orphans(&c, &out, row);
  mysql_free_result(found);
  if (code == BELAY_OK) code = broken_views(&c, &out);
  mariadb_get_infov(conn->link, MARIADB_CONNECTION_SERVER_STATUS, &state);
  if (code == BELAY_OK && !(state & SERVER_STATUS_IN_TRANS)) {
    code = ask(&c, &found, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND"
                           " TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME");
    for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));)
      code = storage(&c, &out, row[0], depth == BELAY_CHECK_FULL ? " EXTENDED" : " QUICK");
    if (found) mysql_free_result(found);
  }
  if (code == BELAY_OK) code = rows_flush(&out, 1, error);
  rows_clear(&out);
  return code;
}

const belay_integrity integrity_extension = {
    .struct_size = sizeof integrity_extension, .probe = always, .check = check};
