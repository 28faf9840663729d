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
    for (std::size_t at = mixed(key) & mask();; at = (at + 1) & mask()) {
      if (!slots_[at].used()) return nullptr;
      if (slots_[at].key == key) return &slots_[at].value;
    }
  }
  Value* find(std::uint64_t key) { return const_cast<Value*>(static_cast<const Table*>(this)->find(key)); }

  // Brings the slots near in which a key may be; the walk to a free one seldom goes further.
  void prefetch(std::uint64_t key) const {
    const char* slot = reinterpret_cast<const char*>(&slots_[mixed(key) & mask()]);
    bring_near(slot);
    bring_near(slot + 64);
  }

  // Room for one more key; what can fail fails here.
  void reserve_one() {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.size() * 2);
  }

  // Room for so many keys.
  void reserve(std::uint64_t keys) {
    std::size_t slots = slots_.size();
    while (keys * 4 > slots * 3) slots *= 2;
    if (slots > slots_.size()) resize(slots);
  }

  // The value of a key, a fresh one if it is new. Room must have been reserved.
  Value& at(std::uint64_t key) {
    std::size_t at = mixed(key) & mask();
    while (slots_[at].used() && slots_[at].key != key) at = (at + 1) & mask();
    if (!slots_[at].used()) {
      slots_[at].key = key;
      slots_[at].value = Value{};
      ++size_;
    }
    return slots_[at].value;
  }

  void erase(std::uint64_t key) {
    std::size_t hole = mixed(key) & mask();
    while (slots_[hole].used() && slots_[hole].key != key) hole = (hole + 1) & mask();
    if (!slots_[hole].used()) return;
    for (std::size_t at = hole;;) {
      at = (at + 1) & mask();
      if (!slots_[at].used()) break;
      const std::size_t home = mixed(slots_[at].key) & mask();
      if (((at - home) & mask()) >= ((at - hole) & mask())) {
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

  std::size_t mask() const { return slots_.size() - 1; }

  void resize(std::size_t slots) {
    std::vector<Slot, Allocator<Slot>> larger(slots);
    for (Slot& slot : slots_) {
      if (!slot.used()) continue;
      std::size_t at = mixed(slot.key) & (slots - 1);
      while (larger[at].used()) at = (at + 1) & (slots - 1);
      larger[at] = std::move(slot);
    }
    slots_.swap(larger);
  }

  std::vector<Slot, Allocator<Slot>> slots_;
  std::size_t size_ = 0;
};

}  // namespace headgate
