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
};

inline bool chain_passed(const std::vector<ChainLink>& links, std::int32_t at, AccountId account) {
  for (; at >= 0; at = links[at].next) {
    if (links[at].edge.payer == account || (links[at].next < 0 && links[at].edge.payee == account)) return true;
  }
  return false;
}

inline Found find_pass_through(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  if (last.own || last.payer == last.payee || last.amount == 0) return {};
  static thread_local std::vector<ChainLink> links;
  links.clear();
  links.push_back({last, -1});
  std::int32_t level = 0, level_end = 1, longest = 0;
  int hops = 1, steps = PATTERN_STEPS;
  Found found;
  while (level < level_end && hops < PATTERN_HOPS) {
    for (std::int32_t chain = level; chain < level_end; ++chain) {
      if (steps == 0) {
        found.truncated = true;
        break;
      }
      const Edge first = links[chain].edge;
      const Rows rows = graph.ins_before(first.payer, window_us, first.at);
      const std::uint32_t looked_at = std::min<std::uint32_t>(rows.size(), std::min(PATTERN_DEGREE, steps));
      found.truncated = found.truncated || rows.size() > looked_at;
      steps -= static_cast<int>(looked_at);
      const std::int64_t handed_on = 100 * first.amount;
      const std::int64_t least = (handed_on + PASS_MOST_PERCENT - 1) / PASS_MOST_PERCENT, most = handed_on / PASS_LEAST_PERCENT;
      for (std::uint32_t k = 0; k < looked_at; ++k) {
        ++visited;
        const std::int64_t amount = rows.amount(k);
        if (amount < least || amount > most || rows.own(k) || chain_passed(links, chain, rows.other(k))) continue;
        links.push_back({rows.newest(k), chain});
      }
    }
    level = level_end;
    level_end = static_cast<std::int32_t>(links.size());
    if (level < level_end) {
      longest = level;
      ++hops;
    }
  }
  found.truncated = found.truncated || hops == PATTERN_HOPS;
  if (hops == 1) return found;
  const std::int64_t first = links[longest].edge.amount, end = last.amount;
  found.count = hops;
  found.set_strength(static_cast<double>(std::min(first, end)) / static_cast<double>(first));
  found.set_share(static_cast<double>(std::max<std::int64_t>(0, first - end)) / static_cast<double>(first));
  if (witness) {
    int hop = 1;
    for (std::int32_t at = longest; at >= 0; at = links[at].next) witness->push_back({links[at].edge, "link", hop++});
  }
  return found;
}

}  // namespace headgate
