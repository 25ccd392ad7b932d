// Preloaded with LeakSanitizer. Turns the search for leaks off after exit(), which Node.js calls without freeing memory
// after process.exit() or an uncaught exception (otherwise main() returns), and in a traced process (strace), because the
// search itself has to attach to the threads.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

static int exited;

__attribute__((noreturn)) void exit(int status) {
  void (*real)(int) = (void (*)(int))dlsym(RTLD_NEXT, "exit");
  exited = 1;
  real(status);
  __builtin_unreachable();
}

static int traced(void) {
  char line[256];
  int tracer = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status) && sscanf(line, "TracerPid: %d", &tracer) != 1) {
  }
  if (status) fclose(status);
  return tracer != 0;
}

int __lsan_is_turned_off(void) { return exited || traced(); }
