/* A driver that does on demand what no driver must do: the statement, or the URL after "rogue:", says what. */
#define _GNU_SOURCE
#include "belay_driver.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct belay_conn { char mode[64], url[128]; atomic_int interrupted; };

static const belay_host *host;
static atomic_int open_connections, busy_so_far;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }
static int is(belay_str text, const char *wanted) {
  return text.len == strlen(wanted) && memcmp(text.ptr, wanted, text.len) == 0;
}
static int mode(belay_conn *conn, const char *wanted) { return strcmp(conn->mode, wanted) == 0; }
static int32_t fail(belay_error *error, int32_t code, uint32_t outcome, const char *message) {
  return host->fail(error, code, outcome, str(""), 0, -1, str(message), str(""));
}
static void pause_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static int32_t opened(const belay_option *options, uint32_t n, belay_op *op, belay_conn **out, belay_error *error) {
  (void)op;
  if (n == 0 || !is(options[0].key, "url") || !(options[0].flags & BELAY_OPT_SECRET))
    return fail(error, BELAY_E_INVALID, BELAY_NOT_APPLIED, "options[0] is not a url that is kept secret");
  belay_str url = options[0].value;
  if (is(url, "rogue:no connection")) return BELAY_OK;
  if (is(url, "rogue:busy at first") && ++busy_so_far % 4)
    return fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, "somebody holds the file");
  if (is(url, "rogue:refuse")) return fail(error, BELAY_E_AUTH, BELAY_NOT_APPLIED, "not with that password");
  belay_conn *conn = calloc(1, sizeof *conn);
  memcpy(conn->mode, url.ptr + 6, url.len - 6);
  memcpy(conn->url, url.ptr, url.len);
  open_connections++;
  *out = conn;
  return BELAY_OK;
}

static void closed(belay_conn *conn) {
  open_connections--;
  free(conn);
}

static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  if (mode(conn, "describe fails")) return fail(error, BELAY_E_IO, BELAY_NOT_APPLIED, "the server went away");
  if (traits->struct_size < sizeof *traits) return fail(error, BELAY_E_INTERNAL, BELAY_NOT_APPLIED, "traits too small");
  traits->flags = mode(conn, "half a transaction") || mode(conn, "transactions") ? BELAY_T_TXN : 0;
  if (mode(conn, "transactions")) {
    traits->txn_begin = str("START TRANSACTION");
    traits->txn_commit = str("COMMIT");
    traits->txn_rollback = str("ROLLBACK");
    traits->load_begin = str("SET checks = 0;\nBEGIN");
    traits->load_end = str("COMMIT;\nSET checks = 1");
  }
  traits->server_name = str("Rogue");
  traits->server_version = str("1");
  traits->ident_quote = str(mode(conn, "no quote") ? "" : mode(conn, "long quote") ? "[]" : "\"");
  traits->param_style = str(mode(conn, "odd parameters") ? ":a" : "?");
  traits->identity = mode(conn, "odd identity") ? str("\xff\xfe") : str("rogue");
  traits->max_params = UINT64_MAX;
  traits->database_bytes = (uint64_t)open_connections;
  return BELAY_OK;
}

