/*
 * The C contestant of the benchmark: the system calls of each row and nothing else.
 *
 *   floor ROW ROLE key=value...
 *
 * It has the roles of bench/rows/ROW.js and exchanges the lines of bench/lib/peer.js over stdin and stdout. Messages are those of
 * bench/lib/traffic.js: message i consists of the bytes i, i + 1, ... (mod 256).
 */
#include "floor.h"
#include "floor-senders.h"

/* ---- one way ---- */

static void oneway(int receiver) {
  int batched = strcmp(text("mode", ""), "cork") == 0;
  int fd = receiver ? bound(SOCK_SEQPACKET, "") : connected(SOCK_SEQPACKET, "");
  batch_start(receiver);
  ready_go();
  if (receiver) {
    run_receiver(accept(fd, NULL, NULL), batched ? recv_some : recv_one);
  } else {
    run_sender(fd, batched ? send_some : send_one);
    report(",\"errors\":0");
  }
}

/* ---- one receiver with many sockets: fan-in of connections, or datagrams to many receivers ---- */

static void epoll_step(int poller) {
  struct epoll_event event[BATCH];
  int n = epoll_wait(poller, event, BATCH, -1);
  for (int i = 0; i < n; i++) receive_batch(event[i].data.fd, MSG_DONTWAIT, &turns[event[i].data.fd]);
}

static void fanin(int receiver) {
  int count = (int)number("clients", 1);
  int *fds = calloc((size_t)count, sizeof *fds);
  batch_start(receiver);
  if (receiver) {
    int listener = bound(SOCK_SEQPACKET, ""), poller = epoll_create1(0);
    ready_go();
    for (int i = 0; i < count; i++) watch_input(poller, accept(listener, NULL, NULL));
    run_receiver(poller, epoll_step);
    return;
  }
  for (int i = 0; i < count; i++) fds[i] = connected(SOCK_SEQPACKET, "");
  ready_go();
  while (!meter_over()) {
    for (int i = 0; i < count && !meter_over(); i++) {
      for (int k = 0; k < BATCH; k++) {
        check(send(fds[i], pattern + turns[fds[i]]++, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
        meter_add(1);
      }
    }
  }
  run_sender(-1, NULL);
  report(",\"errors\":0");
}

/* ---- datagrams ---- */

static void stopped_peer(int peers) {
  char suffix[16];
  snprintf(suffix, sizeof suffix, "%d", peers - 1);
  int fd = bound(SOCK_DGRAM, suffix);
  say("ready");
  for (int i = 0; i < (int)number("stuck", 16); i++) recv_one(fd);
  report("");
}

/* Sends one message to each peer in turn if it has room. The last peer is stopped and gets `stuck` messages in total. */
static void send_round(int fd, int peers) {
  unsigned char *next = calloc((size_t)peers, 1);
  int stuck = (int)number("stuck", 16), left = stuck;
  struct sockaddr_un *to = calloc((size_t)peers, sizeof *to);
  for (int i = 0; i < peers; i++) {
    char suffix[16];
    snprintf(suffix, sizeof suffix, "%d", i);
    to[i] = address(suffix);
  }
  while (left > 0) {
    int moved = 0;
    for (int i = 0; i < peers; i++) {
      int last = i == peers - 1;
      if (last ? left == 0 : meter_over()) continue;
      ssize_t n = sendto(fd, pattern + next[i], size, MSG_DONTWAIT, (struct sockaddr *)&to[i], sizeof to[i]);
      if (n < 0 && errno == EAGAIN) continue;
      check(n == (ssize_t)size, "sendto");
      next[i]++;
      moved++;
      if (last) left--;
      else meter_add(1);
    }
    if (meter_over() && sent < 0) run_sender(-1, NULL), sent = 0;
    if (moved == 0) sched_yield();
  }
  report(",\"errors\":0");
}

static void datagrams(int receiver) {
  int batched = strcmp(text("mode", ""), "cork") == 0, peers = (int)number("peers", 1);
  batch_start(receiver);
  if (receiver && peers == 1) {
    int fd = bound(SOCK_DGRAM, "0");
    ready_go();
    run_receiver(fd, batched ? recv_some : recv_one);
  } else if (receiver) {
    int poller = epoll_create1(0);
    for (int i = 0; i < peers - 1; i++) {
      char suffix[16];
      snprintf(suffix, sizeof suffix, "%d", i);
      watch_input(poller, bound(SOCK_DGRAM, suffix));
    }
    ready_go();
    run_receiver(poller, epoll_step);
  } else {
    int is_connected = strcmp(text("connected", ""), "yes") == 0;
    int fd = is_connected ? connected(SOCK_DGRAM, "0") : socket(AF_UNIX, SOCK_DGRAM, 0);
    peer = address("0");
    ready_go();
    if (peers > 1) return send_round(fd, peers);
    run_sender(fd, batched ? send_some : is_connected ? send_one : send_to);
    report(",\"errors\":0");
  }
}

/* ---- round trips, with epoll at both ends; with `spin=1` both repeat recv(MSG_DONTWAIT) instead ---- */

static int later(const void *a, const void *b) { return (*(uint32_t *)a > *(uint32_t *)b) - (*(uint32_t *)a < *(uint32_t *)b); }

static void wait_for(int poller) {
  struct epoll_event event;
  if (poller < 0) return;
  check(epoll_wait(poller, &event, 1, -1) == 1, "epoll_wait");
}

static void echo(int fd, int poller) {
  for (;;) {
    wait_for(poller);
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      check(send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n, "send");
      if (!meter_over()) meter_add(1);
      if (meter_over() && sent < 0) report(""), sent = 0;
    }
    if (n == 0) pause();
    check(errno == EAGAIN, "recv");
  }
}

static void ask(int fd, int poller, int window) {
  enum { SAMPLES = 1 << 22 };
  uint32_t *sample = malloc(SAMPLES * sizeof *sample), samples = 0;
  double began[BATCH];
  uint64_t asked = 0;
  while (!meter_over()) {
    while (asked - meter.count < (uint64_t)window) {
      began[asked % BATCH] = now();
      check(send(fd, pattern + (asked++ & 255), size, MSG_NOSIGNAL) == (ssize_t)size, "send");
    }
    wait_for(poller);
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      verify(buffer, (size_t)n, &turn);
      if (meter.from.at > 0 && samples < SAMPLES) sample[samples++] = (uint32_t)((now() - began[meter.count % BATCH]) * 1e6);
      meter_add(1);
    }
    check(n < 0 && errno == EAGAIN, "recv");
  }
  qsort(sample, samples, sizeof *sample, later);
  char more[200];
  snprintf(more, sizeof more, ",\"bad\":%llu,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f", bad + gaps, sample[samples / 2] / 1e3,
           sample[(uint64_t)samples * 99 / 100] / 1e3, sample[(uint64_t)samples * 999 / 1000] / 1e3);
  report(more);
}

