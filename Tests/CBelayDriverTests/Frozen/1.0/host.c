/*
 * A host as it was built when the ABI was 1.0: what it hands over ends where that header ends. Never changed: a driver of
 * today must not read or write beyond.
 *
 *   host DRIVER URL SETUP INSERT SELECT     makes a database, inserts two rows of two texts, and prints what it holds
 */
#include "belay_driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct belay_op { int calls; };
struct belay_error { int32_t code; char message[256]; };
typedef struct { uint64_t tables, columns, rows, cells, bytes; } heard;

/* Bytes behind a struct, which nobody may read as a pointer or change. */
typedef struct { unsigned char bytes[64]; } behind;
typedef struct { belay_host host; behind end; } host_and_end;
typedef struct { belay_traits traits; behind end; } traits_and_end;

static belay_str str(const char *text) { return (belay_str){text, strlen(text)}; }
static behind untouched(void) {
  behind b;
  memset(b.bytes, 0xa5, sizeof b.bytes);
  return b;
}
static int is_untouched(const behind *b) {
  behind like = untouched();
  return memcmp(b, &like, sizeof like) == 0;
}

static int32_t fail(belay_error *error, int32_t code, uint32_t outcome, belay_str sqlstate, int64_t vendor_code,
                    int64_t sql_offset, belay_str message, belay_str hint) {
  (void)outcome, (void)sqlstate, (void)vendor_code, (void)sql_offset, (void)hint;
  error->code = code;
  snprintf(error->message, sizeof error->message, "%.*s", (int)message.len, message.len ? message.ptr : "");
  return code;
}
static void note(belay_op *op, int32_t level, belay_str message) { (void)op, (void)level, (void)message; }
static void progress(belay_op *op, uint64_t done, uint64_t total, belay_str what) {
  (void)op, (void)done, (void)total, (void)what;
}
static int32_t cancelled(belay_op *op) { return op->calls++, 0; }
static int64_t remaining(belay_op *op) { return op->calls++, -1; }
static const void *nothing(const char *id) { return (void)id, NULL; }

static int32_t columns(void *ctx, const belay_column *all, uint32_t n) {
  (void)all;
  ((heard *)ctx)->columns = n;
  return BELAY_OK;
}
static int32_t rows(void *ctx, const belay_batch *batch) {
  ((heard *)ctx)->rows += batch->nrows;
  ((heard *)ctx)->cells += batch->nrows * batch->ncols;
  return BELAY_OK;
}
static int32_t object(void *ctx, const belay_object *each) {
  if (each->struct_size < offsetof(belay_object, row_estimate) + sizeof each->row_estimate) return BELAY_E_INTERNAL;
  ((heard *)ctx)->tables += each->kind.len == 5 && memcmp(each->kind.ptr, "table", 5) == 0;
  return BELAY_OK;
}
static int32_t swallow(void *ctx, const void *buf, uint64_t n) {
  (void)buf;
  ((heard *)ctx)->bytes += n;
  return BELAY_OK;
}

static void need(int32_t code, const char *what, const belay_error *error) {
  if (code == BELAY_OK) return;
  fprintf(stderr, "%s: %d %s\n", what, code, error->message);
  exit(1);
}

int main(int n, char **arguments) {
  static host_and_end host;
  traits_and_end described;
  belay_op op = {0};
  belay_error error = {0};
  belay_conn *conn = NULL;
  heard heard = {0};
  int64_t affected = 0;
  if (n != 6) return 64;
  host = (host_and_end){{sizeof(belay_host), BELAY_ABI_MINOR, fail, note, progress, cancelled, remaining, nothing},
                        untouched()};
  void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 2;
  const belay_driver *(*entry)(const belay_host *);
  *(void **)&entry = dlsym(library, "belay_driver_v1");
  const belay_driver *driver = entry ? entry(&host.host) : NULL;
  if (!BELAY_HAS(driver, belay_driver, catalog)) return fprintf(stderr, "no driver\n"), 2;

  const belay_option options[2] = {{.key = str("url"), .value = str(arguments[2]), .flags = BELAY_OPT_SECRET},
                                   {.key = str("create"), .value = str("1")}};
  if (BELAY_HAS(driver, belay_driver, redirect))
    need(driver->redirect(str(arguments[2]), &op, &(belay_sink){&heard, swallow}, &error), "redirect", &error);
  if (heard.bytes) return fprintf(stderr, "the URL is redirected\n"), 1;
  need(driver->open(options, 2, &op, &conn, &error), "open", &error);
  memset(&described.traits, 0, sizeof described.traits);
  described.traits.struct_size = sizeof described.traits;
  described.end = untouched();
  need(driver->describe(conn, &described.traits, &error), "describe", &error);
  if (!is_untouched(&described.end)) return fprintf(stderr, "describe wrote beyond the traits\n"), 1;
  if (described.traits.struct_size != sizeof described.traits || described.traits.identity.len == 0)
    return fprintf(stderr, "describe left the traits without identity, or changed their size\n"), 1;

  if (*arguments[3]) need(driver->execute(conn, &op, str(arguments[3]), NULL, NULL, &error), "set-up", &error);
  const belay_cell cells[4] = {{.type = BELAY_TEXT, .v.ptr = "one", .len = 3}, {.type = BELAY_NULL},
                               {.type = BELAY_TEXT, .v.ptr = "two", .len = 3}, {.type = BELAY_TEXT, .v.ptr = "2", .len = 1}};
  const belay_batch two = {cells, 2, 2, 0};
  need(driver->execute(conn, &op, str(arguments[4]), &two, &affected, &error), "insert", &error);
  need(driver->catalog(conn, &op, &(belay_objectsink){&heard, object}, &error), "catalog", &error);
  need(driver->query(conn, &op, str(arguments[5]), NULL, &(belay_rowsink){&heard, columns, rows}, &error), "query", &error);

  const belay_snapshot *snapshot = BELAY_HAS(driver, belay_driver, extension) ? driver->extension("belay.snapshot/1") : NULL;
  if (BELAY_HAS(snapshot, belay_snapshot, dump) && snapshot->probe(conn, &op, &error) == BELAY_OK) {
    belay_str format = snapshot->formats(conn);
    const char *colon = memchr(format.ptr, ':', format.len);
    format.len = colon ? (uint64_t)(colon - format.ptr) : format.len;
    need(snapshot->dump(conn, &op, format, str(""), &(belay_sink){&heard, swallow}, &error), "dump", &error);
  }
  const belay_lock *lock = BELAY_HAS(driver, belay_driver, extension) ? driver->extension("belay.lock/1") : NULL;
  if (BELAY_HAS(lock, belay_lock, release) && lock->probe(conn, &op, &error) == BELAY_OK) {
    need(lock->acquire(conn, &op, str("belay"), &error), "lock", &error);
    need(lock->release(conn, &op, str("belay"), &error), "unlock", &error);
  }
  driver->close(conn);
  if (!is_untouched(&host.end)) return fprintf(stderr, "the driver wrote to the host's table\n"), 1;
  printf("%s %s: %d tables, %d columns, %d rows, %s\n", driver->id, driver->version, (int)heard.tables,
         (int)heard.columns, (int)heard.rows, heard.bytes ? "a dump" : "no dump");
  return 0;
}
