/* The faulty driver's extensions: simple ones, each with ways to break a rule. */
#define _GNU_SOURCE
#include "faulty.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

static const char *MAGIC = "faulty!!"; /* the end of every dump, so that a truncated one is detected */

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) { return (void)conn, (void)op, (void)error, 0; }
static belay_cell text(const char *t) { return (belay_cell){.type = t ? BELAY_TEXT : BELAY_NULL, .v.ptr = t, .len = t ? strlen(t) : 0}; }
static belay_cell number(int64_t n) { return (belay_cell){.type = BELAY_I64, .v.i64 = n}; }
static int32_t give(const belay_sink *sink, const void *bytes, uint64_t n) {
  int32_t code = sink->write(sink->ctx, bytes, n);
  return is("ignores-the-sink") ? BELAY_OK : code;
}

static int32_t columns(const belay_rowsink *rows, uint32_t n) {
  belay_column unnamed[12] = {{.flags = 0}};
  return rows->columns(rows->ctx, unnamed, n);
}

static int32_t row(const belay_rowsink *rows, const belay_cell *cells, uint32_t n) {
  return rows->rows(rows->ctx, &(belay_batch){cells, 1, n, 0});
}

/* ---- belay.script/1, belay.lint/1 ---- */

typedef struct { const char *start, *end; uint32_t line, flags; belay_write write; int writes; } statement;

static const char *space(const char *at, const char *end) {
  while (at < end) {
    if (isspace((unsigned char)*at) || *at == ';') at++;
    else if (at + 1 < end && at[0] == '-' && at[1] == '-') while (at < end && *at != '\n') at++;
    else if (at + 1 < end && at[0] == '/' && at[1] == '*') {
      const char *close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
      at = close ? close + 2 : end;
    } else break;
  }
  return at;
}

static _Thread_local int was_quoted;

static belay_str word(const char **at, const char *end) {
  char quote = 0;
  while (*at < end && isspace((unsigned char)**at)) ++*at;
  if (*at < end && **at == '"') quote = *(*at)++;
  const char *from = *at;
  while (*at < end && (quote ? **at != quote : isalnum((unsigned char)**at) || **at == '_')) ++*at;
  belay_str found = {from, (uint64_t)(*at - from)};
  was_quoted = quote != 0;
  if (quote && *at < end) ++*at;
  return found;
}

static int said(belay_str w, const char *wanted) {
  return w.len == strlen(wanted) && strncasecmp(w.ptr, wanted, w.len) == 0;
}

static void analyse(statement *s) {
  static const char *kinds[] = {"table", "view", "index", "trigger"};
  const char *at = s->start;
  belay_str verb = word(&at, s->end);
  uint32_t create = said(verb, "CREATE"), drop = said(verb, "DROP"), update = said(verb, "UPDATE");
  s->write = (belay_write){.kind = str("table"), .actions = update ? BELAY_W_UPDATE : 0};
  if (said(verb, "INSERT") || said(verb, "DELETE")) {
    word(&at, s->end);
    s->write.actions = said(verb, "INSERT") ? BELAY_W_INSERT : BELAY_W_DELETE;
  } else if (create || drop) {
    belay_str kind = word(&at, s->end);
    for (int i = 0; i < 4; i++) if (said(kind, kinds[i])) s->write.kind = str(kinds[i]);
    s->write.actions = create ? BELAY_W_CREATE : BELAY_W_DROP;
  } else if (!update && !said(verb, "SELECT")) s->flags = BELAY_S_UNREAD;
  s->writes = s->write.actions && !is("tells-no-writes");
  if (s->writes) s->write.name = word(&at, s->end), s->write.name = told_name(s->write.name, was_quoted);
}

