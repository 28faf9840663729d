// Two accounts as one key: an open hash table from (one, other) to what is kept of them.
#pragma once

#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "names.hpp"
#include "types.hpp"

namespace headgate {

inline std::uint64_t pair_key(AccountId one, AccountId other) { return std::uint64_t{one} << 32 | other; }

// Value: a plain struct. Linear probing; removal shifts back, so that searches stay short for ever.
template <class Value>
class Table {
 public:
  Table() : slots_(16) {}

  const Value* find(std::uint64_t key) const {
    if (size_ == 0) return nullptr;
    for (std::size_t at = home(key);; at = after(at)) {
      if (!slots_[at].used()) return nullptr;
      if (slots_[at].key == key) return &slots_[at].value;
    }
  }
  Value* find(std::uint64_t key) { return const_cast<Value*>(static_cast<const Table*>(this)->find(key)); }

  // Brings the slots near in which a key may be; the walk to a free one seldom goes further.
  void prefetch(std::uint64_t key) const {
    const char* slot = reinterpret_cast<const char*>(&slots_[home(key)]);
    bring_near(slot);
    bring_near(slot + 64);
  }

  // Room for one more key; what can fail fails here.
  void reserve_one() {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.size() + slots_.size() / (slots_.size() < LARGE ? 1 : 4));
  }

  // Room for so many keys.
  void reserve(std::uint64_t keys) {
    const std::size_t slots = keys * 4 / 3 + 1;
    if (slots > slots_.size()) resize(slots);
  }

  // The value of a key, a fresh one if it is new. Room must have been reserved.
  Value& at(std::uint64_t key) {
    std::size_t at = home(key);
    while (slots_[at].used() && slots_[at].key != key) at = after(at);
    if (!slots_[at].used()) {
      slots_[at].key = key;
      slots_[at].value = Value{};
      ++size_;
    }
    return slots_[at].value;
  }

  void erase(std::uint64_t key) {
    std::size_t hole = home(key);
    while (slots_[hole].used() && slots_[hole].key != key) hole = after(hole);
    if (!slots_[hole].used()) return;
    for (std::size_t at = hole;;) {
      at = after(at);
      if (!slots_[at].used()) break;
      if (distance(home(slots_[at].key), at) >= distance(hole, at)) {
        slots_[hole] = std::move(slots_[at]);
        hole = at;
      }
    }
    slots_[hole].key = EMPTY;
    slots_[hole].value = Value{};
    --size_;
  }

  std::size_t size() const { return size_; }

  template <class Take>
  void each(Take take) const {
    for (const Slot& slot : slots_) {
      if (slot.used()) take(slot.key, slot.value);
    }
  }

 private:
  static constexpr std::uint64_t EMPTY = ~0ull;  // no pair of accounts: NONE is no account

  struct Slot {
    std::uint64_t key = EMPTY;
    Value value{};

    bool used() const { return key != EMPTY; }
  };

  static constexpr std::size_t LARGE = 4096;  // slots from which on a table grows by a quarter, so that few stand empty

  static std::size_t home(std::uint64_t key, std::size_t slots) {
    return static_cast<std::size_t>(static_cast<unsigned __int128>(mixed(key)) * slots >> 64);
  }
  std::size_t home(std::uint64_t key) const { return home(key, slots_.size()); }
  std::size_t after(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  std::size_t distance(std::size_t from, std::size_t to) const { return to >= from ? to - from : to + slots_.size() - from; }

  void resize(std::size_t slots) {
    std::vector<Slot, Allocator<Slot>> larger(slots);
    for (Slot& slot : slots_) {
      if (!slot.used()) continue;
      std::size_t at = home(slot.key, slots);
      while (larger[at].used()) at = at + 1 == slots ? 0 : at + 1;
      larger[at] = std::move(slot);
    }
    slots_.swap(larger);
  }

  std::vector<Slot, Allocator<Slot>> slots_;
  std::size_t size_ = 0;
};

}  // namespace headgate
