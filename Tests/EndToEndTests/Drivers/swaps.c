/*
 * An engine for tests that does what a server does and a file cannot: promote swaps, dumps are turned into SQL text, roles
 * and settings lie outside the dump, and there are others' sessions. Built on the plain driver; links libsqlite3.
 *
 * A database FILE has beside it, written by the tests: FILE.sessions (id|user|application|since|state), FILE.preflight
 * (severity|rule|subject|message|hint). FILE.ended holds the ids of the sessions that were ended, FILE.calls the calls
 * that were made. The tables _role and _setting stand for what no dump holds; a database with a table needs_role cannot be
 * restored where there is no _role. In the environment: SWAPS_NO_SCRATCH, SWAPS_DAMAGED; SWAPS_DIES: the call in which the
 * process dies the first time, and how, e.g. "promote:segfault", where a statement with the word "rope" is the call
 * "execute" and a query of the table orders "query"; SWAPS_FAILS: the call that always fails, and its code, e.g.
 * "restore:6", where "execute" and "query" are those in a scratch database.
 */
#define _GNU_SOURCE
#define belay_driver_v1 plain_driver_v1
#include "plain.c"
#undef belay_driver_v1

#include <fcntl.h>
#include <sys/file.h>

static int32_t refuse(int32_t code, const char *message, const char *hint, belay_error *error) {
  return host->fail(error, code, BELAY_NOT_APPLIED, str(""), 0, -1, str(message), str(hint));
}

static char *beside(const belay_conn *conn, const char *ending, char place[2048]) {
  snprintf(place, 2048, "%s%s", conn->path, ending);
  return place;
}

/* The worst that a driver can do, once: the file "died" in the current folder says that it did. */
static void die(const char *call) {
  const char *wanted = getenv("SWAPS_DIES");
  size_t length = strlen(call);
  if (!wanted || strncmp(wanted, call, length) != 0 || wanted[length] != ':') return;
  if (open("died", O_WRONLY | O_CREAT | O_EXCL, 0600) < 0) return;
  const char *how = wanted + length + 1;
  if (strcmp(how, "segfault") == 0) *(volatile int *)8 = 1;
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "exit") == 0) exit(3);
  if (strcmp(how, "leak") == 0) memset(malloc(50 << 20), 1, 50 << 20);
  while (strcmp(how, "loop") == 0) pause();
}

static int32_t fails(const char *call, belay_error *error) {
  const char *wanted = getenv("SWAPS_FAILS");
  size_t length = strlen(call);
  if (!wanted || strncmp(wanted, call, length) != 0 || wanted[length] != ':') return BELAY_OK;
  return refuse(atoi(wanted + length + 1), "it fails by SWAPS_FAILS", "", error);
}

static int is_scratch(const belay_conn *conn) {
  const char *name = strrchr(conn->path, '/');
  return strchr(name ? name : conn->path, '-') != NULL;
}

static void note(const belay_conn *conn, const char *call) {
  char place[2048];
  die(call);
  FILE *file = fopen(beside(conn, ".calls", place), "a");
  if (file) fprintf(file, "%s\n", call), fclose(file);
}

static int has(sqlite3 *db, const char *table) {
  sqlite3_stmt *statement;
  int found = 0;
  if (sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE name = ?", -1, &statement, NULL) != SQLITE_OK) return 0;
  sqlite3_bind_text(statement, 1, table, -1, NULL);
  found = sqlite3_step(statement) == SQLITE_ROW;
  sqlite3_finalize(statement);
  return found;
}

static int copy(sqlite3 *from, sqlite3 *to) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
  if (!backup) return SQLITE_ERROR;
  sqlite3_backup_step(backup, -1);
  return sqlite3_backup_finish(backup);
}

static int reopen(belay_conn *conn, const char *path) {
  sqlite3_close(conn->db);
  int rc = sqlite3_open_v2(path, &conn->db, SQLITE_OPEN_READWRITE, NULL);
  sqlite3_busy_timeout(conn->db, 2000);
  return rc;
}

static int32_t swaps_open(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  int32_t code = opened(options, n, op, out, error);
  if (code == BELAY_OK) sqlite3_busy_timeout((*out)->db, 2000);
  return code;
}

