// Pass-through: see facts/patterns/pass_through.py, which is the definition.
#pragma once

#include <algorithm>
#include <vector>

#include "../graph.hpp"

namespace headgate {

constexpr std::int64_t PASS_LEAST_PERCENT = 70, PASS_MOST_PERCENT = 102;

// A payment of a chain and the one that follows it.
struct ChainLink {
  Edge edge;
  std::int32_t next;  // index of the next payment of the chain, -1 after the judged one
  WindowMask in;      // the windows that hold the chain
};

inline bool chain_passed(const std::vector<ChainLink>& links, std::int32_t at, AccountId account) {
  for (; at >= 0; at = links[at].next) {
    if (links[at].edge.payer == account || (links[at].next < 0 && links[at].edge.payee == account)) return true;
  }
  return false;
}

inline void find_pass_through(const Graph& graph, const Edge& last, const Windows& windows, Found* found,
                              Parts* witness) {
  if (last.own || last.payer == last.payee || last.amount == 0) return;
  static thread_local std::vector<ChainLink> links;
  links.clear();
  links.push_back({last, -1, windows.all()});
  std::int32_t level = 0, level_end = 1, longest[Windows::MOST] = {};
  int hops[Windows::MOST];
  std::fill_n(hops, Windows::MOST, 1);
  Steps steps(PATTERN_STEPS);
  WindowMask cut = 0;
  for (int length = 2; length <= PATTERN_HOPS && level < level_end; ++length) {
    for (std::int32_t chain = level; chain < level_end; ++chain) {
      Walk walk(windows, steps, links[chain].in, cut);
      if (walk.in() == 0) continue;
      if (chain + AHEAD < level_end) graph.near_received_rows(links[chain + AHEAD].edge.payer);
      const Edge first = links[chain].edge;
      const Rows rows = graph.all_ins_before(first.payer, first.at);
      const std::int64_t handed_on = 100 * first.amount;
      const std::int64_t least = (handed_on + PASS_MOST_PERCENT - 1) / PASS_MOST_PERCENT, most = handed_on / PASS_LEAST_PERCENT;
      for (std::uint32_t k = 0; k < rows.size(); ++k) {
        const Line::Row& row = rows.row(k);
        if (!walk.on(row.clock)) break;
        const std::int64_t amount = row.amount();
        if (amount < least || amount > most || row.own() || chain_passed(links, chain, row.other)) continue;
        each_window(walk.in(), [&](int at) {
          if (hops[at] < length) hops[at] = length, longest[at] = static_cast<std::int32_t>(links.size());
        });
        graph.near(row.other);
        links.push_back({rows.edge(row), chain, walk.in()});
      }
    }
    level = level_end;
    level_end = static_cast<std::int32_t>(links.size());
    for (std::int32_t chain = level; chain < std::min(level + AHEAD, level_end); ++chain) {
      graph.near_received_rows(links[chain].edge.payer);
    }
  }
  for (int w = 0; w < windows.size; ++w) {
    found[w].truncated = cut >> w & 1 || hops[w] == PATTERN_HOPS;
    if (hops[w] == 1) continue;
    const std::int64_t first = links[longest[w]].edge.amount, end = last.amount;
    found[w].count = hops[w];
    found[w].set_strength(static_cast<double>(std::min(first, end)) / static_cast<double>(first));
    found[w].set_share(static_cast<double>(std::max<std::int64_t>(0, first - end)) / static_cast<double>(first));
    int hop = 1;
    for (std::int32_t at = longest[w]; witness && at >= 0; at = links[at].next) {
      witness->push_back({links[at].edge, "link", hop++});
    }
  }
}

}  // namespace headgate
