/*
 * A driver as it was built when the ABI was 1.0: every function and every field of that header, each with an answer that
 * tells what it was asked. Never changed: it stands for the drivers that are out there.
 *
 *   -DPAST      structs end where the ABI lets them end at the earliest
 *   -DFUTURE    built with a later header, whose structs end in fields that this host does not know
 */
#define _GNU_SOURCE
#include "belay_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END(type, last) (offsetof(type, last) + sizeof(((type *)0)->last))
#ifdef PAST
#define SIZE(type, last) END(type, last)
#else
#define SIZE(type, last) sizeof(type)
#endif
#ifdef FUTURE
#define LATER , .later = {~0ULL, ~0ULL}
#else
#define LATER
#endif

struct belay_conn { char url[256], formats[64]; int open; };

static const belay_host *host;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }
static int is(belay_str text, const char *wanted) {
  return text.len == strlen(wanted) && memcmp(text.ptr, wanted, text.len) == 0;
}
static int32_t fail(belay_error *error, int32_t code, uint32_t outcome, const char *message) {
  return host->fail(error, code, outcome, str("57014"), -7, 3, str(message), str("the hint"));
}

/* What a function was asked, written to the host in one piece: "name|text|text|". */
static int32_t tell(const belay_sink *sink, const char *name, belay_str one, belay_str other) {
  char all[512];
  int n = snprintf(all, sizeof all, "%s|%.*s|%.*s|", name, (int)one.len, one.len ? one.ptr : "", (int)other.len,
                   other.len ? other.ptr : "");
  return sink->write(sink->ctx, all, (uint64_t)n);
}

/* Reads a source to its end, a few bytes at a time; *first is its first byte. */
static int32_t drain(const belay_source *source, uint64_t *bytes, char *first) {
  char some[7];
  int64_t n;
  for (*bytes = 0; (n = source->read(source->ctx, some, sizeof some)) > 0; *bytes += (uint64_t)n)
    if (*bytes == 0) *first = some[0];
  return n < 0 ? BELAY_E_IO : BELAY_OK;
}

/* ---- The core ---- */

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  if (n < 1 || !is(options[0].key, "url") || host->cancelled(op))
    return fail(error, BELAY_E_INVALID, BELAY_NOT_APPLIED, "no url");
  for (uint32_t i = 1; i < n; i++)
    if (!is(options[i].key, "create") && !is(options[i].key, "read_only") && !is(options[i].key, "scratch_dir"))
      return fail(error, BELAY_E_INVALID, BELAY_NOT_APPLIED, "unknown option");
  belay_conn *conn = calloc(1, sizeof *conn);
  if (!conn) return fail(error, BELAY_E_INTERNAL, BELAY_NOT_APPLIED, "out of memory");
  snprintf(conn->url, sizeof conn->url, "%.*s", (int)options[0].value.len, options[0].value.ptr);
  conn->open = 1;
  *out = conn;
  return BELAY_OK;
}

static void closed(belay_conn *conn) { free(conn); }

static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  if (traits->struct_size < END(belay_traits, hex_text))
    return fail(error, BELAY_E_INTERNAL, BELAY_NOT_APPLIED, "traits smaller than in 1.0");
  traits->flags = BELAY_T_TXN | BELAY_T_TXN_DDL | BELAY_T_STABLE_READ | BELAY_T_EXCLUSIVE | BELAY_T_SWAPS;
  traits->server_name = str("Frozen");
  traits->server_version = str("1.0");
  traits->ident_quote = str("`");
  traits->param_style = str("$1");
  traits->identity = str(conn->url);
  traits->txn_begin = str("BEGIN");
  traits->txn_commit = str("COMMIT");
  traits->txn_rollback = str("ROLLBACK");
  traits->load_begin = str("LOAD");
  traits->load_end = str("LOADED");
  traits->max_sql_bytes = 1001;
  traits->max_params = 1002;
  traits->max_rows_per_execute = 1003;
  traits->database_bytes = 1004;
  traits->free_bytes = 1005;
  traits->restore_steps = str("first step\nsecond step");
  traits->convention = str("frozen-convention");
  traits->hex_text = str("UNHEX('?')");
  return BELAY_OK;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  if (!conn->open || sql.len == 0) return fail(error, BELAY_E_SQL, BELAY_PARTIAL, "no statement");
  if (is(sql, "FAIL")) return fail(error, BELAY_E_CONSTRAINT, BELAY_PARTIAL, "the message");
  host->progress(op, 1, 2, str("half"));
  host->log(op, BELAY_LOG_NOTICE, str("noted"));
  if (affected) *affected = params ? (int64_t)(params->nrows * params->ncols) : host->remaining_ms(op);
  return BELAY_OK;
}