static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  if (params) {
    *affected = (int64_t)params->nrows * 100 + params->ncols;
    return BELAY_OK;
  }
  if (is(sql, "START TRANSACTION") || is(sql, "COMMIT") || is(sql, "ROLLBACK") || is(sql, "SET checks = 0;\nBEGIN") ||
      is(sql, "COMMIT;\nSET checks = 1"))
    return BELAY_OK;
  /* Others hold a lock, for three tries. */
  if (is(sql, "busy for a while"))
    return ++busy_so_far % 4 ? fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, "somebody holds it") : BELAY_OK;
  if (is(sql, "a transaction in the way"))
    return ++busy_so_far % 4 ? host->fail(error, BELAY_E_BUSY, BELAY_NOT_APPLIED, str("40001"), 0, -1, str("update conflict"), str(""))
                             : BELAY_OK;
  if (is(sql, "busy tries")) return *affected = busy_so_far, BELAY_OK;
  if (is(sql, "busy for ever") || is(sql, "busy in the middle") || is(sql, "deadlock")) {
    ++busy_so_far;
    uint32_t outcome = is(sql, "busy in the middle") ? BELAY_PARTIAL : BELAY_NOT_APPLIED;
    return host->fail(error, BELAY_E_BUSY, outcome, str(is(sql, "deadlock") ? "40P01" : ""), 0, -1,
                      str("somebody holds it"), str(""));
  }
  if (is(sql, "quote the url")) {
    host->log(op, BELAY_LOG_WARNING, str(conn->url));
    host->progress(op, 1, 2, str(conn->url));
    return host->fail(error, BELAY_E_AUTH, BELAY_NOT_APPLIED, str(""), 0, -1, str(conn->url), str(conn->url));
  }
  if (is(sql, "quote the url of a defect")) return fail(error, 99, BELAY_NOT_APPLIED, conn->url);
  if (is(sql, "code outside the table")) return 99;
  if (is(sql, "code outside the table, reported")) return fail(error, 99, BELAY_NOT_APPLIED, "ninety-nine");
  if (is(sql, "negative code")) return -1;
  if (is(sql, "no fail")) return BELAY_E_SQL;
  if (is(sql, "two codes")) return fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, "one thing"), BELAY_E_IO;
  if (is(sql, "fail and ok")) return fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, "not really"), BELAY_OK;
  if (is(sql, "odd outcome")) return fail(error, BELAY_E_SQL, 77, "who knows");
  if (is(sql, "odd message")) return fail(error, BELAY_E_SQL, BELAY_PARTIAL, "caf\xe9");
  if (is(sql, "no message")) return fail(error, BELAY_E_SQL, BELAY_PARTIAL, "");
  if (is(sql, "message at NULL"))
    return host->fail(error, BELAY_E_SQL, BELAY_PARTIAL, str(""), 0, -1, (belay_str){NULL, 7}, str(""));
  if (is(sql, "whole error"))
    return host->fail(error, BELAY_E_CONSTRAINT, BELAY_PARTIAL, str("23505"), 2067, 7, str("key exists"), str("another"));
  if (is(sql, "time left")) return *affected = host->remaining_ms(op), BELAY_OK;
  if (is(sql, "unknown rows")) return *affected = -1, BELAY_OK;
  if (is(sql, "host extension")) return *affected = host->extension("belay.nothing/1") == NULL, BELAY_OK;
  if (is(sql, "talk")) {
    host->log(op, BELAY_LOG_WARNING, str("careful"));
    host->log(op, 42, str("loud"));
    host->log(NULL, BELAY_LOG_ERROR, str("to nobody"));
    host->progress(op, 1, 2, str("half"));
    host->progress(NULL, 1, 2, str("to nobody"));
    return *affected = host->cancelled(NULL) * 10 + (host->remaining_ms(NULL) == -1), BELAY_OK;
  }
  if (is(sql, "poll until cancelled") || is(sql, "wait for interrupt")) {
    host->log(op, BELAY_LOG_INFO, str("waiting"));
    for (int i = 0; i < 5000; i++) {
      if (is(sql, "wait for interrupt") ? conn->interrupted : host->cancelled(op))
        return fail(error, BELAY_E_CANCELLED, BELAY_NOT_APPLIED, "stopped");
      pause_ms(2);
    }
    return fail(error, BELAY_E_TIMEOUT, BELAY_NOT_APPLIED, "nobody cancelled");
  }
  if (is(sql, "interrupts so far")) return *affected = conn->interrupted, BELAY_OK;
  return fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, "no such misbehaviour");
}

