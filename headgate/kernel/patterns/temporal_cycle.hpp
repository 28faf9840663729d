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
  WindowMask in;  // the windows that hold the route
};

// The routes of both sides, and which of those that leave end at an account. Reused from search to search.
struct CycleSearch {
  static constexpr int MOST = Windows::MOST * CYCLE_STEPS / 2;
  Small<CycleStep, MOST> away, home;
  Small<std::int32_t, MOST> next_there;  // the next away route that ends at the same account
  static constexpr std::uint32_t SLOTS = 1024;  // a power of two
  static_assert(SLOTS >= 2 * MOST);
  struct Slot {
    AccountId account = NONE;
    std::uint32_t stamp = 0;
    std::int32_t first = -1, last = -1;
  };
  Slot ends[SLOTS];
  std::uint32_t stamp = 0;
  WindowMask cut = 0;           // the windows that a limit cut
  Place after[Windows::MOST];  // what comes home comes after the first payment that left

  void clear() {
    away.size = home.size = next_there.size = 0;
    ++stamp;
    cut = 0;
    std::fill_n(after, Windows::MOST, NONE);
  }
  Slot& slot(AccountId account) {
    std::uint32_t at = static_cast<std::uint32_t>(mixed(account)) & (SLOTS - 1);
    while (ends[at].stamp == stamp && ends[at].account != account) at = (at + 1) & (SLOTS - 1);
    return ends[at];
  }
  bool reached(AccountId account) { return slot(account).stamp == stamp; }
  void reach(std::int32_t route) {
    const CycleStep& step = away[route];
    Slot& found = slot(step.edge.payee);
    next_there.add(-1);
    if (found.stamp != stamp) {
      found = {step.edge.payee, stamp, route, route};
    } else {
      next_there[found.last] = route;
      found.last = route;
    }
    if (step.nearer >= 0) return;
    each_window(step.in, [&](int w) { after[w] = std::min(after[w], step.edge.at); });
  }
};

using CycleRoutes = Small<CycleStep, CycleSearch::MOST>;

inline bool away_passed(const CycleRoutes& steps, std::int32_t at, AccountId account) {
  for (; at >= 0; at = steps[at].nearer) {
    if (steps[at].edge.payer == account || steps[at].edge.payee == account) return true;
  }
  return false;
}

// The windows that follow the payments of one account, and the steps that they took there.
class CycleWalk {
 public:
  CycleWalk(Steps& steps, WindowMask of, WindowMask& cut) : in(steps.with(of, 1)), steps_(steps), cut_(cut) {
    cut_ |= of & ~in;
  }
  CycleWalk(const CycleWalk&) = delete;
  ~CycleWalk() {
    keep(0);
    visited += static_cast<std::uint64_t>(taken_);
  }

  WindowMask in;

  void keep(WindowMask kept) {
    if (kept == in) return;
    steps_.take(in & ~kept, taken_);
    in = kept;
  }
  // Takes a step in each window that has one left; returns whether any has.
  bool step() {
    const WindowMask able = steps_.with(in, taken_ + 1);
    cut_ |= in & ~able;
    keep(able);
    if (in) ++taken_;
    return in != 0;
  }

 private:
  Steps& steps_;
  WindowMask& cut_;
  int taken_ = 0;
};

// Adds a route to an account that an older payment of the same pair reaches too: in these windows it leaves by that one.
// Fewer and fewer windows hold older payments, so one of the routes to that account holds all of them, or none does.
inline void leave_by(CycleRoutes& routes, int first, const CycleStep& older) {
  int same = first;
  while (same < routes.size && (routes[same].edge.payee != older.edge.payee || !(routes[same].in & older.in))) ++same;
  if (same == routes.size) {
    routes.add(older);
  } else if (routes[same].in == older.in) {
    routes[same].edge = older.edge;
  } else {
    routes[same].in &= ~older.in;
    routes.insert(same, older);
  }
}

