/* The examples for authors of drivers and the files that they need, as they lie in the source tree. */
#ifndef SCAFFOLD_H
#define SCAFFOLD_H

/* One file of a language's scaffold: path is where it belongs in the new folder. */
typedef struct {
  const char *language, *path;
  const unsigned char *bytes;
  unsigned long count;
} scaffold_file;

/* Every file of every language, ended by one whose language is NULL. Never freed. */
const scaffold_file *scaffold_files(void);

#endif
