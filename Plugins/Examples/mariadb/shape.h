/* shape.c: parses the text of SHOW CREATE TABLE. */
#ifndef BELAY_MARIADB_SHAPE_H
#define BELAY_MARIADB_SHAPE_H

#include "driver.h"

typedef enum { PART_COLUMN, PART_INDEX, PART_CHECK, PART_FOREIGN_KEY, PART_OTHER } part_kind;

/* One line of the table's body: a column, key or constraint. name: unquoted, freed by shape_clear. */
typedef struct { part_kind kind; belay_str whole, definition; char *name; } part;

typedef struct {
  char *text;  /* owned; the parts point into it */
  part *parts;
  size_t n;
  belay_str options; /* the text after the body: engine, charset, comment, partitions */
} shape;

/* created: what SHOW CREATE TABLE says of a table in database. 0: memory ran out, or it is not of the known form. */
int shape_read(shape *s, const char *created, const char *database);
void shape_clear(shape *s);
/* Of a column: its definition has a CHECK. */
int part_has_check(const part *p);
/* The options without AUTO_INCREMENT=…: two tables that differ only in that have equal definitions. */
void shape_definition(const shape *s, text *out);
/* CREATE TABLE without foreign keys, which are added when all tables exist. */
void shape_ddl(const shape *s, const char *name, text *out);

#endif