// The side that leaves the payee.
inline void cycle_away(const Graph& graph, const Edge& last, const Windows& windows, WindowMask asked, Place before,
                       CycleSearch& search) {
  CycleRoutes& routes = search.away;
  Steps steps(CYCLE_STEPS / 2);
  std::int32_t level = -1, level_end = 0;
  for (int hops = 1; hops <= CYCLE_HOPS / 2 && level < level_end; ++hops) {
    const std::int32_t made = routes.size;
    for (std::int32_t route = level; route < level_end; ++route) {
      CycleWalk walk(steps, route < 0 ? asked : routes[route].in, search.cut);
      if (walk.in == 0) continue;
      if (route + 2 * AHEAD < level_end) graph.near_sent(routes[route + 2 * AHEAD].edge.payee);
      if (route + AHEAD < level_end) graph.near_sent_rows(routes[route + AHEAD].edge.payee);
      const AccountId end = route < 0 ? last.payee : routes[route].edge.payee;
      const Place after = route < 0 ? 0 : routes[route].edge.at;
      const Rows rows = graph.all_outs(end);
      const int first = routes.size;
      int w = 0;
      for (std::uint32_t k = rows.first_before(before, PATTERN_DEGREE); k < rows.size(); ++k) {
        const Line::Row& row = rows.row(k);
        if (route < 0) {
          w = windows.holding(row.clock, w);
          walk.keep(walk.in & windows.from(w));
        } else if (rows.at(row) <= after) {
          break;
        }
        if (k == PATTERN_DEGREE) search.cut |= walk.in;
        if (k == PATTERN_DEGREE || walk.in == 0) break;
        if (!walk.step()) break;
        const AccountId payee = row.other;
        if (row.own() || payee == last.payer || payee == last.payee || payee == end) continue;
        if (route >= 0 && away_passed(routes, route, payee)) continue;
        const CycleStep step{rows.edge(row), route, hops, walk.in};
        if (Rows::first_of_other(row, k)) routes.add(step);
        else leave_by(routes, first, step);
      }
    }
    level = made;
    level_end = routes.size;
    for (std::int32_t route = level; route < std::min(level + 2 * AHEAD, level_end); ++route) {
      graph.near_sent(routes[route].edge.payee);
    }
    for (std::int32_t route = level; route < std::min(level + AHEAD, level_end); ++route) {
      graph.near_sent_rows(routes[route].edge.payee);
    }
  }
}

// The side that comes to the payer.
inline void cycle_home(const Graph& graph, const Edge& last, const Windows& windows, WindowMask asked,
                       CycleSearch& search) {
  CycleRoutes& routes = search.home;
  constexpr int LONGEST = (CYCLE_HOPS - 1) / 2;
  Steps steps(CYCLE_STEPS / 2);
  std::int32_t level = -1, level_end = 0;
  for (int hops = 1; hops <= LONGEST && level < level_end; ++hops) {
    const std::int32_t made = routes.size;
    for (std::int32_t route = level; route < level_end; ++route) {
      CycleWalk walk(steps, route < 0 ? asked : routes[route].in, search.cut);
      if (walk.in == 0) continue;
      if (route + 2 * AHEAD < level_end) graph.near_received(routes[route + 2 * AHEAD].edge.payer);
      if (route + AHEAD < level_end) graph.near_received_rows(routes[route + AHEAD].edge.payer);
      const AccountId start = route < 0 ? last.payer : routes[route].edge.payer;
      const Rows rows = graph.all_ins_before(start, route < 0 ? last.at : routes[route].edge.at);
      if (rows.size() > PATTERN_DEGREE) {
        search.cut |= walk.in & windows.from(windows.holding(rows.clock(PATTERN_DEGREE)));
      }
      const int first = routes.size;
      int w = 0;
      for (std::uint32_t k = 0; k < std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE); ++k) {
        const Line::Row& row = rows.row(k);
        const Place at = rows.at(row);
        while (w < windows.size && (search.after[w] == NONE || at <= search.after[w])) ++w;
        walk.keep(walk.in & windows.from(w));
        if (!walk.step()) break;
        const AccountId payer = row.other;
        if (row.own() || payer == last.payer || payer == last.payee || payer == start) continue;
        if (route >= 0 && away_passed(routes, route, payer)) continue;
        if (hops == LONGEST && !search.reached(payer)) continue;
        int same = Rows::first_of_other(row, k) ? routes.size : first;
        while (same < routes.size && routes[same].edge.payer != payer) ++same;
        if (same == routes.size) routes.add({rows.edge(row), route, hops, walk.in});
      }
    }
    level = made;
    level_end = routes.size;
    for (std::int32_t route = level; route < std::min(level + 2 * AHEAD, level_end); ++route) {
      graph.near_received(routes[route].edge.payer);
    }
    for (std::int32_t route = level; route < std::min(level + AHEAD, level_end); ++route) {
      graph.near_received_rows(routes[route].edge.payer);
    }
  }
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

