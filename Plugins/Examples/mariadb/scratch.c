/* belay.scratch/1: databases beside this one on the same server, named belay_SUM_NAME after it. The swap is in promote.c. */
#include "scratch.h"

#include <ctype.h>

/* FNV-1a: the names of databases have room for 64 characters, and hold the sum of what was too long. */
static uint32_t sum(const char *bytes, size_t n) {
  uint32_t made = 2166136261u;
  for (size_t i = 0; i < n; i++) made = (made ^ (unsigned char)bytes[i]) * 16777619u;
  return made;
}

static void put_prefix(text *t, const belay_conn *conn) {
  text_printf(t, "belay_%08x_", sum(conn->database, strlen(conn->database)));
}

/* The name of conn's scratch database; with "_old" appended, the database through which a promote moves the old tables. */
static int32_t scratch_name(const belay_conn *conn, belay_str name, text *made, belay_error *error) {
  int good = name.len > 0;
  for (uint64_t i = 0; i < name.len; i++) good = good && (isalnum((unsigned char)name.ptr[i]) || name.ptr[i] == '-');
  if (!good) return fail(error, BELAY_E_INVALID, "the name of a scratch database consists of letters, digits and -", "");
  put_prefix(made, conn);
  if (name.len <= 45) text_add(made, name.ptr, name.len);
  else text_add(made, name.ptr, 36), text_printf(made, "-%08x", sum(name.ptr, name.len));
  return made->failed ? out_of_memory(error) : BELAY_OK;
}

/* Only a database that this driver created beside conn's may be dropped or promoted. */
int32_t scratch_database(const belay_conn *conn, belay_str url, text *database, belay_error *error) {
  address where;
  text prefix = {0};
  char *copy = strndup(url.ptr, url.len);
  const char *wrong = copy ? address_read(&where, copy) : "";
  int32_t code = BELAY_OK;
  put_prefix(&prefix, conn);
  if (!copy || prefix.failed) code = out_of_memory(error);
  else if (wrong) code = failf(error, BELAY_E_INVALID, "the URL cannot be used: %s", wrong);
  else if (strncmp(where.database, prefix.at, prefix.length) != 0)
    code = failf(error, BELAY_E_INVALID, "%s is not a scratch database of %s", where.database, conn->database);
  else text_put(database, where.database);
  if (copy) address_clear(&where), free(copy);
  text_clear(&prefix);
  return code;
}

static int32_t write_url(const belay_conn *conn, const text *name, const belay_sink *sink, belay_error *error) {
  char *url = url_with_database(conn->url, name->at);
  if (!url) return out_of_memory(error);
  int32_t code = sink->write(sink->ctx, url, strlen(url));
  explicit_bzero(url, strlen(url));
  free(url);
  return code;
}

static int32_t locate(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  text database = {0};
  (void)op;
  int32_t code = scratch_name(conn, name, &database, error);
  if (code == BELAY_OK) code = write_url(conn, &database, url, error);
  text_clear(&database);
  return code;
}

static int32_t create(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  call c = begin(conn, op, error);
  text database = {0}, sql = {0};
  char *found = NULL, *kind = NULL;
  int32_t code = scratch_name(conn, name, &database, error);
  if (code == BELAY_OK)
    code = ask_word(&c, &found, "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '%s'", database.at);
  if (code == BELAY_OK && found) code = failf(error, BELAY_E_CONSTRAINT, "database %s already exists", database.at);
  /* Tables without a character set of their own use the database's. */
  if (code == BELAY_OK)
    code = ask_word(&c, &kind, "SELECT CONCAT(' CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ',"
                               " DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME ="
                               " DATABASE()");
  if (code == BELAY_OK) {
    text_put(&sql, "CREATE DATABASE ");
    text_name(&sql, database.at, database.length);
    text_put(&sql, kind ? kind : "");
    code = run_text(&c, &sql);
  }
  if (code == BELAY_OK) code = write_url(conn, &database, url, error);
  free(found), free(kind);
  text_clear(&database), text_clear(&sql);
  return code;
}

int32_t drop_database(call *c, const text *name, const char *suffix) {
  text sql = {0}, whole = {0};
  text_add(&whole, name->at, name->length);
  text_put(&whole, suffix);
  text_put(&sql, "DROP DATABASE IF EXISTS ");
  if (whole.failed) sql.failed = 1;
  else text_name(&sql, whole.at, whole.length);
  int32_t code = run_text(c, &sql);
  text_clear(&sql), text_clear(&whole);
  return code;
}

static int32_t drop(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  call c = begin(conn, op, error);
  text database = {0};
  int32_t code = scratch_database(conn, url, &database, error);
  if (code == BELAY_OK) code = drop_database(&c, &database, "_old");
  if (code == BELAY_OK) code = drop_database(&c, &database, "");
  text_clear(&database);
  return code;
}

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) {
  call c = begin(conn, op, error);
  char *allowed = NULL, *runs = NULL;
  text prefix = {0};
  put_prefix(&prefix, conn);
  int32_t code = prefix.failed ? out_of_memory(error) : ask_word(&c, &allowed,
      "SELECT 1 FROM (SELECT GRANTEE, PRIVILEGE_TYPE, '%%' AS place FROM information_schema.USER_PRIVILEGES"
      " UNION ALL SELECT GRANTEE, PRIVILEGE_TYPE, TABLE_SCHEMA FROM information_schema.SCHEMA_PRIVILEGES) AS grants"
      " WHERE PRIVILEGE_TYPE = 'CREATE' AND '%sx' LIKE place AND GRANTEE IN (CONCAT('''',"
      " REPLACE(CURRENT_USER(), '@', '''@'''), ''''), CURRENT_ROLE(), CONCAT('''', CURRENT_ROLE(), '''@'''''))"
      " LIMIT 1", prefix.at);
  if (code == BELAY_OK && !allowed)
    code = host->fail(error, BELAY_E_DENIED, BELAY_NOT_APPLIED, str(""), 0, -1,
                      str("this user may not create databases beside this one"),
                      str("GRANT ALL ON `belay\\_%`.* TO the user"));
  /* The events of a copy would run, which nobody wants. */
  if (code == BELAY_OK)
    code = ask_word(&c, &runs, "SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND STATUS ="
                               " 'ENABLED' AND @@GLOBAL.event_scheduler = 'ON' LIMIT 1");
  if (code == BELAY_OK && runs)
    code = host->fail(error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, str(""), 0, -1,
                      str("the events of a copy would run, because event_scheduler is on"),
                      str("SET GLOBAL event_scheduler = OFF meanwhile"));
  free(allowed), free(runs);
  text_clear(&prefix);
  return code;
}

const belay_scratch scratch_extension = {.struct_size = sizeof scratch_extension, .probe = probe, .create = create,
                                         .promote = scratch_promote, .drop = drop, .locate = locate};
