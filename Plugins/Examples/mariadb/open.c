/* Opening and closing a connection, and what it can do. */
#include "driver.h"

#include <errmsg.h>

typedef struct { int create; unsigned lock_seconds; char *password; } wishes;

static char *copy(belay_str s) { return s.len ? strndup(s.ptr, s.len) : strdup(""); }

static int32_t read_options(belay_conn *conn, wishes *w, const belay_option *options, uint32_t n, belay_error *error) {
  for (uint32_t i = 0; i < n; i++) {
    belay_str key = options[i].key;
    char *value = copy(options[i].value);
    if (!value) return out_of_memory(error);
    if (str_is(key, "url")) free(conn->url), conn->url = value, value = NULL;
    else if (str_is(key, "create")) w->create = strcmp(value, "1") == 0;
    else if (str_is(key, "read_only")) conn->read_only = strcmp(value, "1") == 0;
    else if (str_is(key, "password")) free(w->password), w->password = value, value = NULL;
    else if (str_is(key, "lock_timeout_ms")) w->lock_seconds = (unsigned)((strtoul(value, NULL, 10) + 999) / 1000);
    else if (!str_is(key, "scratch_dir")) {
      free(value);
      return failf(error, BELAY_E_INVALID, "unknown option %.*s", (int)key.len, key.ptr);
    }
    free(value);
  }
  if (!conn->url) return fail(error, BELAY_E_INVALID, "no URL", "");
  const char *wrong = address_read(&conn->where, conn->url);
  if (wrong) return failf(error, BELAY_E_INVALID, "the URL cannot be used: %s", wrong);
  /* The URL's password overrides the option, which overrides the environment, which overrides a file. */
  if (!conn->where.password && w->password) conn->where.password = w->password, w->password = NULL;
  const char *given = getenv("MYSQL_PWD");
  if (!conn->where.password && given && !(conn->where.password = strdup(given))) return out_of_memory(error);
  if (!(conn->database = strdup(conn->where.database))) return out_of_memory(error);
  return BELAY_OK;
}

