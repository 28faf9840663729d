// Gather-scatter: see facts/patterns/gather_scatter.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

// One side of the hub: the newest payment of each counterparty, and the shortest window that holds it.
struct HubSide {
  Roll<PATTERN_DEGREE, 10> accounts;
  const Edge* edges[PATTERN_DEGREE];
  int windows[PATTERN_DEGREE];

  void add(AccountId account, const Edge& edge, int window) {
    edges[accounts.size()] = &edge;
    windows[accounts.size()] = window;
    accounts.add(account);
  }
  // The shortest window in which an account is on this side.
  int window_of(AccountId account, int none) const {
    const int at = accounts.find(account);
    return at < 0 ? none : windows[at];
  }
};

inline void find_gather_scatter(const Graph& graph, const Edge& last, const Windows& windows, Found* found,
                                Parts* witness) {
  if (last.own || last.payer == last.payee) return;
  const Graph::Newest& payers = graph.payer_payers();
  const int none = windows.size, begin = payers.size ? windows.holding(payers[0].clock) : none;
  if (begin == none) return;
  const auto cut_from = [&](int w) {
    for (; w < none; ++w) found[w].truncated = true;
  };
  HubSide in, out;
  int w = 0;
  for (const Edge& edge : payers) {
    if ((w = windows.holding(edge.clock, w)) == none) break;
    if (in.accounts.size() == PATTERN_DEGREE) cut_from(w);
    else in.add(edge.payer, edge, w);
  }
  w = 0;
  for (const Edge& edge : graph.payer_payees()) {
    if ((w = windows.holding(edge.clock, w)) == none) break;
    if (edge.payee == last.payee) continue;
    if (out.accounts.size() == PATTERN_DEGREE - 1) cut_from(std::max(w, begin));
    else out.add(edge.payee, edge, w);
  }
  // A payee that is a payer too, on its newest payment: there is nothing in this window and the longer ones.
  const int end = in.window_of(last.payee, none);
  struct {
    int gather = 0, scatter = 1;
    std::int64_t gathered = 0, scattered = 0;
    Place first = 0;
  } sides[Windows::MOST];
  for (int i = 0; i < in.accounts.size(); ++i) {
    const Edge& edge = *in.edges[i];
    if (edge.own) continue;
    const int until = std::min(end, out.window_of(edge.payer, none));
    for (int at = in.windows[i]; at < until; ++at) {
      ++sides[at].gather;
      sides[at].gathered += edge.amount;
      sides[at].first = edge.at;
      if (witness) witness->push_back({edge, "gather", 1});
    }
  }
  for (int i = 0; i < out.accounts.size(); ++i) {
    const Edge& edge = *out.edges[i];
    if (edge.own) continue;
    const int until = std::min(end, in.window_of(edge.payee, none));
    for (int at = out.windows[i]; at < until; ++at) {
      if (sides[at].gather == 0 || edge.at <= sides[at].first) continue;
      ++sides[at].scatter;
      sides[at].scattered += edge.amount;
      if (witness) witness->push_back({edge, "scatter", 2});
    }
  }
  for (int at = begin; at < end; ++at) {
    const auto& side = sides[at];
    if (side.gather == 0) continue;
    if (witness) witness->push_back({last, "scatter", 2});
    const std::int64_t gathered = side.gathered, scattered = side.scattered + last.amount;
    found[at].count = std::min(side.gather, side.scatter);
    const double in_sum = static_cast<double>(gathered), out_sum = static_cast<double>(scattered);
    if (gathered && scattered) found[at].set_strength(std::min(in_sum, out_sum) / std::max(in_sum, out_sum));
    if (gathered) found[at].set_share(static_cast<double>(std::max<std::int64_t>(0, gathered - scattered)) / in_sum);
  }
}

}  // namespace headgate