/* A row of every type; or, with parameters, the parameters. */
static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
                     belay_error *error) {
  static const char *names[] = {"null", "bool", "i64", "f64", "text", "blob", "native"};
  belay_column columns[7];
  const belay_cell cells[7] = {
      {.type = BELAY_NULL}, {.type = BELAY_BOOL, .v.i64 = 1}, {.type = BELAY_I64, .v.i64 = INT64_MIN},
      {.type = BELAY_F64, .v.f64 = 0.5}, {.type = BELAY_TEXT, .v.ptr = "t\0x", .len = 3},
      {.type = BELAY_BLOB, .v.ptr = "\xff", .len = 1}, {.type = BELAY_NATIVE, .v.ptr = "12.50", .len = 5}};
  belay_batch batch = {cells, 1, 7, 0};
  if (host->cancelled(op) || !conn->open || sql.len == 0)
    return fail(error, BELAY_E_CANCELLED, BELAY_NOT_APPLIED, "cancelled");
  for (int i = 0; i < 7; i++) columns[i] = (belay_column){.name = str(names[i]), .native_type = str("ANY")};
  int32_t code = rows->columns(rows->ctx, columns, params ? params->ncols : 7);
  return code != BELAY_OK ? code : rows->rows(rows->ctx, params ? params : &batch);
}

static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  const belay_object table = {.struct_size = SIZE(belay_object, row_estimate), .flags = BELAY_O_INTERNAL,
                              .kind = str("table"), .schema = str("main"), .name = str("t"),
                              .definition = str("t (c)"), .ddl = str("CREATE TABLE t (c)"), .row_estimate = 42,
                              .drop = str("DROP TABLE t") LATER};
  const belay_object column = {.struct_size = SIZE(belay_object, row_estimate), .flags = BELAY_O_NOT_NULL,
                               .kind = str("column"), .schema = str("main"), .name = str("c"), .parent = str("t"),
                               .native_type = str("ANY"), .definition = str("ANY"), .row_estimate = -1 LATER};
  (void)conn, (void)op, (void)error;
  int32_t code = objects->object(objects->ctx, &table);
  return code != BELAY_OK ? code : objects->object(objects->ctx, &column);
}

static void interrupt(belay_conn *conn) { conn->open = 1; }

/* ---- The extensions, in the header's order ---- */

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) {
  if (host->cancelled(op) || !conn->open) return fail(error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, "not here");
  return BELAY_OK;
}

static int32_t split(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *statements,
                     belay_error *error) {
  const belay_write write = {.kind = str("index"), .schema = str("main"), .name = str("i"), .parent = str("t"),
                             .actions = BELAY_W_CREATE};
  const belay_statement s = {.struct_size = SIZE(belay_statement, note), .flags = BELAY_S_NO_TXN, .offset = 1,
                             .len = script.len - 2, .line = 1, .nwrites = 1, .writes = &write,
                             .note = str("the note") LATER};
  (void)conn, (void)op, (void)error;
  return statements->statement(statements->ctx, &s);
}
static const belay_script script = {SIZE(belay_script, split), 0, probe, split LATER};

static belay_str formats(belay_conn *conn) {
  strcpy(conn->formats, "frozen_dump:fd frozen_packed:fz:stored");
  return str(conn->formats);
}
static int32_t dump(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                    belay_error *error) {
  (void)conn, (void)op, (void)error;
  return tell(sink, "dump", format, token);
}
static int32_t verify(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  uint64_t bytes;
  char first = 0;
  (void)conn, (void)op, (void)format;
  int32_t code = drain(source, &bytes, &first);
  return code == BELAY_OK && first != 'd' ? fail(error, BELAY_E_CORRUPT, BELAY_NOT_APPLIED, "no dump of mine") : code;
}
static int32_t text(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, const belay_sink *sink,
                    belay_error *error) {
  int32_t code = verify(conn, op, format, source, error);
  return code != BELAY_OK ? code : tell(sink, "text", format, str(""));
}
static const belay_snapshot snapshot = {
    SIZE(belay_snapshot, restore), 0, probe, formats, dump, verify, verify, text LATER};