// The best cycle of one window so far.
struct BestCycle {
  Cycle cycle;
  double evenness = -1.0;
  std::int64_t count = 0;
  int meetings = 0;
};

// Tries the routes that meet; each window tries so many.
inline void cycle_join(CycleSearch& search, const Edge& last, WindowMask live, BestCycle* best) {
  for (std::int32_t h = 0; h < search.home.size && live; ++h) {
    const CycleSearch::Slot& there = search.slot(search.home[h].edge.payer);
    if (there.stamp != search.stamp) continue;
    for (std::int32_t a = there.first; a >= 0; a = search.next_there[a]) {
      const std::int32_t longer = search.away[a].hops - search.home[h].hops;
      const WindowMask both = search.away[a].in & search.home[h].in & live;
      if ((longer != 0 && longer != 1) || both == 0) continue;
      WindowMask in = 0;
      each_window(both, [&](int w) { in |= static_cast<WindowMask>(++best[w].meetings <= CYCLE_STEPS) << w; });
      search.cut |= both & ~in;
      live &= ~(both & ~in);
      ++visited;
      if (in == 0 || !cycle_meets(search, a, h)) continue;
      const Cycle cycle = cycle_of(search, a, h, last);
      const double evenness = cycle.evenness();
      each_window(in, [&](int w) {
        ++best[w].count;
        if (evenness < best[w].evenness || (evenness == best[w].evenness && !cycle.before(best[w].cycle))) return;
        best[w].cycle = cycle;
        best[w].evenness = evenness;
      });
    }
  }
}

inline void find_temporal_cycle(const Graph& graph, const Edge& last, const Windows& windows, Found* found,
                                Parts* witness) {
  if (last.own || last.payer == last.payee || !graph.newest_in()) return;
  const Edge newest_in = *graph.newest_in();
  const WindowMask asked = windows.from(windows.holding(newest_in.clock));
  if (asked == 0) return;
  static thread_local CycleSearch search;
  search.clear();
  cycle_away(graph, last, windows, asked, newest_in.at, search);
  WindowMask left = 0;  // the windows in which a route leaves
  for (std::int32_t i = 0; i < search.away.size; ++i) {
    search.reach(i);
    left |= search.away[i].in;
  }
  if (left) cycle_home(graph, last, windows, left, search);
  BestCycle best[Windows::MOST];
  if (search.home.size) cycle_join(search, last, left, best);
  for (int w = 0; w < windows.size; ++w) {
    found[w].truncated = search.cut >> w & 1;
    found[w].count = best[w].count;
    if (best[w].count == 0) continue;
    found[w].set_strength(best[w].evenness);
    const std::int64_t first = best[w].cycle.steps[0].amount, end = last.amount;
    if (first) found[w].set_share(static_cast<double>(std::max<std::int64_t>(0, first - end)) / static_cast<double>(first));
    int hop = 1;
    if (witness) {
      for (const Edge& edge : best[w].cycle.steps) witness->push_back({edge, "step", hop++});
    }
  }
}

}  // namespace headgate
