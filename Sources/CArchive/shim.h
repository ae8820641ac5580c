#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

/* glibc declares it under _GNU_SOURCE only, which a Swift module cannot ask for. */
extern int renameat2(int, const char *, int, const char *, unsigned int);

/* Renames, and fails with EEXIST rather than replace a file. flags: 1 = RENAME_NOREPLACE (linux/fs.h). */
static inline int belay_rename_new(const char *from, const char *to) { return renameat2(-100, from, -100, to, 1); }

/* 17 significant digits of a finite value: the nearest decimal that long. snprintf is variadic, so Swift cannot call
 * it. buffer: 32 bytes. Returns the length. */
static inline int belay_format_17(char *buffer, double value) { return snprintf(buffer, 32, "%.17g", value); }
