/* Lists every object of the database in the order that recreates them. Their text comes from SHOW CREATE. */
#include "shape.h"

/* The state of one call of catalog. */
typedef struct { call *c; const belay_objectsink *sink; text ddl, definition, drop; } list;

static int32_t give(list *l, belay_object object) {
  if (l->ddl.failed || l->definition.failed || l->drop.failed) return out_of_memory(l->c->error);
  object.struct_size = sizeof object;
  if (!object.ddl.len) object.ddl = text_str(&l->ddl);
  if (!object.definition.len) object.definition = text_str(&l->definition);
  object.drop = text_str(&l->drop);
  int32_t code = l->sink->object(l->sink->ctx, &object);
  l->ddl.length = l->definition.length = l->drop.length = 0;
  return code;
}

static void put_name(text *t, const char *name) { text_name(t, name, strlen(name)); }

static char *word(const char *given) { return given ? (char *)given : ""; }

/* The settings under which the server parsed an object's text, and which it stores with it. NULL: not relevant. */
typedef struct { const char *mode, *zone, *charset, *collation; } setting;

static int is_plain(const char *sql) {
  for (; *sql; sql++)
    if (*sql == '\\' || (unsigned char)*sql >= 0x80) return 0;
  return 1;
}

/*
 * A backslash in the text means itself only where the mode is the one that the server wrote the text for. What has a body
 * of statements goes as one literal: the engine's client would cut it at its semicolons.
 */
static void put_ddl(text *out, const char *sql, setting kept, int has_body) {
  int plain = is_plain(sql), wrapped = has_body || !plain || kept.charset;
  if (!wrapped) {
    text_printf(out, "%s;\n", sql);
    return;
  }
  text_printf(out, "SET @belay_ddl_mode = @@SESSION.sql_mode, @belay_ddl_zone = @@SESSION.time_zone,"
                   " @belay_ddl_set = @@SESSION.character_set_client, @belay_ddl_order = @@SESSION.collation_connection,"
                   " SESSION sql_mode = '%s'", kept.mode ? kept.mode : "");
  if (kept.zone) text_printf(out, ", SESSION time_zone = '%s'", kept.zone);
  if (kept.charset)
    text_printf(out, ", SESSION character_set_client = %s, SESSION collation_connection = %s", kept.charset,
                kept.collation ? kept.collation : "@@SESSION.collation_connection");
  text_put(out, ";\n");
  if (has_body || (kept.charset && !plain)) {
    text_put(out, "EXECUTE IMMEDIATE ");
    if (plain) text_literal(out, sql, strlen(sql));
    else text_hex(out, sql, strlen(sql));
  } else {
    text_put(out, sql);
  }
  text_put(out, ";\nSET SESSION sql_mode = @belay_ddl_mode, SESSION time_zone = @belay_ddl_zone,"
                " SESSION character_set_client = @belay_ddl_set, SESSION collation_connection = @belay_ddl_order;\n");
}

/* Calls body for each row of names. Body runs queries of its own, so the list of names is read completely first. */
static int32_t each(list *l, const char *names, int32_t (*body)(list *, MYSQL_ROW)) {
  MYSQL_RES *found;
  int32_t code = ask(l->c, &found, "%s", names);
  if (code != BELAY_OK) return code;
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found));) {
    int32_t stop = asked_to_stop(l->c);
    code = stop ? fail(l->c->error, stop, "stopped while reading the schema", "") : body(l, row);
  }
  mysql_free_result(found);
  return code;
}

/* One SHOW CREATE: its row, in a result that the caller frees. */
static int32_t show(list *l, const char *what, const char *name, MYSQL_RES **result, MYSQL_ROW *row) {
  text sql = {0};
  text_printf(&sql, "SHOW CREATE %s ", what);
  put_name(&sql, name);
  int32_t code = ask_text(l->c, result, &sql);
  text_clear(&sql);
  if (code != BELAY_OK) return code;
  *row = mysql_fetch_row(*result);
  if (*row) return BELAY_OK;
  mysql_free_result(*result);
  return failf(l->c->error, BELAY_E_NOT_FOUND, "%s %s no longer exists", what, name);
}

/* ---- Sequences ---- */

