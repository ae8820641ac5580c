/* The table of functions, which belay_driver_v1 returns. Start reading here. */
#include "driver.h"

const belay_host *host;

static const void *extension(const char *id) {
  static const struct { const char *id; const void *table; } known[] = {
      {"belay.script/1", &script_extension},     {"belay.lock/1", &lock_extension},
      {"belay.sessions/1", &sessions_extension}, {"belay.explain/1", &explain_extension},
      {"belay.scratch/1", &scratch_extension},   {"belay.integrity/1", &integrity_extension},
      {"belay.draft.archived/1", &archived_extension},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(id, known[i].id) == 0) return known[i].table;
  return NULL;
}

static const belay_driver driver = {
    .struct_size = sizeof driver,
    .abi_minor = BELAY_ABI_MINOR,
    .id = "mariadb",
    .version = "1.0.0",
    .url_schemes = "mariadb mysql",
    .open = driver_open,
    .close = driver_close,
    .describe = driver_describe,
    .execute = driver_execute,
    .query = driver_query,
    .catalog = driver_catalog,
    .interrupt = driver_interrupt,
    .extension = extension,
};

const belay_driver *belay_driver_v1(const belay_host *given) {
  if (!BELAY_HAS(given, belay_host, remaining_ms)) return NULL;
  host = given;
  return &driver;
}
