/*
 * Putting a scratch database in the target's place. MariaDB renames no databases, but any number of tables in one RENAME
 * TABLE, which takes effect whole or not at all, also when the server dies (since 10.6). Views, routines and events cannot
 * be renamed so, and a table with triggers cannot leave its database. So this is done where tables are all that differs
 * and none has triggers; otherwise it is refused without any change, and the host uses its next rollback method. The
 * same statement moves the old tables to the scratch database: all that is committed until then is in them.
 */
#include "scratch.h"

/* All objects except tables, as text: equal text means equal objects. */
typedef struct { text beside; int triggers, sequences_used; } rest;

static int32_t note(void *context, const belay_object *object) {
  static const char *const of_tables[] = {"table", "column", "index", "check", "foreign_key", "sequence"};
  rest *r = context;
  if (str_is(object->kind, "trigger")) r->triggers = 1;
  /* The default names the sequence with its database, and would not change. */
  if (str_is(object->kind, "column") && memmem(object->definition.ptr, object->definition.len, "nextval(", 8))
    r->sequences_used = 1;
  for (size_t i = 0; i < sizeof of_tables / sizeof *of_tables; i++)
    if (str_is(object->kind, of_tables[i])) return BELAY_OK;
  text_printf(&r->beside, "%.*s %.*s\n%.*s\n", (int)object->kind.len, object->kind.ptr, (int)object->name.len,
              object->name.ptr, (int)object->definition.len, object->definition.ptr);
  return r->beside.failed ? BELAY_E_INTERNAL : BELAY_OK;
}

static int32_t look(belay_conn *conn, belay_op *op, rest *r, belay_error *error) {
  belay_objectsink sink = {.ctx = r, .object = note};
  int32_t code = driver_catalog(conn, op, &sink, error);
  return code == BELAY_E_INTERNAL && r->beside.failed ? out_of_memory(error) : code;
}

static int32_t refuse(const rest *here, const rest *there, belay_error *error) {
  const char *why = NULL;
  if (here->triggers || there->triggers) why = "a table with triggers cannot be moved to another database";
  else if (here->sequences_used || there->sequences_used) why = "a default that uses a sequence would keep using the old database's";
  else if (here->beside.length != there->beside.length ||
           (here->beside.length && memcmp(here->beside.at, there->beside.at, here->beside.length) != 0))
    why = "views, routines or events differ, and cannot be moved together with the tables";
  return why ? fail(error, BELAY_E_UNSUPPORTED, why, "") : BELAY_OK;
}

static int32_t compare(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  rest here = {0}, there = {0};
  belay_conn *scratch = NULL;
  char *password = conn->where.password ? conn->where.password : "";
  belay_option options[] = {{.key = str("url"), .value = url},
                            {.key = str("password"), .value = str(password), .flags = BELAY_OPT_SECRET}};
  int32_t code = driver_open(options, *password ? 2 : 1, op, &scratch, error);
  if (code == BELAY_OK) code = look(scratch, op, &there, error);
  if (scratch) driver_close(scratch);
  if (code == BELAY_OK) code = look(conn, op, &here, error);
  if (code == BELAY_OK) code = refuse(&here, &there, error);
  text_clear(&here.beside), text_clear(&there.beside);
  return code;
}

/* ", `from`.`t` TO `to`.`t`" for each table that is in `listed` now. */
static int32_t put_moves(call *c, text *sql, const char *listed, const char *from, const char *to) {
  text question = {0};
  MYSQL_RES *found;
  text_put(&question, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE <> 'VIEW' AND TABLE_SCHEMA = ");
  text_literal(&question, listed, strlen(listed));
  text_put(&question, " ORDER BY TABLE_NAME");
  int32_t code = ask_text(c, &found, &question);
  text_clear(&question);
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; (row = mysql_fetch_row(found));) {
    text_put(sql, sql->length ? ", " : "RENAME TABLE ");
    text_name(sql, from, strlen(from)), text_put(sql, "."), text_name(sql, row[0], strlen(row[0]));
    text_put(sql, " TO ");
    text_name(sql, to, strlen(to)), text_put(sql, "."), text_name(sql, row[0], strlen(row[0]));
  }
  mysql_free_result(found);
  return sql->failed ? out_of_memory(c->error) : BELAY_OK;
}

/* Ends sessions of others that hold locks on tables. */
static void end_others(call *c) {
  belay_conn *conn = c->conn;
  MYSQL_RES *found = NULL;
  if (mysql_query(conn->link, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <>"
                              " CONNECTION_ID() AND IS_USED_LOCK(CONCAT('belay.session.', ID)) IS NULL") != 0)
    return;
  if (!(found = mysql_store_result(conn->link))) return;
  for (MYSQL_ROW row; (row = mysql_fetch_row(found));) {
    char sql[64];
    snprintf(sql, sizeof sql, "KILL CONNECTION %.20s", row[0]);
    mysql_query(conn->link, sql); /* it may already be gone */
  }
  mysql_free_result(found);
}

static int32_t move(call *c, const text *sql) {
  for (int attempt = 1;; attempt++) {
    if (wait_query(c, sql->at, sql->length) == 0) return BELAY_OK;
    if (mysql_errno(c->conn->link) != 1205 /* lock wait timeout */ || attempt == 5)
      return fail_server(c, BELAY_NOT_APPLIED, text_str(sql));
    end_others(c);
  }
}

int32_t scratch_promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  call c = begin(conn, op, error);
  text scratch = {0}, old = {0}, sql = {0};
  int32_t code = scratch_database(conn, url, &scratch, error);
  if (code == BELAY_OK) code = compare(conn, op, url, error);
  if (code == BELAY_OK) {
    text_printf(&old, "%s_old", scratch.at);
    code = old.failed ? out_of_memory(error) : drop_database(&c, &old, "");
  }
  if (code == BELAY_OK) {
    text_put(&sql, "CREATE DATABASE ");
    text_name(&sql, old.at, old.length);
    code = run_text(&c, &sql);
    sql.length = 0;
  }
  /* The old tables are moved out first, because names of foreign keys are unique in a database. */
  if (code == BELAY_OK) code = put_moves(&c, &sql, conn->database, conn->database, old.at);
  if (code == BELAY_OK) code = put_moves(&c, &sql, scratch.at, scratch.at, conn->database);
  /* What others wrote until this moment goes with them. */
  if (code == BELAY_OK) code = put_moves(&c, &sql, conn->database, old.at, scratch.at);
  if (code == BELAY_OK && sql.length) code = move(&c, &sql);
  /* It is empty now; a failure here is not a failure of promote. */
  if (code == BELAY_OK) {
    sql.length = 0;
    text_put(&sql, "DROP DATABASE IF EXISTS ");
    text_name(&sql, old.at, old.length);
    if (!sql.failed) mysql_real_query(conn->link, sql.at, sql.length);
  }
  text_clear(&scratch), text_clear(&old), text_clear(&sql);
  return code;
}
