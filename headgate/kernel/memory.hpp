// Every allocation that the state makes passes here, so that a test can make any of them fail.
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

constexpr std::size_t HUGE_PAGE = 1 << 21;

// Memory for a large table, in large pages where the system has them: its places are read in no order, and each would
// cost a look into the table of pages too.
inline void in_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  madvise(memory, bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
}
inline void* huge(std::size_t bytes) {
  void* memory = std::aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
  if (memory != nullptr) in_huge_pages(memory, bytes);
  return memory;
}

inline void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  void* memory = bytes >= 2 * HUGE_PAGE                       ? huge(bytes)
                 : alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, bytes)
                                                         : std::malloc(bytes ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Tables come from the system and go back to it, each by itself: those that grew out of their place would leave holes.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
constexpr std::size_t TABLE = 1 << 16;  // bytes
inline bool by_itself(std::size_t bytes) { return bytes >= TABLE && bytes < 2 * HUGE_PAGE; }
inline void* allocate_table(std::size_t bytes, std::size_t alignment) {
  if (!by_itself(bytes)) return allocate(bytes, alignment);
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}
inline void free_table(void* memory, std::size_t bytes) {
  if (by_itself(bytes)) munmap(memory, bytes);
  else std::free(memory);
}
#else
inline void* allocate_table(std::size_t bytes, std::size_t alignment) { return allocate(bytes, alignment); }
inline void free_table(void* memory, std::size_t) { std::free(memory); }
#endif

// The same for standard containers.
template <class T>
struct Allocator {
  using value_type = T;
  Allocator() = default;
  template <class U>
  Allocator(const Allocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_table(count * sizeof(T), alignof(T))); }
  void deallocate(T* memory, std::size_t count) { free_table(memory, count * sizeof(T)); }
  bool operator==(const Allocator&) const { return true; }
};

// Asks for memory that will be read soon. The empty statement counts as an effect: without one, GCC takes a function that
// does nothing else for a function that does nothing, and drops its calls.
inline void bring_near(const void* memory) {
  __builtin_prefetch(memory);
  asm volatile("");
}

}  // namespace headgate