static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
                     belay_error *error) {
  (void)conn, (void)op;
  belay_column one = {.name = str("a"), .native_type = str("INTEGER")};
  belay_column two[2] = {one, {.name = str("b")}};
  belay_cell cells[2] = {{.type = BELAY_I64, .v.i64 = 1}, {.type = BELAY_I64, .v.i64 = 2}};
  belay_batch batch = {cells, 1, 1, 0};
  int32_t code;
  if (is(sql, "echo")) {
    belay_column many[16];
    for (int i = 0; i < 16; i++) many[i] = one;
    if ((code = rows->columns(rows->ctx, many, params->ncols)) != BELAY_OK) return code;
    return rows->rows(rows->ctx, params);
  }
  if (is(sql, "no columns")) return BELAY_OK;
  if (is(sql, "rows before columns")) return rows->rows(rows->ctx, &batch);
  if (is(sql, "rows before columns, unheeded")) return rows->rows(rows->ctx, &batch), BELAY_OK;
  if (is(sql, "columns at NULL")) return rows->columns(rows->ctx, NULL, 3);
  if (is(sql, "a column with an odd name")) return one.name = str("\xff"), rows->columns(rows->ctx, &one, 1);
  if ((code = rows->columns(rows->ctx, &one, 1)) != BELAY_OK) return code;
  if (is(sql, "columns twice")) return rows->columns(rows->ctx, two, 2);
  if (is(sql, "wide batch")) return batch.ncols = 2, rows->rows(rows->ctx, &batch);
  if (is(sql, "batch at NULL")) return rows->rows(rows->ctx, NULL);
  if (is(sql, "cells at NULL")) return batch.cells = NULL, rows->rows(rows->ctx, &batch);
  if (is(sql, "endless batch")) return batch.nrows = UINT64_MAX, rows->rows(rows->ctx, &batch);
  if (is(sql, "odd type")) return cells[0].type = 7, rows->rows(rows->ctx, &batch);
  if (is(sql, "endless text"))
    return cells[0] = (belay_cell){.type = BELAY_TEXT, .v.ptr = "x", .len = UINT64_MAX}, rows->rows(rows->ctx, &batch);
  if (is(sql, "text at NULL"))
    return cells[0] = (belay_cell){.type = BELAY_TEXT, .len = 5}, rows->rows(rows->ctx, &batch);
  if (is(sql, "empty batch")) return batch = (belay_batch){NULL, 0, 1, 0}, rows->rows(rows->ctx, &batch);
  if (is(sql, "no code from the sink")) {
    rows->rows(rows->ctx, &batch), rows->rows(rows->ctx, &batch);
    return BELAY_OK;
  }
  for (;; cells[0].v.i64++) /* until the sink has enough */
    if ((code = rows->rows(rows->ctx, &batch)) != BELAY_OK) return code;
  return fail(error, BELAY_E_INTERNAL, BELAY_NOT_APPLIED, "never here");
}

static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  (void)op, (void)error;
  belay_object object = {.struct_size = sizeof object, .kind = str("table"), .name = str("t"), .row_estimate = 5};
  if (mode(conn, "object at NULL")) return objects->object(objects->ctx, NULL);
  if (mode(conn, "object without kind")) object.kind = str("");
  if (mode(conn, "object with an odd name")) object.name = str("caf\xe9");
  /* As a driver from before ddl was there: what lies behind must not be read. */
  if (mode(conn, "old object")) object.struct_size = offsetof(belay_object, ddl), object.ddl = str("\xff");
  return objects->object(objects->ctx, &object);
}

static void interrupt(belay_conn *conn) { conn->interrupted++; }

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)op;
  if (mode(conn, "no extensions here"))
    return fail(error, BELAY_E_UNSUPPORTED, BELAY_NOT_APPLIED, "not on this server");
  if (mode(conn, "probe fails")) return fail(error, BELAY_E_IO, BELAY_NOT_APPLIED, "the server went away");
  return BELAY_OK;
}

static int32_t split(belay_conn *conn, belay_op *op, belay_str script, const belay_statementsink *statements,
                     belay_error *error) {
  (void)conn, (void)op, (void)error;
  belay_write write = {.kind = str("table"), .name = str("t"), .actions = BELAY_W_INSERT | BELAY_W_DELETE};
  belay_statement s = {.struct_size = sizeof s, .len = 3, .line = 1, .nwrites = 1, .writes = &write};
  if (is(script, "beyond")) s.offset = 4;
  if (is(script, "far beyond")) s.offset = UINT64_MAX, s.len = UINT64_MAX;
  if (is(script, "writes at NULL")) s.writes = NULL;
  if (is(script, "odd write")) write.name = str("\xff");
  if (is(script, "c\u00e9e")) s.len = 2;
  int32_t code = statements->statement(statements->ctx, &s);
  if (is(script, "twice the same")) code = statements->statement(statements->ctx, &s);
  if (is(script, "statement at NULL")) code = statements->statement(statements->ctx, NULL);
  return code;
}
static const belay_script script = {.struct_size = sizeof script, .probe = probe, .split = split};

