// A ring of marks, one bit a place: set, clear, count between two places, find the one before. Counts of 4096 places
// are kept, so that a count over a million places looks at a few hundred words.
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <vector>

#include "memory.hpp"
#include "types.hpp"

namespace headgate {

class Bits {
 public:
  // capacity: a power of two, at least 128.
  explicit Bits(std::uint32_t capacity)
      : words_(capacity / 64, 0), super_(capacity >= 2 * SUPER ? capacity / SUPER : 0, 0) {}

  bool test(std::uint32_t place) const { return word(place >> 6) >> (place & 63) & 1; }

  void set(std::uint32_t place) {
    std::uint64_t& bits = words_[(place >> 6) & (words_.size() - 1)];
    const std::uint64_t bit = 1ull << (place & 63);
    total_ += !(bits & bit);
    if (!super_.empty() && !(bits & bit)) ++super_[(place / SUPER) & (super_.size() - 1)];
    bits |= bit;
  }

  void clear(std::uint32_t place) {
    std::uint64_t& bits = words_[(place >> 6) & (words_.size() - 1)];
    const std::uint64_t bit = 1ull << (place & 63);
    total_ -= (bits & bit) != 0;
    if (!super_.empty() && (bits & bit)) --super_[(place / SUPER) & (super_.size() - 1)];
    bits &= ~bit;
  }

  // Marks at all places.
  std::uint32_t total() const { return total_; }

  // Marks at places in [from, from + size).
  std::uint32_t count(std::uint32_t from, std::uint32_t size) const {
    std::uint32_t found = 0;
    while (size > 0) {
      const std::uint32_t offset = from & 63;
      if (offset == 0 && size >= 64) {
        if (!super_.empty() && (from & (SUPER - 1)) == 0 && size >= SUPER) {
          found += super_[(from / SUPER) & (super_.size() - 1)];
          from += SUPER, size -= SUPER;
        } else {
          found += std::popcount(word(from >> 6));
          from += 64, size -= 64;
        }
        continue;
      }
      const std::uint32_t take = std::min(64 - offset, size);
      const std::uint64_t mask = (take == 64 ? ~0ull : (1ull << take) - 1) << offset;
      found += std::popcount(word(from >> 6) & mask);
      from += take, size -= take;
    }
    return found;
  }

  // How many places before `end`, at most `size`, the newest mark is: 1 for the place just before; 0 for none.
  std::uint32_t back(std::uint32_t end, std::uint32_t size) const {
    std::uint32_t gone = 0;
    while (gone < size) {
      const std::uint32_t place = end - gone - 1, offset = place & 63;
      if (!super_.empty() && (place & (SUPER - 1)) == SUPER - 1 && size - gone >= SUPER &&
          super_[(place / SUPER) & (super_.size() - 1)] == 0) {
        gone += SUPER;
        continue;
      }
      const std::uint64_t bits = word(place >> 6) << (63 - offset);
      if (bits != 0) {
        const std::uint32_t steps = gone + static_cast<std::uint32_t>(std::countl_zero(bits)) + 1;
        return steps <= size ? steps : 0;
      }
      gone += offset + 1;
    }
    return 0;
  }

  std::size_t bytes() const { return words_.size() * 8 + super_.size() * 4; }

 private:
  static constexpr std::uint32_t SUPER = 4096;

  std::uint64_t word(std::uint32_t block) const { return words_[block & (words_.size() - 1)]; }

  std::vector<std::uint64_t, Allocator<std::uint64_t>> words_;
  std::vector<std::uint32_t, Allocator<std::uint32_t>> super_;
  std::uint32_t total_ = 0;
};

}  // namespace headgate
