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