static int32_t swaps_describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  describe(conn, traits, error);
  traits->flags |= BELAY_T_SWAPS;
  traits->server_name = str("swaps");
  return BELAY_OK;
}

static int32_t swaps_execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                             int64_t *affected, belay_error *error) {
  if (memmem(sql.ptr, sql.len, "rope", 4)) die("execute");
  int32_t code = is_scratch(conn) ? fails("execute", error) : BELAY_OK;
  return code != BELAY_OK ? code : execute(conn, op, sql, params, affected, error);
}

static int32_t swaps_query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                           const belay_rowsink *rows, belay_error *error) {
  if (memmem(sql.ptr, sql.len, "\"orders\"", 8)) die("query");
  int32_t code = is_scratch(conn) ? fails("query", error) : BELAY_OK;
  return code != BELAY_OK ? code : query(conn, op, sql, params, rows, error);
}

/* The catalog: _role first and _setting last, outside the dump. */

typedef struct { const belay_objectsink *objects; } catalog_filter;

static int32_t filtered(void *context, const belay_object *object) {
  const belay_objectsink *objects = ((catalog_filter *)context)->objects;
  belay_str name = object->parent.len && object->kind.len == 6 ? object->parent : object->name;
  int hidden = name.len && name.ptr[0] == '_';
  return hidden ? BELAY_OK : objects->object(objects->ctx, object);
}

static int32_t outside(belay_conn *conn, const belay_objectsink *objects, const char *kind, const char *table) {
  char ddl[200];
  if (!has(conn->db, table)) return BELAY_OK;
  snprintf(ddl, sizeof ddl, "CREATE TABLE IF NOT EXISTS %s (name)", table);
  return objects->object(objects->ctx, &(belay_object){
      .struct_size = sizeof(belay_object), .flags = BELAY_O_OUTSIDE_DUMP, .row_estimate = -1, .kind = str(kind),
      .name = str(table), .definition = str(ddl), .ddl = str(ddl)});
}

static int32_t swaps_catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  catalog_filter filter = {objects};
  belay_objectsink sink = {&filter, filtered};
  int32_t code = outside(conn, objects, "role", "_role");
  if (code == BELAY_OK) code = catalog(conn, op, &sink, error);
  return code == BELAY_OK ? outside(conn, objects, "setting", "_setting") : code;
}

static int32_t available(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}

/* belay.snapshot/1 */

static belay_str formats(belay_conn *conn) {
  (void)conn;
  return str("swaps_copy:dump:stored");
}

static int32_t dump(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                    belay_error *error) {
  char place[2048], buffer[65536];
  sqlite3 *db;
  size_t count;
  int32_t code = BELAY_OK;
  (void)format, (void)token;
  note(conn, "dump");
  unlink(beside(conn, ".dump", place));
  if (sqlite3_open(place, &db) != SQLITE_OK || copy(conn->db, db) != SQLITE_OK) return fail(conn, op, 1, error);
  sqlite3_exec(db, "DROP TABLE IF EXISTS _role; DROP TABLE IF EXISTS _setting; VACUUM", NULL, NULL, NULL);
  sqlite3_close(db);
  FILE *file = fopen(place, "r");
  while (code == BELAY_OK && (count = fread(buffer, 1, sizeof buffer, file)) > 0)
    code = sink->write(sink->ctx, buffer, count);
  fclose(file);
  unlink(place);
  return code;
}