static belay_str formats(belay_conn *conn) {
  return mode(conn, "odd formats") ? str("\xff") : str("rogue_dump:rdb plain");
}
static int32_t dump(belay_conn *conn, belay_op *op, belay_str format, belay_str token, const belay_sink *sink,
                    belay_error *error) {
  (void)conn, (void)op, (void)format, (void)token, (void)error;
  int32_t code = sink->write(sink->ctx, "one", 3);
  if (mode(conn, "bytes at NULL")) return sink->write(sink->ctx, NULL, 3);
  if (mode(conn, "no code from the sink")) return sink->write(sink->ctx, "two", 3), BELAY_OK;
  return code != BELAY_OK ? code : sink->write(sink->ctx, "two", 3);
}
static int32_t take(belay_conn *conn, belay_op *op, belay_str format, const belay_source *source, belay_error *error) {
  (void)conn, (void)op, (void)format;
  char buffer[4];
  for (int64_t n; (n = source->read(source->ctx, buffer, sizeof buffer)) != 0;) {
    if (n < 0) return BELAY_E_IO;
    if (buffer[0] == '!') return fail(error, BELAY_E_CORRUPT, BELAY_NOT_APPLIED, "a damaged dump");
  }
  return BELAY_OK;
}
static const belay_snapshot snapshot = {
    .struct_size = sizeof snapshot, .probe = probe, .formats = formats, .dump = dump, .verify = take, .restore = take};

static int32_t list(belay_conn *conn, belay_op *op, const belay_rowsink *rows, belay_error *error) {
  return query(conn, op, str("empty batch"), NULL, rows, error) == BELAY_OK
             ? rows->rows(rows->ctx, &(belay_batch){&(belay_cell){.type = BELAY_I64}, 1, 1, 0})
             : BELAY_E_INTERNAL;
}
static int32_t terminate(belay_conn *conn, belay_op *op, belay_str id, belay_error *error) {
  (void)conn, (void)op, (void)id, (void)error;
  return BELAY_OK;
}
static const belay_sessions sessions = {
    .struct_size = sizeof sessions, .probe = probe, .list = list, .terminate = terminate};

static int32_t acquire(belay_conn *conn, belay_op *op, const belay_sink *token, belay_error *error) {
  (void)op, (void)error;
  return mode(conn, "empty token") ? BELAY_OK : token->write(token->ctx, "\xff", 1);
}
static int32_t adopt(belay_conn *conn, belay_op *op, belay_str token, belay_error *error) {
  (void)conn, (void)op, (void)token, (void)error;
  return BELAY_OK;
}
static int32_t release(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}
static const belay_token token = {
    .struct_size = sizeof token, .probe = probe, .acquire = acquire, .adopt = adopt, .release = release};

/* What it was given, in the order of the arguments: so that a test sees that they arrive where they should. */
static int32_t write_all(const belay_sink *sink, const belay_str *texts, int n) {
  int32_t code = BELAY_OK;
  for (int i = 0; i < n && code == BELAY_OK; i++) {
    code = sink->write(sink->ctx, texts[i].ptr, texts[i].len);
    if (code == BELAY_OK) code = sink->write(sink->ctx, "|", 1);
  }
  return code;
}

static int32_t mark(belay_conn *conn, belay_op *op, const belay_sink *bookmark, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return write_all(bookmark, (belay_str[]){str("now")}, 1);
}
static int32_t at(belay_conn *conn, belay_op *op, int64_t unix_ms, const belay_sink *bookmark, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return write_all(bookmark, (belay_str[]){str(unix_ms == 1234567890123 ? "then" : "never")}, 1);
}
static int32_t go_back(belay_conn *conn, belay_op *op, belay_str bookmark, const belay_sink *undo, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return write_all(undo, (belay_str[]){str("undo"), bookmark}, 2);
}
static const belay_rewind rewinding = {
    .struct_size = sizeof rewinding, .probe = probe, .mark = mark, .at = at, .rewind = go_back};

static int32_t run(belay_conn *conn, belay_op *op, const belay_str *sql, uint32_t n, int64_t *failed,
                   belay_error *error) {
  (void)op;
  for (uint32_t i = 0; i < n; i++) {
    if (is(sql[i], i == 0 ? "first" : i == 1 ? "" : "third")) continue;
    if (!mode(conn, "does not know")) *failed = mode(conn, "beyond the last") ? n : i;
    return fail(error, BELAY_E_SQL, BELAY_NOT_APPLIED, "wrong");
  }
  return BELAY_OK;
}
static const belay_atomic atomic = {.struct_size = sizeof atomic, .probe = probe, .run = run};

