/* reading.c: SQL of others that may only read. */
#ifndef BELAY_MARIADB_READING_H
#define BELAY_MARIADB_READING_H

#include "driver.h"

/* Alone in a read-only transaction; within an open one, which cannot become read-only: what a function writes is undone. */
typedef enum { READING_NOT, READING_ALONE, READING_WITHIN } reading;

/* Fails where sql is no query. The statement must have been parsed by the server, so that a wrong one has the server's words. */
int32_t reading_allowed(call *c, belay_str sql);
/* From here on nothing that is run changes anything. */
int32_t reading_begin(call *c, reading *how);
/* Nothing stays of what was run since. */
void reading_end(call *c, reading how);

#endif
