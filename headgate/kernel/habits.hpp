// Whether a payment is what its account usually does: see facts/definitions/habits.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>

#include "line.hpp"
#include "types.hpp"

namespace headgate {

constexpr std::uint32_t HABIT_LOOKS = 64;
constexpr std::int64_t HABIT_NEAR_PERCENT = 5, HABIT_NEAR_US = 2 * US_PER_HOUR;

// Of `n` earlier payments: how many are like the judged one, and the clocks of the oldest and the newest.
struct Habits {
  enum Measure { AMOUNT_AT_LEAST, AMOUNT_NEAR, HOUR_NEAR, GAP };
  std::int64_t n = 0, like[3] = {0, 0, 0}, first = 0, last = 0;

  static std::uint32_t looked_at(const Line& line, std::int64_t clock) {
    const std::uint32_t first = line.first_after(clock - MAX_WINDOW_US);
    return std::min(line.size() - first, HABIT_LOOKS);
  }

  Habits() = default;
  Habits(const Line& line, const Edge& judged) {
    n = looked_at(line, judged.clock);
    visited += static_cast<std::uint64_t>(n);
    const std::int64_t hour = judged.clock % US_PER_DAY;
    for (std::uint32_t i = line.size(); i-- > line.size() - static_cast<std::uint32_t>(n);) {
      const Line::Row& row = line.row(i);
      const std::int64_t amount = row.amount(), apart = std::abs(row.clock % US_PER_DAY - hour);
      like[AMOUNT_AT_LEAST] += amount >= judged.amount;
      like[AMOUNT_NEAR] += 100 * std::abs(amount - judged.amount) <= HABIT_NEAR_PERCENT * judged.amount;
      like[HOUR_NEAR] += std::min(apart, US_PER_DAY - apart) <= HABIT_NEAR_US;
      first = row.clock;
    }
    if (n > 0) last = line.clock(line.size() - 1);
  }
};

}  // namespace headgate
