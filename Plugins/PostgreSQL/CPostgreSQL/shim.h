#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/socket.h>

/* glibc declares them under _GNU_SOURCE only, which a Swift module cannot ask for. */
extern int pipe2(int[2], int);
extern int accept4(int, struct sockaddr *restrict, socklen_t *restrict, int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

/* A pipe, closed on exec, with room for 1 MiB where the system allows that (1031 = F_SETPIPE_SZ, linux/fcntl.h). Its
 * first end, the one that is read, does not block. Returns 0, or -1 with errno. */
static inline int belay_large_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  (void)fcntl(ends[0], 1031, 1 << 20);
  return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* Takes a connection: closed on exec, and not blocking. Returns its descriptor, or -1 with errno. */
static inline int belay_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }
