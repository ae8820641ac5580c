/* Runs statements without results: many in one text, or one with rows of parameters. */
#include "driver.h"

#include <mysqld_error.h>

static int32_t statements(call *c, belay_str sql, int64_t *affected) {
  MYSQL *link = c->conn->link;
  int64_t changed = 0;
  int done = 0; /* statements that took effect */
  int failed = wait_query(c, sql.ptr, sql.len);
  for (;;) {
    if (!failed) {
      if (mysql_field_count(link)) {
        MYSQL_RES *result = wait_result(c);
        if (result) mysql_free_result(result);
        else failed = 1;
        changed = -1;
      } else {
        changed = (int64_t)mysql_affected_rows(link);
      }
    }
    if (failed) {
      /* Text without a statement, such as a comment, is not an error. */
      if (mysql_errno(link) != ER_EMPTY_QUERY) return fail_server(c, done ? BELAY_PARTIAL : BELAY_NOT_APPLIED, sql);
    } else {
      done++;
    }
    int next = wait_next(c);
    if (next < 0) break;
    failed = next;
  }
  if (affected) *affected = changed;
  return BELAY_OK;
}

/* The approximate size of a row in the protocol. If it is too large, the server closes the connection without a reason. */
static uint64_t bytes_of(const belay_cell *cells, uint32_t n) {
  uint64_t bytes = 1024;
  for (uint32_t i = 0; i < n; i++) bytes += cells[i].len + 16;
  return bytes;
}

static int32_t each_row(call *c, MYSQL_STMT *statement, belay_str sql, const belay_batch *params, int64_t *changed) {
  uint32_t columns = params->ncols;
  MYSQL_BIND *binds = calloc(columns ? columns : 1, sizeof *binds);
  int32_t code = binds ? BELAY_OK : out_of_memory(c->error);
  for (uint64_t row = 0; row < params->nrows && code == BELAY_OK; row++) {
    int32_t stop = asked_to_stop(c);
    const char *wrong = bind_cells(binds, params->cells + row * columns, columns);
    if (stop) code = fail(c->error, stop, "cancelled between two rows", "");
    else if (wrong) code = fail(c->error, BELAY_E_UNSUPPORTED, wrong, "");
    else if (bytes_of(params->cells + row * columns, columns) > c->conn->longest)
      code = host->fail(c->error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, str(""), 0, -1,
                        str("a row is longer than the server accepts"), str("increase the server's max_allowed_packet"));
    else if ((columns && mysql_stmt_bind_param(statement, binds)) || wait_execute(c, statement) != 0)
      code = fail_statement(c, statement, BELAY_NOT_APPLIED, sql);
    else if (mysql_stmt_field_count(statement)) mysql_stmt_free_result(statement);
    else *changed += (int64_t)mysql_stmt_affected_rows(statement);
  }
  free(binds);
  return code;
}

/* Values cross the border with moments in UTC, zeros as they are, and dates that only older modes allow. */
static const char enter[] =
    "SET @belay_was_mode = @@SESSION.sql_mode, @belay_was_zone = @@SESSION.time_zone, SESSION time_zone = '+00:00',"
    " SESSION sql_mode = CONCAT_WS(',', REPLACE(REPLACE(REPLACE(@@SESSION.sql_mode, 'TRADITIONAL', ''),"
    " 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', ''), 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES')";
static const char leave[] = "SET SESSION sql_mode = @belay_was_mode, SESSION time_zone = @belay_was_zone";

/*
 * Several rows outside a transaction get one of their own: so that they are there all or not at all, and the disk is
 * waited for once.
 */
static int32_t with_rows(call *c, belay_str sql, const belay_batch *params, int64_t *affected) {
  MYSQL *link = c->conn->link;
  int64_t changed = 0;
  int32_t code = run(c, "%s", enter);
  if (code != BELAY_OK) return code;
  MYSQL_STMT *statement = mysql_stmt_init(link);
  if (!statement) {
    code = out_of_memory(c->error);
  } else if (wait_prepare(c, statement, sql.ptr, sql.len) != 0) {
    code = fail_statement(c, statement, BELAY_NOT_APPLIED, sql);
  } else if (mysql_stmt_param_count(statement) != params->ncols) {
    code = failf(c->error, BELAY_E_INVALID, "the statement has %lu parameters, but the rows have %u values",
                 mysql_stmt_param_count(statement), params->ncols);
  } else {
    unsigned state = 0;
    mariadb_get_infov(link, MARIADB_CONNECTION_SERVER_STATUS, &state);
    int own = params->nrows > 1 && !(state & SERVER_STATUS_IN_TRANS);
    if (own) code = run(c, "START TRANSACTION");
    if (code == BELAY_OK) code = each_row(c, statement, sql, params, &changed);
    if (own && code == BELAY_OK) code = run(c, "COMMIT");
    else if (own && !c->conn->lost) mysql_query(link, "ROLLBACK");
  }
  if (statement) mysql_stmt_close(statement);
  if (!c->conn->lost) mysql_query(link, leave);
  if (code == BELAY_OK && affected) *affected = changed;
  return code;
}

int32_t driver_execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  call c = begin(conn, op, error);
  int32_t stop = asked_to_stop(&c);
  if (affected) *affected = -1;
  if (conn->lost) return fail(error, BELAY_E_IO, "the connection to the server was lost", "");
  if (stop) return fail(error, stop, "cancelled before the statement", "");
  int32_t code = params ? with_rows(&c, sql, params, affected) : statements(&c, sql, affected);
  /* A KILL that came too late for its statement ends the next one: this statement absorbs it. */
  if (c.stop && !conn->lost) mysql_query(conn->link, "DO 0");
  return code;
}
