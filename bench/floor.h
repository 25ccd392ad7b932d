/* Shared by all rows of floor.c: parameters, lines, the meter, messages, sockets, steps. Static, because there is one translation unit. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MAX_MESSAGE = 256 * 1024 };

/* ---- parameters and lines ---- */

static int arg_count;
static char **arg_list;

static const char *text(const char *key, const char *otherwise) {
  size_t length = strlen(key);
  for (int i = 3; i < arg_count; i++)
    if (strncmp(arg_list[i], key, length) == 0 && arg_list[i][length] == '=') return arg_list[i] + length + 1;
  return otherwise;
}

static double number(const char *key, double otherwise) {
  const char *value = text(key, NULL);
  return value ? atof(value) : otherwise;
}

static void check(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "error: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void say(const char *line) {
  puts(line);
  fflush(stdout);
}

/* Waits for a line that starts with `verb` and returns the number after it. Exits if the runner has exited. */
static double hear(const char *verb) {
  char line[256];
  for (;;) {
    if (!fgets(line, sizeof line, stdin)) exit(0);
    if (strncmp(line, verb, strlen(verb)) == 0) return atof(line + strlen(verb));
  }
}

/* ---- meter: the same as lib/meter.js ---- */

struct snapshot { double at, cpu; uint64_t count; };
static struct {
  double warmup, duration, began;
  uint64_t limit, count;
  struct snapshot from, to;
} meter;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static struct snapshot snapshot(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  double cpu = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
  return (struct snapshot){ now(), cpu, meter.count };
}

static void meter_start(void) {
  meter.warmup = number("warmup", 0);
  meter.duration = number("duration", 0);
  meter.limit = (uint64_t)number("count", 1e18);
}

static int meter_over(void) { return meter.to.at > 0; }

static void meter_look(void) {
  if (meter_over()) return;
  double at = now();
  if (meter.began == 0) meter.began = at;
  if (meter.from.at == 0) {
    if (at - meter.began >= meter.warmup) meter.from = snapshot();
  } else if (at - meter.from.at >= meter.duration || meter.count >= meter.limit) {
    meter.to = snapshot();
  }
}

static void meter_add(uint64_t n) {
  uint64_t before = meter.count;
  meter.count += n;
  if (before == 0 || before / 64 != meter.count / 64 || meter.count >= meter.limit) meter_look();
}

static long memory(const char *field) {
  char line[256];
  long kb = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, strlen(field)) == 0) kb = atol(line + strlen(field) + 1);
  if (file) fclose(file);
  return kb * 1024;
}

/* Prints the figures of the window, followed by `more`, the figures of the role. */
static void report(const char *more) {
  if (meter.from.at == 0) meter.from = snapshot();
  if (meter.to.at == 0) meter.to = snapshot();
  printf("report {\"count\":%llu,\"seconds\":%.9f,\"cpu\":%.0f,\"peakRss\":%ld,\"total\":%llu%s}\n",
         (unsigned long long)(meter.to.count - meter.from.count), (meter.to.at - meter.from.at) / 1e3,
         meter.to.cpu - meter.from.cpu, memory("VmHWM"), (unsigned long long)meter.count, more);
  fflush(stdout);
}

/* ---- messages ---- */

static unsigned char pattern[MAX_MESSAGE + 256];
static size_t size;

static void messages_start(void) {
  size = (size_t)number("size", 64);
  for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = (unsigned char)i;
}

static unsigned long long bad, gaps;

static void verify(const unsigned char *message, size_t length, unsigned char *turn) {
  if (length != size || message[size - 1] != (unsigned char)(message[0] + size - 1)) bad++;
  if (message[0] != *turn) gaps++;
  *turn = (unsigned char)(message[0] + 1);
}

/* ---- sockets ---- */

static struct sockaddr_un address(const char *suffix) {
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  snprintf(a.sun_path, sizeof a.sun_path, "%s%s", text("path", ""), suffix);
  return a;
}

static int bound(int type, const char *suffix) {
  struct sockaddr_un a = address(suffix);
  int fd = socket(AF_UNIX, type, 0);
  check(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0, "bind");
  if (type != SOCK_DGRAM) check(listen(fd, 4096) == 0, "listen");
  return fd;
}

static int connected(int type, const char *suffix) {
  struct sockaddr_un a = address(suffix);
  int fd = socket(AF_UNIX, type, 0);
  check(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
  if (number("doubled", 0)) {
    /* The kernel doubles the value (socket(7)). */
    int bytes;
    socklen_t len = sizeof bytes;
    check(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &len) == 0, "getsockopt");
    check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, len) == 0, "setsockopt");
  }
  return fd;
}

