/* Failures: translates the server's error numbers into the ABI's codes. */
#include "driver.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdarg.h>

int32_t fail(belay_error *error, int32_t code, const char *message, const char *hint) {
  return host->fail(error, code, BELAY_NOT_APPLIED, str(""), 0, -1, str(message), str(hint));
}

int32_t failf(belay_error *error, int32_t code, const char *format, ...) {
  char *message = NULL;
  va_list list;
  va_start(list, format);
  int n = vasprintf(&message, format, list);
  va_end(list);
  if (n < 0) return out_of_memory(error);
  fail(error, code, message, "");
  free(message);
  return code;
}

int32_t out_of_memory(belay_error *error) { return fail(error, BELAY_E_INTERNAL, "out of memory", ""); }

static int32_t meaning(unsigned number) {
  switch (number) {
    case ER_ACCESS_DENIED_ERROR: case ER_ACCESS_DENIED_NO_PASSWORD_ERROR: case ER_HOST_NOT_PRIVILEGED:
    case ER_HOST_IS_BLOCKED: case ER_MUST_CHANGE_PASSWORD_LOGIN:
      return BELAY_E_AUTH;
    case ER_DBACCESS_DENIED_ERROR: case ER_TABLEACCESS_DENIED_ERROR: case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR: case ER_PROCACCESS_DENIED_ERROR: case ER_KILL_DENIED_ERROR:
    case ER_OPTION_PREVENTS_STATEMENT: case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
    case ER_BINLOG_CREATE_ROUTINE_NEED_SUPER:
      return BELAY_E_DENIED;
    case ER_BAD_DB_ERROR: return BELAY_E_NOT_FOUND;
    case ER_LOCK_WAIT_TIMEOUT: case ER_LOCK_DEADLOCK: case ER_CHECKREAD: case ER_TABLE_DEF_CHANGED:
      return BELAY_E_BUSY;
    case ER_DUP_ENTRY: case ER_DUP_UNIQUE: case ER_DUP_KEY: case ER_DUP_ENTRY_WITH_KEY_NAME: case ER_BAD_NULL_ERROR:
    case ER_NO_REFERENCED_ROW: case ER_ROW_IS_REFERENCED: case ER_ROW_IS_REFERENCED_2: case ER_NO_REFERENCED_ROW_2:
    case ER_CONSTRAINT_FAILED: case ER_DATA_TOO_LONG: case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_TRUNCATED_WRONG_VALUE: case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: case ER_NO_DEFAULT_FOR_FIELD:
    case ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO: case ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO:
    case ER_SIGNAL_EXCEPTION:
      return BELAY_E_CONSTRAINT;
    case ER_NOT_SUPPORTED_YET: return BELAY_E_UNSUPPORTED;
    case ER_STATEMENT_TIMEOUT: return BELAY_E_TIMEOUT;
    case ER_QUERY_INTERRUPTED: return BELAY_E_CANCELLED;
    case ER_NOT_KEYFILE: case ER_CRASHED_ON_USAGE: case ER_CRASHED_ON_REPAIR: return BELAY_E_CORRUPT;
    case ER_DISK_FULL: case ER_RECORD_FILE_FULL: case ER_ERROR_ON_READ: case ER_ERROR_ON_WRITE:
    case ER_ERROR_ON_RENAME: case ER_OUT_OF_RESOURCES: case ER_CON_COUNT_ERROR: case ER_NET_PACKET_TOO_LARGE:
    case ER_SERVER_SHUTDOWN: case ER_CONNECTION_KILLED:
      return BELAY_E_IO;
    case CR_OUT_OF_MEMORY: return BELAY_E_INTERNAL;
    default: return number >= CR_MIN_ERROR && number < 3000 ? BELAY_E_IO : BELAY_E_SQL;
  }
}

static int is_gone(unsigned number) {
  return number == CR_SERVER_GONE_ERROR || number == CR_SERVER_LOST || number == ER_SERVER_SHUTDOWN ||
         number == ER_CONNECTION_KILLED;
}

/* "… near 'SELEKT x' at line 2": where that text begins in its line. The server cuts it short, so its first bytes do. */
static int64_t place(const char *message, belay_str sql) {
  const char *near = strstr(message, " near '"), *line = near ? strstr(near, "' at line ") : NULL;
  if (!near || !sql.len) return -1;
  near += 7;
  for (const char *next = line; next; next = strstr(next + 1, "' at line ")) line = next;
  if (!line) return -1;
  const char *from = sql.ptr, *end = sql.ptr + sql.len;
  for (unsigned long left = strtoul(line + 10, NULL, 10); left > 1 && from < end; left--) {
    const char *stop = memchr(from, '\n', (size_t)(end - from));
    if (!stop) return -1;
    from = stop + 1;
  }
  size_t n = (size_t)(line - near) < 40 ? (size_t)(line - near) : 40;
  if (n == 0) return (int64_t)sql.len; /* it ends too early */
  const char *found = memmem(from, (size_t)(end - from), near, n);
  return found ? found - sql.ptr : -1;
}

int32_t fail_with(call *c, unsigned number, const char *state, const char *message, uint32_t outcome, belay_str sql) {
  int32_t code = meaning(number);
  const char *hint = "";
  if (is_gone(number)) {
    c->conn->lost = 1;
    if (outcome == BELAY_NOT_APPLIED) outcome = BELAY_OUTCOME_UNKNOWN;
  }
  if (c->stop && (code == BELAY_E_CANCELLED || is_gone(number))) {
    code = c->stop;
    message = code == BELAY_E_TIMEOUT ? "the time allowed has passed" : "cancelled";
    outcome = is_gone(number) ? BELAY_OUTCOME_UNKNOWN : outcome;
  }
  /* The host must know that the whole transaction was rolled back. */
  if (number == ER_LOCK_WAIT_TIMEOUT && c->conn->timeout_ends_txn) state = "40001";
  if (number == ER_NET_PACKET_TOO_LARGE) hint = "the limit is the server's max_allowed_packet";
  if (number == ER_BINLOG_CREATE_ROUTINE_NEED_SUPER) hint = "SET GLOBAL log_bin_trust_function_creators = 1";
  return host->fail(c->error, code, outcome, str(state), number, place(message, sql), str(message), str(hint));
}

int32_t fail_server(call *c, uint32_t outcome, belay_str sql) {
  return fail_with(c, mysql_errno(c->conn->link), mysql_sqlstate(c->conn->link), mysql_error(c->conn->link), outcome,
                   sql);
}

int32_t fail_statement(call *c, MYSQL_STMT *statement, uint32_t outcome, belay_str sql) {
  /* An error between rows is reported on the connection only. */
  if (!mysql_stmt_errno(statement)) return fail_server(c, outcome, sql);
  return fail_with(c, mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement),
                   outcome, sql);
}
