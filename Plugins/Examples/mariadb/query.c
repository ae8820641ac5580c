/* The rows of one statement, over the binary protocol: in the text protocol FLOAT has only six digits. */
#include "driver.h"
#include "reading.h"

typedef struct { text bytes; unsigned long length; my_bool is_null; int64_t i64; double f64; uint32_t type; } place;

/* The cell type of a column. Types without a cell type are NATIVE: the server's text. */
static uint32_t cell_type(const MYSQL_FIELD *field) {
  switch (field->type) {
    case MYSQL_TYPE_LONGLONG: return field->flags & UNSIGNED_FLAG ? BELAY_NATIVE : BELAY_I64;
    case MYSQL_TYPE_TINY: case MYSQL_TYPE_SHORT: case MYSQL_TYPE_INT24: case MYSQL_TYPE_LONG: case MYSQL_TYPE_YEAR:
      return BELAY_I64;
    case MYSQL_TYPE_FLOAT: case MYSQL_TYPE_DOUBLE: return BELAY_F64;
    case MYSQL_TYPE_BIT: case MYSQL_TYPE_GEOMETRY: return BELAY_BLOB;
    case MYSQL_TYPE_DECIMAL: case MYSQL_TYPE_NEWDECIMAL: case MYSQL_TYPE_DATE: case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME: case MYSQL_TYPE_DATETIME: case MYSQL_TYPE_TIMESTAMP:
      return BELAY_NATIVE;
    default: return field->charsetnr == 63 ? BELAY_BLOB : BELAY_TEXT;
  }
}

static const char *type_name(const MYSQL_FIELD *field) {
  switch (field->type) {
    case MYSQL_TYPE_TINY: return "tinyint";
    case MYSQL_TYPE_SHORT: return "smallint";
    case MYSQL_TYPE_INT24: return "mediumint";
    case MYSQL_TYPE_LONG: return "int";
    case MYSQL_TYPE_LONGLONG: return field->flags & UNSIGNED_FLAG ? "bigint unsigned" : "bigint";
    case MYSQL_TYPE_FLOAT: return "float";
    case MYSQL_TYPE_DOUBLE: return "double";
    case MYSQL_TYPE_DECIMAL: case MYSQL_TYPE_NEWDECIMAL: return "decimal";
    case MYSQL_TYPE_DATE: case MYSQL_TYPE_NEWDATE: return "date";
    case MYSQL_TYPE_TIME: return "time";
    case MYSQL_TYPE_DATETIME: return "datetime";
    case MYSQL_TYPE_TIMESTAMP: return "timestamp";
    case MYSQL_TYPE_YEAR: return "year";
    case MYSQL_TYPE_BIT: return "bit";
    case MYSQL_TYPE_GEOMETRY: return "geometry";
    case MYSQL_TYPE_NULL: return "null";
    default: return field->charsetnr == 63 ? "blob" : "text";
  }
}

/* Binds every column to its buffer. Called again when a buffer has moved. */
static int bind(MYSQL_STMT *statement, MYSQL_BIND *binds, place *places, unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    MYSQL_BIND *b = &binds[i];
    *b = (MYSQL_BIND){.length = &places[i].length, .is_null = &places[i].is_null};
    if (places[i].type == BELAY_I64) {
      b->buffer_type = MYSQL_TYPE_LONGLONG, b->buffer = &places[i].i64, b->buffer_length = 8;
    } else if (places[i].type == BELAY_F64) {
      b->buffer_type = MYSQL_TYPE_DOUBLE, b->buffer = &places[i].f64, b->buffer_length = 8;
    } else {
      b->buffer_type = places[i].type == BELAY_BLOB ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
      b->buffer = places[i].bytes.at, b->buffer_length = places[i].bytes.room;
    }
  }
  return mysql_stmt_bind_result(statement, binds);
}

static int grow(text *bytes, unsigned long n) {
  if (n <= bytes->room) return 1;
  char *grown = realloc(bytes->at, n);
  if (!grown) return 0;
  bytes->at = grown, bytes->room = n;
  return 1;
}

/* Turns one fetched row into cells. A value that was longer than its buffer is fetched again completely. */
static int32_t take(call *c, rows *out, MYSQL_STMT *statement, MYSQL_BIND *binds, place *places, unsigned n) {
  int moved = 0;
  for (unsigned i = 0; i < n; i++) {
    place *p = &places[i];
    if (p->is_null) rows_null(out);
    else if (p->type == BELAY_I64) rows_i64(out, p->i64);
    else if (p->type == BELAY_F64) rows_f64(out, p->f64);
    else {
      if (p->length > p->bytes.room) {
        unsigned long length = p->length;
        if (!grow(&p->bytes, length * 2)) return out_of_memory(c->error);
        moved = 1;
        MYSQL_BIND whole = {.buffer_type = binds[i].buffer_type, .buffer = p->bytes.at,
                            .buffer_length = p->bytes.room, .length = &length};
        if (mysql_stmt_fetch_column(statement, &whole, i, 0) != 0)
          return fail_statement(c, statement, BELAY_NOT_APPLIED, str(""));
        p->length = length;
      }
      rows_bytes(out, p->type, p->bytes.at, p->length);
    }
  }
  if (moved && bind(statement, binds, places, n)) return fail_statement(c, statement, BELAY_NOT_APPLIED, str(""));
  return BELAY_OK;
}