static int32_t sequence(list *l, MYSQL_ROW row) {
  MYSQL_RES *result;
  MYSQL_ROW shown;
  char *value = NULL;
  text quoted = {0};
  put_name(&quoted, row[0]);
  int32_t code = ask_word(l->c, &value, "SELECT next_not_cached_value FROM %s", quoted.at);
  if (code == BELAY_OK) code = show(l, "SEQUENCE", row[0], &result, &shown);
  if (code == BELAY_OK) {
    text_put(&l->definition, shown[1]);
    text_printf(&l->ddl, "%s;\nDO SETVAL(%s, %s, 0);\n", shown[1], quoted.at, word(value));
    text_printf(&l->drop, "DROP SEQUENCE IF EXISTS %s", quoted.at);
    mysql_free_result(result);
    code = give(l, (belay_object){.kind = str("sequence"), .name = str(row[0]), .row_estimate = -1});
  }
  free(value);
  text_clear(&quoted);
  return code;
}

/* ---- Tables ---- */

static int32_t columns(list *l, const char *table, const shape *s, MYSQL_RES *known) {
  int32_t code = BELAY_OK;
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(known));) {
    const part *own = NULL;
    for (size_t i = 0; i < s->n && !own; i++)
      if (s->parts[i].kind == PART_COLUMN && strcmp(s->parts[i].name, row[0]) == 0) own = &s->parts[i];
    uint32_t flags = 0;
    if (strcmp(word(row[2]), "NO") == 0) flags |= BELAY_O_NOT_NULL;
    if (strcmp(word(row[3]), "PRI") == 0) flags |= BELAY_O_PRIMARY_KEY;
    /* Includes the columns with the period of validity of rows in system-versioned tables. */
    if (strcmp(word(row[4]), "NEVER") != 0) flags |= BELAY_O_GENERATED;
    if (strcmp(word(row[5]), "1") == 0) flags |= BELAY_O_DEFAULT;
    if (own && part_has_check(own)) flags |= BELAY_O_CHECKED;
    if (own) text_add(&l->definition, own->definition.ptr, own->definition.len);
    code = give(l, (belay_object){.kind = str("column"), .name = str(row[0]), .parent = str(table),
                                  .native_type = str(word(row[1])), .flags = flags, .row_estimate = -1});
  }
  return code;
}

static int32_t keys(list *l, const char *table, const shape *s) {
  int32_t code = BELAY_OK;
  for (size_t i = 0; i < s->n && code == BELAY_OK; i++) {
    const part *p = &s->parts[i];
    if (p->kind != PART_INDEX && p->kind != PART_CHECK) continue;
    if (p->kind == PART_INDEX) {
      text_put(&l->drop, "DROP INDEX IF EXISTS "), put_name(&l->drop, p->name);
      text_put(&l->drop, " ON "), put_name(&l->drop, table);
    } else {
      text_put(&l->drop, "ALTER TABLE "), put_name(&l->drop, table);
      text_put(&l->drop, " DROP CONSTRAINT IF EXISTS "), put_name(&l->drop, p->name);
    }
    code = give(l, (belay_object){.kind = str(p->kind == PART_INDEX ? "index" : "check"), .name = str(p->name),
                                  .parent = str(table), .definition = p->definition, .row_estimate = -1});
  }
  return code;
}

/* name, rows */
static int32_t table(list *l, MYSQL_ROW row) {
  MYSQL_RES *result, *known = NULL;
  MYSQL_ROW shown;
  shape s = {0};
  text sql = {0};
  int32_t code = show(l, "TABLE", row[0], &result, &shown);
  if (code != BELAY_OK) return code;
  if (!shape_read(&s, shown[1], l->c->conn->database))
    code = failf(l->c->error, BELAY_E_INTERNAL, "SHOW CREATE TABLE of %s is not of the known form", row[0]);
  mysql_free_result(result);
  if (code == BELAY_OK) {
    text created = {0};
    shape_ddl(&s, row[0], &created);
    if (created.failed) l->ddl.failed = 1;
    else put_ddl(&l->ddl, created.at, (setting){0}, 0);
    text_clear(&created);
    shape_definition(&s, &l->definition);
    text_put(&l->drop, "DROP TABLE IF EXISTS "), put_name(&l->drop, row[0]);
    code = give(l, (belay_object){.kind = str("table"), .name = str(row[0]), .native_type = str(word(row[2])),
                                  .row_estimate = row[1] ? strtoll(row[1], NULL, 10) : -1});
  }
  if (code == BELAY_OK) {
    /* A column that may be NULL and has no default has the default NULL. */
    text_put(&sql, "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, IS_GENERATED,"
                   " COALESCE(COLUMN_DEFAULT <> 'NULL', 0) OR EXTRA LIKE '%auto_increment%' FROM"
                   " information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ");
    text_literal(&sql, row[0], strlen(row[0]));
    text_put(&sql, " ORDER BY ORDINAL_POSITION");
    code = ask_text(l->c, &known, &sql);
    text_clear(&sql);
  }
  if (code == BELAY_OK) code = columns(l, row[0], &s, known);
  if (known) mysql_free_result(known);
  if (code == BELAY_OK) code = keys(l, row[0], &s);
  shape_clear(&s);
  return code;
}

