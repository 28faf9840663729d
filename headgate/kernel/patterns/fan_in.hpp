// Fan-in: see facts/patterns/fan_in.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"

namespace headgate {

// Both fans: the legs are the newest payment of each counterparty, the judged payment first.
inline Found fan(const Rows& rows, const Edge& last, bool inward, const char* role, Parts* witness) {
  if (last.own || last.payer == last.payee) return {};
  const AccountId judged = inward ? last.payer : last.payee, self = inward ? last.payee : last.payer;
  int others = 0, looked_at = 0, legs = 1;
  std::int64_t total = last.amount, most = last.amount;
  if (witness) witness->push_back({last, role, 1});
  rows.per_other([&](const Edge& edge) {
    const AccountId other = inward ? edge.payer : edge.payee;
    ++looked_at;
    if (other != judged) {
      ++others;
      if (others < PATTERN_DEGREE && !edge.own && other != self) {
        ++legs;
        total += edge.amount;
        most = std::max(most, edge.amount);
        if (witness) witness->push_back({edge, role, 1});
      }
    }
    return looked_at < PATTERN_DEGREE + 1;
  });
  if (witness) std::reverse(witness->begin(), witness->end());
  Found found;
  found.count = legs;
  if (most) found.set_strength(static_cast<double>(total) / static_cast<double>(legs * most));
  found.truncated = others >= PATTERN_DEGREE;
  return found;
}

inline Found find_fan_in(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  return fan(graph.ins(last.payee, window_us), last, true, "in", witness);
}

}  // namespace headgate
