// The payments of one key in journal order: a ring that grows and shrinks, with what facts ask about its newest part.
//
// Position 0 is the oldest remembered payment. A place (head + position) names a payment for as long as it is here;
// places wrap, so only differences mean anything. Up to 64 payments are answered from the rows themselves; beyond
// that, running totals and marks of blocks keep an answer about a million payments as cheap as one about hundred.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "long_line.hpp"
#include "memory.hpp"
#include "slabs.hpp"
#include "types.hpp"

namespace headgate {

// Counts what facts and searches look at, for the figure "visited entries a payment".
inline std::uint64_t visited = 0;

class Line {
 public:
  struct Row {
    std::int64_t clock;
    std::uint64_t packed;  // the amount, 1 for a transfer of one's own, and in the last 22 bits `next`
    std::uint32_t other, at;

    Row(std::int64_t clock, std::int64_t amount, bool own, std::uint32_t other, std::uint32_t at)
        : clock(clock), packed((static_cast<std::uint64_t>(amount) << 1 | own) << NEXT_BITS), other(other), at(at) {}

    std::int64_t amount() const { return static_cast<std::int64_t>(packed >> (NEXT_BITS + 1)); }
    bool own() const { return packed >> NEXT_BITS & 1; }
    // How many rows on the next with the same counterparty is, 0 for the newest.
    std::uint32_t next() const { return static_cast<std::uint32_t>(packed & (NEXT_END - 1)); }
    void set_next(std::uint32_t next) { packed = (packed & ~(NEXT_END - 1)) | next; }
    void set_amount(std::int64_t amount) {
      packed = (packed & ((1ull << (NEXT_BITS + 1)) - 1)) | static_cast<std::uint64_t>(amount) << (NEXT_BITS + 1);
    }

   private:
    static constexpr int NEXT_BITS = 22;
    static constexpr std::uint64_t NEXT_END = 1u << NEXT_BITS;
    static_assert(MAX_PAYMENTS_PER_KEY <= NEXT_END && MAX_REFERENCE_MINOR < 1LL << (63 - NEXT_BITS));
  };

  Line() = default;
  Line(Line&& other) noexcept { swap(other); }
  Line& operator=(Line&& other) noexcept {
    swap(other);
    return *this;
  }
  Line(const Line&) = delete;
  ~Line() { drop(); }

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool big() const { return capacity_ > SMALL; }
  std::uint32_t head() const { return head_; }

  const Row& row(std::uint32_t i) const { return rows_[slot(i)]; }
  std::int64_t clock(std::uint32_t i) const { return rows_[slot(i)].clock; }
  std::int64_t amount(std::uint32_t i) const { return rows_[slot(i)].amount(); }
  bool own(std::uint32_t i) const { return rows_[slot(i)].own(); }
  AccountId other(std::uint32_t i) const { return rows_[slot(i)].other; }
  std::uint32_t at(std::uint32_t i) const { return rows_[slot(i)].at; }
  // Position of the next payment with the same counterparty; NONE for the newest with it.
  std::uint32_t next(std::uint32_t i) const {
    const std::uint32_t step = rows_[slot(i)].next();
    return step ? i + step : NONE;
  }
  std::uint32_t position(std::uint32_t place) const { return place - head_; }

  // The payments one after the other, from position i back to the oldest.
  class Back {
   public:
    Back(const Line& line, std::uint32_t i)
        : begin_(line.rows_), end_(line.rows_ + line.capacity_), row_(line.rows_ + line.wrapped(line.first_ + i)) {}
    const Row& operator*() const { return *row_; }
    void operator++() { row_ = (row_ == begin_ ? end_ : row_) - 1; }

   private:
    const Row *begin_, *end_, *row_;
  };