/* One row: the table's names, each where the caller asks for a value. */
static int32_t read_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                         belay_error *error) {
  belay_column columns[2];
  belay_cell cells[2];
  (void)conn, (void)op;
  if (table->struct_size < END(belay_table, columns) || table->ncolumns != 2)
    return fail(error, BELAY_E_INVALID, BELAY_NOT_APPLIED, "a table smaller than in 1.0");
  const belay_str values[2] = {table->schema, table->name};
  for (int i = 0; i < 2; i++) {
    columns[i] = (belay_column){.name = table->columns[i], .native_type = str("ANY")};
    cells[i] = (belay_cell){.type = BELAY_TEXT, .v.ptr = values[i].ptr, .len = values[i].len};
  }
  int32_t code = rows->columns(rows->ctx, columns, 2);
  return code != BELAY_OK ? code : rows->rows(rows->ctx, &(belay_batch){cells, 1, 2, 0});
}
static int32_t load_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                         belay_error *error) {
  const belay_cell *last = &rows->cells[rows->nrows * rows->ncols - 1];
  (void)conn, (void)op;
  if (is(table->name, "t") && rows->nrows == 2 && rows->ncols == 2 && last->type == BELAY_I64 && last->v.i64 == 4)
    return BELAY_OK;
  return fail(error, BELAY_E_CONSTRAINT, BELAY_NOT_APPLIED, "load of something else");
}
static const belay_rows rows_ = {SIZE(belay_rows, load), 0, probe, read_rows, load_rows LATER};

static int32_t acquire_view(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return token->write(token->ctx, "view-1", 6);
}
static int32_t adopt(belay_conn *conn, belay_op *op, belay_str token, belay_error *error) {
  (void)conn, (void)op;
  return is(token, "view-1") ? BELAY_OK : fail(error, BELAY_E_NOT_FOUND, BELAY_NOT_APPLIED, "no such view");
}
static int32_t release_view(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}
static const belay_token token = {SIZE(belay_token, release), 0, probe, acquire_view, adopt, release_view LATER};

static int32_t create(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  (void)op, (void)error;
  return tell(url, "frozen:create", name, str(conn->url));
}
static int32_t locate(belay_conn *conn, belay_op *op, belay_str name, const belay_sink *url, belay_error *error) {
  (void)op, (void)error;
  return tell(url, "frozen:locate", name, str(conn->url));
}
static int32_t promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  (void)conn, (void)op;
  return is(url, "frozen:one") ? BELAY_OK : fail(error, BELAY_E_NOT_FOUND, BELAY_NOT_APPLIED, "promote of another");
}
static int32_t drop(belay_conn *conn, belay_op *op, belay_str url, belay_error *error) {
  (void)conn, (void)op;
  return is(url, "frozen:two") ? BELAY_OK : fail(error, BELAY_E_NOT_FOUND, BELAY_NOT_APPLIED, "drop of another");
}
static const belay_scratch scratch = {SIZE(belay_scratch, locate), 0, probe, create, promote, drop, locate LATER};

static int32_t mark(belay_conn *conn, belay_op *op, const belay_sink *bookmark, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return bookmark->write(bookmark->ctx, "now", 3);
}
static int32_t at(belay_conn *conn, belay_op *op, int64_t unix_ms, const belay_sink *bookmark, belay_error *error) {
  char moment[32];
  (void)conn, (void)op, (void)error;
  return bookmark->write(bookmark->ctx, moment, (uint64_t)snprintf(moment, sizeof moment, "at %lld", (long long)unix_ms));
}
static int32_t wind(belay_conn *conn, belay_op *op, belay_str bookmark, const belay_sink *undo, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return tell(undo, "undo", bookmark, str(""));
}
static const belay_rewind rewind_ = {SIZE(belay_rewind, rewind), 0, probe, mark, at, wind LATER};

static int32_t run(belay_conn *conn, belay_op *op, const belay_str *sql, uint32_t n, int64_t *failed,
                   belay_error *error) {
  (void)conn, (void)op;
  if (n == 2 && is(sql[1], "two")) return BELAY_OK;
  if (*failed == -1) *failed = 1;
  return fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, "not two");
}
static const belay_atomic atomic = {SIZE(belay_atomic, run), 0, probe, run LATER};

