/*
 * An engine at which others are at work: the plain driver, with scratch databases, a script reader and footprints, and
 * with a transaction that keeps nobody off. SQLite has one writer, so what others do is told in comments of a statement
 * and done on the target alone:
 *
 *   /@others SQL@/     others write, before the statement
 *   /@busy N@/         the statement fails N times because others hold a lock
 *   /@deadlock N@/     N times, and the transaction is gone
 *   /@say TEXT@/       the engine says so
 *   /@blind@/          from here on nothing is counted
 *
 * (with * for @; a statement has one of them).
 */
#define belay_driver_v1 plain_driver_v1
#include "plain.c"
#undef belay_driver_v1

#define MOST 64

/* What one connection's transaction has written, by table. */
typedef struct { char name[64]; int64_t inserted, updated, deleted, root; } counts;
typedef struct { belay_conn *conn; counts tables[MOST]; int n, counting, blind; } session;

static session sessions[16];
static int busy_left = -1, deadlocks_left = -1;

static session *session_of(belay_conn *conn) {
  for (int i = 0; i < 16; i++)
    if (sessions[i].conn == conn) return &sessions[i];
  return NULL;
}

static counts *counts_of(session *s, const char *name) {
  for (int i = 0; i < s->n; i++)
    if (strcmp(s->tables[i].name, name) == 0) return &s->tables[i];
  if (s->n == MOST) return &s->tables[0];
  counts *c = &s->tables[s->n++];
  memset(c, 0, sizeof *c);
  snprintf(c->name, sizeof c->name, "%s", name);
  return c;
}

static void written(void *context, int kind, const char *database, const char *table, sqlite3_int64 row) {
  session *s = context;
  (void)database, (void)row;
  if (!s->counting || s->blind) return;
  counts *c = counts_of(s, table);
  if (kind == SQLITE_INSERT) c->inserted++;
  if (kind == SQLITE_UPDATE) c->updated++;
  if (kind == SQLITE_DELETE) c->deleted++;
}

static int is_copy(belay_conn *conn) { return strstr(conn->path, "-scratch-") != NULL; }

static int32_t crowd_open(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  int32_t code = opened(options, n, op, out, error);
  if (code != BELAY_OK) return code;
  for (int i = 0; i < 16; i++)
    if (!sessions[i].conn) {
      memset(&sessions[i], 0, sizeof sessions[i]);
      sessions[i].conn = *out;
      sqlite3_update_hook((*out)->db, written, &sessions[i]);
      break;
    }
  return sqlite3_exec((*out)->db, "PRAGMA foreign_keys=ON", NULL, NULL, NULL), code;
}

static void crowd_close(belay_conn *conn) {
  session *s = session_of(conn);
  if (s) s->conn = NULL;
  closed(conn);
}

static int32_t crowd_describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  int32_t code = describe(conn, traits, error);
  traits->flags = BELAY_T_TXN | BELAY_T_TXN_DDL;
  return code;
}

/* The text between a mark and the comment's end; 0 where there is none. */
static int marked(belay_str sql, const char *mark, char *out, size_t room) {
  char text[4096], *begin, *end;
  snprintf(text, sizeof text, "%.*s", (int)sql.len, sql.ptr);
  if (!(begin = strstr(text, mark)) || !(end = strstr(begin, "*/"))) return 0;
  *end = 0;
  snprintf(out, room, "%s", begin + strlen(mark));
  return 1;
}

static int32_t crowd_execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                             int64_t *affected, belay_error *error) {
  session *s = session_of(conn);
  char text[4096];
  if (marked(sql, "/*say ", text, sizeof text)) host->log(op, BELAY_LOG_WARNING, str(text));
  if (s && marked(sql, "/*blind", text, sizeof text)) s->blind = 1;
  if (!is_copy(conn)) {
    if (s && marked(sql, "/*others ", text, sizeof text)) {
      s->counting = 0;
      if (sqlite3_exec(conn->db, text, NULL, NULL, NULL) != SQLITE_OK) return fail(conn, op, BELAY_NOT_APPLIED, error);
      s->counting = 1;
    }
    if (marked(sql, "/*busy ", text, sizeof text)) {
      if (busy_left < 0) busy_left = atoi(text);
      if (busy_left-- > 0)
        return host->fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, str("55P03"), 0, -1,
                          str("canceling statement due to lock timeout"), str(""));
    }
    if (marked(sql, "/*deadlock ", text, sizeof text)) {
      if (deadlocks_left < 0) deadlocks_left = atoi(text);
      if (deadlocks_left-- > 0) {
        sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
        return host->fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, str("40P01"), 0, -1, str("deadlock detected"), str(""));
      }
    }
  }
  int32_t code = execute(conn, op, sql, params, affected, error);
  if (s && sql.len >= 5 && memcmp(sql.ptr, "BEGIN", 5) == 0) {
    sqlite3_stmt *statement;
    s->n = 0, s->counting = 1;
    sqlite3_prepare_v2(conn->db, "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'", -1, &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW)
      counts_of(s, (const char *)sqlite3_column_text(statement, 0))->root = sqlite3_column_int64(statement, 1);
    sqlite3_finalize(statement);
  }
  return code;
}