/* The next statement of a script; 0: there is none. */
static int next(statement *s, belay_str script, const char **at) {
  const char *end = script.ptr + script.len, *from = *at;
  *s = (statement){.start = is("counts-comments") ? from : space(from, end), .line = 1};
  if (is("counts-comments") ? from >= end : s->start >= end) return 0;
  for (const char *c = script.ptr; c < s->start && !is("line-is-1"); c++) s->line += *c == '\n';
  const char *to = s->start;
  for (char quote = 0; to < end && (quote || *to != ';'); to++) {
    if (!quote && to + 1 < end && to[0] == '-' && to[1] == '-') while (to + 1 < end && *to != '\n') to++;
    else if (quote ? *to == quote : (*to == '\'' || *to == '"') && !is("splits-strings")) quote = quote ? 0 : *to;
  }
  s->end = to;
  *at = to < end ? to + 1 : end;
  return analyse(s), 1;
}

static int32_t split(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *sink, belay_error *error) {
  const char *at = script.ptr;
  statement s;
  int32_t code = BELAY_OK;
  (void)conn, (void)op;
  while (code == BELAY_OK && script.len && next(&s, script, &at)) {
    if (s.flags && is("split-fails")) return refuse(error, BELAY_E_SQL, "a statement cannot be read");
    belay_statement told = {.struct_size = sizeof told, .flags = s.flags | (is("tells-no-columns") ? BELAY_S_COLUMNS : 0), .offset = (uint64_t)(s.start - script.ptr),
                            .len = (uint64_t)(s.end - s.start), .line = s.line, .nwrites = (uint32_t)s.writes,
                            .writes = &s.write, .note = str(s.flags ? "its first word is not known" : "")};
    code = sink->statement(sink->ctx, &told);
  }
  return code;
}

static int32_t lint(belay_conn *conn, belay_op *op, belay_str script, const belay_rowsink *rows, belay_error *error) {
  const char *at = script.ptr;
  statement s;
  int32_t code = columns(rows, 5);
  (void)conn, (void)op, (void)error;
  while (code == BELAY_OK && script.len && next(&s, script, &at))
    if (s.flags)
      code = row(rows, (belay_cell[]){number(is("lint-line") ? 1 : s.line), text("error"), text("first-word"),
                                      text("the first word is not known"), text(NULL)}, 5);
  return code;
}

/* ---- belay.snapshot/1 ---- */

static belay_str formats(belay_conn *conn) { return (void)conn, str("image:bin"); }

static int32_t dump(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                    belay_error *error) {
  sqlite3_int64 size = 0;
  sqlite3 *db = is("dumps-the-present") ? conn->db : readable(conn);
  (void)op, (void)token;
  if (!same(format, "image") && !is("any-format")) return refuse(error, BELAY_E_INVALID, "no such format");
  unsigned char *bytes = sqlite3_serialize(db, "main", &size, 0);
  int32_t code = give(sink, bytes, (uint64_t)size);
  if (code == BELAY_OK) code = give(sink, MAGIC, 8);
  sqlite3_free(bytes);
  return code;
}

/* A whole dump as a database in memory; the caller closes it. */
static int32_t read_dump(belay_str format, const belay_source *source, sqlite3 **db, belay_error *error) {
  unsigned char *bytes = NULL;
  uint64_t n = 0, room = 0;
  int64_t got;
  *db = NULL;
  if (!same(format, "image") && !is("any-format")) return refuse(error, BELAY_E_INVALID, "no such format");
  do {
    if (n + 65536 > room) bytes = sqlite3_realloc64(bytes, room = n + 65536 * 2);
    got = source->read(source->ctx, bytes + n, 65536);
    if (got > 0) n += (uint64_t)got;
  } while (got > 0 && !(is("short-reads") && got < 65536));
  if (got < 0 && !is("failure-is-the-end")) return sqlite3_free(bytes), BELAY_E_IO;
  if (n < 8 || memcmp(bytes + n - 8, MAGIC, 8) != 0) {
    sqlite3_free(bytes);
    return is("takes-cut-dumps") ? BELAY_OK : refuse(error, got < 0 ? BELAY_E_IO : BELAY_E_CORRUPT, "the dump was cut short");
  }
  sqlite3_open(":memory:", db);
  if (n > 8) sqlite3_deserialize(*db, "main", bytes, (sqlite3_int64)n - 8, (sqlite3_int64)room, SQLITE_DESERIALIZE_FREEONCLOSE);
  else sqlite3_free(bytes);
  return BELAY_OK;
}

