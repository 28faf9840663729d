// Fan-in: see facts/patterns/fan_in.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"

namespace headgate {

// Both fans: the legs are the newest payment of each counterparty, the judged payment first. A shorter window has the
// first of them.
inline void fan(const Graph::Newest& newest, const Edge& last, bool inward, const char* role, const Windows& windows,
                Found* found, Parts* witness) {
  if (last.own || last.payer == last.payee) return;
  const AccountId judged = inward ? last.payer : last.payee, self = inward ? last.payee : last.payer;
  int others = 0, legs = 1, open = 0;
  std::int64_t total = last.amount, most = last.amount;
  const auto close = [&](int until) {
    for (; open < until; ++open) {
      found[open].count = legs;
      if (most) found[open].set_strength(static_cast<double>(total) / static_cast<double>(legs * most));
      found[open].truncated = others >= PATTERN_DEGREE;
    }
  };
  if (witness) witness->push_back({last, role, 1});
  for (const Edge& edge : newest) {
    close(windows.holding(edge.clock, open));
    if (open == windows.size) break;
    const AccountId other = inward ? edge.payer : edge.payee;
    if (other == judged) continue;
    ++others;
    if (others < PATTERN_DEGREE && !edge.own && other != self) {
      ++legs;
      total += edge.amount;
      most = std::max(most, edge.amount);
      if (witness) witness->push_back({edge, role, 1});
    }
  }
  close(windows.size);
  if (witness) std::reverse(witness->begin(), witness->end());
}

inline void find_fan_in(const Graph& graph, const Edge& last, const Windows& windows, Found* found, Parts* witness) {
  fan(graph.payee_payers(), last, true, "in", windows, found, witness);
}

}  // namespace headgate
