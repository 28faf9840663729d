// Short lists and sets of a search, without allocation.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>

#include "names.hpp"
#include "types.hpp"

namespace headgate {

// At most N values in a row.
template <class T, int N>
struct Small {
  T items[N];
  int size = 0;

  // Adds a value; returns whether there is room for one more.
  bool add(const T& item) {
    assert(size < N);
    items[size++] = item;
    return size < N;
  }
  T* begin() { return items; }
  T* end() { return items + size; }
  const T* begin() const { return items; }
  const T* end() const { return items + size; }
  T& operator[](int i) { return items[i]; }
  const T& operator[](int i) const { return items[i]; }
};

// Up to 128 accounts, each with a number that stands for it.
class SmallMap {
 public:
  SmallMap() { std::memset(slots_, 0xFF, sizeof slots_); }

  // Gives the account this number unless it has one; returns whether it was new.
  bool add(AccountId account, std::uint32_t number) {
    Slot& slot = slot_of(account);
    if (slot.account == account) return false;
    assert(++size_ <= 128);
    slot = {account, number};
    return true;
  }
  // The number of an account; NONE for none.
  std::uint32_t find(AccountId account) const {
    const Slot& slot = const_cast<SmallMap*>(this)->slot_of(account);
    return slot.account == account ? slot.number : NONE;
  }

 private:
  struct Slot {
    AccountId account;
    std::uint32_t number;
  };
  static constexpr std::uint32_t SLOTS = 256;

  Slot& slot_of(AccountId account) {
    std::uint32_t at = static_cast<std::uint32_t>(mixed(account)) & (SLOTS - 1);
    while (slots_[at].account != NONE && slots_[at].account != account) at = (at + 1) & (SLOTS - 1);
    return slots_[at];
  }

  Slot slots_[SLOTS];
  int size_ = 0;
};

// Up to 128 accounts.
class SmallSet {
 public:
  bool add(AccountId account) { return map_.add(account, 0); }
  bool has(AccountId account) const { return map_.find(account) != NONE; }

 private:
  SmallMap map_;
};

}  // namespace headgate
