// What makes a question about a million payments of one key as cheap as one about a hundred: running totals and marks of
// blocks of 64 places, and where each window of the line began when it was asked last.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bits.hpp"
#include "memory.hpp"
#include "types.hpp"

namespace headgate {

// Where a window of a long line began when it was asked last, what came before it, and its largest payment by then.
// Totals are those since the oldest payment of the line was its first; they wrap.
struct Held {
  std::uint32_t first = 0;                   // place
  std::uint32_t largest = 0, looked_to = 0;  // places; the same where no largest is known
  std::uint64_t before = 0;
  unsigned __int128 squares_before = 0;
};

// Running totals and marks of blocks of 64 places.
struct LongLine {
  Bits latest, fresh;
  std::vector<std::int64_t, Allocator<std::int64_t>> sum_before, most, most_super;
  std::vector<Int128, Allocator<Int128>> squares_before;
  std::uint64_t total = 0, gone = 0;  // of all, of those that left; wrap, differences are below 2^63
  unsigned __int128 squares = 0, squares_gone = 0;
  std::vector<Held, Allocator<Held>> held;  // by window

  explicit LongLine(std::uint32_t capacity)
      : latest(capacity), fresh(capacity), sum_before(capacity / 64), most(capacity / 64),
        most_super(capacity >= 8192 ? capacity / 4096 : 0), squares_before(capacity / 64) {}

  void add(std::uint32_t place, std::int64_t amount) {
    const std::size_t block = (place >> 6) & (sum_before.size() - 1);
    if ((place & 63) == 0) {
      sum_before[block] = static_cast<std::int64_t>(total);
      squares_before[block] = static_cast<Int128>(squares);
      most[block] = -1;
    }
    most[block] = std::max(most[block], amount);
    if (!most_super.empty()) {
      std::int64_t& super = most_super[(place >> 12) & (most_super.size() - 1)];
      super = (place & 4095) == 0 ? amount : std::max(super, amount);
    }
    total += static_cast<std::uint64_t>(amount);
    squares += static_cast<unsigned __int128>(amount) * static_cast<unsigned __int128>(amount);
  }

  void leave(std::int64_t amount) {
    gone += static_cast<std::uint64_t>(amount);
    squares_gone += static_cast<unsigned __int128>(amount) * static_cast<unsigned __int128>(amount);
  }

  // What is held of a window of a line that begins at place `head`: not more than the line itself.
  Held& of(std::size_t window, std::uint32_t head, std::uint32_t size) {
    while (held.size() <= window) held.push_back({head, 0, 0, gone, squares_gone});
    Held& of = held[window];
    if (of.first - head > size) of.first = head, of.before = gone, of.squares_before = squares_gone;
    return of;
  }

  // Holds what the totals of a smaller or larger line of the same payments held; these begin with its first.
  void hold(const LongLine& other, std::uint32_t head, std::uint32_t size) {
    held = other.held;
    for (Held& of : held) {
      if (of.first - head > size) of.first = head, of.before = 0, of.squares_before = 0;
      else of.before -= other.gone, of.squares_before -= other.squares_gone;
    }
  }

  // The block that begins at `place` begins with the totals so far, even before its first payment comes.
  std::int64_t between(std::uint32_t from, std::uint32_t to) const {
    return static_cast<std::int64_t>(at(to) - at(from));
  }
  Int128 squares_between(std::uint32_t from, std::uint32_t to) const {
    return static_cast<Int128>(squares_at(to) - squares_at(from));
  }

  void reweigh(std::uint32_t place, std::uint32_t end_place, std::int64_t more) {
    for (std::uint32_t block = (place | 63) + 1; block != end_place && end_place - block < (1u << 31); block += 64) {
      sum_before[(block >> 6) & (sum_before.size() - 1)] += more;
    }
    total += static_cast<std::uint64_t>(more);
  }

  // How many whole blocks before `place` hold no amount above `most_yet`, among the last `rows` rows.
  std::uint32_t calmer(std::uint32_t place, std::uint32_t rows, std::int64_t most_yet) const {
    std::uint32_t blocks = 0;
    while (rows >= 64) {
      if (!most_super.empty() && (place & 4095) == 0 && rows >= 4096 &&
          most_super[((place - 1) >> 12) & (most_super.size() - 1)] <= most_yet) {
        blocks += 64, place -= 4096, rows -= 4096;
        continue;
      }
      if (most[((place - 1) >> 6) & (most.size() - 1)] > most_yet) break;
      ++blocks, place -= 64, rows -= 64;
    }
    return blocks;
  }

  std::uint32_t end = 0;  // place after the newest payment

  std::size_t bytes() const {
    return latest.bytes() + fresh.bytes() + sum_before.size() * 8 + most.size() * 8 + most_super.size() * 8 +
           squares_before.size() * 16;
  }

 private:
  std::uint64_t at(std::uint32_t place) const {
    return place == end ? total : static_cast<std::uint64_t>(sum_before[(place >> 6) & (sum_before.size() - 1)]);
  }
  unsigned __int128 squares_at(std::uint32_t place) const {
    return place == end ? squares
                        : static_cast<unsigned __int128>(squares_before[(place >> 6) & (sum_before.size() - 1)]);
  }
};

}  // namespace headgate
