// Structuring: see facts/patterns/structuring.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../graph.hpp"

namespace headgate {

constexpr std::uint32_t STRUCTURING_LOOKS = 256;
constexpr std::int64_t STRUCTURING_THRESHOLDS[] = {100'000, 300'000, 500'000, 1'000'000, 1'500'000};
constexpr std::int64_t STRUCTURING_LEAST_PERCENT = 90;

inline bool just_below(std::int64_t amount, std::int64_t threshold) {
  return STRUCTURING_LEAST_PERCENT * threshold <= 100 * amount && amount < threshold;
}

inline Found find_structuring(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  std::int64_t threshold = 0;
  for (const std::int64_t above : STRUCTURING_THRESHOLDS) {
    if (just_below(last.amount, above)) {
      threshold = above;
      break;
    }
  }
  if (threshold == 0 || last.own || last.payer == last.payee) return {};
  const Rows rows = graph.outs(last.payer, window_us);
  const std::uint32_t looked_at = std::min(rows.size(), STRUCTURING_LOOKS);
  Found found;
  found.truncated = rows.size() > looked_at;
  std::int64_t count = 1, total = last.amount;
  for (std::uint32_t k = 0; k < looked_at; ++k) {
    ++visited;
    if (!just_below(rows.amount(k), threshold) || rows.own(k) || rows.other(k) == last.payer) continue;
    ++count;
    total += rows.amount(k);
    if (witness) witness->push_back({rows.newest(k), "below", 1});
  }
  if (count == 1) return found;
  found.count = count;
  found.set_strength(static_cast<double>(total) / static_cast<double>(count * threshold));
  if (witness) {
    std::reverse(witness->begin(), witness->end());
    witness->push_back({last, "below", 1});
  }
  return found;
}

}  // namespace headgate
