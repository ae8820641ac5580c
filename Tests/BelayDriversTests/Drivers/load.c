/* A driver with one thing wrong with it before anything of it is called: which one, a -D says. */
#define _GNU_SOURCE
#include "belay_driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What the entry, or the loading itself, does beside what it should: a statement. */
#ifndef ENTRY_DOES
#define ENTRY_DOES
#endif
#ifdef LOADING_DOES
__attribute__((constructor)) static void loading(void) { LOADING_DOES; }
#endif

#ifdef TOUCHES_ITSELF
#include <dlfcn.h>
#include <sys/stat.h>
/* As an installer would that runs at the wrong moment. */
__attribute__((constructor)) static void touch(void) {
  Dl_info here;
  if (dladdr((void *)touch, &here)) chmod(here.dli_fname, 0700), chmod(here.dli_fname, 0755);
}
#endif

#ifndef ID
#define ID "broken"
#endif
#ifndef SCHEMES
#define SCHEMES "broken"
#endif
#ifndef VERSION
#define VERSION "0.1"
#endif
#ifndef SIZE
#define SIZE sizeof(belay_driver)
#endif
#ifndef ENTRY
#define ENTRY belay_driver_v1
#endif
#ifndef RETURNED
#define RETURNED &driver
#endif

#ifdef NEEDS
int needed(void);
#endif

static int32_t opened(const belay_option *o, uint32_t n, belay_op *op, belay_conn **conn, belay_error *error) {
  (void)o, (void)n, (void)op, (void)conn, (void)error;
  return BELAY_OK;
}
static void closed(belay_conn *conn) { (void)conn; }
static int32_t describe(belay_conn *conn, belay_traits *traits, belay_error *error) {
  (void)conn, (void)traits, (void)error;
  return BELAY_OK;
}
static int32_t execute(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, int64_t *affected,
                       belay_error *error) {
  (void)conn, (void)op, (void)sql, (void)params, (void)affected, (void)error;
  return BELAY_OK;
}
static int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
                     belay_error *error) {
  (void)conn, (void)op, (void)sql, (void)params, (void)rows, (void)error;
  return BELAY_OK;
}
static int32_t catalog(belay_conn *conn, belay_op *op, const belay_objectsink *objects, belay_error *error) {
  (void)conn, (void)op, (void)objects, (void)error;
  return BELAY_OK;
}

static int32_t probe(belay_conn *conn, belay_op *op, belay_error *error) {
  (void)conn, (void)op, (void)error;
  return BELAY_OK;
}
static int32_t acquire(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  (void)conn, (void)op, (void)name, (void)error;
  return BELAY_OK;
}

/* An extension of which only a part is there. */
static const belay_lock locks = {.struct_size = sizeof(belay_lock), .probe = probe, .acquire = acquire};

static const void *extension(const char *id) {
#ifdef HALF_AN_EXTENSION
  return __builtin_strcmp(id, "belay.lock/1") == 0 ? &locks : NULL;
#else
  (void)id, (void)locks;
  return NULL;
#endif
}

static belay_driver driver = {
    .struct_size = SIZE, .abi_minor = BELAY_ABI_MINOR, .id = ID, .version = VERSION, .url_schemes = SCHEMES,
    .open = opened, .close = closed, .describe = describe, .execute = execute, .query = query, .catalog = catalog,
    .extension = extension,
};

__attribute__((visibility("default"))) const belay_driver *ENTRY(const belay_host *host);
const belay_driver *ENTRY(const belay_host *host) {
  (void)host, (void)&driver;
  ENTRY_DOES;
#ifdef EMPTY_SLOT
  driver.EMPTY_SLOT = NULL;
#endif
#ifdef NEEDS
  driver.abi_minor += needed();
#endif
  return RETURNED;
}
