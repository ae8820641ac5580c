/* What scratch.c and promote.c share. */
#ifndef BELAY_MARIADB_SCRATCH_H
#define BELAY_MARIADB_SCRATCH_H

#include "driver.h"

/* The name of the database that a scratch's URL leads to; refuses every other URL. */
int32_t scratch_database(const belay_conn *conn, belay_str url, text *database, belay_error *error);
int32_t drop_database(call *c, const text *name, const char *suffix);
int32_t scratch_promote(belay_conn *conn, belay_op *op, belay_str url, belay_error *error);

#endif
