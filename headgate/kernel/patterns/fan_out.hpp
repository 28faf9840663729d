// Fan-out: see facts/patterns/fan_out.py, which is the definition.
#pragma once

#include "fan_in.hpp"

namespace headgate {

inline Found find_fan_out(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  return fan(graph.outs(last.payer, window_us), last, false, "out", witness);
}

}  // namespace headgate