static int32_t stream(call *c, MYSQL_STMT *statement, place *places, unsigned n, rows *out, belay_str sql) {
  MYSQL_BIND *binds = calloc(n, sizeof *binds);
  int32_t code = binds ? BELAY_OK : out_of_memory(c->error);
  if (code == BELAY_OK && bind(statement, binds, places, n)) code = fail_statement(c, statement, BELAY_NOT_APPLIED, sql);
  for (uint64_t count = 0; code == BELAY_OK; count++) {
    int found = wait_fetch(c, statement);
    if (found == MYSQL_NO_DATA) {
      code = rows_flush(out, 1, c->error);
      break;
    }
    if (found != 0 && found != MYSQL_DATA_TRUNCATED) {
      code = fail_statement(c, statement, BELAY_NOT_APPLIED, sql);
      break;
    }
    code = take(c, out, statement, binds, places, n);
    if (code == BELAY_OK) code = rows_flush(out, 0, c->error);
    if (code == BELAY_OK && count % 64 == 0) {
      int32_t stop = asked_to_stop(c);
      if (stop) code = fail(c->error, stop, stop == BELAY_E_TIMEOUT ? "the time allowed has passed" : "cancelled", "");
    }
    /* Otherwise the rest would have to be read before the next query. */
    if (code != BELAY_OK) stop_server(c);
  }
  free(binds);
  return code;
}

static int32_t columns(call *c, MYSQL_RES *shape, unsigned n, place **places, rows *out, int *moments) {
  MYSQL_FIELD *fields = mysql_fetch_fields(shape);
  belay_column *named = calloc(n, sizeof *named);
  *places = calloc(n, sizeof **places);
  int32_t code = named && *places ? BELAY_OK : out_of_memory(c->error);
  for (unsigned i = 0; code == BELAY_OK && i < n; i++) {
    named[i].name = (belay_str){fields[i].name, fields[i].name_length};
    named[i].native_type = str(type_name(&fields[i]));
    (*places)[i].type = cell_type(&fields[i]);
    if (fields[i].type == MYSQL_TYPE_TIMESTAMP) *moments = 1;
    if (!grow(&(*places)[i].bytes, 64)) code = out_of_memory(c->error);
  }
  if (code == BELAY_OK) code = rows_columns(out, named, n);
  free(named);
  return code;
}

int32_t driver_query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params,
                     const belay_rowsink *sink, belay_error *error) {
  call c = begin(conn, op, error);
  rows out = {.sink = sink};
  place *places = NULL;
  MYSQL_RES *shape = NULL;
  unsigned n = 0;
  int moments = 0;
  reading how = READING_NOT;
  int32_t code = BELAY_OK, stop = asked_to_stop(&c);
  if (conn->lost) return fail(error, BELAY_E_IO, "the connection to the server was lost", "");
  if (stop) return fail(error, stop, "cancelled before the query", "");
  MYSQL_STMT *statement = mysql_stmt_init(conn->link);
  uint32_t given = params ? params->ncols : 0;
  MYSQL_BIND *binds = calloc(given ? given : 1, sizeof *binds);
  if (!statement || !binds) code = out_of_memory(error);
  else if (wait_prepare(&c, statement, sql.ptr, sql.len) != 0)
    code = fail_statement(&c, statement, BELAY_NOT_APPLIED, sql);
  else if (mysql_stmt_param_count(statement) != given)
    code = failf(error, BELAY_E_INVALID, "the statement has %lu parameters, not %u", mysql_stmt_param_count(statement),
                 given);
  else if ((code = reading_allowed(&c, sql)) != BELAY_OK) {}
  else if (!(n = mysql_stmt_field_count(statement)) || !(shape = mysql_stmt_result_metadata(statement)))
    code = fail(error, BELAY_E_INVALID, "the statement returns no rows", "");
  else if (given) {
    const char *wrong = bind_cells(binds, params->cells, given);
    if (wrong) code = fail(error, BELAY_E_UNSUPPORTED, wrong, "");
    else if (mysql_stmt_bind_param(statement, binds)) code = fail_statement(&c, statement, BELAY_NOT_APPLIED, sql);
  }
  if (code == BELAY_OK) code = reading_begin(&c, &how);
  if (code == BELAY_OK) code = columns(&c, shape, n, &places, &out, &moments);
  /* A local time can mean two different moments. */
  if (code == BELAY_OK && moments)
    code = run(&c, "SET @belay_was_zone = @@SESSION.time_zone, SESSION time_zone = '+00:00'");
  else moments = 0;
  if (code == BELAY_OK && wait_execute(&c, statement) != 0)
    code = fail_statement(&c, statement, BELAY_NOT_APPLIED, sql);
  if (code == BELAY_OK) code = stream(&c, statement, places, n, &out, sql);
  if (statement) mysql_stmt_close(statement);
  /* A KILL may come after the query has ended: it then ends the next statement, which is this one. */
  if (code != BELAY_OK && !conn->lost) mysql_query(conn->link, "DO 0");
  reading_end(&c, how);
  if (moments && !conn->lost) mysql_query(conn->link, "SET SESSION time_zone = @belay_was_zone");
  if (shape) mysql_free_result(shape);
  for (unsigned i = 0; places && i < n; i++) text_clear(&places[i].bytes);
  free(places);
  free(binds);
  rows_clear(&out);
  return code;
}