  // Brings the newest rows near; nothing depends on it.
  void prefetch(std::uint32_t rows = 16) const {
    if (size_ == 0) return;
    const std::uint32_t wanted = std::min(size_, rows), end = slot(size_ - 1) + 1, here = std::min(wanted, end);
    near_rows(end - here, end);
    if (here < wanted) near_rows(capacity_ - (wanted - here), capacity_);
    if (big()) bring_near(big_);
  }

  void prefetch_newest() const {
    if (size_ == 0) return;
    const auto* row = reinterpret_cast<const char*>(rows_ + slot(size_ - 1));
    bring_near(row + sizeof(Row) - 1);
    bring_near(row - std::min<std::size_t>(slot(size_ - 1), 1) * sizeof(Row));
  }
  void prefetch_oldest() const { bring_near(rows_ + first_); }

  // Room for one more payment. Everything that can fail fails here, before anything has changed.
  void reserve_one() {
    if (size_ == capacity_) resize(roomier(capacity_));
  }

  // Adds a payment; `before` is the place of the newest one with the same counterparty, if `known`. Returns its place.
  std::uint32_t push(std::int64_t clock, std::int64_t amount, bool own, AccountId other, std::uint32_t at, bool known,
                     std::uint32_t before) {
    assert(size_ < capacity_ && size_ < MAX_PAYMENTS_PER_KEY);
    assert(amount >= 0 && amount <= MAX_REFERENCE_MINOR);
    const std::uint32_t place = head_ + size_, s = slot_of(place);
    rows_[s] = Row(clock, amount, own, other, at);
    ++size_;
    if (big()) big_->add(place, amount);
    mark_latest(place);
    if (known) {
      rows_[slot_of(before)].set_next(place - before);
      unmark_latest(before);
    } else {
      mark_fresh(place);
    }
    return place;
  }

  // Forgets the oldest payment.
  void pop() {
    assert(size_ > 0);
    const std::uint32_t step = rows_[first_].next();
    if (step) mark_fresh(head_ + step);
    unmark_latest(head_);
    unmark_fresh(head_);
    if (big()) big_->leave(rows_[first_].amount());
    ++head_;
    if (++first_ == capacity_) first_ = 0;
    --size_;
    if (size_ == 0) {
      drop();
    } else if (capacity_ > 8 && size_ * 2 < capacity_) {
      resize(roomier(size_ + size_ / 4));
    }
  }

  // Position of the first payment whose clock is above `clock`: windows are (t - w, t].
  std::uint32_t first_after(std::int64_t clock) const { return first_after(clock, size_); }

