/* The folder that a new process starts in, a session of its own, and a file in memory to pass on: the headers show these to
   GNU sources only, and Swift's are none. */
#ifndef BELAY_SPAWN_FOLDER_H
#define BELAY_SPAWN_FOLDER_H

#include <spawn.h>

extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *__restrict actions,
                                                const char *__restrict path);

/* <spawn.h> shows it to GNU sources only. */
static const int belay_spawn_setsid = 0x80;

/* So does <sys/mman.h>. */
extern int memfd_create(const char *name, unsigned int flags);

#endif