static int32_t foreign_keys(list *l, MYSQL_ROW row) {
  MYSQL_RES *result;
  MYSQL_ROW shown;
  shape s = {0};
  int32_t code = show(l, "TABLE", row[0], &result, &shown);
  if (code != BELAY_OK) return code;
  if (!shape_read(&s, shown[1], l->c->conn->database))
    code = failf(l->c->error, BELAY_E_INTERNAL, "SHOW CREATE TABLE of %s is not of the known form", row[0]);
  mysql_free_result(result);
  for (size_t i = 0; i < s.n && code == BELAY_OK; i++) {
    const part *p = &s.parts[i];
    if (p->kind != PART_FOREIGN_KEY) continue;
    text_put(&l->ddl, "ALTER TABLE "), put_name(&l->ddl, row[0]);
    text_put(&l->ddl, " ADD "), text_add(&l->ddl, p->whole.ptr, p->whole.len);
    text_put(&l->ddl, ";\n");
    text_put(&l->drop, "ALTER TABLE "), put_name(&l->drop, row[0]);
    text_put(&l->drop, " DROP FOREIGN KEY IF EXISTS "), put_name(&l->drop, p->name);
    code = give(l, (belay_object){.kind = str("foreign_key"), .name = str(p->name), .parent = str(row[0]),
                                  .definition = p->definition, .row_estimate = -1});
  }
  shape_clear(&s);
  return code;
}

/* ---- Objects with a body ---- */

static int32_t with_body(list *l, const char *what, const char *kind, const char *name, const char *parent,
                         setting kept, const char *sql) {
  if (!sql)
    return host->fail(l->c->error, BELAY_E_DENIED, BELAY_NOT_APPLIED, str(""), 0, -1,
                      str("the text of a routine is kept from this user"), str("GRANT SHOW CREATE ROUTINE, or SELECT ON mysql.proc"));
  text_put(&l->definition, sql);
  put_ddl(&l->ddl, sql, kept, 1);
  text_printf(&l->drop, "DROP %s IF EXISTS ", what), put_name(&l->drop, name);
  return give(l, (belay_object){.kind = str(kind), .name = str(name), .parent = str(parent), .row_estimate = -1});
}

/* name, PROCEDURE, FUNCTION or PACKAGE …, the kind's word */
static int32_t routine(list *l, MYSQL_ROW row) {
  MYSQL_RES *result;
  MYSQL_ROW shown;
  int32_t code = show(l, row[1], row[0], &result, &shown);
  if (code != BELAY_OK) return code;
  code = with_body(l, row[1], row[2], row[0], "",
                   (setting){.mode = shown[1], .charset = shown[3], .collation = shown[4]}, shown[2]);
  mysql_free_result(result);
  return code;
}

/* name, its table */
static int32_t trigger(list *l, MYSQL_ROW row) {
  MYSQL_RES *result;
  MYSQL_ROW shown;
  int32_t code = show(l, "TRIGGER", row[0], &result, &shown);
  if (code != BELAY_OK) return code;
  code = with_body(l, "TRIGGER", "trigger", row[0], row[1],
                   (setting){.mode = shown[1], .charset = shown[3], .collation = shown[4]}, shown[2]);
  mysql_free_result(result);
  return code;
}

static int32_t event(list *l, MYSQL_ROW row) {
  MYSQL_RES *result;
  MYSQL_ROW shown;
  int32_t code = show(l, "EVENT", row[0], &result, &shown);
  if (code != BELAY_OK) return code;
  code = with_body(l, "EVENT", "event", row[0], "",
                   (setting){.mode = shown[1], .zone = shown[2], .charset = shown[4], .collation = shown[5]}, shown[3]);
  mysql_free_result(result);
  return code;
}

/* ---- Views: each after those that it reads ---- */

typedef struct { char *name, *sql, *charset, *collation; int given; } view;

static int names(const char *sql, const char *name) {
  text quoted = {0};
  put_name(&quoted, name);
  int found = !quoted.failed && strstr(sql, quoted.at) != NULL;
  text_clear(&quoted);
  return found;
}

