// Temporal cycle: see facts/patterns/temporal_cycle.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

// A route of payments as a tree: each knows the one nearer to the judged payment.
struct CycleStep {
  Edge edge;
  std::int32_t nearer;  // index of the payment before (away) or after (home) it; -1 for the first of its side
  std::int32_t hops;
};

// The routes of both sides, and which of those that leave end at an account. Reused from search to search.
struct CycleSearch {
  Small<CycleStep, CYCLE_STEPS> away, home;
  Small<std::int32_t, CYCLE_STEPS> next_there;  // the next away route that ends at the same account
  static constexpr std::uint32_t SLOTS = 4 * CYCLE_STEPS;  // a power of two
  struct Slot {
    AccountId account = NONE;
    std::uint32_t stamp = 0;
    std::int32_t first = -1, last = -1;
  };
  Slot ends[SLOTS];
  std::uint32_t stamp = 0;

  Slot& slot(AccountId account) {
    std::uint32_t at = static_cast<std::uint32_t>(mixed(account)) & (SLOTS - 1);
    while (ends[at].stamp == stamp && ends[at].account != account) at = (at + 1) & (SLOTS - 1);
    return ends[at];
  }
  bool reached(AccountId account) {
    const Slot& found = slot(account);
    return found.stamp == stamp;
  }
  void reach(AccountId account, std::int32_t route) {
    Slot& found = slot(account);
    next_there.add(-1);
    if (found.stamp != stamp) {
      found = {account, stamp, route, route};
    } else {
      next_there[found.last] = route;
      found.last = route;
    }
  }
};

inline bool away_passed(const Small<CycleStep, CYCLE_STEPS>& steps, std::int32_t at, AccountId account) {
  for (; at >= 0; at = steps[at].nearer) {
    if (steps[at].edge.payer == account || steps[at].edge.payee == account) return true;
  }
  return false;
}

// The side that leaves the payee; returns whether a limit cut it.
inline bool cycle_away(const Graph& graph, const Edge& last, std::int64_t window_us, Place before, CycleSearch& search) {
  Small<CycleStep, CYCLE_STEPS>& routes = search.away;
  int steps = CYCLE_STEPS / 2;
  bool cut = false;
  std::int32_t level = -1, level_end = 0;
  for (int hops = 1; hops <= CYCLE_HOPS / 2; ++hops) {
    const std::int32_t made = routes.size;
    for (std::int32_t route = level; route < level_end; ++route) {
      if (steps == 0) return true;
      const AccountId end = route < 0 ? last.payee : routes[route].edge.payee;
      const Rows rows = route < 0 ? graph.outs(end, window_us) : graph.outs_after(end, routes[route].edge.at);
      const std::uint32_t later = std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE);
      cut = cut || rows.size() > PATTERN_DEGREE;
      int timely = 0;
      const int first = routes.size;
      for (std::uint32_t k = 0; k < later; ++k) {
        if (rows.at(k) >= before) continue;
        ++visited;
        if (++timely > steps) continue;
        const AccountId payee = rows.other(k);
        if (rows.own(k) || payee == last.payer || payee == last.payee || payee == end) continue;
        if (route >= 0 && away_passed(routes, route, payee)) continue;
        int same = first;
        while (same < routes.size && routes[same].edge.payee != payee) ++same;
        if (same < routes.size) {
          routes[same].edge = rows.newest(k);
        } else {
          routes.add({rows.newest(k), route, hops});
        }
      }
      cut = cut || timely > steps;
      steps = std::max(0, steps - timely);
    }
    level = made;
    level_end = routes.size;
    if (level == level_end) break;
  }
  return cut;
}

// The side that comes to the payer; returns whether a limit cut it.
inline bool cycle_home(const Graph& graph, const Edge& last, std::int64_t window_us, Place after, CycleSearch& search) {
  Small<CycleStep, CYCLE_STEPS>& routes = search.home;
  constexpr int LONGEST = (CYCLE_HOPS - 1) / 2;
  int steps = CYCLE_STEPS / 2;
  bool cut = false;
  std::int32_t level = -1, level_end = 0;
  for (int hops = 1; hops <= LONGEST; ++hops) {
    const std::int32_t made = routes.size;
    for (std::int32_t route = level; route < level_end; ++route) {
      if (steps == 0) return true;
      const AccountId start = route < 0 ? last.payer : routes[route].edge.payer;
      const Place before = route < 0 ? last.at : routes[route].edge.at;
      const Rows rows = graph.ins_before(start, window_us, before);
      const std::uint32_t looked_at = std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE);
      int timely = 0;
      const int first = routes.size;
      for (std::uint32_t k = 0; k < looked_at && rows.at(k) > after; ++k) {
        ++visited;
        if (++timely > steps) continue;
        const AccountId payer = rows.other(k);
        if (rows.own(k) || payer == last.payer || payer == last.payee || payer == start) continue;
        if (route >= 0 && away_passed(routes, route, payer)) continue;
        if (hops == LONGEST && !search.reached(payer)) continue;
        int same = first;
        while (same < routes.size && routes[same].edge.payer != payer) ++same;
        if (same == routes.size) routes.add({rows.newest(k), route, hops});
      }
      cut = cut || rows.size() > PATTERN_DEGREE || timely > steps;
      steps = std::max(0, steps - timely);
    }
    level = made;
    level_end = routes.size;
    if (level == level_end) break;
  }
  return cut;
}

