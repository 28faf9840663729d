// Bipartite: see facts/patterns/bipartite.py, which is the definition.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

constexpr int LAYER_LOOKS = 16;
static_assert(PATTERN_DEGREE <= 64, "one side of accounts is the bits of one word");

// The payments of one account with a layer: the accounts as bits, by their numbers in it.
inline int accounts_of(std::uint64_t layer) { return std::popcount(layer); }

// The largest k for which at least k of the sizes are k or more; 0 for none.
inline int widest(const int* sizes, int many) {
  int at_least[PATTERN_DEGREE + 2] = {};
  for (int i = 0; i < many; ++i) ++at_least[std::min(sizes[i], many)];
  int k = many;
  for (int reached = at_least[k]; k > 0 && reached < k; reached += at_least[k]) --k;
  return k;
}

// A payment between layers, with the number of the account whose it is.
struct LayerLeg {
  int account;
  Edge edge;
};

inline Found find_bipartite(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const Rows sent = graph.outs(last.payer, window_us);
  if (last.own || last.payer == last.payee || sent.empty()) return {};
  Small<Edge, PATTERN_DEGREE> paid, paying;
  paid.add(last);
  int seen = 0, others = 0;
  sent.per_other([&](const Edge& edge) {
    if (edge.payee != last.payee && ++others < PATTERN_DEGREE && !edge.own && edge.payee != last.payer) paid.add(edge);
    return ++seen < PATTERN_DEGREE + 1;
  });
  Found found;
  found.truncated = others >= PATTERN_DEGREE;
  if (paid.size < 2) return found;
  SmallMap payees;
  for (int i = 0; i < paid.size; ++i) payees.add(paid[i].payee, static_cast<std::uint32_t>(i));
  std::uint64_t side = paid.size < 64 ? (1ull << paid.size) - 1 : ~0ull;  // the payees that are no payers
  seen = others = 0;
  graph.ins(last.payee, window_us).per_other([&](const Edge& edge) {
    if (edge.payer != last.payer && ++others < PATTERN_DEGREE && !edge.own && edge.payer != last.payee) {
      const std::uint32_t both = payees.find(edge.payer);
      if (both == NONE) {
        paying.add(edge);
      } else {
        side &= ~(1ull << both);
      }
    }
    return ++seen < PATTERN_DEGREE + 1;
  });
  found.truncated = found.truncated || others >= PATTERN_DEGREE;
  const int width = accounts_of(side);
  if (width < 2 || paying.size == 0) return found;

  static thread_local std::vector<LayerLeg> legs;
  legs.clear();
  int sizes[PATTERN_DEGREE] = {width};
  int steps = PATTERN_STEPS;
  for (const Edge& edge : paying) graph.near(edge.payer);
  for (int a = 0; a < std::min(AHEAD, paying.size); ++a) graph.near_many_sent(paying[a].payer);
  for (int a = 0; a < paying.size; ++a) {
    if (a + AHEAD < paying.size) graph.near_many_sent(paying[a + AHEAD].payer);
    std::uint64_t reached = 1;  // the judged payee has number 0
    const int limit = std::min(LAYER_LOOKS, steps);
    int looked_at = 0;
    if (steps > 0) {
      graph.outs(paying[a].payer, window_us).per_other([&](const Edge& edge) {
        if (++looked_at > limit) return false;
        const std::uint32_t b = payees.find(edge.payee);
        if (b == NONE || b == 0 || edge.own || !(side >> b & 1)) return true;
        reached |= 1ull << b;
        if (witness) legs.push_back({a + 1, edge});
        return true;
      });
    }
    found.truncated = found.truncated || steps == 0 || looked_at > limit;
    steps -= std::min(looked_at, limit);
    if (witness) legs.push_back({a + 1, paying[a]});
    sizes[a + 1] = accounts_of(reached);
  }
  const int count = widest(sizes, paying.size + 1);
  if (count < 2) return found;
  int chosen = 0, pairs = 0;
  for (int a = 0; a <= paying.size; ++a) {
    if (sizes[a] >= count) ++chosen, pairs += sizes[a];
  }
  found.count = count;
  found.set_strength(static_cast<double>(pairs) / static_cast<double>(chosen * width));
  if (witness) {
    for (int b = 0; b < paid.size; ++b) {
      if (side >> b & 1) witness->push_back({paid[b], "across", 1});
    }
    for (const LayerLeg& leg : legs) {
      if (sizes[leg.account] >= count) witness->push_back({leg.edge, "across", 1});
    }
  }
  return found;
}

}  // namespace headgate
