/* An addon whose spin() runs the event loop once, inside the call: as `deasync` and others do. */
#include <stddef.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_get_uv_event_loop(napi_env, void **);
extern int uv_run(void *, int);

enum { RUN_NOWAIT = 2 };

static napi_value spin(napi_env env, napi_callback_info info) {
  void *loop = NULL;
  (void)info;
  if (napi_get_uv_event_loop(env, &loop) == 0) uv_run(loop, RUN_NOWAIT);
  return NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  (void)exports;
  napi_value function = NULL;
  napi_create_function(env, "spin", 4, spin, NULL, &function);
  return function;
}
