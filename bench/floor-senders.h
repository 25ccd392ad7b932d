/*
 * The row `senders` of floor.c: many unbound senders to one reader, with epoll and a system call per message. A message begins with the
 * number of its sender in two bytes. With `together` sender and reader are one process with one loop.
 */
enum { HEAD = 2, EVENTS = 1024 };

static struct { int count, *fds, reader, together; uint64_t sent; } crowd;

static int receive_numbered(int flags) {
  ssize_t n = recv(crowd.reader, buffer, sizeof buffer, flags);
  if (n < 0 && errno == EAGAIN) return 0;
  check(n > HEAD, "recv");
  verify(buffer + HEAD, (size_t)n - HEAD, &turns[(buffer[0] | buffer[1] << 8) % (int)sizeof turns]);
  meter_add(1);
  return 1;
}

static void receive_step(int unused) {
  (void)unused;
  receive_numbered(0);
}

/* Returns 0 if the reader has no room. */
static int send_numbered(int i) {
  buffer[0] = (unsigned char)i, buffer[1] = (unsigned char)(i >> 8);
  memcpy(buffer + HEAD, pattern + turn, size);
  ssize_t n = send(crowd.fds[i], buffer, HEAD + size, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return 0;
  check(n == (ssize_t)(HEAD + size), "send");
  crowd.sent++;
  if (!crowd.together) meter_add(1);
  return 1;
}

/* Each socket sends one message, when the reader has room. */
static void burst(int poller) {
  struct epoll_event event[EVENTS];
  for (int i = 0; i < crowd.count; i++) watch(poller, crowd.fds[i], EPOLLOUT, i);
  for (int left = crowd.count; left > 0;) {
    int n = epoll_wait(poller, event, EVENTS, -1);
    for (int k = 0; k < n; k++) {
      int i = event[k].data.fd;
      if (i == crowd.count) {
        while (receive_numbered(MSG_DONTWAIT)) {}
      } else if (send_numbered(i)) {
        check(epoll_ctl(poller, EPOLL_CTL_DEL, crowd.fds[i], NULL) == 0, "epoll_ctl");
        left--;
      }
    }
  }
  turn++;
}

static void senders(int receiver) {
  int poller = epoll_create1(0);
  crowd.together = strcmp(text("together", ""), "yes") == 0;
  crowd.count = receiver ? 0 : (int)number("senders", 1);
  crowd.fds = calloc((size_t)crowd.count + 1, sizeof *crowd.fds);
  size -= HEAD;
  if (receiver || crowd.together) crowd.reader = bound(SOCK_DGRAM, "");
  if (crowd.together) watch(poller, crowd.reader, EPOLLIN, crowd.count);
  for (int i = 0; i < crowd.count; i++) crowd.fds[i] = connected(SOCK_DGRAM, "");
  ready_go();
  if (receiver) return run_receiver(crowd.reader, receive_step);
  if (crowd.together) {
    while (!meter_over()) burst(poller);
    sent = (double)crowd.sent;
    return run_receiver(crowd.reader, receive_step);
  }
  run_sender(poller, burst);
  report(",\"errors\":0");
}
