// Every allocation that the state makes passes here, so that a test can make any of them fail. What is large is asked for
// in huge pages where the system has them: tables are read at random, and then each page is one more look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace headgate {

// Allocations still allowed before one fails; negative: no limit. Set by tests only.
inline std::int64_t allocations_left = -1;

constexpr std::size_t HUGE_PAGE = 2u << 20, LARGE = 4 * HUGE_PAGE;

// To be given back by std::free.
inline void* allocate(std::size_t bytes) {
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (bytes >= LARGE) {
    void* memory = std::aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (memory == nullptr) throw std::bad_alloc();
    madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without it all works as well
    return memory;
  }
#endif
  void* memory = std::malloc(bytes ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Asks for memory that will be read soon. The empty statement counts as an effect: without one, GCC takes a function that
// does nothing else for a function that does nothing, and drops its calls.
inline void bring_near(const void* memory) {
  __builtin_prefetch(memory);
  asm volatile("");
}

// `allocate` for standard containers.
template <class T>
struct Allocator {
  using value_type = T;
  Allocator() = default;
  template <class U>
  Allocator(const Allocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(headgate::allocate(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t) { std::free(memory); }
  bool operator==(const Allocator&) const { return true; }
};

}  // namespace headgate
