#include "fuzz/allocation_limit.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GRAFT_COUNTED_BY_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GRAFT_COUNTED_BY_SANITIZER 1
#endif
#endif

#ifdef GRAFT_COUNTED_BY_SANITIZER
// As sanitizer/allocator_interface.h declares them, which Debian's g++ comes without.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void* place);
#else
#include <new>

#include <malloc.h>
#endif

namespace graft::fuzz {
namespace {

// Frees of what was allocated before count, too, so `held` may be below zero.
std::atomic<std::ptrdiff_t> held = 0, limit = 0;  // no limit: 0

void count_more(std::size_t bytes) {
  if (limit == 0) return;
  const std::ptrdiff_t now = held += static_cast<std::ptrdiff_t>(bytes);
  if (now <= limit) return;
  const std::ptrdiff_t most = limit.exchange(0);
  std::fprintf(stderr, "allocation of %zu bytes makes %td held at once, at most %td expected\n", bytes, now, most);
  std::abort();
}

void count_less(std::size_t bytes) {
  if (limit != 0) held -= static_cast<std::ptrdiff_t>(bytes);
}

#ifdef GRAFT_COUNTED_BY_SANITIZER
void on_malloc(const volatile void*, std::size_t bytes) { count_more(bytes); }
void on_free(const volatile void* place) {
  if (limit != 0 && place != nullptr) count_less(__sanitizer_get_allocated_size(place));
}
#endif

}  // namespace

AllocationLimit::AllocationLimit(std::size_t bytes) {
#ifdef GRAFT_COUNTED_BY_SANITIZER
  [[maybe_unused]] static const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
#endif
  held = 0;
  limit = static_cast<std::ptrdiff_t>(bytes);
}

AllocationLimit::~AllocationLimit() { limit = 0; }

}  // namespace graft::fuzz

#ifndef GRAFT_COUNTED_BY_SANITIZER
// The array, sized and nothrow forms call these.
void* operator new(std::size_t bytes) {
  void* place = std::malloc(bytes == 0 ? 1 : bytes);
  if (place == nullptr) throw std::bad_alloc();
  graft::fuzz::count_more(malloc_usable_size(place));
  return place;
}
void operator delete(void* place) noexcept {
  if (place != nullptr) graft::fuzz::count_less(malloc_usable_size(place));
  std::free(place);
}
void operator delete(void* place, std::size_t) noexcept { operator delete(place); }
#endif