/* Extensions */

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}

static belay_cell text_cell(const char *text) {
  return (belay_cell){.type = BELAY_TEXT, .v.ptr = text, .len = strlen(text)};
}
static belay_cell number_cell(int64_t number) { return (belay_cell){.type = BELAY_I64, .v.i64 = number}; }

static int32_t send_columns(const belay_rowsink *rows, const char *const *names, uint32_t n) {
  belay_column columns[12];
  for (uint32_t i = 0; i < n; i++) columns[i] = (belay_column){.name = str(names[i])};
  return rows->columns(rows->ctx, columns, n);
}

static int32_t read_footprint(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  static const char *const names[] = {"schema", "table", "lock", "blocks", "storage", "inserted", "updated",
                                      "deleted", "own_inserted", "own_updated", "own_deleted", "reached_by"};
  session *s = session_of(conn);
  sqlite3_stmt *statement;
  int in_transaction = !sqlite3_get_autocommit(conn->db);
  int32_t code = send_columns(rows, names, 12);
  (void)op, (void)error;
  sqlite3_prepare_v2(conn->db, "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'", -1, &statement, NULL);
  while (code == BELAY_OK && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    int64_t root = sqlite3_column_int64(statement, 1);
    char storage[32];
    counts none = {.root = root}, *c = s && in_transaction ? counts_of(s, name) : &none;
    int locked = in_transaction && c->root != root, wrote = c->inserted + c->updated + c->deleted > 0;
    belay_cell cells[12] = {text_cell(""), text_cell(name), {.type = BELAY_NULL}, text_cell(locked ? "everything" : "")};
    snprintf(storage, sizeof storage, "%lld", (long long)root);
    if (locked || wrote) cells[2] = text_cell(locked ? "AccessExclusive" : "RowExclusive");
    cells[4] = text_cell(storage);
    cells[5] = number_cell(c->inserted), cells[6] = number_cell(c->updated), cells[7] = number_cell(c->deleted);
    code = rows->rows(rows->ctx, &(belay_batch){cells, 1, 12, 0});
  }
  sqlite3_finalize(statement);
  return code;
}

static int32_t explain(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error) {
  static const char *const names[] = {"depth", "detail", "table", "full_scan", "rows"};
  char text[4200];
  sqlite3_stmt *statement;
  snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %.*s", (int)sql.len, sql.ptr);
  if (sqlite3_prepare_v2(conn->db, text, -1, &statement, NULL) != SQLITE_OK)
    return fail(conn, op, BELAY_NOT_APPLIED, error);
  int32_t code = send_columns(rows, names, 5);
  while (code == BELAY_OK && sqlite3_step(statement) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(statement, 3);
    char table[64] = "";
    int scan = sscanf(detail, "SCAN %63s", table) == 1;
    belay_cell cells[5] = {number_cell(0), text_cell(detail), text_cell(table), number_cell(scan), {.type = BELAY_NULL}};
    if (!table[0]) cells[2] = (belay_cell){.type = BELAY_NULL};
    code = rows->rows(rows->ctx, &(belay_batch){cells, 1, 5, 0});
  }
  sqlite3_finalize(statement);
  return code;
}