static void roundtrip(int receiver) {
  int poller = number("spin", 0) ? -1 : epoll_create1(0);
  int fd = receiver ? bound(SOCK_SEQPACKET, "") : connected(SOCK_SEQPACKET, "");
  ready_go();
  if (receiver) fd = accept(fd, NULL, NULL);
  if (poller >= 0) watch_input(poller, fd);
  if (receiver) echo(fd, poller);
  else ask(fd, poller, (int)number("window", 1));
}

/* ---- connect, one message, close ---- */

static void accept_one(int listener) {
  int fd = accept(listener, NULL, NULL);
  recv_one(fd);
  close(fd);
}

static void connect_one(int unused) {
  (void)unused;
  int fd = connected(SOCK_SEQPACKET, "");
  send_one(fd);
  close(fd);
}

static void connects(int receiver) {
  int fd = receiver ? bound(SOCK_SEQPACKET, "") : -1;
  ready_go();
  if (receiver) return run_receiver(fd, accept_one);
  run_sender(-1, connect_one);
  report(",\"errors\":0");
}

/* ---- idle connections: each sends one message and receives one ---- */

static void idle(int receiver) {
  int count = (int)number("clients", 1);
  int *fds = calloc((size_t)count, sizeof *fds);
  int listener = receiver ? bound(SOCK_SEQPACKET, "") : -1;
  ready_go();
  long before = memory("VmRSS");
  for (int i = 0; i < count; i++) {
    fds[i] = receiver ? accept(listener, NULL, NULL) : connected(SOCK_SEQPACKET, "");
    if (receiver) recv_one(fds[i]);
    check(send(fds[i], pattern, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
    if (!receiver) recv_one(fds[i]);
  }
  double from = snapshot().cpu;
  usleep((useconds_t)(number("rest", 1000) * 1e3));
  printf("report {\"rss\":%ld,\"cpu\":%.0f}\n", memory("VmRSS") - before, snapshot().cpu - from);
  fflush(stdout);
}

/* ---- short HTTP connections to 127.0.0.1:port, `threads` at a time: the client of every contestant ---- */

static void http_one(int unused) {
  (void)unused;
  static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number("port", 0)), .sin_addr = { htonl(INADDR_LOOPBACK) } };
  char reply[1024];
  ssize_t n, all = 0;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  check(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
  check(send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0, "send");
  while ((n = recv(fd, reply, sizeof reply, 0)) > 0) all += n;
  check(n == 0 && all > 12 && memcmp(reply, "HTTP/1.1 200", 12) == 0, "reply");
  close(fd);
}

static pthread_mutex_t meter_lock = PTHREAD_MUTEX_INITIALIZER;

static void *http_thread(void *unused) {
  int over = 0;
  while (!over) {
    http_one(0);
    pthread_mutex_lock(&meter_lock);
    meter_add(1);
    over = meter_over();
    pthread_mutex_unlock(&meter_lock);
  }
  return unused;
}

static void http(int unused) {
  (void)unused;
  pthread_t thread[64];
  int threads = (int)number("threads", 8);
  ready_go();
  for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, http_thread, NULL);
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  report("");
}

int main(int argc, char **argv) {
  static const struct { const char *row; void (*play)(int); } rows[] = {
    { "oneway", oneway }, { "datagrams", datagrams }, { "roundtrip", roundtrip }, { "connect", connects },
    { "fanin", fanin }, { "senders", senders }, { "idle", idle }, { "http", http },
  };
  arg_count = argc;
  arg_list = argv;
  if (argc < 3) return 2;
  messages_start();
  meter_start();
  if (strcmp(argv[2], "stopped") == 0) stopped_peer((int)number("peers", 1));
  size_t i = 0, count = sizeof rows / sizeof *rows;
  while (i < count && strcmp(argv[1], rows[i].row) != 0) i++;
  if (i == count) return 2;
  rows[i].play(strcmp(argv[2], "receiver") == 0);
  /* Keep all descriptors open until the runner ends this process. */
  while (fgets((char *)buffer, sizeof buffer, stdin)) {}
  return 0;
}