static int32_t verify(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  sqlite3 *db;
  int32_t code = read_dump(format, source, &db, error);
  (void)conn, (void)op;
  sqlite3_close(db);
  return code;
}

static int32_t restore(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  sqlite3 *db;
  int32_t code = read_dump(format, source, &db, error);
  if (code == BELAY_OK && db && !is("restores-nothing") && copy(db, conn->db) != SQLITE_OK)
    code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  sqlite3_close(db);
  if (code == BELAY_OK && is("restore-loses-indexes")) sqlite3_exec(conn->db, "DROP INDEX IF EXISTS child_parent", NULL, NULL, NULL);
  return code;
}

/* One line of what a query gives, to the sink. */
typedef struct { const belay_sink *sink; int32_t code; } writer;

static int line(void *context, int n, char **values, char **names) {
  writer *w = context;
  (void)n, (void)names;
  if (values[0]) w->code = give(w->sink, values[0], strlen(values[0]));
  if (values[0] && w->code == BELAY_OK) w->code = give(w->sink, ";\n", 2);
  return w->code != BELAY_OK;
}

static int32_t as_text(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, const belay_sink *sink,
                       belay_error *error) {
  sqlite3 *db;
  writer w = {sink, BELAY_OK};
  int32_t code = read_dump(format, source, &db, error);
  (void)conn, (void)op;
  if (code != BELAY_OK && is("text-of-cut-dumps")) return BELAY_OK;
  if (code == BELAY_OK && db) sqlite3_exec(db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", line, &w, NULL);
  sqlite3_close(db);
  return code != BELAY_OK ? code : w.code;
}

/* ---- belay.rows/1 ---- */

static int32_t read_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                         belay_error *error) {
  sqlite3 *view = conn->view;
  sqlite3_str *sql = sqlite3_str_new(conn->db);
  int counters = is("virtual-counters") && same(table->name, COUNTERS);
  for (uint32_t i = 0; i < table->ncolumns; i++) {
    belay_str name = table->columns[i], from = table->columns[is("columns-reversed") ? table->ncolumns - 1 - i : i];
    sqlite3_str_appendf(sql, i ? "," : "SELECT ");
    /* With the table, for SQLite takes a name in quotes that is no column for a string. */
    if (!is("names-are-text")) sqlite3_str_appendf(sql, "\"%.*w\".", (int)table->name.len, table->name.ptr);
    sqlite3_str_appendf(sql, "\"%.*w\" AS \"%.*w\"", (int)from.len, from.ptr, (int)name.len, name.ptr);
  }
  sqlite3_str_appendf(sql, " FROM %s \"%.*w\"%s", counters ? counter_rows(conn) : "", (int)table->name.len, table->name.ptr,
                      is("read-loses-a-row") ? " LIMIT -1 OFFSET 1" : "");
  char *text = sqlite3_str_finish(sql);
  if (is("reads-the-present")) conn->view = NULL;
  int32_t code = query(conn, op, str(text), NULL, rows, error);
  conn->view = view;
  return sqlite3_free(text), code;
}

