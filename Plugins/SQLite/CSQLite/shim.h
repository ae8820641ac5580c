#include <sqlite3.h>

/* sqlite3_db_config() takes its arguments as C varargs, which Swift cannot call. */
static inline int belay_sqlite3_db_flag(sqlite3 *db, int option, int value) {
  return sqlite3_db_config(db, option, value, (int *)0);
}

/* 0 or 1, as it is now. */
static inline int belay_sqlite3_db_flag_now(sqlite3 *db, int option) {
  int value = 0;
  sqlite3_db_config(db, option, -1, &value);
  return value;
}

#ifndef SQLITE_ENABLE_PREUPDATE_HOOK
/* Libraries that were built without SQLITE_ENABLE_PREUPDATE_HOOK do not have them: they are NULL then.
   https://sqlite.org/c3ref/preupdate_blobwrite.html */
__attribute__((weak)) void *sqlite3_preupdate_hook(
    sqlite3 *db,
    void (*hook)(void *context, sqlite3 *db, int op, const char *database, const char *table, sqlite3_int64 before,
                 sqlite3_int64 after),
    void *context);
__attribute__((weak)) int sqlite3_preupdate_depth(sqlite3 *db);
#endif

static inline int belay_sqlite3_has_preupdate_hook(void) {
  return sqlite3_preupdate_hook != 0 && sqlite3_preupdate_depth != 0;
}