/* Statements end at a semicolon before a line end; what they write stands in their first words. */
static int32_t split(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *sink,
                     belay_error *error) {
  static const struct { const char *form; uint32_t actions; } forms[] = {
      {"INSERT INTO %63[a-z_]", BELAY_W_INSERT}, {"UPDATE %63[a-z_]", BELAY_W_UPDATE},
      {"DELETE FROM %63[a-z_]", BELAY_W_DELETE}, {"CREATE TABLE %63[a-z_]", BELAY_W_CREATE},
      {"DROP TABLE %63[a-z_]", BELAY_W_DROP},    {"ALTER TABLE %63[a-z_]", BELAY_W_ALTER}};
  uint32_t line = 1;
  int32_t code = BELAY_OK;
  (void)conn, (void)op, (void)error;
  for (uint64_t at = 0; code == BELAY_OK && at < script.len;) {
    uint64_t end = at;
    while (end < script.len && !(script.ptr[end] == ';' && (end + 1 == script.len || script.ptr[end + 1] == '\n'))) end++;
    uint64_t first = at;
    while (first < end && (script.ptr[first] == '\n' || script.ptr[first] == ' ')) line += script.ptr[first++] == '\n';
    if (first < end) {
      char text[512], name[64] = "", other[64] = "";
      belay_write writes[2];
      belay_statement statement = {.struct_size = sizeof statement, .offset = first, .len = end - first, .line = line,
                                   .writes = writes};
      const char *words = text;
      snprintf(text, sizeof text, "%.*s", (int)(end - first), script.ptr + first);
      while ((words[0] == '-' || words[0] == '/') && strchr(words, '\n')) words = strchr(words, '\n') + 1;
      for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (sscanf(words, forms[i].form, name) == 1) {
          writes[statement.nwrites++] = (belay_write){.kind = str("table"), .name = str(name), .actions = forms[i].actions};
          if (sscanf(words, "ALTER TABLE %*[a-z_] RENAME TO %63[a-z_]", other) == 1) {
            writes[0].actions |= BELAY_W_DROP;
            writes[statement.nwrites++] =
                (belay_write){.kind = str("table"), .name = str(other), .actions = BELAY_W_ALTER | BELAY_W_CREATE};
          }
          break;
        }
      code = sink->statement(sink->ctx, &statement);
    }
    for (uint64_t i = first; i < end; i++) line += script.ptr[i] == '\n';
    at = end + 1;
  }
  return code;
}

static int32_t locate(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char text[1200];
  (void)op, (void)error;
  int n = snprintf(text, sizeof text, "crowd:%s-scratch-%.*s", conn->path, (int)name.len, name.ptr);
  return url->write(url->ctx, text, (uint64_t)n);
}

static int32_t create(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char text[1200];
  sqlite3 *made;
  snprintf(text, sizeof text, "%s-scratch-%.*s", conn->path, (int)name.len, name.ptr);
  sqlite3_open(text, &made);
  sqlite3_exec(made, "PRAGMA user_version = 1", NULL, NULL, NULL);
  sqlite3_close(made);
  return locate(conn, op, name, url, error);
}

static int32_t drop(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  char text[1200];
  (void)conn, (void)op, (void)error;
  snprintf(text, sizeof text, "%.*s", (int)url.len - 6, url.ptr + 6);
  unlink(text);
  return BELAY_OK;
}

static int32_t promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  (void)conn, (void)op, (void)url;
  return host->fail(error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, str(""), 0, -1, str("no swap here"), str(""));
}

static int32_t lock(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  (void)name;
  return probe(conn, op, error);
}

static const belay_lock locks = {.struct_size = sizeof(belay_lock), .probe = probe, .acquire = lock, .release = lock};
static const belay_footprint footprints = {.struct_size = sizeof(belay_footprint), .probe = probe, .read = read_footprint};
static const belay_explain explains = {.struct_size = sizeof(belay_explain), .probe = probe, .explain = explain};
static const belay_script scripts = {.struct_size = sizeof(belay_script), .probe = probe, .split = split};
static const belay_scratch scratches = {.struct_size = sizeof(belay_scratch), .probe = probe, .create = create,
                                        .promote = promote, .drop = drop, .locate = locate};

static const void *extension(const char *id) {
#ifndef NO_FOOTPRINT
  if (strcmp(id, "belay.draft.footprint/2") == 0) return &footprints;
#endif
  if (strcmp(id, "belay.explain/1") == 0) return &explains;
#ifndef NO_LOCK
  if (strcmp(id, "belay.lock/1") == 0) return &locks;
#endif
  if (strcmp(id, "belay.script/1") == 0) return &scripts;
  if (strcmp(id, "belay.scratch/1") == 0) return &scratches;
  return (void)footprints, (void)locks, NULL;
}

static belay_driver crowd;

const belay_driver *belay_driver_v1(const belay_host *from) {
  plain_driver_v1(from);
  crowd = driver;
  crowd.id = "crowd", crowd.url_schemes = "crowd";
  crowd.open = crowd_open, crowd.close = crowd_close, crowd.describe = crowd_describe, crowd.execute = crowd_execute;
  crowd.extension = extension;
  return &crowd;
}