static int32_t give_views(list *l, view *all, size_t n) {
  int32_t code = BELAY_OK;
  for (size_t left = n, before = n + 1; left && code == BELAY_OK;) {
    /* A name that means something else may look like a cycle: then the views come in the order of their names. */
    int stuck = left == before;
    before = left;
    for (size_t i = 0; i < n && code == BELAY_OK; i++) {
      int waits = 0;
      if (all[i].given) continue;
      for (size_t j = 0; j < n && !stuck; j++)
        if (j != i && !all[j].given && names(all[i].sql, all[j].name)) waits = 1;
      if (waits) continue;
      text_put(&l->definition, all[i].sql);
      put_ddl(&l->ddl, all[i].sql, (setting){.charset = all[i].charset, .collation = all[i].collation}, 0);
      text_put(&l->drop, "DROP VIEW IF EXISTS "), put_name(&l->drop, all[i].name);
      code = give(l, (belay_object){.kind = str("view"), .name = str(all[i].name), .row_estimate = -1});
      all[i].given = 1, left--, stuck = 0;
    }
  }
  return code;
}

static int32_t views(list *l) {
  MYSQL_RES *found;
  size_t n = 0;
  int32_t code = ask(l->c, &found, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                                   " AND TABLE_TYPE = 'VIEW' ORDER BY BINARY TABLE_NAME");
  if (code != BELAY_OK) return code;
  view *all = calloc(mysql_num_rows(found) + 1, sizeof *all);
  if (!all) code = out_of_memory(l->c->error);
  for (MYSQL_ROW row; code == BELAY_OK && (row = mysql_fetch_row(found)); n++) {
    MYSQL_RES *result;
    MYSQL_ROW shown;
    code = show(l, "VIEW", row[0], &result, &shown);
    if (code != BELAY_OK) break;
    all[n] = (view){.name = strdup(row[0]), .sql = strdup(shown[1]), .charset = strdup(shown[2]),
                    .collation = strdup(shown[3])};
    if (!all[n].name || !all[n].sql || !all[n].charset || !all[n].collation) code = out_of_memory(l->c->error);
    mysql_free_result(result);
  }
  mysql_free_result(found);
  if (code == BELAY_OK) code = give_views(l, all, n);
  for (size_t i = 0; all && i <= n; i++)
    free(all[i].name), free(all[i].sql), free(all[i].charset), free(all[i].collation);
  free(all);
  return code;
}

/* ---- The whole catalog ---- */

#define TABLES(type) \
  "SELECT TABLE_NAME, TABLE_ROWS, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()" \
  " AND TABLE_TYPE IN (" type ") ORDER BY BINARY TABLE_NAME"

int32_t driver_catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  call c = begin(conn, op, error);
  list l = {.c = &c, .sink = objects};
  if (conn->lost) return fail(error, BELAY_E_IO, "the connection to the server was lost", "");
  /* The sql_mode determines quotes and backslashes in SHOW CREATE. */
  int32_t code = run(&c, "SET @belay_list_mode = @@SESSION.sql_mode, SESSION sql_mode = '', SESSION"
                         " sql_quote_show_create = 1");
  if (code != BELAY_OK) return code;
  code = each(&l, TABLES("'SEQUENCE'"), sequence);
  if (code == BELAY_OK) code = each(&l, TABLES("'BASE TABLE', 'SYSTEM VERSIONED'"), table);
  if (code == BELAY_OK)
    code = each(&l, "SELECT DISTINCT TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA ="
                    " DATABASE() AND CONSTRAINT_TYPE = 'FOREIGN KEY' ORDER BY BINARY TABLE_NAME", foreign_keys);
  if (code == BELAY_OK)
    code = each(&l, "SELECT ROUTINE_NAME, ROUTINE_TYPE, LOWER(REPLACE(ROUTINE_TYPE, ' ', '_')) FROM"
                    " information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
                    " ORDER BY ROUTINE_TYPE, BINARY ROUTINE_NAME", routine);
  if (code == BELAY_OK) code = views(&l);
  if (code == BELAY_OK)
    code = each(&l, "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA ="
                    " DATABASE() ORDER BY BINARY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER",
                trigger);
  if (code == BELAY_OK)
    code = each(&l, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
                    " ORDER BY BINARY EVENT_NAME", event);
  if (!conn->lost) mysql_query(conn->link, "SET SESSION sql_mode = @belay_list_mode");
  text_clear(&l.ddl), text_clear(&l.definition), text_clear(&l.drop);
  return code;
}
