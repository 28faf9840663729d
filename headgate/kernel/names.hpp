// Texts as numbers, while somebody holds them: accounts, parties, types, countries, channels, rails. A number that
// nobody holds is given to the next text; so numbers carry no order, and memory is bounded by what is remembered.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "memory.hpp"
#include "short_text.hpp"
#include "types.hpp"

namespace headgate {

inline std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15ull;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9ull;
  return x ^ x >> 32;
}

inline std::uint64_t hashed(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ull ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  while (left >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mixed(hash ^ word);
    at += 8, left -= 8;
  }
  std::uint64_t word = 0;
  if (left) std::memcpy(&word, at, left);
  return mixed(hash ^ word ^ left << 56);
}

class Names {
 public:
  Names() : slots_(16, Slot{0, NONE}) {}

  // The number of a text, a new one if it is not known. Nobody holds a new one yet.
  std::uint32_t number(std::string_view text) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    const std::uint64_t hash = hashed(text);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].number != NONE) {
      if (slots_[at].hash == static_cast<std::uint32_t>(hash >> 32) && texts_[slots_[at].number].view() == text) {
        return slots_[at].number;
      }
      at = (at + 1) & (slots_.size() - 1);
    }
    const std::uint32_t number = fresh_number();
    texts_[number].assign(text);
    slots_[at] = Slot{static_cast<std::uint32_t>(hash >> 32), number};
    ++used_;
    return number;
  }

  // The number of a text that is known, NONE for another.
  std::uint32_t find(std::string_view text, std::uint64_t hash) const {
    for (std::size_t at = hash & (slots_.size() - 1); slots_[at].number != NONE; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == static_cast<std::uint32_t>(hash >> 32) && texts_[slots_[at].number].view() == text) {
        return slots_[at].number;
      }
    }
    return NONE;
  }

  // Brings what `find` reads first near.
  void prefetch(std::uint64_t hash) const { bring_near(&slots_[hash & (slots_.size() - 1)]); }
  void prefetch_text(std::uint64_t hash) const {
    const Slot& slot = slots_[hash & (slots_.size() - 1)];
    if (slot.number != NONE) bring_near(&texts_[slot.number]), bring_near(&holds_[slot.number]);
  }

  void hold(std::uint32_t number) { ++holds_[number]; }

  // Lets go; returns whether nobody holds the text any more, and then its number is free.
  bool release(std::uint32_t number) {
    assert(holds_[number] > 0);
    if (--holds_[number] > 0) return false;
    drop(number);
    return true;
  }

  // Frees a number that nobody came to hold.
  void drop_unheld(std::uint32_t number) {
    if (holds_[number] == 0 && !texts_[number].empty()) drop(number);
  }

  std::string_view text(std::uint32_t number) const { return texts_[number].view(); }
  std::size_t size() const { return used_; }
  std::size_t numbers() const { return texts_.size(); }
  std::uint32_t holds(std::uint32_t number) const { return holds_[number]; }

 private:
  struct Slot {
    std::uint32_t hash;
    std::uint32_t number;
  };

  std::uint32_t fresh_number() {
    if (!free_.empty()) {
      const std::uint32_t number = free_.back();
      free_.pop_back();
      return number;
    }
    if (free_.capacity() <= texts_.size()) free_.reserve(2 * texts_.size() + 16);  // `drop` must not fail
    holds_.push_back(0);
    texts_.emplace_back();
    return static_cast<std::uint32_t>(texts_.size() - 1);
  }

  void drop(std::uint32_t number) {
    std::size_t at = hashed(texts_[number].view()) & (slots_.size() - 1);
    while (slots_[at].number != number) at = (at + 1) & (slots_.size() - 1);
    remove_slot(at);
    texts_[number].clear();
    free_.push_back(number);
    --used_;
  }

  void remove_slot(std::size_t hole) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hole;
    while (true) {
      at = (at + 1) & mask;
      if (slots_[at].number == NONE) break;
      const std::size_t home = hashed(texts_[slots_[at].number].view()) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    }
    slots_[hole] = Slot{0, NONE};
  }

  void grow() {
    std::vector<Slot, Allocator<Slot>> larger(slots_.size() * 2, Slot{0, NONE});
    for (const Slot& slot : slots_) {
      if (slot.number == NONE) continue;
      std::size_t at = hashed(texts_[slot.number].view()) & (larger.size() - 1);
      while (larger[at].number != NONE) at = (at + 1) & (larger.size() - 1);
      larger[at] = slot;
    }
    slots_.swap(larger);
  }

  std::vector<Slot, Allocator<Slot>> slots_;
  std::vector<ShortText, Allocator<ShortText>> texts_;
  std::vector<std::uint32_t, Allocator<std::uint32_t>> holds_, free_;
  std::size_t used_ = 0;
};

}  // namespace headgate
