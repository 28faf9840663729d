// Simple cycle: see facts/patterns/simple_cycle.py, which is the definition.
//
// Accounts that the search comes to are nodes with small numbers; payments that lead from one to another are ways.
// Nothing is allocated once the vectors of a thread have grown.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

constexpr int SIMPLE_CYCLE_STEPS = 16'384;
constexpr int SIMPLE_HOME = (CYCLE_HOPS - 1) / 2, SIMPLE_AWAY = CYCLE_HOPS / 2;  // payments of a half, at most

class SimpleCycleSearch {
 public:
  Found find(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
    clear(last);
    spread(graph, window_us);
    Found found;
    if (mark_met()) {
      routes(home_);
      if (home_.any) routes(away_);
      if (home_.any && away_.any) join(last, found);
    }
    found.truncated = found.truncated || home_.cut || away_.cut;
    if (found.count == 0) return found;
    found.set_strength(best_.evenness);
    if (witness) tell(graph, window_us, last, *witness);
    return found;
  }

 private:
  static constexpr std::uint8_t FAR = 255;

  // The node of an account in the search that the stamp names; account numbers are dense, so a row for each is cheap.
  struct Mark {
    std::uint16_t stamp = 0, node = 0;
  };
  struct Node {
    AccountId account;
    std::uint32_t first_way[2];  // by half
    std::uint32_t end_way[2];
    std::uint16_t met;           // number among the accounts where both halves met
    bool reached[2];
    std::uint8_t distance[2];    // payments to the nearest account where both met
  };
  struct Way {
    std::int64_t amount;
    Place at;
    std::uint32_t node;
  };
  struct Route {
    std::int64_t least, most;
    std::uint64_t inner;   // a mark for each account before its end
    std::int32_t nearer;   // the route that it goes on from; -1 for none
    std::int32_t next_there;  // the next route of the same length that ends there
    std::uint32_t node;    // its end
    Place at;
    std::int32_t hops;
  };
  struct Half {
    int index, longest;
    std::uint32_t start;
    std::vector<std::uint32_t> reached;  // nodes in the order in which they were reached
    std::vector<Way> ways;
    std::vector<Route> routes;
    std::size_t frontier = 0;  // reached from here on are the frontier
    int levels = 0, steps = 0;
    bool begun = false, cut = false, stopped = false, any = false;

    std::size_t waiting() const { return begun ? reached.size() - frontier : 1; }
    bool closed() const { return waiting() == 0 && !stopped; }
    bool growing() const { return waiting() > 0 && levels > 0; }
  };
  struct Best {
    double evenness = -1.0;
    int hops = 0;
    std::int32_t away = -1, home = -1;
  };

  void clear(const Edge& last) {
    next_stamp();
    nodes_.clear();
    best_ = {};
    node_of(last.payer);
    node_of(last.payee);
    for (Half* half : {&home_, &away_}) {
      half->reached.clear();
      half->ways.clear();
      half->routes.clear();
      half->frontier = 0;
      half->levels = half->longest;
      half->steps = SIMPLE_CYCLE_STEPS;
      half->begun = half->cut = half->stopped = half->any = false;
    }
  }

  void next_stamp() {
    if (++stamp_ != 0) return;
    std::fill(marks_.begin(), marks_.end(), Mark{});
    stamp_ = 1;
  }

  // The node of an account, NONE if it has none.
  std::uint32_t known(AccountId account) const {
    return account < marks_.size() && marks_[account].stamp == stamp_ ? marks_[account].node : NONE;
  }

  std::uint32_t node_of(AccountId account) {
    if (account >= marks_.size()) marks_.resize(std::max<std::size_t>(account + 1, 2 * marks_.size()));
    Mark& mark = marks_[account];
    if (mark.stamp == stamp_) return mark.node;
    const std::uint32_t node = static_cast<std::uint32_t>(nodes_.size());
    assert(node < 65'536);  // two ends, and at most one for each step of the two halves
    nodes_.push_back({account, {0, 0}, {0, 0}, 0, {false, false}, {FAR, FAR}});
    mark = {stamp_, static_cast<std::uint16_t>(node)};
    return node;
  }

  // Both halves come to accounts, level by level, always the one with fewer to go on from, home if equal.
  void spread(const Graph& graph, std::int64_t window_us) {
    while (home_.growing() || away_.growing()) {
      const bool homeward = home_.growing() && (!away_.growing() || home_.waiting() <= away_.waiting());
      Half& half = homeward ? home_ : away_;
      grow(graph, window_us, half, homeward ? away_ : home_);
      if (half.reached.empty()) return;
    }
  }

  void grow(const Graph& graph, std::int64_t window_us, Half& half, const Half& other) {
    --half.levels;
    const int self = half.index;
    const std::size_t begin = half.frontier, end = half.reached.size();
    const bool within = other.closed();
    // Where the other half grows no more, an account that it never came to is of no use at the end of a route.
    const bool only_known = within || (half.levels == 0 && !other.growing());
    if (!half.begun) {
      half.begun = true;
      if (!look(graph, window_us, half, half.start, only_known)) half.stopped = true;
      return;
    }
    half.frontier = end;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t node = half.reached[i];
      if (within && !nodes_[node].reached[1 - self]) continue;
      if (!look(graph, window_us, half, node, only_known)) {
        half.stopped = true;
        half.levels = 0;
        return;
      }
    }
  }