/* Connects without a database, because it may have to be created. */
static MYSQL *connect_to(const address *a) {
  MYSQL *link = mysql_init(NULL);
  if (!link) return NULL;
  unsigned seconds = a->connect_seconds, off = 0;
  unsigned long packet = 1ul << 30;
  my_bool on = 1, no = 0;
  mysql_options(link, MYSQL_OPT_NONBLOCK, 0);
  mysql_options(link, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  mysql_options(link, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
  mysql_options(link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(link, MYSQL_REPORT_DATA_TRUNCATION, &on);
  /* Otherwise a server could request files of this machine. */
  mysql_options(link, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_options4(link, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "belay");
  if (a->defaults_file) mysql_options(link, MYSQL_READ_DEFAULT_FILE, a->defaults_file);
  mysql_options(link, MYSQL_READ_DEFAULT_GROUP, "client");
  if (a->ssl >= 0) mysql_options(link, MYSQL_OPT_SSL_ENFORCE, a->ssl ? &on : &no);
  if (a->ssl_verify >= 0) mysql_options(link, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, a->ssl_verify ? &on : &no);
  if (a->ssl_ca) mysql_options(link, MYSQL_OPT_SSL_CA, a->ssl_ca);
  if (a->ssl_cert) mysql_options(link, MYSQL_OPT_SSL_CERT, a->ssl_cert);
  if (a->ssl_key) mysql_options(link, MYSQL_OPT_SSL_KEY, a->ssl_key);
  mysql_real_connect(link, *a->host ? a->host : NULL, a->user, a->password, NULL, a->port, a->socket,
                     CLIENT_MULTI_STATEMENTS);
  return link;
}

MYSQL *connect_again(belay_conn *conn) {
  MYSQL *link = connect_to(&conn->where);
  if (link && mysql_errno(link)) mysql_close(link), link = NULL;
  return link;
}

/* A name that a session of belay's holds for as long as it lives, so that others can tell it (sessions.c). */
static const char session_settings[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
    "SET SESSION autocommit = 1, wait_timeout = 604800, net_read_timeout = 3600, net_write_timeout = 3600,"
    " innodb_lock_wait_timeout = %u, lock_wait_timeout = %u, max_statement_time = 0;"
    "DO GET_LOCK(CONCAT('belay.session.', CONNECTION_ID()), 0);";

static int32_t make_database(call *c) {
  char *found = NULL;
  text sql = {0};
  text_put(&sql, "CREATE DATABASE IF NOT EXISTS ");
  text_name(&sql, c->conn->database, strlen(c->conn->database));
  /* Many servers have latin1 as their default, which holds no text but Western Europe's. */
  text_put(&sql, " CHARACTER SET utf8mb4");
  int32_t code = run_text(c, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  text_put(&sql, "SELECT (SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = d)"
                 " + (SELECT count(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = d)"
                 " + (SELECT count(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = d) FROM (SELECT ");
  text_literal(&sql, c->conn->database, strlen(c->conn->database));
  text_put(&sql, " AS d) AS named");
  code = ask_word(c, &found, "%s", sql.at);
  text_clear(&sql);
  if (code == BELAY_OK && found && strcmp(found, "0") != 0)
    code = failf(c->error, BELAY_E_CONSTRAINT, "database %s exists and is not empty", c->conn->database);
  free(found);
  return code;
}

static int32_t settle(call *c, const wishes *w) {
  belay_conn *conn = c->conn;
  MYSQL_RES *result = NULL;
  int32_t code = run(c, session_settings, w->lock_seconds, w->lock_seconds);
  if (code == BELAY_OK && w->create) code = make_database(c);
  if (code == BELAY_OK && mysql_select_db(conn->link, conn->database) != 0)
    code = fail_server(c, BELAY_NOT_APPLIED, str(""));
  if (code == BELAY_OK && conn->read_only) code = run(c, "SET SESSION TRANSACTION READ ONLY");
  if (code == BELAY_OK)
    code = ask(c, &result,
               "SELECT CONCAT_WS('|', @@hostname, @@port, @@socket, @@datadir, DATABASE()), @@version, "
               "@@max_allowed_packet, @@innodb_rollback_on_timeout");
  if (code != BELAY_OK) return code;
  MYSQL_ROW row = mysql_fetch_row(result);
  if (row && row[0] && row[1] && row[2]) {
    conn->identity = strdup(row[0]);
    conn->version = strdup(row[1]);
    conn->longest = strtoull(row[2], NULL, 10);
    conn->timeout_ends_txn = row[3] && strcmp(row[3], "1") == 0;
  }
  mysql_free_result(result);
  if (!conn->identity || !conn->version) return out_of_memory(c->error);
  return BELAY_OK;
}

int32_t driver_open(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  wishes w = {.lock_seconds = 1};
  belay_conn *conn = calloc(1, sizeof *conn);
  if (!conn) return out_of_memory(error);
  int32_t code = read_options(conn, &w, options, n, error);
  if (code == BELAY_OK) {
    call c = begin(conn, op, error);
    conn->link = connect_to(&conn->where);
    if (!conn->link) code = out_of_memory(error);
    else if (mysql_errno(conn->link)) code = fail_server(&c, BELAY_NOT_APPLIED, str(""));
    else if (!strstr(mysql_get_server_info(conn->link), "MariaDB"))
      code = failf(error, BELAY_E_UNSUPPORTED, "the server is not MariaDB: %s", mysql_get_server_info(conn->link));
    else if (mysql_get_server_version(conn->link) < 100602)
      code = failf(error, BELAY_E_UNSUPPORTED, "the server is MariaDB %s, but 10.6.2 or newer is needed",
                   mysql_get_server_info(conn->link));
    else conn->id = mysql_thread_id(conn->link), code = settle(&c, &w);
  }
  if (w.password) explicit_bzero(w.password, strlen(w.password)), free(w.password);
  if (code == BELAY_OK) *out = conn;
  else driver_close(conn);
  return code;
}

void driver_close(belay_conn *conn) {
  /* The server notices a closed connection with a delay; the next one may be opened before. */
  if (conn->link && conn->id && !conn->lost && mysql_query(conn->link, "ROLLBACK") == 0)
    mysql_query(conn->link, "DO RELEASE_ALL_LOCKS()");
  if (conn->link) mysql_close(conn->link);
  address_clear(&conn->where);
  if (conn->url) explicit_bzero(conn->url, strlen(conn->url));
  free(conn->url);
  free(conn->database);
  free(conn->identity);
  free(conn->version);
  free(conn);
}

int32_t always(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}

/*
 * SQL text of a whole backup: text is taken as it stands, keys of 0 stay 0, moments are UTC, and tables may come before
 * those that they refer to. Not strict: what lies in a database need not pass today's rules, and belay proves the result.
 */
static const char load_begin[] =
    "SET @belay_mode = @@SESSION.sql_mode, @belay_zone = @@SESSION.time_zone,"
    " @belay_keys = @@SESSION.foreign_key_checks, @belay_unique = @@SESSION.unique_checks,"
    " SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', SESSION time_zone = '+00:00',"
    " SESSION foreign_key_checks = 0, SESSION unique_checks = 0;\nSET NAMES utf8mb4;";
static const char load_end[] =
    "SET SESSION sql_mode = @belay_mode, SESSION time_zone = @belay_zone, SESSION foreign_key_checks = @belay_keys,"
    " SESSION unique_checks = @belay_unique;";

/* What InnoDB has on the disk, which only those with PROCESS may ask; 0: not known. Statistics lag behind. */
static uint64_t allocated_bytes(belay_conn *conn) {
  static const char sql[] = "SELECT SUM(ALLOCATED_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME LIKE"
                            " CONCAT(CAST(CONVERT(DATABASE() USING filename) AS BINARY), '/%')";
  MYSQL_RES *found = NULL;
  uint64_t bytes = 0;
  if (mysql_query(conn->link, sql) != 0 || !(found = mysql_store_result(conn->link))) return 0;
  MYSQL_ROW row = mysql_fetch_row(found);
  if (row && row[0]) bytes = strtoull(row[0], NULL, 10);
  mysql_free_result(found);
  return bytes;
}

int32_t driver_describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  call c = begin(conn, NULL, error);
  char *bytes = NULL, *loose = NULL, *fixed = NULL;
  int32_t code = BELAY_OK;
  uint64_t size = allocated_bytes(conn);
  if (!size)
    code = ask_word(&c, &bytes, "SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES"
                                " WHERE TABLE_SCHEMA = DATABASE()");
  if (code == BELAY_OK)
    code = ask_word(&c, &loose, "SELECT 1 FROM information_schema.TABLES t JOIN information_schema.ENGINES e"
                                " ON t.ENGINE = e.ENGINE WHERE t.TABLE_SCHEMA = DATABASE()"
                                " AND t.TABLE_TYPE <> 'SEQUENCE' AND e.TRANSACTIONS <> 'YES' LIMIT 1");
  /* What makes promote.c refuse. */
  if (code == BELAY_OK)
    code = ask_word(&c, &fixed, "SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() UNION"
                                " SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND"
                                " COLUMN_DEFAULT LIKE '%%nextval(%%' LIMIT 1");
  if (code == BELAY_OK) {
    belay_traits known = {.struct_size = traits->struct_size};
    known.flags = BELAY_T_TXN | (loose ? 0 : BELAY_T_STABLE_READ) | (conn->read_only ? BELAY_T_READ_ONLY : 0) |
                  (fixed ? BELAY_T_NO_PROMOTE : BELAY_T_SWAPS) | BELAY_T_ALTERS_COLUMNS;
    known.server_name = str("MariaDB");
    known.server_version = str(conn->version);
    known.ident_quote = str("`");
    known.param_style = str("?");
    known.identity = str(conn->identity);
    known.txn_begin = str(conn->read_only ? "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
                                          : "START TRANSACTION WITH CONSISTENT SNAPSHOT");
    known.txn_commit = str("COMMIT");
    known.txn_rollback = str("ROLLBACK");
    known.load_begin = str(load_begin);
    known.load_end = str(load_end);
    known.hex_text = str("_utf8mb4 X'?'");
    known.max_sql_bytes = conn->longest;
    known.max_params = 65535;
    known.database_bytes = bytes ? strtoull(bytes, NULL, 10) : size;
    known.restore_steps = str("mariadb -e 'CREATE DATABASE restored'\nzstd -dc full_backup.sql.zst | mariadb restored");
    /* The host may be older than this header: never write past its struct_size. */
    memcpy(traits, &known, traits->struct_size < sizeof known ? traits->struct_size : sizeof known);
  }
  free(bytes);
  free(loose);
  free(fixed);
  return code;
}
