/*
 * Preloaded: another reader of the same socket that is always faster. Each second large message whose size is asked for
 * is taken away before it is received; its number goes to standard error.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

static int asked;

ssize_t recv(int fd, void *data, size_t size, int flags) {
  static ssize_t (*real)(int, void *, size_t, int);
  if (!real) real = (ssize_t(*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
  ssize_t found = real(fd, data, size, flags);
  if (found >= 32768 && (flags & MSG_PEEK) && ++asked % 2 == 0) {
    uint32_t number;
    if (real(fd, &number, sizeof number, MSG_DONTWAIT) == sizeof number) dprintf(2, "%u\n", number);
  }
  return found;
}