// One cycle: the payments in time order.
struct Cycle {
  Small<Edge, CYCLE_HOPS> steps;

  double evenness() const {
    std::int64_t least = steps[0].amount, most = steps[0].amount;
    for (const Edge& edge : steps) least = std::min(least, edge.amount), most = std::max(most, edge.amount);
    return most ? static_cast<double>(least) / static_cast<double>(most) : 0.0;
  }
  // Whether this one ranks before another of the same evenness: fewer payments, then newer ones from the end.
  bool before(const Cycle& other) const {
    if (steps.size != other.steps.size) return steps.size < other.steps.size;
    for (int i = steps.size; i-- > 0;) {
      if (steps[i].at != other.steps[i].at) return steps[i].at > other.steps[i].at;
    }
    return false;
  }
};

inline Cycle cycle_of(const CycleSearch& search, std::int32_t a, std::int32_t h, const Edge& last) {
  Cycle cycle;
  for (std::int32_t at = a; at >= 0; at = search.away[at].nearer) cycle.steps.add(search.away[at].edge);
  std::reverse(cycle.steps.begin(), cycle.steps.end());
  for (std::int32_t at = h; at >= 0; at = search.home[at].nearer) cycle.steps.add(search.home[at].edge);
  cycle.steps.add(last);
  return cycle;
}

inline bool cycle_meets(const CycleSearch& search, std::int32_t a, std::int32_t h) {
  if (search.away[a].edge.at >= search.home[h].edge.at) return false;
  for (std::int32_t at = h; at >= 0; at = search.home[at].nearer) {
    for (std::int32_t of = a; of >= 0; of = search.away[of].nearer) {
      if (search.away[of].edge.payer == search.home[at].edge.payee) return false;
    }
  }
  return true;
}

inline Found find_temporal_cycle(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const Rows newest_in = graph.ins(last.payer, window_us);
  if (newest_in.empty() || last.own || last.payer == last.payee) return {};
  static thread_local CycleSearch search;
  search.away.size = 0;
  search.home.size = 0;
  search.next_there.size = 0;
  ++search.stamp;
  Found found;
  found.truncated = cycle_away(graph, last, window_us, newest_in.at(0), search);
  if (search.away.size == 0) return found;
  Place after = NONE;
  for (std::int32_t i = 0; i < search.away.size; ++i) {
    search.reach(search.away[i].edge.payee, i);
    if (search.away[i].nearer < 0) after = std::min(after, search.away[i].edge.at);
  }
  found.truncated = cycle_home(graph, last, window_us, after, search) || found.truncated;
  Cycle best;
  double best_evenness = -1.0;
  int meetings = 0;
  for (std::int32_t h = 0; h < search.home.size; ++h) {
    const CycleSearch::Slot& there = search.slot(search.home[h].edge.payer);
    if (there.stamp != search.stamp) continue;
    for (std::int32_t a = there.first; a >= 0; a = search.next_there[a]) {
      const std::int32_t longer = search.away[a].hops - search.home[h].hops;
      if (longer != 0 && longer != 1) continue;
      if (++meetings > CYCLE_STEPS) {
        found.truncated = true;
        break;
      }
      ++visited;
      if (!cycle_meets(search, a, h)) continue;
      ++found.count;
      const Cycle cycle = cycle_of(search, a, h, last);
      const double evenness = cycle.evenness();
      if (evenness > best_evenness || (evenness == best_evenness && cycle.before(best))) {
        best = cycle;
        best_evenness = evenness;
      }
    }
    if (meetings > CYCLE_STEPS) break;
  }
  if (found.count == 0) return found;
  found.set_strength(best_evenness);
  const std::int64_t first = best.steps[0].amount, end = last.amount;
  if (first) found.set_share(static_cast<double>(std::max<std::int64_t>(0, first - end)) / static_cast<double>(first));
  if (witness) {
    int hop = 1;
    for (const Edge& edge : best.steps) witness->push_back({edge, "step", hop++});
  }
  return found;
}

}  // namespace headgate
