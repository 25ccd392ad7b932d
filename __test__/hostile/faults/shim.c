/*
 * Preloaded: makes system calls on sockets of this library fail.
 *
 * It is controlled through FAULT_FD, the number of a descriptor that does not exist: write(2) of "CALL ERRNO FIRST LAST"
 * resets the counters and makes the calls from number FIRST to number LAST fail; "off" stops that; read(2) returns
 * "SEEN FAILED", the counters. Only calls on AF_UNIX descriptors of SOCK_SEQPACKET or SOCK_DGRAM count, and calls that
 * create them, so that pipes of Node.js are not affected; for "inet:CALL", descriptors of AF_INET and AF_INET6. Of calls
 * on files, only those that an addon makes count. With an ERRNO of 0 no call fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

static char order_name[32];
static const char *call_name = order_name;
static int wants_inet, call_errno, call_first, call_last, mark_fd = -1;
static volatile int armed, seen, failed;

__attribute__((constructor)) static void setup(void) {
  const char *mark = getenv("FAULT_FD");
  mark_fd = mark ? atoi(mark) : -1;
}

/* The function of libc, which does not count. */
static int (*real_getsockopt)(int, int, int, void *, socklen_t *);

static int is_wanted(int domain, int type) {
  type &= 0xf;
  if (wants_inet) return domain == AF_INET || domain == AF_INET6;
  return domain == AF_UNIX && (type == SOCK_SEQPACKET || type == SOCK_DGRAM);
}

static int ours(int fd) {
  int domain = 0, type = 0, before = errno;
  socklen_t length = sizeof domain;
  if (!real_getsockopt) real_getsockopt = dlsym(RTLD_NEXT, "getsockopt");
  int is = real_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0;
  length = sizeof type;
  is = is && real_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && is_wanted(domain, type);
  errno = before;
  return is;
}

/* True if the return address is in an addon. */
static int from_addon(void *address) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) return 0;
  const char *end = strrchr(info.dli_fname, '.');
  return end && strcmp(end, ".node") == 0;
}

#define CALLER from_addon(__builtin_return_address(0))

