/*
 * A host of one call, written against the header alone: promotes a scratch database, and is killed while it does.
 * promote DRIVER DATABASE-URL SCRATCH-URL
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "belay_driver.h"

static int32_t fail(belay_error *error, int32_t code, uint32_t outcome, belay_str sqlstate, int64_t vendor_code,
                    int64_t sql_offset, belay_str message, belay_str hint) {
  (void)error, (void)outcome, (void)sqlstate, (void)vendor_code, (void)sql_offset, (void)hint;
  fprintf(stderr, "%.*s\n", (int)message.len, message.ptr);
  return code;
}

static belay_str text(const char *characters) {
  belay_str result = {characters, strlen(characters)};
  return result;
}

int main(int count, char **arguments) {
  static const belay_host host = {.struct_size = sizeof(belay_host), .fail = fail};
  static char error;
  if (count != 4) return 64;
  void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
  const belay_driver *(*entry)(const belay_host *);
  void *symbol = dlsym(library, "belay_driver_v1");
  memcpy(&entry, &symbol, sizeof entry);
  const belay_driver *driver = entry(&host);
  const belay_option options[] = {{.key = text("url"), .value = text(arguments[2])}};
  belay_conn *connection = NULL;
  if (driver->open(options, 1, NULL, &connection, (belay_error *)&error)) return 2;
  const belay_scratch *scratch = driver->extension("belay.scratch/1");
  puts("ready");
  fflush(stdout);
  int32_t code = scratch->promote(connection, NULL, text(arguments[3]), (belay_error *)&error);
  driver->close(connection);
  return code;
}
