// Best flow: see facts/patterns/best_flow.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

constexpr int FLOW_NEIGHBOURS = 8;
constexpr std::int64_t FLOW_LEAST_PERCENT = 50;

// A payment of a route, the one that follows it (an index among the routes kept), and what the route carries.
struct FlowStep {
  Edge edge;
  std::int32_t next;
  std::int64_t flow;
};

using FlowSteps = Small<FlowStep, 1 + FLOW_NEIGHBOURS * (PATTERN_HOPS - 1) + 1>;

inline bool flow_passed(const FlowSteps& steps, std::int32_t at, AccountId account) {
  for (; at >= 0; at = steps[at].next) {
    if (steps[at].edge.payer == account || (steps[at].next < 0 && steps[at].edge.payee == account)) return true;
  }
  return false;
}

// oldest: becomes the clock of the oldest payment that the answer depends on.
inline Found best_flow_within(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness,
                              std::int64_t& oldest) {
  if (last.own || last.payer == last.payee || last.amount == 0) return {};
  FlowSteps kept;
  kept.add({last, -1, last.amount});
  int level = 0, level_end = 1, best = 0, hops = 1;
  Found found;
  while (level < level_end && hops < PATTERN_HOPS) {
    for (int route = level; route < std::min(level + AHEAD, level_end); ++route) {
      graph.near_many_received(kept[route].edge.payer);
    }
    Small<FlowStep, FLOW_NEIGHBOURS * FLOW_NEIGHBOURS> longer;
    for (int route = level; route < level_end; ++route) {
      if (route + AHEAD < level_end) graph.near_many_received(kept[route + AHEAD].edge.payer);
      const Edge& link = kept[route].edge;
      const Rows rows = graph.ins_before(link.payer, window_us, link.at);
      const std::uint32_t looked_at = std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE);
      found.truncated = found.truncated || rows.size() > looked_at;
      if (!rows.empty()) oldest = std::min(oldest, rows.clock(std::min(looked_at, rows.size() - 1)));
      // The largest so far in falling order; of equal amounts the newest first.
      std::uint32_t places[FLOW_NEIGHBOURS];
      std::int64_t amounts[FLOW_NEIGHBOURS];
      int size = 0;
      for (std::uint32_t k = 0; k < looked_at; ++k) {
        ++visited;
        const std::int64_t amount = rows.amount(k);
        if (100 * amount < FLOW_LEAST_PERCENT * last.amount || rows.own(k)) continue;
        if (size == FLOW_NEIGHBOURS && amount <= amounts[size - 1]) continue;
        if (flow_passed(kept, route, rows.other(k))) continue;
        int i = size < FLOW_NEIGHBOURS ? size++ : size - 1;
        for (; i > 0 && amounts[i - 1] < amount; --i) amounts[i] = amounts[i - 1], places[i] = places[i - 1];
        amounts[i] = amount, places[i] = k;
      }
      for (int i = 0; i < size; ++i) longer.add({rows.newest(places[i]), route, std::min(kept[route].flow, amounts[i])});
    }
    // The routes in falling order of flow, of equal flows the first found first.
    int order[FLOW_NEIGHBOURS * FLOW_NEIGHBOURS];
    for (int i = 0; i < longer.size; ++i) {
      int at = i;
      for (; at > 0 && longer[order[at - 1]].flow < longer[i].flow; --at) order[at] = order[at - 1];
      order[at] = i;
    }
    level = level_end;
    for (int i = 0; i < longer.size && level_end - level < FLOW_NEIGHBOURS; ++i) {
      const FlowStep& step = longer[order[i]];
      bool known = false;
      for (int k = level; k < level_end; ++k) known = known || kept[k].edge.payer == step.edge.payer;
      if (known) continue;
      graph.near(step.edge.payer);
      kept.add(step);
      ++level_end;
    }
    if (level < level_end) {
      best = level;
      ++hops;
    }
  }
  if (hops == 1) return found;
  found.count = hops;
  found.set_strength(static_cast<double>(kept[best].flow) / static_cast<double>(last.amount));
  found.truncated = found.truncated || hops == PATTERN_HOPS;
  if (witness) {
    int hop = 1;
    for (std::int32_t at = best; at >= 0; at = kept[at].next) witness->push_back({kept[at].edge, "flow", hop++});
  }
  return found;
}

// A shorter window that holds all that the answer of the next longer one depends on has the same answer.
inline void find_best_flow(const Graph& graph, const Edge& last, const Windows& windows, Found* found, Parts* witness) {
  std::int64_t oldest = last.clock;
  for (int w = windows.size - 1; w >= 0; --w) {
    const bool same = w + 1 < windows.size && oldest > windows.since[w];
    if (!same) oldest = last.clock;
    found[w] = same ? found[w + 1] : best_flow_within(graph, last, windows.us[w], witness, oldest);
  }
}

}  // namespace headgate
