/* An addon whose external() is the memory outside of its heap that V8 was told of; process.memoryUsage() leaves it out. */
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_create_double(napi_env, double, napi_value *);
extern int napi_adjust_external_memory(napi_env, int64_t, int64_t *);

static napi_value external(napi_env env, napi_callback_info info) {
  int64_t total = 0;
  napi_value result = NULL;
  (void)info;
  napi_adjust_external_memory(env, 0, &total);
  napi_create_double(env, (double)total, &result);
  return result;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  (void)exports;
  napi_value function = NULL;
  napi_create_function(env, "external", 8, external, NULL, &function);
  return function;
}
