// Only in programs built with a sanitizer: dlopen without RTLD_DEEPBIND, for which AddressSanitizer and ThreadSanitizer end the program. oneTBB, which has
// OpenVINO's threads, opens its libraries so; they work without it.
#include <dlfcn.h>

#include <cstdlib>

extern "C" void* dlopen(const char* file, int flags) {
  using Dlopen = void* (*)(const char*, int);
  static const auto of_the_sanitizer = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  if (of_the_sanitizer == nullptr) std::abort();
  return of_the_sanitizer(file, flags & ~RTLD_DEEPBIND);
}
