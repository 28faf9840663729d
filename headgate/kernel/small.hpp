// Short lists and sets of a search, without allocation.
#pragma once

#include <algorithm>
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
  void insert(int at, const T& item) {
    assert(size < N && at <= size);
    for (int i = size++; i > at; --i) items[i] = items[i - 1];
    items[at] = item;
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

// At most N accounts in a row, asked for some that are seldom among them: one of 2^BITS marks says no at once.
template <int N, int BITS>
class Roll {
 public:
  int size() const { return size_; }
  void clear() {
    size_ = 0;
    std::fill_n(marks_, WORDS, 0);
  }
  void add(AccountId account) {
    assert(size_ < N);
    const std::uint32_t mark = mark_of(account);
    marks_[mark >> 6] |= 1ull << (mark & 63);
    accounts_[size_++] = account;
  }
  // The position of an account, from a position on; -1 for none.
  int find(AccountId account, int from = 0) const {
    const std::uint32_t mark = mark_of(account);
    if (!(marks_[mark >> 6] >> (mark & 63) & 1)) return -1;
    for (int i = from; i < size_; ++i) {
      if (accounts_[i] == account) return i;
    }
    return -1;
  }

 private:
  static constexpr int WORDS = (1 << BITS) / 64;
  static std::uint32_t mark_of(AccountId account) { return account * 0x9E3779B1u >> (32 - BITS); }

  std::uint64_t marks_[WORDS] = {};
  AccountId accounts_[N];
  int size_ = 0;
};

}  // namespace headgate
