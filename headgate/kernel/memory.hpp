// Every allocation that the state makes passes here, so that a test can make any of them fail.
#pragma once

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

constexpr std::size_t HUGE_PAGE = 1 << 21;

// Memory for a large table, in large pages where the system has them: its places are read in no order, and each would
// cost a look into the table of pages too.
inline void* huge(std::size_t bytes) {
  void* memory = std::aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
#ifdef __linux__
  if (memory != nullptr) madvise(memory, bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
  return memory;
}

inline void* allocate(std::size_t bytes) {
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  void* memory = bytes >= 2 * HUGE_PAGE ? huge(bytes) : std::malloc(bytes ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// The same for standard containers.
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
