// The searches that the kernel has, by name: one header each.
#pragma once

#include <string>
#include <vector>

#include "graph.hpp"
#include "patterns/best_flow.hpp"
#include "patterns/bipartite.hpp"
#include "patterns/dormant_woken.hpp"
#include "patterns/fan_in.hpp"
#include "patterns/fan_out.hpp"
#include "patterns/gather_scatter.hpp"
#include "patterns/pass_through.hpp"
#include "patterns/peeling.hpp"
#include "patterns/scatter_gather.hpp"
#include "patterns/simple_cycle.hpp"
#include "patterns/stack.hpp"
#include "patterns/structuring.hpp"
#include "patterns/temporal_cycle.hpp"

namespace headgate {

// Fills the answer of each window; a witness is asked of one window only.
struct PatternSearch {
  const char* name;
  void (*find)(const Graph& graph, const Edge& last, const Windows& windows, Found* found, Parts* witness);
};

// A search that answers for one window at a time.
template <Found (*find)(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness)>
void each_alone(const Graph& graph, const Edge& last, const Windows& windows, Found* found, Parts* witness) {
  for (int w = 0; w < windows.size; ++w) found[w] = find(graph, last, windows.us[w], witness);
}

inline constexpr PatternSearch PATTERNS[] = {
    {"best_flow", find_best_flow},
    {"bipartite", each_alone<find_bipartite>},
    {"dormant_woken", each_alone<find_dormant_woken>},
    {"fan_in", find_fan_in},
    {"fan_out", find_fan_out},
    {"gather_scatter", find_gather_scatter},
    {"pass_through", find_pass_through},
    {"peeling", each_alone<find_peeling>},
    {"scatter_gather", find_scatter_gather},
    {"simple_cycle", each_alone<find_simple_cycle>},
    {"stack", each_alone<find_stack>},
    {"structuring", each_alone<find_structuring>},
    {"temporal_cycle", find_temporal_cycle},
};

inline std::vector<std::string> pattern_names() {
  std::vector<std::string> names;
  for (const PatternSearch& search : PATTERNS) names.emplace_back(search.name);
  return names;
}

}  // namespace headgate
