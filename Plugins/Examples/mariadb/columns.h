/* columns.c: which columns get the value of an expression. */
#ifndef BELAY_MARIADB_COLUMNS_H
#define BELAY_MARIADB_COLUMNS_H

#include "writes.h"

/* The columns of a table in their order, as a statement without a list of columns fills them. */
typedef struct { char *table, **names; size_t n; } column_list;

/* Of the tables that the script has made so far. */
typedef struct { column_list *at; size_t n; } known_columns;

/* After statement_read. */
void columns_read(statement *s, known_columns *known);
void columns_forget(known_columns *known);

#endif