/* Counts a call. True if it has to fail. */
static int strikes(const char *name, int relevant) {
  if (!armed || strcmp(name, call_name) != 0 || !relevant) return 0;
  int number = __sync_add_and_fetch(&seen, 1);
  if (call_errno == 0 || number < call_first || number > call_last) return 0;
  __sync_add_and_fetch(&failed, 1);
  errno = call_errno;
  return 1;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define ON_FD(type, name, params, args) \
  type name params { \
    REAL(name); \
    return strikes(#name, armed && ours(fd)) ? -1 : real args; \
  }

int socket(int domain, int type, int protocol) {
  REAL(socket);
  return strikes("socket", is_wanted(domain, type)) ? -1 : real(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int fds[2]) {
  REAL(socketpair);
  return strikes("socketpair", is_wanted(domain, type)) ? -1 : real(domain, type, protocol, fds);
}

ON_FD(int, bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
ON_FD(int, connect, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
ON_FD(int, listen, (int fd, int backlog), (fd, backlog))
ON_FD(int, accept4, (int fd, struct sockaddr *restrict addr, socklen_t *restrict len, int flags), (fd, addr, len, flags))
ON_FD(ssize_t, send, (int fd, const void *data, size_t len, int flags), (fd, data, len, flags))
ON_FD(ssize_t, sendto, (int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t to_len),
      (fd, data, len, flags, to, to_len))
ON_FD(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
ON_FD(int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags), (fd, messages, count, flags))
ON_FD(int, recvmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout),
      (fd, messages, count, flags, timeout))
ON_FD(ssize_t, recv, (int fd, void *data, size_t len, int flags), (fd, data, len, flags))
ON_FD(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
ON_FD(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t len), (fd, level, option, value, len))
ON_FD(int, getsockopt, (int fd, int level, int option, void *restrict value, socklen_t *restrict len),
      (fd, level, option, value, len))
ON_FD(int, getsockname, (int fd, struct sockaddr *restrict addr, socklen_t *restrict len), (fd, addr, len))
ON_FD(int, getpeername, (int fd, struct sockaddr *restrict addr, socklen_t *restrict len), (fd, addr, len))
ON_FD(int, shutdown, (int fd, int how), (fd, how))
ON_FD(int, fchmod, (int fd, mode_t mode), (fd, mode))

int poll(struct pollfd *entries, nfds_t count, int timeout) {
  REAL(poll);
  return strikes("poll", armed && count == 1 && ours(entries->fd)) ? -1 : real(entries, count, timeout);
}

/* Calls on files, by path or descriptor. */
#define ON_FILE(symbol, name, params, args) \
  int symbol params { \
    REAL(symbol); \
    return strikes(name, armed && CALLER) ? -1 : real args; \
  }

ON_FILE(flock, "flock", (int fd, int operation), (fd, operation))
ON_FILE(unlink, "unlink", (const char *path), (path))
ON_FILE(chmod, "chmod", (const char *path, mode_t mode), (path, mode))
/* Rust's std calls these if statx(2), which it probes with descriptor 0 and null pointers, does not exist. */
ON_FILE(lstat64, "statx", (const char *restrict path, struct stat64 *restrict found), (path, found))
ON_FILE(fstat64, "statx", (int fd, struct stat64 *found), (fd, found))

int statx(int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict found) {
  REAL(statx);
  return strikes("statx", armed && fd != 0 && CALLER) ? -1 : real(fd, path, flags, mask, found);
}

char *getcwd(char *buffer, size_t size) {
  REAL(getcwd);
  return strikes("getcwd", armed && CALLER) ? NULL : real(buffer, size);
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list list;
  va_start(list, flags);
  mode_t mode = va_arg(list, mode_t);
  va_end(list);
  return strikes("open", armed && CALLER) ? -1 : real(path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...) {
  REAL(ioctl);
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  return strikes("ioctl", armed && request == TIOCOUTQ && ours(fd)) ? -1 : real(fd, request, argument);
}

/* libuv checks that a descriptor can be polled with an event whose data.fd is -1. */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  REAL(epoll_ctl);
  int asks = armed && operation == EPOLL_CTL_ADD && event && event->data.fd == -1 && ours(fd);
  return strikes("epoll_ctl", asks) ? -1 : real(epoll, operation, fd, event);
}

/* The descriptor is released although the call fails, as on Linux. */
int close(int fd) {
  REAL(close);
  int strike = strikes("close", armed && ours(fd));
  int result = real(fd);
  if (strike) errno = call_errno;
  return strike ? -1 : result;
}

/* F_DUPFD_CLOEXEC counts on any descriptor, because descriptors of all kinds are duplicated. */
int fcntl(int fd, int command, ...) {
  REAL(fcntl);
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (strikes("fcntl", armed && (ours(fd) || command == F_DUPFD_CLOEXEC))) return -1;
  return real(fd, command, argument);
}

ssize_t write(int fd, const void *data, size_t len) {
  REAL(write);
  if (fd < 0 || fd != mark_fd) return real(fd, data, len);
  char order[128] = {0};
  memcpy(order, data, len < sizeof order ? len : sizeof order - 1);
  seen = failed = 0;
  armed = sscanf(order, "%31s %d %d %d", order_name, &call_errno, &call_first, &call_last) == 4;
  wants_inet = strncmp(order_name, "inet:", 5) == 0;
  call_name = order_name + (wants_inet ? 5 : 0);
  return (ssize_t)len;
}

ssize_t read(int fd, void *data, size_t len) {
  REAL(read);
  if (fd < 0 || fd != mark_fd) return real(fd, data, len);
  return snprintf(data, len, "%d %d", seen, failed);
}