/* Takes the dump into a file beside the database and opens it. */
static int32_t spool(belay_conn *conn, const belay_source *source, char place[2048], sqlite3 **db, belay_error *error) {
  char buffer[65536];
  int64_t count;
  FILE *file = fopen(beside(conn, ".spool", place), "w");
  while ((count = source->read(source->ctx, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)count, file);
  fclose(file);
  if (count < 0) return BELAY_E_IO;
  if (!getenv("SWAPS_DAMAGED") && sqlite3_open(place, db) == SQLITE_OK &&
      sqlite3_exec(*db, "PRAGMA schema_version", NULL, NULL, NULL) == SQLITE_OK) return BELAY_OK;
  return refuse(BELAY_E_CORRUPT, "the dump is damaged", "", error);
}

static int32_t verify(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  char place[2048];
  sqlite3 *db = NULL;
  (void)op, (void)format;
  note(conn, "verify");
  int32_t code = spool(conn, source, place, &db, error);
  sqlite3_close(db);
  unlink(place);
  return code;
}

static int32_t restore(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  char place[2048];
  sqlite3 *db = NULL;
  (void)format;
  note(conn, "restore");
  int role = has(conn->db, "_role"), setting = has(conn->db, "_setting");
  int32_t code = fails("restore", error);
  if (code == BELAY_OK) code = spool(conn, source, place, &db, error);
  if (code == BELAY_OK && has(db, "needs_role") && !role)
    code = refuse(BELAY_E_SQL, "role keeper does not exist", "", error);
  if (code == BELAY_OK && role) sqlite3_exec(db, "CREATE TABLE _role (name)", NULL, NULL, NULL);
  if (code == BELAY_OK && setting) sqlite3_exec(db, "CREATE TABLE _setting (name)", NULL, NULL, NULL);
  if (code == BELAY_OK && copy(db, conn->db) != SQLITE_OK) code = fail(conn, op, BELAY_NOT_APPLIED, error);
  sqlite3_close(db);
  unlink(place);
  return code;
}

static int32_t text(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, const belay_sink *sink,
                    belay_error *error) {
  char place[2048], command[4096], buffer[65536];
  sqlite3 *db = NULL;
  size_t count;
  (void)op, (void)format;
  note(conn, "text");
  int32_t code = spool(conn, source, place, &db, error);
  sqlite3_close(db);
  if (code == BELAY_OK) {
    snprintf(command, sizeof command, "sqlite3 '%s' .dump", place);
    FILE *shell = popen(command, "r");
    code = sink->write(sink->ctx, "-- as the engine writes it\n", 27);
    while (code == BELAY_OK && (count = fread(buffer, 1, sizeof buffer, shell)) > 0)
      code = sink->write(sink->ctx, buffer, count);
    pclose(shell);
  }
  unlink(place);
  return code;
}

static const belay_snapshot snapshot = {sizeof snapshot, 0, available, formats, dump, verify, restore, text};

/* belay.token/1: a copy. */

static int32_t acquire(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error) {
  char place[2048];
  sqlite3 *db;
  unlink(beside(conn, ".token", place));
  if (sqlite3_open(place, &db) != SQLITE_OK || copy(conn->db, db) != SQLITE_OK) return fail(conn, op, 1, error);
  sqlite3_close(db);
  reopen(conn, place);
  return token->write(token->ctx, place, strlen(place));
}

static int32_t adopt(belay_conn *conn, belay_op *op, belay_str token, belay_error *error) {
  char place[2048];
  snprintf(place, sizeof place, "%.*s", (int)token.len, token.ptr);
  return reopen(conn, place) == SQLITE_OK ? BELAY_OK : fail(conn, op, BELAY_NOT_APPLIED, error);
}

static int32_t release(belay_conn *conn, belay_op *op, belay_error *error) {
  char place[2048];
  unlink(beside(conn, ".token", place));
  return reopen(conn, conn->path) == SQLITE_OK ? BELAY_OK : fail(conn, op, BELAY_NOT_APPLIED, error);
}

static const belay_token token = {sizeof token, 0, available, acquire, adopt, release};

/* belay.scratch/1: a file beside; promote exchanges the two names. */

static int32_t can_scratch(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op;
  if (!getenv("SWAPS_NO_SCRATCH")) return BELAY_OK;
  return refuse(BELAY_E_DENIED, "permission denied to create database", "grant it", error);
}

static int32_t locate(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char place[2048];
  (void)op, (void)error;
  int length = snprintf(place, sizeof place, "swaps:%s-%.*s", conn->path, (int)name.len, name.ptr);
  return url->write(url->ctx, place, (uint64_t)length);
}

static int32_t create(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  char place[2048];
  snprintf(place, sizeof place, "%s-%.*s", conn->path, (int)name.len, name.ptr);
  int file = open(place, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0) return refuse(BELAY_E_CONSTRAINT, "it exists", "", error);
  close(file);
  return locate(conn, op, name, url, error);
}

static int32_t promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  char place[2048];
  snprintf(place, sizeof place, "%.*s", (int)url.len - 6, url.ptr + 6);
  note(conn, "promote");
  sqlite3_close(conn->db);
  conn->db = NULL;
  int rc = renameat2(AT_FDCWD, place, AT_FDCWD, conn->path, RENAME_EXCHANGE);
  reopen(conn, conn->path);
  return rc == 0 ? BELAY_OK : fail(conn, op, BELAY_NOT_APPLIED, error);
}