  // Looks at the newest counterparties of an account; false where the steps are used up.
  bool look(const Graph& graph, std::int64_t window_us, Half& half, std::uint32_t node, bool only_known) {
    if (half.steps == 0) {
      half.cut = true;
      return false;
    }
    const int self = half.index, limit = std::min(PATTERN_DEGREE, half.steps);
    const AccountId account = nodes_[node].account;
    const Rows rows = self ? graph.outs(account, window_us) : graph.ins(account, window_us);
    int seen = 0;
    const std::uint32_t first_way = static_cast<std::uint32_t>(half.ways.size());
    rows.per_other([&](const Edge& edge) {
      if (++seen > limit) return false;
      const AccountId to = self ? edge.payee : edge.payer;
      if (edge.own) return true;
      const std::uint32_t there = only_known ? known(to) : node_of(to);
      if (there == NONE || there < 2) return true;
      Node& found = nodes_[there];
      if (!found.reached[self]) {
        if (only_known && !found.reached[1 - self]) return true;
        found.reached[self] = true;
        half.reached.push_back(there);
      }
      half.ways.push_back({edge.amount, edge.at, there});
      return true;
    });
    half.cut = half.cut || seen > limit;
    half.steps -= std::min(seen, limit);
    nodes_[node].first_way[self] = first_way;
    nodes_[node].end_way[self] = static_cast<std::uint32_t>(half.ways.size());
    return true;
  }

  // Numbers the accounts to which both halves came; returns whether there are any.
  bool mark_met() {
    met_ = 0;
    const Half& fewer = home_.reached.size() <= away_.reached.size() ? home_ : away_;
    for (const std::uint32_t i : fewer.reached) {
      Node& node = nodes_[i];
      if (!node.reached[0] || !node.reached[1]) continue;
      node.met = static_cast<std::uint16_t>(met_++);
      node.distance[0] = node.distance[1] = 0;
    }
    return met_ > 0;
  }

  void measure(const Half& half) {
    const int self = half.index;
    bool changed = true;
    for (std::uint8_t distance = 1; changed && distance < half.longest; ++distance) {
      changed = false;
      for (const std::uint32_t i : half.reached) {
        Node& node = nodes_[i];
        if (node.distance[self] != FAR) continue;
        for (std::uint32_t way = node.first_way[self]; way < node.end_way[self]; ++way) {
          if (nodes_[half.ways[way].node].distance[self] >= distance) continue;
          node.distance[self] = distance;
          changed = true;
          break;
        }
      }
    }
  }

  // Lists the routes of a half that may still come to where both met, shorter first.
  void routes(Half& half) {
    measure(half);
    const int self = half.index;
    int steps = SIMPLE_CYCLE_STEPS;
    std::int32_t level = -1, level_end = 0;
    for (int hops = 1; hops <= half.longest; ++hops) {
      const std::int32_t made = static_cast<std::int32_t>(half.routes.size());
      for (std::int32_t nearer = level; nearer < level_end; ++nearer) {
        const Node& end = nodes_[nearer < 0 ? half.start : half.routes[nearer].node];
        for (std::uint32_t w = end.first_way[self]; w < end.end_way[self]; ++w) {
          const Way way = half.ways[w];
          if (nodes_[way.node].distance[self] > half.longest - hops) continue;
          if (steps == 0) {
            half.cut = true;
            return;
          }
          --steps;
          ++visited;
          if (!passed(half, nearer, way.node)) add_route(half, nearer, way, hops);
        }
      }
      level = made;
      level_end = static_cast<std::int32_t>(half.routes.size());
      if (level == level_end) return;
    }
  }

  static bool passed(const Half& half, std::int32_t at, std::uint32_t node) {
    for (; at >= 0; at = half.routes[at].nearer) {
      if (half.routes[at].node == node) return true;
    }
    return false;
  }

  void add_route(Half& half, std::int32_t nearer, const Way& way, int hops) {
    Route route{way.amount, way.amount, 0, nearer, -1, way.node, way.at, hops};
    if (nearer >= 0) {
      const Route& shorter = half.routes[nearer];
      route.least = std::min(route.least, shorter.least);
      route.most = std::max(route.most, shorter.most);
      route.inner = shorter.inner | 1ull << (shorter.node & 63);
    }
    half.any = half.any || nodes_[way.node].distance[half.index] == 0;
    half.routes.push_back(route);
  }

