#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

/* glibc declares it under _GNU_SOURCE only, which a Swift module cannot ask for. */
extern int renameat2(int, const char *, int, const char *, unsigned int);

/* Renames, and fails with EEXIST rather than replace a file. flags: 1 = RENAME_NOREPLACE (linux/fs.h). */
static inline int belay_rename_new(const char *from, const char *to) { return renameat2(-100, from, -100, to, 1); }

/* As above. off64_t is 64 bits here. */
extern int sync_file_range(int, long long, long long, unsigned int);

/* Has a part of a file written to the disk. wait: it returns when that is done, else at once. This makes nothing durable,
 * for which the file must be synced; it keeps the disk from having everything to write at once. flags: 1, 2 and 4 =
 * SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER (linux/fs.h). */
static inline int belay_write_out(int file, long long offset, long long count, int wait) {
  return sync_file_range(file, offset, count, wait ? 1 | 2 | 4 : 2);
}

/* 17 significant digits of a finite value: the nearest decimal that long. snprintf is variadic, so Swift cannot call
 * it. buffer: 32 bytes. Returns the length. */
static inline int belay_format_17(char *buffer, double value) { return snprintf(buffer, 32, "%.17g", value); }
