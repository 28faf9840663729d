// Scatter-gather: see facts/patterns/scatter_gather.py, which is the definition.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

struct Leg {
  std::uint32_t source;  // index among the sources
  Edge first, second;
};

inline Found find_scatter_gather(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const Rows rows_in = graph.ins(last.payer, window_us);
  if (rows_in.empty() || last.own || last.payer == last.payee) return {};
  const auto is_end = [&](AccountId account) { return account == last.payer || account == last.payee; };
  Small<Edge, PATTERN_DEGREE> sources, onward;
  int seen_in = 0, seen_sink = 0;
  rows_in.per_other([&](const Edge& edge) {
    if (++seen_in <= PATTERN_DEGREE && !edge.own && !is_end(edge.payer)) sources.add(edge);
    return seen_in <= PATTERN_DEGREE;
  });
  Found found;
  found.truncated = seen_in > PATTERN_DEGREE;
  if (sources.size == 0) return found;
  graph.ins(last.payee, window_us).per_other([&](const Edge& edge) {
    if (++seen_sink <= PATTERN_DEGREE && !edge.own && !is_end(edge.payer)) onward.add(edge);
    return seen_sink <= PATTERN_DEGREE;
  });
  found.truncated = found.truncated || seen_sink > PATTERN_DEGREE;
  static thread_local std::vector<Leg> legs;
  legs.clear();
  int counts[PATTERN_DEGREE];
  std::fill_n(counts, sources.size, 1);
  int steps = PATTERN_STEPS;
  if (sources.size <= onward.size) {
    SmallMap sinks;
    for (int i = 0; i < onward.size; ++i) sinks.add(onward[i].payer, static_cast<std::uint32_t>(i));
    for (int s = 0; s < sources.size; ++s) {
      const AccountId source = sources[s].payer;
      const int limit = std::min(PATTERN_DEGREE, steps);
      if (steps == 0) {
        found.truncated = true;
        continue;
      }
      int seen = 0;
      graph.outs(source, window_us).per_other([&](const Edge& edge) {
        if (++seen > limit) return false;
        const std::uint32_t second = edge.payee == source ? NONE : sinks.find(edge.payee);
        if (second == NONE) return true;
        const Edge& onto = onward[static_cast<int>(second)];
        std::optional<Edge> first = edge;
        if (edge.at >= onto.at) first = graph.newest_pair_before(source, edge.payee, window_us, onto.at);
        if (first && !first->own) {
          legs.push_back({static_cast<std::uint32_t>(s), *first, onto});
          ++counts[s];
        }
        return true;
      });
      found.truncated = found.truncated || seen > limit;
      steps -= std::min(seen, limit);
    }
  } else {
    SmallMap known;
    for (int s = 0; s < sources.size; ++s) known.add(sources[s].payer, static_cast<std::uint32_t>(s));
    for (const Edge& second : onward) {
      const AccountId middle = second.payer;
      const int limit = std::min(PATTERN_DEGREE, steps);
      if (steps == 0) {
        found.truncated = true;
        continue;
      }
      const Rows rows = graph.ins_before(middle, window_us, second.at);
      const std::uint32_t looked_at = std::min<std::uint32_t>(rows.size(), static_cast<std::uint32_t>(limit));
      found.truncated = found.truncated || rows.size() > looked_at;
      steps -= static_cast<int>(looked_at);
      // Each source stands for its newest payment of these.
      std::uint64_t taken = 0;
      for (std::uint32_t k = 0; k < looked_at; ++k) {
        ++visited;
        const AccountId source = rows.other(k);
        if (source == middle) continue;
        const std::uint32_t s = known.find(source);
        if (s == NONE || taken >> s & 1) continue;
        taken |= 1ull << s;
        if (rows.own(k)) continue;
        legs.push_back({s, rows.newest(k), second});
        ++counts[s];
      }
    }
  }
  const int best = static_cast<int>(std::max_element(counts, counts + sources.size) - counts);
  std::int64_t paid = sources[best].amount, passed = std::min(sources[best].amount, last.amount);
  if (witness) {
    witness->push_back({sources[best], "scatter", 1});
    witness->push_back({last, "gather", 2});
  }
  for (const Leg& leg : legs) {
    if (leg.source != static_cast<std::uint32_t>(best)) continue;
    paid += leg.first.amount;
    passed += std::min(leg.first.amount, leg.second.amount);
    if (witness) {
      witness->push_back({leg.first, "scatter", 1});
      witness->push_back({leg.second, "gather", 2});
    }
  }
  found.count = counts[best];
  if (paid) {
    found.set_strength(static_cast<double>(passed) / static_cast<double>(paid));
    found.set_share(static_cast<double>(paid - passed) / static_cast<double>(paid));
  }
  return found;
}

}  // namespace headgate