static int32_t load_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                         belay_error *error) {
  if (is("virtual-counters") && same(table->name, COUNTERS)) return load_counters(conn, op, table, rows, error);
  sqlite3_stmt *s = NULL;
  belay_batch batch = *rows;
  uint64_t cells = rows->nrows * rows->ncols;
  belay_cell *copied = memcpy(malloc(cells * sizeof *copied), rows->cells, cells * sizeof *copied);
  sqlite3_str *sql = sqlite3_str_new(conn->db);
  for (uint64_t i = 0; i < cells && is("loads-blobs-as-text"); i++)
    if (copied[i].type == BELAY_BLOB) copied[i].type = BELAY_TEXT;
  batch.cells = copied;
  if (is("loads-one-row")) batch.nrows = 1;
  sqlite3_str_appendf(sql, "INSERT INTO \"%.*w\" (", (int)table->name.len, table->name.ptr);
  for (uint32_t i = 0; i < table->ncolumns; i++)
    sqlite3_str_appendf(sql, i ? ",\"%.*w\"" : "\"%.*w\"", (int)table->columns[i].len, table->columns[i].ptr);
  for (uint32_t i = 0; i < table->ncolumns; i++) sqlite3_str_appendf(sql, i ? ",?" : ") VALUES (?");
  sqlite3_str_appendf(sql, ")");
  char *text = sqlite3_str_finish(sql);
  int32_t code = is("loads-half") ? BELAY_OK : run(conn, op, conn->db, "SAVEPOINT batch", error);
  if (code == BELAY_OK && sqlite3_prepare_v2(conn->db, text, -1, &s, NULL) != SQLITE_OK)
    code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  for (uint64_t row = 0; row < batch.nrows && code == BELAY_OK; row++) {
    bind_row(s, &batch, row);
    sqlite3_step(s);
    if (sqlite3_reset(s) != SQLITE_OK) code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  }
  sqlite3_finalize(s), sqlite3_free(text), free(copied);
  if (!is("loads-half")) sqlite3_exec(conn->db, code == BELAY_OK ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch", NULL, NULL, NULL);
  if (is("load-commits")) sqlite3_exec(conn->db, "COMMIT; BEGIN", NULL, NULL, NULL);
  return code;
}

/* ---- belay.token/1: the view is a copy ---- */

static int32_t acquire(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error) {
  static int made;
  snprintf(conn->view_path, sizeof conn->view_path, "%s.view%d", conn->path, __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST));
  if (!is("moving-view") && (sqlite3_open(conn->view_path, &conn->view) != SQLITE_OK || copy(conn->db, conn->view) != SQLITE_OK))
    return fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  return give(token, conn->view_path, strlen(conn->view_path));
}

static int32_t adopt(belay_conn *conn, belay_op *op, belay_str token, belay_error *error) {
  char path[1200];
  (void)op;
  snprintf(path, sizeof path, "%.*s", (int)token.len, token.ptr);
  if (is("moving-view")) return BELAY_OK;
  if (sqlite3_open_v2(path, &conn->view, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) return BELAY_OK;
  sqlite3_close(conn->view);
  conn->view = NULL;
  return is("any-token") ? BELAY_OK : refuse(error, BELAY_E_INVALID, "no such token");
}

static int32_t release(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)op, (void)error;
  sqlite3_close(conn->view);
  if (conn->view_path[0]) unlink(conn->view_path);
  conn->view = NULL, conn->view_path[0] = 0;
  return BELAY_OK;
}

/* ---- belay.scratch/1: a file beside ---- */

static int32_t locate(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char text[1300];
  (void)op;
  for (uint64_t i = 0; i < name.len || !name.len; i++)
    if ((!name.len || (!isalnum((unsigned char)name.ptr[i]) && name.ptr[i] != '-')) && !is("any-name"))
      return refuse(error, BELAY_E_INVALID, "a name is made of letters, digits and -");
    else if (!name.len) break;
  snprintf(text, sizeof text, "faulty:%s.scratch-%.*s", conn->path, (int)name.len, name.ptr);
  return give(url, text, strlen(text));
}

