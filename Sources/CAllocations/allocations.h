/* What the C library has handed out, for tests of leaks: Swift does not import <malloc.h>. */
#ifndef BELAY_ALLOCATIONS_H
#define BELAY_ALLOCATIONS_H

#include <malloc.h>

/* Bytes that were allocated by this thread's arena or mapped, and not freed. */
static inline size_t belay_allocated(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

#endif
