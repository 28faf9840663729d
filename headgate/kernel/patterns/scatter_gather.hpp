// Scatter-gather: see facts/patterns/scatter_gather.py, which is the definition.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

struct Leg {
  int source;  // index among the sources
  Edge first, second;
  WindowMask in;
};

// The newest payments to one account by payer, without own transfers and the ends; how many each window has of them.
struct Payers {
  Roll<PATTERN_DEGREE, 10> accounts;
  const Edge* edges[PATTERN_DEGREE];
  int windows[PATTERN_DEGREE];
  int sizes[Windows::MOST] = {};
  WindowMask cut = 0;  // those with more payers than are looked at

  Payers(const Graph::Newest& newest, const Edge& last, const Windows& asked) {
    int w = 0, seen = 0;
    for (const Edge& edge : newest) {
      if ((w = asked.holding(edge.clock, w)) == asked.size) break;
      if (++seen > PATTERN_DEGREE) {
        cut = asked.from(w);
      } else if (!edge.own && edge.payer != last.payer && edge.payer != last.payee) {
        edges[accounts.size()] = &edge;
        windows[accounts.size()] = w;
        accounts.add(edge.payer);
        ++sizes[w];
      }
    }
    for (int longer = 1; longer < asked.size; ++longer) sizes[longer] += sizes[longer - 1];
  }
};

// The legs between the sources of the payer and the sink: what was found, and which windows a limit cut.
struct ScatterSearch {
  const Graph& graph;
  const Windows& windows;
  const Payers &sources, &onward;
  std::vector<Leg>& legs;
  int counts[PATTERN_DEGREE][Windows::MOST];
  WindowMask cut = 0;

  void add(int source, const Edge& first, const Edge& second, WindowMask in) {
    if (in == 0) return;
    legs.push_back({source, first, second, in});
    each_window(in, [&](int w) { ++counts[source][w]; });
  }

  // Looks at the newest payees of each source.
  void from_sources(WindowMask asked) {
    Steps steps(PATTERN_STEPS);
    for (int s = 0; s < sources.accounts.size(); ++s) graph.near(sources.edges[s]->payer);
    for (int s = 0; s < std::min(AHEAD, sources.accounts.size()); ++s) graph.near_many_sent(sources.edges[s]->payer);
    for (int s = 0; s < sources.accounts.size(); ++s) {
      Walk walk(windows, steps, asked & windows.from(sources.windows[s]), cut);
      if (walk.in() == 0) continue;
      const AccountId source = sources.edges[s]->payer;
      if (s + AHEAD < sources.accounts.size()) graph.near_many_sent(sources.edges[s + AHEAD]->payer);
      graph.each_payee(source, [&](const Line::Row& row) {
        if (!walk.on(row.clock)) return false;
        const AccountId middle = row.other;
        const int second = middle == source ? -1 : onward.accounts.find(middle);
        if (second >= 0) leg(s, graph.sent_edge(row, source), second, walk.in());
        return true;
      });
    }
  }

  // The newest payment of a pair that comes before its second leg.
  void leg(int s, const Edge& newest, int second, WindowMask in) {
    const Edge& onto = *onward.edges[second];
    in &= windows.from(onward.windows[second]);
    if (in == 0) return;
    std::optional<Edge> first = newest;
    if (newest.at >= onto.at) first = graph.newest_pair_before(newest.payer, newest.payee, windows.longest(), onto.at);
    if (first && !first->own) add(s, *first, onto, in & windows.from(windows.holding(first->clock)));
  }

  // Looks at what each intermediary last received; each source stands for its newest payment of these.
  void from_intermediaries(WindowMask asked) {
    Steps steps(PATTERN_STEPS);
    for (int m = 0; m < onward.accounts.size(); ++m) graph.near(onward.edges[m]->payer);
    for (int m = 0; m < std::min(AHEAD, onward.accounts.size()); ++m) graph.near_many_received(onward.edges[m]->payer);
    for (int m = 0; m < onward.accounts.size(); ++m) {
      Walk walk(windows, steps, asked & windows.from(onward.windows[m]), cut);
      if (walk.in() == 0) continue;
      const Edge& second = *onward.edges[m];
      if (m + AHEAD < onward.accounts.size()) graph.near_many_received(onward.edges[m + AHEAD]->payer);
      const Rows rows = graph.all_ins_before(second.payer, second.at);
      std::uint64_t taken = 0;
      for (std::uint32_t k = 0; k < rows.size(); ++k) {
        const Line::Row& row = rows.row(k);
        if (!walk.on(row.clock)) break;
        const AccountId source = row.other;
        if (source == second.payer) continue;
        const int s = sources.accounts.find(source);
        if (s < 0 || taken >> s & 1) continue;
        taken |= 1ull << s;
        if (!row.own()) add(s, rows.edge(row), second, walk.in() & windows.from(sources.windows[s]));
      }
    }
  }
};

inline void find_scatter_gather(const Graph& graph, const Edge& last, const Windows& windows, Found* found,
                                Parts* witness) {
  if (last.own || last.payer == last.payee) return;
  const Payers sources(graph.payer_payers(), last, windows);
  WindowMask from_sources = 0, from_intermediaries = 0, cut = sources.cut;
  if (sources.accounts.size()) {
    const Payers onward(graph.payee_payers(), last, windows);
    for (int w = 0; w < windows.size; ++w) {
      if (sources.sizes[w] == 0) continue;
      (sources.sizes[w] <= onward.sizes[w] ? from_sources : from_intermediaries) |= 1u << w;
    }
    static thread_local std::vector<Leg> legs;
    legs.clear();
    ScatterSearch search{graph, windows, sources, onward, legs, {}};
    for (int s = 0; s < sources.accounts.size(); ++s) std::fill_n(search.counts[s], windows.size, 1);
    if (from_sources) search.from_sources(from_sources);
    if (from_intermediaries) search.from_intermediaries(from_intermediaries);
    cut |= search.cut | (onward.cut & (from_sources | from_intermediaries));
    each_window(from_sources | from_intermediaries, [&](int w) {
      int best = 0;
      for (int s = 1; s < sources.sizes[w]; ++s) {
        if (search.counts[s][w] > search.counts[best][w]) best = s;
      }
      const Edge& entry = *sources.edges[best];
      std::int64_t paid = entry.amount, passed = std::min(entry.amount, last.amount);
      if (witness) {
        witness->push_back({entry, "scatter", 1});
        witness->push_back({last, "gather", 2});
      }
      for (const Leg& leg : legs) {
        if (leg.source != best || !(leg.in >> w & 1)) continue;
        paid += leg.first.amount;
        passed += std::min(leg.first.amount, leg.second.amount);
        if (witness) {
          witness->push_back({leg.first, "scatter", 1});
          witness->push_back({leg.second, "gather", 2});
        }
      }
      found[w].count = search.counts[best][w];
      if (paid) {
        found[w].set_strength(static_cast<double>(passed) / static_cast<double>(paid));
        found[w].set_share(static_cast<double>(paid - passed) / static_cast<double>(paid));
      }
    });
  }
  each_window(cut, [&](int w) { found[w].truncated = true; });
}

}  // namespace headgate
