/* The folder that a new process starts in: <spawn.h> shows the call to GNU sources only, and Swift's are none. */
#ifndef BELAY_SPAWN_FOLDER_H
#define BELAY_SPAWN_FOLDER_H

#include <spawn.h>

extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *__restrict actions,
                                                const char *__restrict path);

#endif
