#include <sqlite3.h>

/* sqlite3_db_config() takes its arguments as C varargs, which Swift cannot call. */
static inline int belay_sqlite3_db_flag(sqlite3 *db, int option, int value) {
  return sqlite3_db_config(db, option, value, (int *)0);
}