/* A row that holds the names it was given, a column each: schema.name and the columns'. */
static int32_t read_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_rowsink *rows,
                         belay_error *error) {
  (void)op;
  belay_column columns[2];
  belay_cell cells[2];
  for (uint32_t i = 0; i < table->ncolumns && i < 2; i++) {
    belay_str text = i == 0 ? table->schema : table->name;
    columns[i] = (belay_column){.name = mode(conn, "other columns") ? str("x") : table->columns[i]};
    cells[i] = (belay_cell){.type = BELAY_TEXT, .v.ptr = text.ptr, .len = text.len};
  }
  if (table->ncolumns != 2) return fail(error, BELAY_E_NOT_FOUND, BELAY_NOT_APPLIED, "not two columns");
  int32_t code = rows->columns(rows->ctx, columns, 2);
  return code != BELAY_OK ? code : rows->rows(rows->ctx, &(belay_batch){cells, 1, 2, 0});
}
static int32_t load_rows(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows,
                         belay_error *error) {
  (void)conn, (void)op;
  return rows->ncols == table->ncolumns && is(table->columns[1], "b") && rows->nrows == 2
             ? BELAY_OK
             : fail(error, BELAY_E_NOT_FOUND, BELAY_PARTIAL, "not two rows");
}
static const belay_rows rows_table = {
    .struct_size = sizeof rows_table, .probe = probe, .read = read_rows, .load = load_rows};

/* A table of one row, of which only the url matters. */
static int32_t quote(belay_conn *conn, const belay_rowsink *rows, const char *names, uint32_t n, uint32_t severity) {
  belay_column columns[5];
  belay_cell cells[5];
  for (uint32_t i = 0; i < n; i++) {
    columns[i] = (belay_column){.name = {names + 9 * i, strcspn(names + 9 * i, " ")}};
    belay_str text = i == severity ? str("warning") : str(conn->url);
    cells[i] = (belay_cell){.type = BELAY_TEXT, .v.ptr = text.ptr, .len = text.len};
    if (strncmp(names + 9 * i, "line", 4) == 0) cells[i] = (belay_cell){.type = BELAY_I64, .v.i64 = 1};
  }
  int32_t code = rows->columns(rows->ctx, columns, n);
  return code != BELAY_OK ? code : rows->rows(rows->ctx, &(belay_batch){cells, 1, n, 0});
}
static int32_t preflight(belay_conn *conn, belay_op *op, uint32_t needs, const belay_rowsink *rows, belay_error *error) {
  (void)op, (void)needs, (void)error;
  return quote(conn, rows, "severity rule     subject  message  hint     ", 5, 0);
}
static int32_t lint(belay_conn *conn, belay_op *op, belay_str text, const belay_rowsink *rows, belay_error *error) {
  (void)op, (void)text, (void)error;
  return quote(conn, rows, "line     severity rule     message  hint     ", 5, 1);
}
static int32_t integrity(belay_conn *conn, belay_op *op, uint32_t depth, const belay_rowsink *rows, belay_error *error) {
  (void)op, (void)depth, (void)error;
  return quote(conn, rows, "check    object   identity message  ", 4, 9);
}
static const belay_preflight preflights = {.struct_size = sizeof preflights, .probe = probe, .check = preflight};
static const belay_lint lints = {.struct_size = sizeof lints, .probe = probe, .lint = lint};
static const belay_integrity integrities = {.struct_size = sizeof integrities, .probe = probe, .check = integrity};

static const void *extension(const char *id) {
  if (strcmp(id, "belay.preflight/1") == 0) return &preflights;
  if (strcmp(id, "belay.lint/1") == 0) return &lints;
  if (strcmp(id, "belay.integrity/1") == 0) return &integrities;
  if (strcmp(id, "belay.script/1") == 0) return &script;
  if (strcmp(id, "belay.snapshot/1") == 0) return &snapshot;
  if (strcmp(id, "belay.sessions/1") == 0) return &sessions;
  if (strcmp(id, "belay.token/1") == 0) return &token;
  if (strcmp(id, "belay.rewind/1") == 0) return &rewinding;
  if (strcmp(id, "belay.atomic/1") == 0) return &atomic;
  if (strcmp(id, "belay.rows/1") == 0) return &rows_table;
  return NULL;
}

static const belay_driver driver = {
    .struct_size = sizeof(belay_driver), .abi_minor = BELAY_ABI_MINOR, .id = "rogue", .version = "0.1",
    .url_schemes = "Rogue rogue2", .open = opened, .close = closed, .describe = describe, .execute = execute,
    .query = query, .catalog = catalog, .interrupt = interrupt, .extension = extension,
};

const belay_driver *belay_driver_v1(const belay_host *from) {
  host = from;
  return &driver;
}
