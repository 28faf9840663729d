// Peeling chain: see facts/patterns/peeling.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"
#include "pass_through.hpp"

namespace headgate {

constexpr std::int64_t PEELING_LEAST_PERCENT = 50, PEELING_MOST_PERCENT = 98;
constexpr std::int64_t PEELING_LEAST_LEAVES_PERCENT = 90, PEELING_MOST_LEAVES_PERCENT = 102;

// The longest chain so far, and how many payments before a link were looked at for its peels.
struct PeelingSearch {
  std::vector<ChainLink> links;
  std::vector<std::uint32_t> looked_at;  // of the payment that follows links[i]
};

// How many of these payments are as new as place `at` or newer.
inline std::uint32_t peeling_skip(const Rows& rows, Place at) {
  std::uint32_t low = 0, high = rows.size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (rows.at(middle) >= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

inline bool is_peel(const Rows& sent, std::uint32_t k, const Edge& link) {
  return !sent.own(k) && sent.other(k) != link.payee && sent.other(k) != link.payer;
}

inline Found find_peeling(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  if (last.own || last.payer == last.payee || last.amount == 0) return {};
  static thread_local PeelingSearch search;
  std::vector<ChainLink>& links = search.links;
  links.clear();
  search.looked_at.clear();
  links.push_back({last, -1, 1});
  search.looked_at.push_back(0);
  std::int32_t level = 0, level_end = 1, longest = 0;
  int hops = 1, steps = PATTERN_STEPS;
  Found found;
  while (level < level_end && hops < PATTERN_HOPS) {
    for (std::int32_t chain = level; chain < level_end; ++chain) {
      if (steps == 0) {
        found.truncated = true;
        break;
      }
      const Edge link = links[chain].edge;
      const Rows rows = graph.ins_before(link.payer, window_us, link.at);
      const std::uint32_t received = std::min<std::uint32_t>(rows.size(), std::min(PATTERN_DEGREE, steps));
      found.truncated = found.truncated || rows.size() > received;
      steps -= static_cast<int>(received);
      // Amounts are below 10^12, sums of 65 of them below 10^14: a hundred times that fits 64 bits.
      const std::int64_t handed_on = 100 * link.amount;
      const std::int64_t least = (handed_on + PEELING_MOST_PERCENT - 1) / PEELING_MOST_PERCENT;
      const std::int64_t most = handed_on / PEELING_LEAST_PERCENT;
      Small<std::uint32_t, PATTERN_DEGREE> fit;
      for (std::uint32_t k = 0; k < received; ++k) {
        ++visited;
        const std::int64_t amount = rows.amount(k);
        if (amount < least || amount > most || rows.own(k) || chain_passed(links, chain, rows.other(k))) continue;
        fit.add(k);
      }
      if (fit.size == 0) continue;
      const Rows sent = graph.outs(link.payer, window_us);
      const std::uint32_t first = peeling_skip(sent, link.at);
      const std::uint32_t limit = static_cast<std::uint32_t>(std::min(PATTERN_DEGREE, steps));
      std::uint32_t looked_at = 0;
      std::int64_t leaves = link.amount;
      bool peeled = false;
      for (const std::uint32_t k : fit) {
        const Place at = rows.at(k);
        for (; first + looked_at < sent.size() && sent.at(first + looked_at) > at; ++looked_at) {
          if (looked_at == limit) {
            found.truncated = true;
            break;
          }
          ++visited;
          if (!is_peel(sent, first + looked_at, link)) continue;
          leaves += sent.amount(first + looked_at);
          peeled = true;
        }
        const std::int64_t amount = rows.amount(k);
        if (!peeled || 100 * leaves < PEELING_LEAST_LEAVES_PERCENT * amount ||
            100 * leaves > PEELING_MOST_LEAVES_PERCENT * amount) {
          continue;
        }
        links.push_back({rows.newest(k), chain, 1});
        search.looked_at.push_back(looked_at);
      }
      steps -= static_cast<int>(looked_at);
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
    const std::size_t from = witness->size();
    int hop = 1;
    for (std::int32_t at = longest; at >= 0; at = links[at].next) {
      witness->push_back({links[at].edge, "link", hop++});
      if (links[at].next < 0) break;
      const Edge& link = links[links[at].next].edge;
      const Rows sent = graph.outs(link.payer, window_us);
      const std::uint32_t skip = peeling_skip(sent, link.at);
      for (std::uint32_t k = skip; k < skip + search.looked_at[at]; ++k) {
        if (is_peel(sent, k, link)) witness->push_back({sent.newest(k), "peel", hop});
      }
    }
    std::sort(witness->begin() + static_cast<std::ptrdiff_t>(from), witness->end(),
              [](const Part& a, const Part& b) { return a.edge.at < b.edge.at; });
  }
  return found;
}

}  // namespace headgate
