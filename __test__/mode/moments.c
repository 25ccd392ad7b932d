/* Preloaded: after each call that makes a socket file or changes the mode of a file, one line on standard error has the
 * call, the path and the mode that anybody sees from then on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void tell(const char *call, const char *path) {
  struct stat found;
  if (stat(path, &found) == 0) dprintf(2, "%s %s %o\n", call, path, found.st_mode & 07777);
}

int bind(int fd, const struct sockaddr *addr, socklen_t len) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  int result = real(fd, addr, len);
  if (result == 0 && addr->sa_family == AF_UNIX) tell("bind", ((const struct sockaddr_un *)addr)->sun_path);
  return result;
}

int chmod(const char *path, mode_t mode) {
  int (*real)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
  int result = real(path, mode);
  if (result == 0) tell("chmod", path);
  return result;
}
