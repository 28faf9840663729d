// Stack: see facts/patterns/stack.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"
#include "bipartite.hpp"

namespace headgate {

// What the judged payer received and sent: the sources and the sinks, by their numbers. A bit is set where an account
// is in this layer alone.
struct StackLayers {
  Small<Edge, PATTERN_DEGREE> ins, outs;
  SmallMap sources, sinks;
  std::uint64_t sources_alone = 0, sinks_alone = 0;

  void part() {
    for (int i = 0; i < ins.size; ++i) {
      sources.add(ins[i].payer, static_cast<std::uint32_t>(i));
      sources_alone |= 1ull << i;
    }
    for (int i = 0; i < outs.size; ++i) {
      sinks.add(outs[i].payee, static_cast<std::uint32_t>(i));
      const std::uint32_t both = sources.find(outs[i].payee);
      if (both == NONE) {
        sinks_alone |= 1ull << i;
      } else {
        sources_alone &= ~(1ull << both);
      }
    }
  }
};

// What is known of a middle beside the judged one.
struct StackSearch {
  std::vector<LayerLeg> ins, outs;  // filled for a witness only
  int in[PATTERN_DEGREE], out[PATTERN_DEGREE];
  int middles = 1, steps = PATTERN_STEPS;
  bool cut = false;
};

// The sources that paid a middle before it paid the payee, as bits.
inline std::uint64_t stack_ins(const Graph& graph, const Edge& second, std::int64_t window_us,
                               const StackLayers& layers, StackSearch& search, bool witness) {
  if (search.steps == 0) {
    search.cut = true;
    return 0;
  }
  const Rows rows = graph.ins_before(second.payer, window_us, second.at);
  const std::uint32_t limit = static_cast<std::uint32_t>(std::min(LAYER_LOOKS, search.steps));
  const std::uint32_t looked_at = std::min(rows.size(), limit);
  search.cut = search.cut || rows.size() > looked_at;
  search.steps -= static_cast<int>(looked_at);
  std::uint64_t reached = 0;
  for (std::uint32_t k = 0; k < looked_at; ++k) {
    ++visited;
    if (rows.own(k)) continue;
    const std::uint32_t s = layers.sources.find(rows.other(k));
    if (s == NONE || !(layers.sources_alone >> s & 1) || reached >> s & 1) continue;
    reached |= 1ull << s;
    if (witness) search.ins.push_back({search.middles, rows.newest(k)});
  }
  return reached;
}

// The sinks that a middle paid, as bits; the judged payee has number 0.
inline std::uint64_t stack_outs(const Graph& graph, const Edge& second, std::int64_t window_us,
                                const StackLayers& layers, StackSearch& search, bool witness) {
  std::uint64_t reached = 1;
  if (witness) search.outs.push_back({search.middles, second});
  if (search.steps == 0) {
    search.cut = true;
    return reached;
  }
  const int limit = std::min(LAYER_LOOKS, search.steps);
  int looked_at = 0;
  graph.outs(second.payer, window_us).per_other([&](const Edge& edge) {
    if (++looked_at > limit) return false;
    const std::uint32_t k = layers.sinks.find(edge.payee);
    if (k == NONE || k == 0 || edge.own || !(layers.sinks_alone >> k & 1)) return true;
    reached |= 1ull << k;
    if (witness) search.outs.push_back({search.middles, edge});
    return true;
  });
  search.cut = search.cut || looked_at > limit;
  search.steps -= std::min(looked_at, limit);
  return reached;
}

inline Found find_stack(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const Rows received = graph.ins(last.payer, window_us);
  if (received.empty() || last.own || last.payer == last.payee) return {};
  StackLayers layers;
  int seen = 0, others = 0;
  received.per_other([&](const Edge& edge) {
    if (++seen > PATTERN_DEGREE) return false;
    if (!edge.own && edge.payer != last.payer && edge.payer != last.payee) layers.ins.add(edge);
    return true;
  });
  Found found;
  found.truncated = seen > PATTERN_DEGREE;
  if (layers.ins.size < 2) return found;
  layers.outs.add(last);
  seen = 0;
  graph.outs(last.payer, window_us).per_other([&](const Edge& edge) {
    const bool other = edge.payee != last.payee;
    if (other && ++others < PATTERN_DEGREE && !edge.own && edge.payee != last.payer) layers.outs.add(edge);
    return ++seen < PATTERN_DEGREE + 1;
  });
  found.truncated = found.truncated || others >= PATTERN_DEGREE;
  if (layers.outs.size < 2) return found;
  layers.part();
  static thread_local StackSearch search;
  search.ins.clear();
  search.outs.clear();
  search.middles = 1;
  search.steps = PATTERN_STEPS;
  search.cut = false;
  search.in[0] = accounts_of(layers.sources_alone);
  search.out[0] = accounts_of(layers.sinks_alone);
  if (search.in[0] < 2 || search.out[0] < 2) return found;

  Small<Edge, PATTERN_DEGREE> onward;
  seen = others = 0;
  graph.ins(last.payee, window_us).per_other([&](const Edge& edge) {
    if (edge.payer != last.payer && ++others < PATTERN_DEGREE && !edge.own &&
        layers.sources.find(edge.payer) == NONE && layers.sinks.find(edge.payer) == NONE) {
      onward.add(edge);
    }
    return ++seen < PATTERN_DEGREE + 1;
  });
  for (const Edge& second : onward) graph.near(second.payer);
  for (int m = 0; m < std::min(AHEAD, onward.size); ++m) graph.near_many_received(onward[m].payer);
  for (int m = 0; m < onward.size; ++m) {
    if (m + AHEAD < onward.size) graph.near_many_received(onward[m + AHEAD].payer);
    const Edge& second = onward[m];
    const std::size_t before = search.ins.size();
    const int in = accounts_of(stack_ins(graph, second, window_us, layers, search, witness != nullptr));
    if (in < 2) {
      search.ins.resize(before);
      continue;
    }
    search.in[search.middles] = in;
    search.out[search.middles] = accounts_of(stack_outs(graph, second, window_us, layers, search, witness != nullptr));
    ++search.middles;
  }
  found.truncated = found.truncated || others >= PATTERN_DEGREE || search.cut;
  int sizes[PATTERN_DEGREE];
  for (int m = 0; m < search.middles; ++m) sizes[m] = std::min(search.in[m], search.out[m]);
  const int count = widest(sizes, search.middles);
  if (count < 2) return found;
  int chosen = 0, pairs = 0;
  for (int m = 0; m < search.middles; ++m) {
    if (sizes[m] >= count) ++chosen, pairs += search.in[m] + search.out[m];
  }
  found.count = count;
  const int accounts = search.in[0] + search.out[0];
  found.set_strength(static_cast<double>(pairs) / static_cast<double>(chosen * accounts));
  if (witness) {
    for (int i = 0; i < layers.ins.size; ++i) {
      if (layers.sources_alone >> i & 1) witness->push_back({layers.ins[i], "first layer", 1});
    }
    for (int i = 0; i < layers.outs.size; ++i) {
      if (layers.sinks_alone >> i & 1) witness->push_back({layers.outs[i], "second layer", 2});
    }
    for (const LayerLeg& leg : search.ins) {
      if (sizes[leg.account] >= count) witness->push_back({leg.edge, "first layer", 1});
    }
    for (const LayerLeg& leg : search.outs) {
      if (sizes[leg.account] >= count) witness->push_back({leg.edge, "second layer", 2});
    }
  }
  return found;
}

}  // namespace headgate