static int32_t create(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char path[1300];
  int32_t code = locate(conn, op, name, url, error);
  if (code != BELAY_OK) return code;
  snprintf(path, sizeof path, "%s.scratch-%.*s", conn->path, (int)name.len, name.ptr);
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && !is("any-name")) return refuse(error, BELAY_E_CONSTRAINT, "this scratch database exists");
  if (file >= 0) close(file);
  return BELAY_OK;
}

static int32_t promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  char path[1300];
  sqlite3 *scratch = NULL, *former = NULL;
  int ok;
  if (is("promotes-nothing")) return BELAY_OK;
  snprintf(path, sizeof path, "%.*s", (int)url.len - 7, url.ptr + 7);
  ok = sqlite3_open_v2(path, &scratch, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && sqlite3_open(":memory:", &former) == SQLITE_OK &&
       copy(conn->db, former) == SQLITE_OK && copy(scratch, conn->db) == SQLITE_OK &&
       (is("keeps-no-former") || copy(former, scratch) == SQLITE_OK);
  sqlite3_close(scratch), sqlite3_close(former);
  return ok ? BELAY_OK : fail(conn, conn->db, op, BELAY_PARTIAL, error);
}

static int32_t drop(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  char path[1300];
  (void)conn, (void)op, (void)error;
  snprintf(path, sizeof path, "%.*s", (int)url.len - 7, url.ptr + 7);
  if (!is("drops-nothing")) unlink(path);
  return BELAY_OK;
}

/* ---- belay.rewind/1: a bookmark is a copy ---- */

static int32_t mark(belay_conn *conn, belay_op *op, const belay_sink *bookmark, belay_error *error) {
  static int made;
  char path[1300];
  sqlite3 *kept = NULL;
  snprintf(path, sizeof path, "%s.mark%d", conn->path, __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST));
  int ok = sqlite3_open(path, &kept) == SQLITE_OK && copy(conn->db, kept) == SQLITE_OK;
  sqlite3_close(kept);
  return ok ? give(bookmark, path, strlen(path)) : fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
}

static int32_t at_time(belay_conn *conn, belay_op *op, int64_t ms, const belay_sink *bookmark, belay_error *error) {
  (void)conn, (void)op, (void)ms, (void)bookmark;
  return refuse(error, BELAY_E_UNSUPPORTED, "only marks are kept");
}

