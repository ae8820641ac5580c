/* What the files of the faulty driver share. */
#ifndef FAULTY_H
#define FAULTY_H

#include "belay_driver.h"

#include <sqlite3.h>
#include <string.h>

enum { LOCKS = 4, TABLES = 32 };

/* Rows that the open transaction has written to one table. */
typedef struct { char name[128]; int64_t inserted, updated, deleted; } written;

struct belay_conn {
  sqlite3 *db, *view;               /* view: what is read instead, between acquire or adopt and release */
  char path[1024], view_path[1100]; /* view_path: the view's file, where this connection made it */
  int read_only, wire[2];           /* wire: a socket to itself, as a connection to a server has one */
  int ends; /* the statement that was prepared last ends a transaction, or opens a file */
  int ended, cancelled_once, failed_once, poisoned;
  unsigned long thread;
  belay_op *op;
  struct { int file; char name[64]; } locks[LOCKS];
  written tables[TABLES];
  belay_conn *next;
};

extern const belay_host *host;

/* Whether the driver misbehaves, or is another engine, in this way: BELAY_FAULTY names them, separated by commas. */
int is(const char *mode);
belay_str str(const char *text);
int same(belay_str text, const char *other);
int32_t refuse(belay_error *error, int32_t code, const char *what);
/* The failure of conn's last call into SQLite. */
int32_t fail(belay_conn *conn, sqlite3 *db, belay_op *op, uint32_t outcome, belay_error *error);
int32_t run(belay_conn *conn, belay_op *op, sqlite3 *db, const char *sql, belay_error *error);
void bind_row(sqlite3_stmt *statement, const belay_batch *params, uint64_t row);
int32_t query(belay_conn *conn, belay_op *op, belay_str sql, const belay_batch *params, const belay_rowsink *rows,
              belay_error *error);
sqlite3 *readable(belay_conn *conn);
/* Other engines (engines.c). The statements as such an engine would see them, to be freed; NULL: it refuses them, and the
   failure is reported. */
char *seen(belay_conn *conn, belay_str sql, belay_error *error);
/* A name of a script, as the catalog has it; valid until the thread's next call. */
belay_str told_name(belay_str name, int quoted);
/* The virtual table of counters. */
extern const char *COUNTERS;
const char *counter_rows(belay_conn *conn);
int32_t load_counters(belay_conn *conn, belay_op *op, const belay_table *table, const belay_batch *rows, belay_error *error);
/* The CHECKs of tables, as objects of their own. */
int32_t tell_checks(belay_conn *conn, const belay_objectsink *objects);
/* Whole databases, one over the other. */
int copy(sqlite3 *from, sqlite3 *to);
/* Every connection of this process to conn's database but conn; NULL ends the list. */
belay_conn *others(belay_conn *conn, belay_conn *after);

const void *extension(const char *id);

#endif