static int32_t drop(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  char place[2048];
  (void)conn, (void)op, (void)error;
  snprintf(place, sizeof place, "%.*s", (int)url.len - 6, url.ptr + 6);
  unlink(place);
  strncat(place, "-journal", sizeof place - strlen(place) - 1);
  unlink(place); /* of a process that died */
  return BELAY_OK;
}

static const belay_scratch scratch = {sizeof scratch, 0, can_scratch, create, promote, drop, locate};

/* belay.lock/1 */

static int held = -1;

static int32_t lock(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  char place[2048];
  (void)op, (void)name;
  held = open(beside(conn, ".lock", place), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  return flock(held, LOCK_EX | LOCK_NB) == 0 ? BELAY_OK : refuse(BELAY_E_BUSY, "it is held", "", error);
}

static int32_t unlock(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  (void)conn, (void)op, (void)name, (void)error;
  close(held);
  return BELAY_OK;
}

static const belay_lock locks = {sizeof locks, 0, available, lock, unlock};

/* Lines of a file, as rows of text; an empty field is NULL where it may be. */

static int32_t lines(belay_conn *conn, const char *ending, const char *names, int filled, const belay_rowsink *rows) {
  char place[2048], line[4096];
  belay_column columns[8];
  uint32_t n = 0;
  for (const char *at = names; at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
    columns[n++] = (belay_column){.name = {at, strcspn(at, " ")}};
  int32_t code = rows->columns(rows->ctx, columns, n);
  FILE *file = fopen(beside(conn, ending, place), "r");
  while (file && code == BELAY_OK && fgets(line, sizeof line, file)) {
    belay_cell cells[8] = {0};
    char *at = line;
    line[strcspn(line, "\n")] = 0;
    for (uint32_t c = 0; c < n; c++) {
      size_t length = at ? strcspn(at, "|") : 0;
      if (length || (int)c < filled) cells[c] = (belay_cell){.type = BELAY_TEXT, .v.ptr = at, .len = length};
      at = at && at[length] ? at + length + 1 : at ? at + length : NULL;
    }
    code = rows->rows(rows->ctx, &(belay_batch){cells, 1, n, 0});
  }
  if (file) fclose(file);
  return code;
}

static int32_t others(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  (void)op, (void)error;
  return lines(conn, ".sessions", "id user application since state statement", 1, rows);
}

static int32_t terminate(belay_conn *conn, belay_op *op, belay_str id, belay_error *error) {
  char place[2048];
  (void)op;
  if (id.len == 4 && memcmp(id.ptr, "gone", 4) == 0) return refuse(BELAY_E_NOT_FOUND, "no such session", "", error);
  FILE *file = fopen(beside(conn, ".ended", place), "a");
  fprintf(file, "%.*s\n", (int)id.len, id.ptr);
  fclose(file);
  return BELAY_OK;
}

static const belay_sessions sessions = {sizeof sessions, 0, available, others, terminate};

static int32_t look(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *findings, belay_error *error) {
  char call[40];
  (void)op, (void)error;
  snprintf(call, sizeof call, "preflight %u", needs);
  note(conn, call);
  return lines(conn, ".preflight", "severity rule subject message hint", 4, findings);
}

static const belay_preflight preflight = {sizeof preflight, 0, available, look};

static const void *extension(const char *id) {
  static const struct { const char *id; const void *table; } all[] = {
      {"belay.snapshot/1", &snapshot}, {"belay.token/1", &token}, {"belay.scratch/1", &scratch},
      {"belay.lock/1", &locks}, {"belay.sessions/1", &sessions}, {"belay.preflight/1", &preflight}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(id, all[i].id) == 0) return all[i].table;
  return NULL;
}

static const belay_driver swaps = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR, .id = "swaps", .version = "1.0.0",
    .url_schemes = "swaps", .open = swaps_open, .close = closed, .describe = swaps_describe, .execute = swaps_execute,
    .query = swaps_query, .catalog = swaps_catalog, .interrupt = interrupt, .extension = extension,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  plain_driver_v1(from);
  return &swaps;
}
