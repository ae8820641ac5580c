/*
 * Every talk with the server that may last: the library does not block, and while the server thinks, the host is asked
 * whether to go on. What is to stop is ended by KILL QUERY on a connection of its own, as MariaDB has no other way.
 */
#include "driver.h"

#include <poll.h>
#include <sys/socket.h>

enum { SLICE_MS = 20, GIVE_UP_MS = 15000 };

int32_t asked_to_stop(call *c) {
  if (c->stop) return c->stop;
  if (atomic_load(&c->conn->interrupt) || (c->op && host->cancelled(c->op))) return BELAY_E_CANCELLED;
  if (c->op && host->remaining_ms(c->op) == 0) return BELAY_E_TIMEOUT;
  return BELAY_OK;
}

static void kill_query(belay_conn *conn) {
  char sql[64];
  MYSQL *other = connect_again(conn);
  if (!other) return;
  snprintf(sql, sizeof sql, "KILL QUERY %lu", conn->id);
  mysql_query(other, sql);
  mysql_close(other);
}

/* Waits for the events that the library waits for; returns those that came, for its …_cont. */
static int wait_for(call *c, int status) {
  struct pollfd socket = {.fd = mysql_get_socket(c->conn->link)};
  int waited = 0, told = 0;
  if (status & MYSQL_WAIT_READ) socket.events |= POLLIN;
  if (status & MYSQL_WAIT_WRITE) socket.events |= POLLOUT;
  if (status & MYSQL_WAIT_EXCEPT) socket.events |= POLLPRI;
  for (;;) {
    int n = poll(&socket, 1, SLICE_MS);
    if (n > 0) {
      int came = 0;
      if (socket.revents & (POLLIN | POLLHUP | POLLERR)) came |= MYSQL_WAIT_READ;
      if (socket.revents & POLLOUT) came |= MYSQL_WAIT_WRITE;
      if (socket.revents & POLLPRI) came |= MYSQL_WAIT_EXCEPT;
      return came & status ? came & status : status;
    }
    int32_t stop = asked_to_stop(c);
    if (stop && !told) c->stop = stop, told = 1, kill_query(c->conn);
    /* If the server still does not answer, the connection is given up. */
    if (told && (waited += SLICE_MS) > GIVE_UP_MS) shutdown(socket.fd, SHUT_RDWR);
  }
}

int wait_query(call *c, const char *sql, size_t n) {
  int result = 0, status = mysql_real_query_start(&result, c->conn->link, sql, n);
  while (status) status = mysql_real_query_cont(&result, c->conn->link, wait_for(c, status));
  return result;
}

int wait_next(call *c) {
  int result = 0, status = mysql_next_result_start(&result, c->conn->link);
  while (status) status = mysql_next_result_cont(&result, c->conn->link, wait_for(c, status));
  return result;
}

MYSQL_RES *wait_result(call *c) {
  MYSQL_RES *result = NULL;
  int status = mysql_store_result_start(&result, c->conn->link);
  while (status) status = mysql_store_result_cont(&result, c->conn->link, wait_for(c, status));
  return result;
}

int wait_prepare(call *c, MYSQL_STMT *statement, const char *sql, size_t n) {
  int result = 0, status = mysql_stmt_prepare_start(&result, statement, sql, n);
  while (status) status = mysql_stmt_prepare_cont(&result, statement, wait_for(c, status));
  return result;
}

int wait_execute(call *c, MYSQL_STMT *statement) {
  int result = 0, status = mysql_stmt_execute_start(&result, statement);
  while (status) status = mysql_stmt_execute_cont(&result, statement, wait_for(c, status));
  return result;
}

int wait_fetch(call *c, MYSQL_STMT *statement) {
  int result = 0, status = mysql_stmt_fetch_start(&result, statement);
  while (status) status = mysql_stmt_fetch_cont(&result, statement, wait_for(c, status));
  return result;
}

/* For a result that is no longer needed: without the kill, all of its rows would have to be read. */
void stop_server(call *c) {
  if (!c->conn->lost) kill_query(c->conn);
}

call begin(belay_conn *conn, belay_op *op, belay_error *error) {
  atomic_store(&conn->interrupt, 0);
  return (call){.conn = conn, .op = op, .error = error};
}

void driver_interrupt(belay_conn *conn) { atomic_store(&conn->interrupt, 1); }