  // Joins routes that end in one account and share no other; the half that leaves is as long, or one payment longer.
  void join(const Edge& last, Found& found) {
    ending_.assign(static_cast<std::size_t>(met_) * (SIMPLE_AWAY + 1), -1);
    for (std::int32_t a = static_cast<std::int32_t>(away_.routes.size()); a-- > 0;) {
      Route& route = away_.routes[a];
      if (nodes_[route.node].distance[1] != 0) continue;
      std::int32_t& first = ending_[nodes_[route.node].met * (SIMPLE_AWAY + 1) + route.hops];
      route.next_there = first;
      first = a;
    }
    int meetings = 0;
    for (std::int32_t h = 0; h < static_cast<std::int32_t>(home_.routes.size()); ++h) {
      const Route& homeward = home_.routes[h];
      if (nodes_[homeward.node].distance[0] != 0) continue;
      const std::int32_t* there = &ending_[nodes_[homeward.node].met * (SIMPLE_AWAY + 1)];
      for (int hops = homeward.hops; hops <= std::min(homeward.hops + 1, SIMPLE_AWAY); ++hops) {
        for (std::int32_t a = there[hops]; a >= 0; a = away_.routes[a].next_there) {
          if (meetings++ == SIMPLE_CYCLE_STEPS) {
            found.truncated = true;
            return;
          }
          ++visited;
          if ((away_.routes[a].inner & homeward.inner) != 0 && shared(a, h)) continue;
          ++found.count;
          weigh(a, h, last);
        }
      }
    }
  }

  bool shared(std::int32_t a, std::int32_t h) const {
    for (std::int32_t of = away_.routes[a].nearer; of >= 0; of = away_.routes[of].nearer) {
      if (passed(home_, home_.routes[h].nearer, away_.routes[of].node)) return true;
    }
    return false;
  }

  void weigh(std::int32_t a, std::int32_t h, const Edge& last) {
    const Route &outward = away_.routes[a], &homeward = home_.routes[h];
    const std::int64_t least = std::min({outward.least, homeward.least, last.amount});
    const std::int64_t most = std::max({outward.most, homeward.most, last.amount});
    const double evenness = most ? static_cast<double>(least) / static_cast<double>(most) : 0.0;
    if (evenness < best_.evenness) return;
    const int hops = outward.hops + homeward.hops;
    if (evenness > best_.evenness || hops < best_.hops || (hops == best_.hops && newer(a, h))) {
      best_ = {evenness, hops, a, h};
    }
  }

  // Whether a cycle ranks before the best one of as many payments: compared from the judged payment backward.
  bool newer(std::int32_t a, std::int32_t h) const {
    Place mine[CYCLE_HOPS], best[CYCLE_HOPS];
    const int size = places(a, h, mine);
    places(best_.away, best_.home, best);
    for (int i = 0; i < size; ++i) {
      if (mine[i] != best[i]) return mine[i] > best[i];
    }
    return false;
  }

  int places(std::int32_t a, std::int32_t h, Place* into) const {
    int size = home_.routes[h].hops;
    for (int i = size; h >= 0; h = home_.routes[h].nearer) into[--i] = home_.routes[h].at;
    for (; a >= 0; a = away_.routes[a].nearer) into[size++] = away_.routes[a].at;
    return size;
  }

  // The best cycle in time order, each payment with its place in the ring.
  void tell(const Graph& graph, std::int64_t window_us, const Edge& last, Parts& witness) const {
    const std::size_t from = witness.size();
    int hop = away_.routes[best_.away].hops;
    for (std::int32_t a = best_.away; a >= 0; a = away_.routes[a].nearer) {
      const std::int32_t nearer = away_.routes[a].nearer;
      const std::uint32_t payer = nearer < 0 ? away_.start : away_.routes[nearer].node;
      witness.push_back({payment(graph, window_us, payer, away_.routes[a].node), "step", hop--});
    }
    hop = away_.routes[best_.away].hops + 1;
    for (std::int32_t h = best_.home; h >= 0; h = home_.routes[h].nearer) {
      const std::int32_t nearer = home_.routes[h].nearer;
      const std::uint32_t payee = nearer < 0 ? home_.start : home_.routes[nearer].node;
      witness.push_back({payment(graph, window_us, home_.routes[h].node, payee), "step", hop++});
    }
    witness.push_back({last, "step", hop});
    std::sort(witness.begin() + static_cast<std::ptrdiff_t>(from), witness.end(),
              [](const Part& a, const Part& b) { return a.edge.at < b.edge.at; });
  }

  Edge payment(const Graph& graph, std::int64_t window_us, std::uint32_t payer, std::uint32_t payee) const {
    Edge found{};
    graph.outs(nodes_[payer].account, window_us).per_other([&](const Edge& edge) {
      found = edge;
      return edge.payee != nodes_[payee].account;
    });
    return found;
  }

  std::vector<Mark> marks_;
  std::vector<Node> nodes_;
  std::vector<std::int32_t> ending_;  // by account met and length: the first route that leaves and ends there
  Half home_{0, SIMPLE_HOME, 0, {}, {}, {}}, away_{1, SIMPLE_AWAY, 1, {}, {}, {}};
  Best best_;
  std::uint16_t stamp_ = 0;
  int met_ = 0;
};

inline Found find_simple_cycle(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  if (last.own || last.payer == last.payee) return {};
  if (graph.ins(last.payer, window_us).empty() || graph.outs(last.payee, window_us).empty()) return {};
  static thread_local SimpleCycleSearch search;
  return search.find(graph, last, window_us, witness);
}

}  // namespace headgate