  // The same, where it is known to be at most `end`: looks back from there in growing steps.
  std::uint32_t first_after(std::int64_t clock, std::uint32_t end) const {
    std::uint32_t step = 1, high = end, low = end;
    visited += 1;
    while (low > 0) {
      low = high > step ? high - step : 0;
      if (this->clock(low) <= clock) break;
      high = low;
      step *= 2;
      if (low == 0) return 0;
    }
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (this->clock(middle) <= clock) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  // Position of the first payment that is `at` or later in the log whose oldest place is `log_head`.
  std::uint32_t first_at(std::uint32_t at, std::uint32_t log_head, std::uint32_t from) const {
    std::uint32_t low = from, high = size_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (this->at(middle) - log_head < at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  // How many payments come before `at` in that log; looks back from the newest in growing steps.
  std::uint32_t end_before(std::uint32_t at, std::uint32_t log_head) const {
    std::uint32_t step = 1, high = size_, low = size_;
    while (low > 0) {
      low = high > step ? high - step : 0;
      if (this->at(low) - log_head < at) break;
      high = low;
      step *= 2;
      if (low == 0) return 0;
    }
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (this->at(middle) - log_head < at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  // Sum of the amounts of positions [from, to).
  std::int64_t sum(std::uint32_t from, std::uint32_t to) const {
    if (!big() || to - from <= 64) return sum_rows(from, to);
    const std::uint32_t a = head_ + from, e = head_ + to, next_block = (a | 63) + 1;
    return sum_rows(from, next_block - head_) + big_->between(next_block, e & ~63u) + sum_rows((e & ~63u) - head_, to);
  }

  // Sum of the squares of the amounts of positions [from, to); at most 2^22 * 10^24, below 2^103.
  Int128 squares(std::uint32_t from, std::uint32_t to) const {
    if (!big() || to - from <= 64) return squares_rows(from, to);
    const std::uint32_t a = head_ + from, e = head_ + to, next_block = (a | 63) + 1;
    return squares_rows(from, next_block - head_) + big_->squares_between(next_block, e & ~63u) +
           squares_rows((e & ~63u) - head_, to);
  }

  // The payments of a window of a long line: position of the first, sums of their amounts and of the squares.
  struct Since {
    std::uint32_t first;
    std::int64_t sum;
    Int128 squares;
  };

  // Those whose clock is above `clock`, which never falls for the same window: where that began when it was asked last is
  // remembered, and only what has left it since then is looked at.
  Since since(std::size_t window, std::int64_t clock) const {
    Held& held = big_->of(window, head_, size_);
    const std::uint32_t from = held.first - head_;
    std::uint32_t first = from;
    while (first < size_ && first - from < STRIDE && this->clock(first) <= clock) {
      const std::int64_t left = amount(first++);
      held.before += static_cast<std::uint64_t>(left);
      held.squares_before += static_cast<unsigned __int128>(left) * static_cast<unsigned __int128>(left);
    }
    visited += 1 + first - from;
    if (first - from == STRIDE) {
      first = first_after(clock);
      held.before = big_->total - static_cast<std::uint64_t>(sum(first, size_));
      held.squares_before = big_->squares - static_cast<unsigned __int128>(squares(first, size_));
    }
    held.first = head_ + first;
    return {first, static_cast<std::int64_t>(big_->total - held.before),
            static_cast<Int128>(big_->squares - held.squares_before)};
  }

  // Position of the largest amount of the payments that `since` told of, the newest of equals; there must be one.
  std::uint32_t largest_since(std::size_t window) const {
    Held& held = big_->of(window, head_, size_);
    const std::uint32_t first = held.first - head_, end = head_ + size_;
    const bool stands = held.looked_to != held.largest && held.largest - head_ - first < size_ - first;
    if (!stands || end - held.looked_to > STRIDE) {
      held.largest = head_ + largest(first);
      held.looked_to = end;
      return held.largest - head_;
    }
    std::uint32_t best = held.largest - head_;
    for (std::uint32_t i = held.looked_to - head_; i < size_; ++i) {
      ++visited;
      if (amount(i) >= amount(best)) best = i;
    }
    held.largest = head_ + best;
    held.looked_to = end;
    return best;
  }

  // Position of the largest amount from `from` on, the newest of equals; NONE for no payment.
  std::uint32_t largest(std::uint32_t from) const {
    std::uint32_t best = NONE, end = size_;
    std::int64_t most = -1;
    while (end > from) {
      const std::uint32_t place = head_ + end;
      if (big() && (place & 63) == 0 && end - from >= 64) {
        const std::uint32_t blocks = big_->calmer(place, end - from, most);
        visited += blocks ? 1 : 0;
        end -= 64 * blocks;
        if (blocks) continue;
      }
      const std::uint32_t stop = big() ? std::max(from, end - std::min(end, ((place - 1) & 63) + 1)) : from;
      visited += end - stop;
      for (std::uint32_t i = end; i-- > stop;) {
        if (amount(i) > most) most = amount(i), best = i;
      }
      end = stop;
    }
    return best;
  }

  // Number of different counterparties from position `from` on.
  std::uint32_t distinct(std::uint32_t from) const { return count(true, from); }

  // Number of those whose first remembered payment is not before `from`.
  std::uint32_t fresh(std::uint32_t from) const { return count(false, from); }

  // Whether a payment is the oldest remembered one with its counterparty.
  bool is_fresh(std::uint32_t i) const {
    const std::uint32_t place = head_ + i;
    return big() ? big_->fresh.test(place) : fresh() >> (place & 63) & 1;
  }

  // Room for so many payments at once, in a line that has none yet.
  void expect(std::uint32_t payments) {
    assert(capacity_ == 0);
    if (payments > 0) resize(roomier(payments - 1));
  }

  // Position of the newest payment before `end` that is the newest with its counterparty, from `from` on; or NONE.
  std::uint32_t latest_before(std::uint32_t end, std::uint32_t from) const {
    if (!big()) {
      const std::uint32_t wanted = end - from;
      if (wanted == 0) return NONE;
      std::uint64_t marks = std::rotr(latest_, static_cast<int>((head_ + from) & 63));
      if (wanted < 64) marks &= (1ull << wanted) - 1;
      return marks ? from + 63 - static_cast<std::uint32_t>(std::countl_zero(marks)) : NONE;
    }
    const std::uint32_t steps = big_->latest.back(head_ + end, end - from);
    return steps ? end - steps : NONE;
  }

  // Calls take(position) for the newest payment with each counterparty, newest first, back to position `from`, until it
  // says false.
  template <class Take>
  void each_latest(std::uint32_t from, Take take) const {
    if (big()) {
      for (std::uint32_t i = size_; (i = latest_before(i, from)) != NONE;) {
        if (!take(i)) return;
      }
      return;
    }
    if (from == size_) return;
    std::uint64_t marks = std::rotr(latest_, static_cast<int>((head_ + from) & 63));
    if (size_ - from < 64) marks &= (1ull << (size_ - from)) - 1;
    while (marks) {
      const auto i = 63 - static_cast<std::uint32_t>(std::countl_zero(marks));
      if (!take(from + i)) return;
      marks ^= 1ull << i;
    }
  }

  // Gives a payment another amount: for lines whose amounts are weights.
  void reweigh(std::uint32_t i, std::int64_t amount) {
    Row& row = rows_[slot(i)];
    if (big()) big_->reweigh(head_ + i, head_ + size_, amount - row.amount());
    row.set_amount(amount);
  }

  std::size_t bytes() const { return MARK_BYTES + capacity_ * ROW_BYTES + (big() ? big_->bytes() : 0); }

 private:
  static constexpr std::uint32_t SMALL = 64;  // rows that need no blocks
  static constexpr std::size_t ROW_BYTES = sizeof(Row);
  static_assert(ROW_BYTES == 24);
  static constexpr std::size_t MARK_BYTES = 8;
  static constexpr std::uint32_t STRIDE = 64;  // payments that are looked at one by one before totals of blocks are asked

  void near_rows(std::uint32_t from, std::uint32_t to) const {
    const auto *row = reinterpret_cast<const char*>(rows_ + from), *end = reinterpret_cast<const char*>(rows_ + to);
    for (; row < end; row += 64) bring_near(row);
    bring_near(end - 1);
  }
  std::uint32_t slot(std::uint32_t i) const {
#ifdef HEADGATE_CHECK_POSITIONS  // on in the sanitizer build; too dear for every look
    assert(i < size_);
#endif
    return wrapped(first_ + i);
  }
  std::uint32_t slot_of(std::uint32_t place) const { return wrapped(first_ + (place - head_)); }
  std::uint32_t wrapped(std::uint32_t s) const { return s < capacity_ ? s : s - capacity_; }

  // The next size of a line: a quarter more at most, so that little of it stands empty.
  static std::uint32_t roomier(std::uint32_t capacity) {
    const std::uint32_t step = std::max(1u, std::bit_floor(capacity) / 4);
    return (capacity / step + 1) * step;
  }


  void mark_latest(std::uint32_t place) {
    if (big()) big_->latest.set(place), big_->end = place + 1;
    else latest_ |= 1ull << (place & 63);
  }
  void unmark_latest(std::uint32_t place) {
    if (big()) big_->latest.clear(place);
    else latest_ &= ~(1ull << (place & 63));
  }
  void mark_fresh(std::uint32_t place) {
    if (big()) big_->fresh.set(place);
    else fresh() |= 1ull << (place & 63);
  }
  void unmark_fresh(std::uint32_t place) {
    if (big()) big_->fresh.clear(place);
    else fresh() &= ~(1ull << (place & 63));
  }

  std::uint32_t count(bool latest, std::uint32_t from) const {
    if (big() && from == 0) return ++visited, (latest ? big_->latest : big_->fresh).total();
    visited += 1 + std::min((size_ - from) / 64, 126u) + (size_ - from) / 4096;
    if (big()) return (latest ? big_->latest : big_->fresh).count(head_ + from, size_ - from);
    const std::uint32_t wanted = size_ - from;
    if (wanted == 0) return 0;
    const std::uint64_t marks = std::rotr(latest ? latest_ : fresh(), static_cast<int>((head_ + from) & 63));
    return static_cast<std::uint32_t>(std::popcount(wanted == 64 ? marks : marks & ((1ull << wanted) - 1)));
  }

  std::int64_t sum_rows(std::uint32_t from, std::uint32_t to) const {
    std::int64_t total = 0;
    visited += to - from;
    for (std::uint32_t i = from; i < to; ++i) total += amount(i);
    return total;
  }

  Int128 squares_rows(std::uint32_t from, std::uint32_t to) const {
    Int128 total = 0;
    visited += to - from;
    for (std::uint32_t i = from; i < to; ++i) total += static_cast<Int128>(amount(i)) * amount(i);
    return total;
  }

  void resize(std::uint32_t capacity) {
    Line larger;
    larger.room(capacity);
    larger.head_ = head_;  // places that others hold stay true
    for (std::uint32_t i = 0; i < size_; ++i) larger.copy(*this, i);
    if (larger.big() && big()) larger.big_->hold(*big_, head_, size_);
    swap(larger);
  }

  void copy(const Line& from, std::uint32_t i) {
    const std::uint32_t place = head_ + i, s = slot_of(place), f = from.slot(i);
    rows_[s] = from.rows_[f];
    ++size_;
    if (big()) big_->add(place, rows_[s].amount()), big_->end = place + 1;
    if (rows_[s].next() == 0) mark_latest(place);
    if (from.is_fresh(i)) mark_fresh(place);
  }

  // Rows stand behind a word of marks, so that what each search reads first of a line is half a line of the cache.
  void room(std::uint32_t capacity) {
    std::unique_ptr<LongLine> big = capacity > SMALL ? std::make_unique<LongLine>(std::bit_ceil(capacity)) : nullptr;
    void* memory = take_block(MARK_BYTES + capacity * ROW_BYTES);
    rows_ = reinterpret_cast<Row*>(new (memory) std::uint64_t(0) + 1);
    capacity_ = capacity;
    if (big) big_ = big.release();
  }
  void drop() noexcept {
    if (big()) delete big_;
    if (rows_ != nullptr) give_block(marks(), MARK_BYTES + capacity_ * ROW_BYTES);
    rows_ = nullptr;
    capacity_ = first_ = 0;
    latest_ = 0;
  }
  std::uint64_t* marks() const { return reinterpret_cast<std::uint64_t*>(rows_) - 1; }
  std::uint64_t& fresh() const { return *marks(); }  // of a short line

  void swap(Line& other) noexcept {
    std::swap(rows_, other.rows_);
    std::swap(capacity_, other.capacity_);
    std::swap(first_, other.first_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
    std::swap(latest_, other.latest_);
  }

  Row* rows_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t first_ = 0;  // slot of the oldest
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
  union {
    std::uint64_t latest_ = 0;  // marks of a short line
    LongLine* big_;                  // of a long one
  };
};
static_assert(sizeof(Line) == 32);

}  // namespace headgate
