// Memory for many small blocks of few sizes that come and go for ever: pages of one size each, in chunks as large as the
// system's large pages. Blocks stand without gaps and apart from what lives briefly; a chunk that is empty goes back.
// One for all folds of a process, used by one thread at a time.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "memory.hpp"

namespace headgate {

class Slabs {
 public:
  static constexpr std::size_t LARGEST = 776;  // bytes of a block: 32 payments of a line

  void* take(std::size_t bytes) {
    const std::lock_guard turn(lock_);
    const std::size_t size = (bytes + GRAIN - 1) & ~(GRAIN - 1);
    assert(size > 0 && size <= LARGEST);
    List<Page>& open = pages_[size / GRAIN];
    if (open.first == nullptr) open.add(page(size));
    Page& in = *open.first;
    void* block = in.free;
    if (block != nullptr) in.free = in.free->after;
    else block = in.begin() + in.used, in.used += static_cast<std::uint32_t>(size);
    ++in.live;
    if (!in.room()) open.remove(&in);
    return block;
  }

  void give(void* block) noexcept {
    const std::lock_guard turn(lock_);
    Page& in = *reinterpret_cast<Page*>(reinterpret_cast<std::uintptr_t>(block) & ~(PAGE - 1));
    List<Page>& open = pages_[in.size / GRAIN];
    if (!in.room()) open.add(&in);
    in.free = new (block) Free{in.free};
    if (--in.live > 0) return;
    open.remove(&in);
    close(&in);
  }

 private:
  static constexpr std::size_t GRAIN = 8, PAGE = 1 << 13, CHUNK = HUGE_PAGE;
  static constexpr std::uint32_t PAGES = CHUNK / PAGE;
  static constexpr int FEW = 4;  // chunks in pages of the usual size, so that a small state takes what it touches

  template <class Item>
  struct List {
    Item* first = nullptr;

    void add(Item* item) {
      item->before = nullptr, item->after = first;
      if (first != nullptr) first->before = item;
      first = item;
    }
    void remove(Item* item) {
      (item->before != nullptr ? item->before->after : first) = item->after;
      if (item->after != nullptr) item->after->before = item->before;
    }
  };

  struct Free {
    Free* after;
  };
  struct Chunk {
    Chunk *before = nullptr, *after = nullptr;
    char* memory = nullptr;
    Free* free = nullptr;                // pages that were given back
    std::uint32_t carved = 0, live = 0;  // pages

    bool room() const { return free != nullptr || carved < PAGES; }
  };
  struct Page {
    Chunk* chunk;
    std::uint32_t size, used = sizeof(Page), live = 0;  // bytes of a block, bytes that held one, blocks
    Page *before = nullptr, *after = nullptr;
    Free* free = nullptr;

    char* begin() { return reinterpret_cast<char*>(this); }
    bool room() const { return free != nullptr || used + size <= PAGE; }
  };

  Page* page(std::size_t size) {
    if (chunks_.first == nullptr) chunks_.add(chunk());
    Chunk& in = *chunks_.first;
    void* memory = in.free;
    if (memory != nullptr) in.free = in.free->after;
    else memory = in.memory + PAGE * in.carved++;
    ++in.live;
    if (!in.room()) chunks_.remove(&in);
    return new (memory) Page{&in, static_cast<std::uint32_t>(size)};
  }

  void close(Page* page) noexcept {
    Chunk& in = *page->chunk;
    if (!in.room()) chunks_.add(&in);
    in.free = new (page) Free{in.free};
    if (--in.live > 0 || (chunks_.first == &in && in.after == nullptr)) return;  // the last one with room stays
    chunks_.remove(&in);
    --many_;
    std::free(in.memory);
    delete &in;
  }

  Chunk* chunk() {
    auto made = std::make_unique<Chunk>();
    made->memory = static_cast<char*>(allocate(CHUNK, CHUNK));
    if (++many_ > FEW) in_huge_pages(made->memory, CHUNK);
    return made.release();
  }

  std::mutex lock_;
  std::array<List<Page>, LARGEST / GRAIN + 1> pages_;  // those with room, by size of a block
  List<Chunk> chunks_;                                 // those with room
  int many_ = 0;
};

// Never destroyed: folds may outlive what is.
inline Slabs& slabs() {
  static Slabs* const all = new Slabs;
  return *all;
}

// A block of so many bytes, from the slabs where it is small. A sanitizer sees each by itself.
#ifdef __SANITIZE_ADDRESS__
inline bool in_slabs(std::size_t) { return false; }
#else
inline bool in_slabs(std::size_t bytes) { return bytes <= Slabs::LARGEST; }
#endif
inline void* take_block(std::size_t bytes) { return in_slabs(bytes) ? slabs().take(bytes) : allocate(bytes); }
inline void give_block(void* block, std::size_t bytes) noexcept {
  if (in_slabs(bytes)) slabs().give(block);
  else std::free(block);
}

}  // namespace headgate
