/* What the files of this driver share. Each file of functions says what it is for at its top. */
#ifndef BELAY_MARIADB_DRIVER_H
#define BELAY_MARIADB_DRIVER_H

#define _GNU_SOURCE /* strndup, asprintf, memfd_create, pipe2 */
#include "belay_driver.h"

#include <mysql.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const belay_host *host;

/* ---- text.c: text that grows ---- */

/* Zero it, append to it, free text.at. at ends with a NUL that length does not count. failed: memory ran out. */
typedef struct { char *at; size_t length, room; int failed; } text;

void text_add(text *t, const char *bytes, size_t n);
void text_put(text *t, const char *words);
__attribute__((format(printf, 2, 3))) void text_printf(text *t, const char *format, ...);
/* `a``b` */
void text_name(text *t, const char *name, size_t n);
/* 'it''s', or hex digits where there is a backslash: that means one thing or another by the session's sql_mode. */
void text_literal(text *t, const char *bytes, size_t n);
/* The same in hex digits, whatever character set the statement is taken to be in. */
void text_hex(text *t, const char *bytes, size_t n);
void text_clear(text *t);

belay_str str(const char *words);
belay_str text_str(const text *t);
int str_is(belay_str s, const char *words);

/* ---- url.c: where a database is ---- */

typedef struct {
  char *user, *password, *host, *database, *socket, *defaults_file;
  char *ssl_ca, *ssl_cert, *ssl_key;
  unsigned port, connect_seconds;
  int ssl, ssl_verify; /* 1: on, 0: off, -1: as the library and its files say */
} address;

/* Reads mariadb://USER:PASSWORD@HOST:PORT/DATABASE?… Returns NULL, or what is wrong with it, for a message; no secret. */
const char *address_read(address *a, const char *url);
void address_clear(address *a);
/* The same URL with another database; the caller frees it. NULL: out of memory. */
char *url_with_database(const char *url, const char *database);

/* ---- connection ---- */

struct belay_conn {
  MYSQL *link;
  address where;
  char *url, *database;
  unsigned long id; /* the server's number for this connection */
  int read_only;
  int timeout_ends_txn;  /* innodb_rollback_on_timeout */
  int lost;              /* the connection was lost: only close is possible */
  _Atomic int interrupt; /* set by interrupt(), from any thread */
  /* Text of describe, valid until close. */
  char *identity, *version;
  uint64_t longest; /* max_allowed_packet */
};

/* One call of the host. */
typedef struct {
  belay_conn *conn;
  belay_op *op;
  belay_error *error;
  int32_t stop; /* BELAY_E_CANCELLED or BELAY_E_TIMEOUT after the server was asked to stop */
} call;

call begin(belay_conn *conn, belay_op *op, belay_error *error);

/* ---- error.c ---- */

/* Fails with a message of this driver's own. */
int32_t fail(belay_error *error, int32_t code, const char *message, const char *hint);
__attribute__((format(printf, 3, 4))) int32_t failf(belay_error *error, int32_t code, const char *format, ...);
int32_t out_of_memory(belay_error *error);
/* Fails with the message of the server or the library. sql: the text in which the error's position is searched; may be empty. */
int32_t fail_server(call *c, uint32_t outcome, belay_str sql);
int32_t fail_statement(call *c, MYSQL_STMT *statement, uint32_t outcome, belay_str sql);
int32_t fail_with(call *c, unsigned number, const char *state, const char *message, uint32_t outcome, belay_str sql);

/* ---- wait.c: requests to the server, which the host can stop ---- */

/* Each returns 0, or what mysql_… returns on failure. */
int wait_query(call *c, const char *sql, size_t n);
int wait_next(call *c);
MYSQL_RES *wait_result(call *c);
int wait_prepare(call *c, MYSQL_STMT *statement, const char *sql, size_t n);
int wait_execute(call *c, MYSQL_STMT *statement);
int wait_fetch(call *c, MYSQL_STMT *statement);
/* Asks the host whether to continue. Returns BELAY_OK, or the code to fail with. */
int32_t asked_to_stop(call *c);
/* Ends the running statement of this connection, from another one, and prepares it for the next statement. */
void stop_server(call *c);

/* ---- ask.c: this driver's own queries ---- */

/* Runs statements and discards results. */
int32_t run(call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
int32_t run_text(call *c, const text *sql);
/* One statement's whole result; free it with mysql_free_result. */
int32_t ask(call *c, MYSQL_RES **result, const char *format, ...) __attribute__((format(printf, 3, 4)));
int32_t ask_text(call *c, MYSQL_RES **result, const text *sql);
/* The first value of the first row, or NULL if there is none; the caller frees it. */
int32_t ask_word(call *c, char **word, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- values.c ---- */

/* Collects rows for a rowsink, in batches. Zero it first; rows_clear at the end. */
typedef struct {
  const belay_rowsink *sink;
  uint32_t columns;
  belay_cell *cells;
  uint64_t used, room; /* cells */
  text bytes;          /* what ptr of cells points to, as offsets until the batch is sent */
} rows;

int32_t rows_columns(rows *r, const belay_column *columns, uint32_t n);
void rows_null(rows *r);
void rows_i64(rows *r, int64_t value);
void rows_bool(rows *r, int value);
void rows_f64(rows *r, double value);
void rows_bytes(rows *r, uint32_t type, const void *bytes, uint64_t n);
/* NULL if word is NULL. */
void rows_word(rows *r, const char *word);
/* Sends a batch if it is large enough. */
int32_t rows_flush(rows *r, int all, belay_error *error);
void rows_clear(rows *r);

/* Binds one row of the host's cells. Returns NULL, or why a value cannot be sent. */
const char *bind_cells(MYSQL_BIND *binds, const belay_cell *cells, uint32_t n);

/* ---- The functions of the driver, a file each ---- */

int32_t driver_open(const belay_option *, uint32_t, belay_op *, belay_conn **, belay_error *);
void driver_close(belay_conn *);
int32_t driver_describe(belay_conn *, belay_traits *, belay_error *);
int32_t driver_execute(belay_conn *, belay_op *, belay_str, const belay_batch *, int64_t *, belay_error *);
int32_t driver_query(belay_conn *, belay_op *, belay_str, const belay_batch *, const belay_rowsink *, belay_error *);
int32_t driver_catalog(belay_conn *, belay_op *, const belay_objectsink *, belay_error *);
void driver_interrupt(belay_conn *);

int32_t always(belay_conn *, belay_op *, belay_error *); /* a probe that says yes */
/* Connects once more with the same address. NULL: failed, and errors in *error where that is not NULL. */
MYSQL *connect_again(belay_conn *conn);

extern const belay_script script_extension;
extern const belay_lock lock_extension;
extern const belay_sessions sessions_extension;
extern const belay_explain explain_extension;
extern const belay_scratch scratch_extension;
extern const belay_integrity integrity_extension;
extern const belay_archived archived_extension;

#endif