static int32_t take(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  (void)conn, (void)op;
  return is(name, "belay") ? BELAY_OK : fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, "held by somebody");
}
static const belay_lock lock = {SIZE(belay_lock, release), 0, probe, take, take LATER};

/* One row of columns that are text where they have a letter t, numbers where an i, booleans where a b. */
static int32_t row(const belay_rowsink *rows, const char *names, const char *types) {
  belay_column columns[8];
  belay_cell cells[8];
  uint32_t n = 0;
  for (; types[n]; n++) {
    size_t length = strcspn(names, " ");
    columns[n] = (belay_column){.name = {names, length}};
    cells[n] = types[n] == 't'   ? (belay_cell){.type = BELAY_TEXT, .v.ptr = names, .len = length}
               : types[n] == 'i' ? (belay_cell){.type = BELAY_I64, .v.i64 = n + 1}
                                 : (belay_cell){.type = BELAY_BOOL, .v.i64 = 1};
    names += length + (names[length] == ' ');
  }
  int32_t code = rows->columns(rows->ctx, columns, n);
  return code != BELAY_OK ? code : rows->rows(rows->ctx, &(belay_batch){cells, 1, n, 0});
}

static int32_t list(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return row(rows, "id user application since state statement", "tttttt");
}
static int32_t terminate(belay_conn *conn, belay_op *op, belay_str id, belay_error *error) {
  (void)conn, (void)op;
  return is(id, "id") ? BELAY_OK : fail(error, BELAY_E_NOT_FOUND, BELAY_NOT_APPLIED, "no such session");
}
static const belay_sessions sessions = {SIZE(belay_sessions, terminate), 0, probe, list, terminate LATER};

static int32_t plan(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error) {
  (void)conn, (void)op, (void)sql, (void)error;
  return row(rows, "depth detail table full_scan rows", "ittbi");
}
static const belay_explain explain = {SIZE(belay_explain, explain), 0, probe, plan LATER};

static int32_t find(belay_conn *conn, belay_op *op, belay_str sql, const belay_rowsink *rows, belay_error *error) {
  (void)conn, (void)op, (void)sql, (void)error;
  return row(rows, "line warning rule message hint", "itttt");
}
static const belay_lint lint = {SIZE(belay_lint, lint), 0, probe, find LATER};

static int32_t check(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *rows, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return row(rows, depth == BELAY_CHECK_FULL ? "full object identity message" : "quick object identity message", "tttt");
}
static const belay_integrity integrity = {SIZE(belay_integrity, check), 0, probe, check LATER};

static int32_t look(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *rows, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return row(rows, needs == (BELAY_NEED_DUMP | BELAY_NEED_WRITE) ? "note rule subject message hint"
                                                                 : "error rule subject message hint", "ttttt");
}
static const belay_preflight preflight = {SIZE(belay_preflight, check), 0, probe, look LATER};

static const void *extension(const char *id) {
  static const struct { const char *id; const void *table; } all[] = {
      {"belay.script/1", &script},       {"belay.snapshot/1", &snapshot},   {"belay.rows/1", &rows_},
      {"belay.token/1", &token},         {"belay.scratch/1", &scratch},     {"belay.rewind/1", &rewind_},
      {"belay.atomic/1", &atomic},       {"belay.lock/1", &lock},           {"belay.sessions/1", &sessions},
      {"belay.explain/1", &explain},     {"belay.lint/1", &lint},           {"belay.integrity/1", &integrity},
      {"belay.preflight/1", &preflight},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].id, id) == 0) return all[i].table;
  return NULL;
}

static int32_t redirected(belay_str url, belay_op *op, const belay_sink *to, belay_error *error) {
  (void)op, (void)error;
  return is(url, "frozen:elsewhere") ? to->write(to->ctx, "other:there", 11) : BELAY_OK;
}

static const belay_driver driver = {
    .struct_size = SIZE(belay_driver, extension), .abi_minor = BELAY_ABI_MINOR, .id = "frozen", .version = "1.0.0",
    .url_schemes = "frozen", .open = opened, .close = closed, .describe = describe, .execute = execute, .query = query,
    .catalog = catalog, .interrupt = interrupt, .extension = extension,
    .redirect = redirected LATER};

const belay_driver *belay_driver_v1(const belay_host *from) {
  if (!BELAY_HAS(from, belay_host, extension)) return NULL;
  host = from;
  return &driver;
}