/* ---- running a role: steps until the window has ended ---- */

/* Number of messages that the sender reports. After its window the receiver waits for them as long as messages arrive. */
static double sent = -1;

static int more_to_come(int fd) {
  static int quiet;
  struct pollfd wait[2] = { { fd, POLLIN, 0 }, { 0, POLLIN, 0 } };
  while ((sent < 0 || meter.count < (uint64_t)sent) && quiet < 40) {
    quiet = poll(wait, sent < 0 ? 2 : 1, 50) == 0 ? quiet + 1 : 0;
    if (sent < 0 && wait[1].revents) sent = hear("told ");
    if (wait[0].revents & POLLIN) return 1;
  }
  return 0;
}

static void run_receiver(int fd, void (*step)(int)) {
  while (!meter_over()) step(fd);
  while (more_to_come(fd)) step(fd);
  char more[200];
  snprintf(more, sizeof more, ",\"sent\":%.0f,\"lost\":%.0f,\"bad\":%llu,\"gaps\":%llu", sent, sent - meter.count, bad, gaps);
  report(more);
}

static void run_sender(int fd, void (*step)(int)) {
  while (!meter_over()) step(fd);
  printf("tell %llu\n", (unsigned long long)meter.count);
  fflush(stdout);
}

static void ready_go(void) {
  say("ready");
  hear("go");
}

/* ---- steps: one system call per message (callbacks, drain) or per batch (cork) ---- */

static unsigned char buffer[MAX_MESSAGE];
static unsigned char turn;

/* With `own=MIB` each message is received into memory of its own, and the memory is reused after so many MiB. This is how much memory
   is in use if messages belong to the program until a garbage collector frees them. */
static struct { unsigned char *memory; size_t count, next, step; } own;

static unsigned char *place(void) {
  return own.count ? own.memory + own.step * (own.next++ % own.count) : buffer;
}

static void own_start(void) {
  size_t bytes = (size_t)number("own", 0) << 20;
  own.step = (size + 63) & ~(size_t)63;
  own.count = bytes / own.step;
  if (bytes) check((own.memory = aligned_alloc(4096, bytes)) != NULL, "aligned_alloc");
}

static struct {
  struct mmsghdr header[BATCH];
  struct iovec part[BATCH];
} batch;

static void batch_start(int receive) {
  unsigned char *memory = receive ? malloc(BATCH * size) : pattern;
  if (receive) own_start();
  for (size_t i = 0; i < BATCH; i++) {
    batch.part[i] = (struct iovec){ receive ? memory + i * size : memory, size };
    batch.header[i].msg_hdr = (struct msghdr){ .msg_iov = &batch.part[i], .msg_iovlen = 1 };
  }
}

static int receive_batch(int fd, int flags, unsigned char *its_turn) {
  for (int i = 0; i < BATCH && own.count; i++) batch.part[i].iov_base = place();
  int n = recvmmsg(fd, batch.header, BATCH, flags, NULL);
  for (int i = 0; i < n; i++) verify(batch.part[i].iov_base, batch.header[i].msg_len, its_turn);
  if (n > 0) meter_add((uint64_t)n);
  return n;
}

static void recv_some(int fd) { check(receive_batch(fd, MSG_WAITFORONE, &turn) > 0, "recvmmsg"); }

static void recv_one(int fd) {
  unsigned char *to = place();
  ssize_t n = recv(fd, to, own.count ? own.step : sizeof buffer, 0);
  check(n > 0, "recv");
  verify(to, (size_t)n, &turn);
  meter_add(1);
}

static void send_some(int fd) {
  for (uint64_t i = 0; i < BATCH; i++) batch.part[i].iov_base = pattern + ((meter.count + i) & 255);
  int n = sendmmsg(fd, batch.header, BATCH, MSG_NOSIGNAL);
  check(n > 0, "sendmmsg");
  meter_add((uint64_t)n);
}

static void send_one(int fd) {
  check(send(fd, pattern + (meter.count & 255), size, MSG_NOSIGNAL) == (ssize_t)size, "send");
  meter_add(1);
}

static struct sockaddr_un peer;

static void send_to(int fd) {
  const unsigned char *message = pattern + (meter.count & 255);
  check(sendto(fd, message, size, 0, (struct sockaddr *)&peer, sizeof peer) == (ssize_t)size, "sendto");
  meter_add(1);
}

/* ---- epoll ---- */

/* The next message expected of each descriptor or sender. */
static unsigned char turns[16384];

static void watch(int poller, int fd, uint32_t events, int data) {
  struct epoll_event event = { .events = events, .data.fd = data };
  check(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void watch_input(int poller, int fd) { watch(poller, fd, EPOLLIN, fd); }
