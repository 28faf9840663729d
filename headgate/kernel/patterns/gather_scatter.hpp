// Gather-scatter: see facts/patterns/gather_scatter.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

inline Found find_gather_scatter(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const AccountId hub = last.payer;
  const Rows rows_in = graph.ins(hub, window_us);
  if (rows_in.empty() || last.own || hub == last.payee) return {};
  Small<Edge, PATTERN_DEGREE + 1> ins, outs;
  rows_in.per_other([&](const Edge& edge) { return ins.add(edge); });
  Found found;
  found.truncated = ins.size > PATTERN_DEGREE;
  ins.size = std::min(ins.size, PATTERN_DEGREE);
  outs.add(last);
  int seen = 0, others = 0;
  graph.outs(hub, window_us).per_other([&](const Edge& edge) {
    if (edge.payee != last.payee && ++others < PATTERN_DEGREE) outs.add(edge);
    return ++seen < PATTERN_DEGREE + 1;
  });
  found.truncated = found.truncated || others >= PATTERN_DEGREE;
  SmallSet payers, payees;
  for (const Edge& edge : ins) payers.add(edge.payer);
  for (const Edge& edge : outs) payees.add(edge.payee);
  const Edge* first = nullptr;
  std::int64_t gathered = 0, scattered = 0;
  int gather = 0, scatter = 0;
  for (const Edge& edge : ins) {
    if (edge.own || payees.has(edge.payer)) continue;
    ++gather;
    gathered += edge.amount;
    first = &edge;
    if (witness) witness->push_back({edge, "gather", 1});
  }
  if (gather == 0 || payers.has(last.payee)) {
    if (witness) witness->clear();
    return found;
  }
  for (const Edge& edge : outs) {
    if (edge.own || payers.has(edge.payee) || edge.at <= first->at) continue;
    ++scatter;
    scattered += edge.amount;
    if (witness) witness->push_back({edge, "scatter", 2});
  }
  found.count = std::min(gather, scatter);
  const double in = static_cast<double>(gathered), out = static_cast<double>(scattered);
  if (gathered && scattered) found.set_strength(std::min(in, out) / std::max(in, out));
  if (gathered) found.set_share(static_cast<double>(std::max<std::int64_t>(0, gathered - scattered)) / in);
  return found;
}

}  // namespace headgate
