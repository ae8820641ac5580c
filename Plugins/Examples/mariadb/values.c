/* Values that are read, in batches, and values that are written, as parameters. */
#include "driver.h"

#include <math.h>

enum { BATCH_BYTES = 512 << 10, BATCH_ROWS = 2048 };

int32_t rows_columns(rows *r, const belay_column *columns, uint32_t n) {
  r->columns = n;
  return r->sink->columns(r->sink->ctx, columns, n);
}

static belay_cell *next(rows *r, uint32_t type) {
  if (r->used == r->room) {
    uint64_t room = r->room ? r->room * 2 : 1024;
    belay_cell *grown = realloc(r->cells, room * sizeof *grown);
    if (!grown) {
      r->bytes.failed = 1;
      static _Thread_local belay_cell nowhere;
      return &nowhere;
    }
    r->cells = grown, r->room = room;
  }
  belay_cell *cell = &r->cells[r->used++];
  *cell = (belay_cell){.type = type};
  return cell;
}

void rows_null(rows *r) { next(r, BELAY_NULL); }
void rows_i64(rows *r, int64_t value) { next(r, BELAY_I64)->v.i64 = value; }
void rows_bool(rows *r, int value) { next(r, BELAY_BOOL)->v.i64 = value != 0; }
void rows_f64(rows *r, double value) { next(r, BELAY_F64)->v.f64 = value; }

/* ptr becomes an address in rows_flush: until then the bytes move when they grow. */
void rows_bytes(rows *r, uint32_t type, const void *bytes, uint64_t n) {
  belay_cell *cell = next(r, type);
  cell->len = n;
  cell->v.i64 = (int64_t)r->bytes.length;
  text_add(&r->bytes, bytes, n);
}

void rows_word(rows *r, const char *word) {
  if (word) rows_bytes(r, BELAY_TEXT, word, strlen(word));
  else rows_null(r);
}

int32_t rows_flush(rows *r, int all, belay_error *error) {
  if (r->bytes.failed) return out_of_memory(error);
  uint64_t n = r->columns ? r->used / r->columns : 0;
  if (n == 0 || (!all && n < BATCH_ROWS && r->bytes.length < BATCH_BYTES)) return BELAY_OK;
  for (uint64_t i = 0; i < r->used; i++)
    if (r->cells[i].type >= BELAY_TEXT) r->cells[i].v.ptr = r->bytes.at + r->cells[i].v.i64;
  belay_batch batch = {.cells = r->cells, .nrows = n, .ncols = r->columns};
  int32_t code = r->sink->rows(r->sink->ctx, &batch);
  r->used = 0, r->bytes.length = 0;
  return code;
}

void rows_clear(rows *r) {
  free(r->cells);
  text_clear(&r->bytes);
}

const char *bind_cells(MYSQL_BIND *binds, const belay_cell *cells, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const belay_cell *cell = &cells[i];
    MYSQL_BIND *bind = &binds[i];
    *bind = (MYSQL_BIND){0};
    switch (cell->type) {
      case BELAY_NULL: bind->buffer_type = MYSQL_TYPE_NULL; break;
      case BELAY_BOOL: case BELAY_I64:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = (void *)&cell->v.i64;
        break;
      case BELAY_F64:
        if (!isfinite(cell->v.f64)) return "MariaDB has no infinities and no NaN";
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = (void *)&cell->v.f64;
        break;
      case BELAY_TEXT: case BELAY_NATIVE: case BELAY_BLOB:
        bind->buffer_type = cell->type == BELAY_BLOB ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
        bind->buffer = cell->len ? (void *)cell->v.ptr : "";
        bind->buffer_length = cell->len;
        break;
      default: return "a value of a type that does not exist in ABI 1.0";
    }
  }
  return NULL;
}
