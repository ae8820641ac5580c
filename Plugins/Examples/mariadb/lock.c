/* belay.lock/1: GET_LOCK. The server releases the lock with the connection; transactions do not affect it. */
#include "driver.h"

/* Locks are shared by the whole server, and their names are short: therefore a hash. */
static void put_key(text *sql, const belay_conn *conn, belay_str name) {
  text_put(sql, "CONCAT('belay.lock.', MD5(CONCAT_WS('/', ");
  text_literal(sql, conn->database, strlen(conn->database));
  text_put(sql, ", ");
  text_literal(sql, name.ptr, name.len);
  text_put(sql, ")))");
}

static int32_t acquire(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  call c = begin(conn, op, error);
  text key = {0};
  char *got = NULL, *holder = NULL;
  put_key(&key, conn, name);
  int32_t code = key.failed ? out_of_memory(error) : ask_word(&c, &got, "SELECT GET_LOCK(%s, 0)", key.at);
  if (code == BELAY_OK && (!got || strcmp(got, "1") != 0)) {
    code = ask_word(&c, &holder,
                    "SELECT CONCAT('connection ', ID, ' of ', USER, '@', HOST) FROM information_schema.PROCESSLIST"
                    " WHERE ID = IS_USED_LOCK(%s)", key.at);
    if (code == BELAY_OK)
      code = failf(error, BELAY_E_BUSY, "lock %.*s is held by %s", (int)name.len, name.ptr,
                   holder ? holder : "a connection that this user may not see");
  }
  free(got);
  free(holder);
  text_clear(&key);
  return code;
}

static int32_t release(belay_conn *conn, belay_op *op, belay_str name, belay_error *error) {
  call c = begin(conn, op, error);
  text sql = {0};
  text_put(&sql, "DO RELEASE_LOCK(");
  put_key(&sql, conn, name);
  text_put(&sql, ")");
  int32_t code = run_text(&c, &sql);
  text_clear(&sql);
  return code;
}

const belay_lock lock_extension = {
    .struct_size = sizeof lock_extension, .probe = always, .acquire = acquire, .release = release};
