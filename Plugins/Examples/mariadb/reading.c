/* reading.c: SQL of others that may only read. */
#include "reading.h"

#include "words.h"

/* What a query begins with. ANALYZE is none: it runs the statement that it explains. */
static const char *const queries[] = {"SELECT", "WITH",     "VALUES", "TABLE",    "SHOW",
                                      "EXPLAIN", "DESCRIBE", "DESC",   "CHECKSUM", "HELP"};

static int is_query(call *c, belay_str sql) {
  reader r = {.start = sql.ptr, .at = sql.ptr, .end = sql.ptr + sql.len,
              .version = mysql_get_server_version(c->conn->link), .backslashes = 1};
  sql_word word;
  do word = reader_next(&r); while (sign_is(word, '('));
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
    if (word_is(word, queries[i])) return 1;
  return 0;
}

int32_t reading_allowed(call *c, belay_str sql) {
  return is_query(c, sql) ? BELAY_OK
                          : fail(c->error, BELAY_E_DENIED,
                                 "the statement does something other than to return rows, but here it may only read", "");
}

int32_t reading_begin(call *c, reading *how) {
  unsigned state = 0;
  mariadb_get_infov(c->conn->link, MARIADB_CONNECTION_SERVER_STATUS, &state);
  *how = state & SERVER_STATUS_IN_TRANS ? READING_WITHIN : READING_ALONE;
  return run(c, "%s", *how == READING_WITHIN ? "SAVEPOINT belay_reading" : "START TRANSACTION READ ONLY");
}

void reading_end(call *c, reading how) {
  if (how == READING_NOT || c->conn->lost) return;
  mysql_query(c->conn->link, how == READING_WITHIN ? "ROLLBACK TO SAVEPOINT belay_reading" : "ROLLBACK");
  if (how == READING_WITHIN) mysql_query(c->conn->link, "RELEASE SAVEPOINT belay_reading");
}