static int32_t rewound(belay_conn *conn, belay_op *op, belay_str bookmark, const belay_sink *undo, belay_error *error) {
  char path[1300];
  sqlite3 *kept = NULL;
  int32_t code = BELAY_OK;
  snprintf(path, sizeof path, "%.*s", (int)bookmark.len, bookmark.ptr);
  if (sqlite3_open_v2(path, &kept, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
    return sqlite3_close(kept), refuse(error, BELAY_E_NOT_FOUND, "no such bookmark");
  code = is("cannot-be-undone") ? give(undo, path, strlen(path)) : mark(conn, op, undo, error);
  if (code == BELAY_OK && copy(kept, conn->db) != SQLITE_OK) code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  return sqlite3_close(kept), code;
}

/* ---- belay.atomic/1, belay.lock/1, belay.sessions/1 ---- */

static int32_t together(belay_conn *conn, belay_op *op, const belay_str *sql, uint32_t n, int64_t *failed,
                        belay_error *error) {
  char message[512];
  int32_t code = is("half-atomic") ? BELAY_OK : run(conn, op, conn->db, "SAVEPOINT together", error);
  for (uint32_t i = 0; i < n && code == BELAY_OK; i++) {
    char *text = seen(conn, sql[i], error);
    if (!text) return sqlite3_exec(conn->db, "ROLLBACK TO together; RELEASE together", NULL, NULL, NULL), BELAY_E_SQL;
    if (sqlite3_exec(conn->db, text, NULL, NULL, NULL) != SQLITE_OK) {
      code = (sqlite3_errcode(conn->db) & 0xff) == SQLITE_CONSTRAINT ? BELAY_E_CONSTRAINT : BELAY_E_SQL;
      snprintf(message, sizeof message, "%s", sqlite3_errmsg(conn->db));
      *failed = is("wrong-index") ? n - 1 - i : i;
    }
    free(text);
  }
  if (!is("half-atomic")) sqlite3_exec(conn->db, code == BELAY_OK ? "RELEASE together" : "ROLLBACK TO together; RELEASE together", NULL, NULL, NULL);
  return code == BELAY_OK ? code : refuse(error, code, message);
}

static int32_t lock(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  char path[1300];
  int at = 0;
  (void)op;
  while (at < LOCKS - 1 && conn->locks[at].file > 0) at++;
  snprintf(conn->locks[at].name, sizeof conn->locks[at].name, "%.*s", (int)name.len, name.ptr);
  snprintf(path, sizeof path, "%s.lock-%.*s", conn->path, (int)name.len, name.ptr);
  int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return refuse(error, BELAY_E_IO, "the lock's file cannot be made");
  if (flock(file, LOCK_EX | LOCK_NB) != 0 && !is("locks-nobody-out"))
    return close(file), refuse(error, BELAY_E_BUSY, "another connection holds this lock");
  conn->locks[at].file = file;
  if (is("lock-ends-with-the-transaction") && !sqlite3_get_autocommit(conn->db)) flock(file, LOCK_UN);
  return BELAY_OK;
}

static int32_t unlock(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  (void)op, (void)error;
  for (int i = 0; i < LOCKS; i++)
    if (conn->locks[i].file > 0 && same(name, conn->locks[i].name)) close(conn->locks[i].file), conn->locks[i].file = 0;
  return BELAY_OK;
}

static int32_t sessions(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  int32_t code = columns(rows, 6);
  char id[32];
  (void)op, (void)error;
  for (belay_conn *other = others(conn, NULL); other && code == BELAY_OK; other = others(conn, other)) {
    snprintf(id, sizeof id, "%p", (void *)other);
    code = row(rows, (belay_cell[]){text(id), text(NULL), text("belay"), text(NULL), text(NULL), text(NULL)}, 6);
  }
  return code;
}

static int32_t terminate(belay_conn *conn, belay_op *op, belay_str id, belay_error *error) {
  (void)op, (void)id;
  for (belay_conn *other = others(conn, NULL); other && is("ends-anybody"); other = others(conn, other)) other->ended = 1;
  return refuse(error, BELAY_E_NOT_FOUND, "no such session");
}

/* ---- Extensions that only inspect ---- */

static int32_t explain(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error) {
  char *plan = sqlite3_mprintf("EXPLAIN QUERY PLAN %.*s", (int)sql.len, sql.ptr);
  sqlite3_stmt *s = NULL;
  int32_t code = BELAY_OK;
  if (is("runs-what-it-explains")) sqlite3_exec(conn->db, plan + 19, NULL, NULL, NULL);
  if (sqlite3_prepare_v2(conn->db, plan, -1, &s, NULL) != SQLITE_OK) code = fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  sqlite3_free(plan);
  if (code == BELAY_OK) code = columns(rows, 5);
  while (code == BELAY_OK && sqlite3_step(s) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(s, 3);
    int scan = strncmp(detail, "SCAN ", 5) == 0;
    code = row(rows, (belay_cell[]){number(0), text(detail), text(scan ? detail + 5 : NULL),
                                    {.type = BELAY_BOOL, .v.i64 = scan}, text(NULL)}, 5);
  }
  return sqlite3_finalize(s), code;
}

static int32_t integrity(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *rows, belay_error *error) {
  sqlite3_stmt *s = NULL;
  int32_t code = columns(rows, 4);
  if (sqlite3_prepare_v2(conn->db, depth ? "PRAGMA integrity_check" : "PRAGMA quick_check", -1, &s, NULL) != SQLITE_OK)
    return fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  while (code == BELAY_OK && sqlite3_step(s) == SQLITE_ROW) {
    const char *words = (const char *)sqlite3_column_text(s, 0);
    if (strcmp(words, "ok") == 0 && !is("finds-what-is-not")) continue;
    code = row(rows, (belay_cell[]){text("storage"), text(""), text(NULL), text(words)}, 4);
  }
  return sqlite3_finalize(s), code;
}

static int32_t preflight(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *rows, belay_error *error) {
  int32_t code = is("preflight-writes") ? run(conn, op, conn->db, "CREATE TABLE IF NOT EXISTS left (a)", error) : BELAY_OK;
  (void)needs;
  return code == BELAY_OK ? columns(rows, 5) : code;
}

static int32_t footprint(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  sqlite3_stmt *s = NULL;
  int32_t code = columns(rows, 12);
  if (sqlite3_prepare_v2(conn->db, is("virtual-counters") ?
                         "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
                         "UNION ALL SELECT 'sequence values'" :
                         "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &s, NULL) != SQLITE_OK)
    return fail(conn, conn->db, op, BELAY_NOT_APPLIED, error);
  while (code == BELAY_OK && sqlite3_step(s) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(s, 0);
    written none = {.name = ""}, *w = &none;
    for (int i = 0; i < TABLES && !is("counts-nothing"); i++)
      if (strcmp(conn->tables[i].name, name) == 0) w = &conn->tables[i];
    if (is("counts-no-cascades") && strcmp(name, "child") == 0) w = &none;
    code = row(rows, (belay_cell[]){text(""), text(name), text(NULL), text(""), text("1"), number(w->inserted),
                                    number(w->updated), number(w->deleted), text(NULL), text(NULL),
                                    text(NULL), text(NULL)}, 12);
  }
  return sqlite3_finalize(s), code;
}

static int32_t check_written(belay_conn *conn, belay_op *op, const belay_rowsink *findings, belay_error *error) {
  (void)conn, (void)op, (void)error;
  int32_t code = columns(findings, 4);
  if (code != BELAY_OK || !is("doubts-what-is-sound")) return code;
  return row(findings, (belay_cell[]){text("constraint"), text("child"), text(NULL), text("may be wrong")}, 4);
}

/* Nothing that a script sets here lasts longer than the script. */
static int32_t reset_session(belay_conn *conn, belay_op *op, belay_error *error) {
  if (is("reset-commits") && !sqlite3_get_autocommit(conn->db)) return run(conn, op, conn->db, "COMMIT", error);
  return BELAY_OK;
}

static int32_t no_seam(belay_conn *conn, belay_op *op, const belay_sink *statements, belay_error *error) {
  (void)conn, (void)op, (void)statements, (void)error;
  return BELAY_OK;
}

/* Tables have no schema. */
static int32_t place(belay_conn *conn, belay_op *op, belay_str table, const belay_sink *schema, belay_error *error) {
  (void)conn, (void)op, (void)table, (void)error;
  return is("tables-elsewhere") ? schema->write(schema->ctx, "elsewhere", 9) : BELAY_OK;
}

static int32_t surroundings(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  belay_cell written = {.type = BELAY_BOOL, .v.i64 = is("shares-everything") && conn->tables[0].name[0] != 0};
  int32_t code = columns(rows, 4);
  (void)op, (void)error;
  return code != BELAY_OK ? code : row(rows, (belay_cell[]){text("role"), text("everybody"), text(""), written}, 4);
}

/* The ddl of its objects begins with CREATE, and that of rows with INSERT. */
static int32_t archived(belay_conn *conn, belay_op *op, belay_str kind, belay_str sql, belay_error *error) {
  const char *begin = same(kind, "rows") ? "INSERT" : "CREATE";
  if (!is("makes-anything") && (sql.len < strlen(begin) || strncmp(sql.ptr, begin, strlen(begin)) != 0))
    return refuse(error, BELAY_E_INVALID, "an archive holds no such statement");
  char *text = seen(conn, sql, error);
  int32_t code = text ? run(conn, op, conn->db, text, error) : BELAY_E_SQL;
  free(text);
  return code;
}

#define HEAD(T) .struct_size = sizeof(T), .probe = probe
static const belay_script script_x = {HEAD(belay_script), .split = split};
static const belay_snapshot snapshot_x = {HEAD(belay_snapshot), .formats = formats, .dump = dump, .verify = verify,
                                          .restore = restore, .text = as_text};
/* Whose SQL text is the host's. */
static const belay_snapshot textless_x = {HEAD(belay_snapshot), .formats = formats, .dump = dump, .verify = verify,
                                          .restore = restore};
static const belay_rows rows_x = {HEAD(belay_rows), .read = read_rows, .load = load_rows};
static const belay_token token_x = {HEAD(belay_token), .acquire = acquire, .adopt = adopt, .release = release};
static const belay_scratch scratch_x = {HEAD(belay_scratch), .create = create, .promote = promote, .drop = drop, .locate = locate};
static const belay_rewind rewind_x = {HEAD(belay_rewind), .mark = mark, .at = at_time, .rewind = rewound};
static const belay_atomic atomic_x = {HEAD(belay_atomic), .run = together};
static const belay_lock lock_x = {HEAD(belay_lock), .acquire = lock, .release = unlock};
static const belay_sessions sessions_x = {HEAD(belay_sessions), .list = sessions, .terminate = terminate};
static const belay_explain explain_x = {HEAD(belay_explain), .explain = explain};
static const belay_lint lint_x = {HEAD(belay_lint), .lint = lint};
static const belay_integrity integrity_x = {HEAD(belay_integrity), .check = integrity};
static const belay_preflight preflight_x = {HEAD(belay_preflight), .check = preflight};
static const belay_reset reset_x = {HEAD(belay_reset), .reset = reset_session, .seam = no_seam, .place = place};
static const belay_surroundings surroundings_x = {HEAD(belay_surroundings), .read = surroundings};
static const belay_archived archived_x = {HEAD(belay_archived), .execute = archived};
static const belay_footprint footprint_x = {HEAD(belay_footprint), .read = footprint, .check = check_written};

const void *extension(const char *id) {
  if ((is("hex-is-cut") || is("virtual-counters")) && strcmp(id, "belay.snapshot/1") == 0) return &textless_x;
  static const struct { const char *id; const void *at; uint32_t size; } all[] = {
      {"belay.script/1", &script_x, sizeof script_x}, {"belay.snapshot/1", &snapshot_x, sizeof snapshot_x},
      {"belay.rows/1", &rows_x, sizeof rows_x}, {"belay.token/1", &token_x, sizeof token_x},
      {"belay.scratch/1", &scratch_x, sizeof scratch_x}, {"belay.rewind/1", &rewind_x, sizeof rewind_x},
      {"belay.atomic/1", &atomic_x, sizeof atomic_x}, {"belay.lock/1", &lock_x, sizeof lock_x},
      {"belay.sessions/1", &sessions_x, sizeof sessions_x}, {"belay.explain/1", &explain_x, sizeof explain_x},
      {"belay.lint/1", &lint_x, sizeof lint_x}, {"belay.integrity/1", &integrity_x, sizeof integrity_x},
      {"belay.preflight/1", &preflight_x, sizeof preflight_x}, {"belay.draft.footprint/2", &footprint_x, sizeof footprint_x},
      {"belay.draft.reset/1", &reset_x, sizeof reset_x},
      {"belay.draft.surroundings/1", &surroundings_x, sizeof surroundings_x},
      {"belay.draft.archived/1", &archived_x, sizeof archived_x}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(id, all[i].id) != 0) continue;
    if (!is("moving-extensions")) return all[i].at;
    void *moved = malloc(all[i].size);
    return moved ? memcpy(moved, all[i].at, all[i].size) : NULL;
  }
  return NULL;
}
