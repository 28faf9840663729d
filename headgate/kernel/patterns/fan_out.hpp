// Fan-out: see facts/patterns/fan_out.py, which is the definition.
#pragma once

#include "fan_in.hpp"

namespace headgate {

inline void find_fan_out(const Graph& graph, const Edge& last, const Windows& windows, Found* found, Parts* witness) {
  fan(graph.payer_payees(), last, false, "out", windows, found, witness);
}

}  // namespace headgate
