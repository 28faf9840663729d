// Temporal cycle: see facts/patterns/temporal_cycle.py, which is the definition.
#pragma once

#include <algorithm>

#include "../graph.hpp"
#include "../small.hpp"

namespace headgate {

constexpr int CYCLE_HOME = (CYCLE_HOPS - 1) / 2;  // hops of the side that comes to the payer; the other has one more
static_assert(CYCLE_HOPS / 2 == CYCLE_HOME + 1);

// A route of payments as a tree: each knows the one nearer to the judged payment.
struct CycleStep {
  const Line::Row* row;
  Place at;
  AccountId account;    // where the route has come to: the payee (away) or the payer (home) of this payment
  std::int32_t nearer;  // index of the payment before (away) or after (home) it; -1 for the first of its side
  std::int32_t hops;
  WindowMask in;  // the windows that hold the route
};

// The routes of one side, level by level: one of so many hops after the other. Reused from search to search.
struct CycleRoutes {
  static constexpr int MOST = Windows::MOST * CYCLE_STEPS / 2;
  Small<CycleStep, MOST> steps;
  Steps left{CYCLE_STEPS / 2};
  std::int32_t level = -1, level_end = 0;  // the routes that the next level goes on from
  int hops = 1;                            // of the next level

  void clear() {
    steps.size = 0;
    left = Steps(CYCLE_STEPS / 2);
    level = -1, level_end = 0;
    hops = 1;
  }
  // Makes the routes added last the level to go on from; returns the windows that hold any.
  WindowMask close() {
    level = level_end;
    level_end = size();
    ++hops;
    WindowMask in = 0;
    for (std::int32_t route = level; route < level_end; ++route) in |= steps[route].in;
    return in;
  }

  CycleStep& operator[](int i) { return steps[i]; }
  const CycleStep& operator[](int i) const { return steps[i]; }
  int size() const { return steps.size; }

  bool passed(std::int32_t at, AccountId account) const {
    for (; at >= 0; at = steps[at].nearer) {
      if (steps[at].account == account) return true;
    }
    return false;
  }
};

// The routes of both sides, and where those that leave end.
struct CycleSearch {
  CycleRoutes away, home;
  Roll<CycleRoutes::MOST, 12> ends;  // by position in `away`
  WindowMask cut = 0;                // the windows that a limit cut
  Place after[Windows::MOST];        // what comes home comes after the first payment that left; NONE where none did

  void clear() {
    away.clear();
    home.clear();
    cut = 0;
    std::fill_n(after, Windows::MOST, NONE);
  }
  // Notes the first payments that leave.
  void leave() {
    for (const CycleStep& step : away.steps) each_window(step.in, [&](int w) { after[w] = std::min(after[w], step.at); });
  }
  // Notes where the routes end that leave.
  void end() {
    ends.clear();
    for (const CycleStep& step : away.steps) ends.add(step.account);
  }
};

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
  while (same < routes.size() && (routes[same].account != older.account || !(routes[same].in & older.in))) ++same;
  if (same == routes.size()) {
    routes.steps.add(older);
  } else if (routes[same].in == older.in) {
    routes[same].row = older.row;
    routes[same].at = older.at;
  } else {
    routes[same].in &= ~older.in;
    routes.steps.insert(same, older);
  }
}

// The next level of the side that leaves the payee; returns the windows that hold any of it.
inline WindowMask cycle_away(const Graph& graph, const Edge& last, const Windows& windows, WindowMask asked, Place before,
                             CycleSearch& search) {
  CycleRoutes& routes = search.away;
  for (std::int32_t route = routes.level; route < routes.level_end; ++route) {
    CycleWalk walk(routes.left, route < 0 ? asked : routes[route].in & asked, search.cut);
    if (walk.in == 0) continue;
    if (route + 2 * AHEAD < routes.level_end) graph.near(routes[route + 2 * AHEAD].account);
    if (route + AHEAD < routes.level_end) graph.near_sent_rows(routes[route + AHEAD].account);
    const AccountId end = route < 0 ? last.payee : routes[route].account;
    const Rows rows = graph.all_outs(end);
    const std::uint32_t size = std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE + 1);
    const int first = routes.size();
    std::uint32_t k = rows.first_before(before, PATTERN_DEGREE);
    int w = 0;
    for (Line::Back back = rows.back(k); k < size; ++k, ++back) {
      const Line::Row& row = *back;
      const Place at = rows.at(row);
      if (route >= 0) {
        if (at <= routes[route].at) break;
      } else if (row.clock <= windows.since[w]) {
        w = windows.holding(row.clock, w);
        walk.keep(walk.in & windows.from(w));
        if (walk.in == 0) break;
      }
      if (k == PATTERN_DEGREE) search.cut |= walk.in;
      if (k == PATTERN_DEGREE || !walk.step()) break;
      const AccountId payee = row.other;
      if (row.own() || payee == last.payer || payee == last.payee || payee == end) continue;
      if (routes.passed(route, payee)) continue;
      if (routes.size() < routes.level_end + 2 * AHEAD) graph.near(payee);
      const CycleStep step{&row, at, payee, route, routes.hops, walk.in};
      if (Rows::first_of_other(row, k)) routes.steps.add(step);
      else leave_by(routes, first, step);
    }
  }
  const WindowMask in = routes.close();
  for (std::int32_t route = routes.level; route < std::min(routes.level + AHEAD, routes.level_end); ++route) {
    graph.near_sent_rows(routes[route].account);
  }
  return in;
}

// The next level of the side that comes to the payer; returns the windows that hold any of it.
inline WindowMask cycle_home(const Graph& graph, const Edge& last, const Windows& windows, WindowMask asked,
                             CycleSearch& search) {
  CycleRoutes& routes = search.home;
  for (std::int32_t route = routes.level; route < routes.level_end; ++route) {
    CycleWalk walk(routes.left, route < 0 ? asked : routes[route].in & asked, search.cut);
    if (walk.in == 0) continue;
    if (route + 2 * AHEAD < routes.level_end) graph.near(routes[route + 2 * AHEAD].account);
    if (route + AHEAD < routes.level_end) graph.near_received_rows(routes[route + AHEAD].account);
    const AccountId start = route < 0 ? last.payer : routes[route].account;
    const Rows rows = graph.all_ins_before(start, route < 0 ? last.at : routes[route].at);
    if (rows.size() > PATTERN_DEGREE) {
      search.cut |= walk.in & windows.from(windows.holding(rows.clock(PATTERN_DEGREE)));
    }
    const std::uint32_t size = std::min<std::uint32_t>(rows.size(), PATTERN_DEGREE);
    const int first = routes.size();
    int w = std::countr_zero(walk.in);
    std::uint32_t k = 0;
    for (Line::Back back = rows.back(0); k < size; ++k, ++back) {
      const Line::Row& row = *back;
      const Place at = rows.at(row);
      if (at <= search.after[w]) {
        while (w < windows.size && at <= search.after[w]) ++w;
        walk.keep(walk.in & windows.from(w));
      }
      if (!walk.step()) break;
      const AccountId payer = row.other;
      if (row.own() || payer == last.payer || payer == last.payee || payer == start) continue;
      if (routes.passed(route, payer)) continue;
      if (routes.hops == CYCLE_HOME && search.ends.find(payer) < 0) continue;
      if (routes.size() < routes.level_end + 2 * AHEAD) graph.near(payer);
      int same = Rows::first_of_other(row, k) ? routes.size() : first;
      while (same < routes.size() && routes[same].account != payer) ++same;
      if (same == routes.size()) routes.steps.add({&row, at, payer, route, routes.hops, walk.in});
    }
  }
  const WindowMask in = routes.close();
  for (std::int32_t route = routes.level; route < std::min(routes.level + AHEAD, routes.level_end); ++route) {
    graph.near_received_rows(routes[route].account);
  }
  return in;
}

// Both sides, in turns: where one side has no route, the other needs none that is longer, if it does not matter what a
// limit cut. Returns the windows in which a payment leaves.
inline WindowMask cycle_levels(const Graph& graph, const Edge& last, const Windows& windows, WindowMask asked,
                               Place before, CycleSearch& search) {
  const WindowMask left = cycle_away(graph, last, windows, asked, before, search);
  if (left == 0) return 0;
  search.leave();
  WindowMask away = left, home = left;
  for (int hops = 1; hops < CYCLE_HOME; ++hops) {
    home = cycle_home(graph, last, windows, windows.cuts ? left : away, search);
    away = cycle_away(graph, last, windows, windows.cuts ? asked : home, before, search);
  }
  cycle_away(graph, last, windows, windows.cuts ? asked : home, before, search);
  search.end();
  cycle_home(graph, last, windows, windows.cuts ? left : away, search);
  return left;
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
  const auto add = [&](const CycleStep& step, AccountId payer, AccountId payee) {
    cycle.steps.add({step.row->clock, step.row->amount(), step.at, payer, payee, step.row->own()});
  };
  const auto before = [](const CycleRoutes& routes, std::int32_t at, AccountId root) {
    return routes[at].nearer < 0 ? root : routes[routes[at].nearer].account;
  };
  for (std::int32_t at = a; at >= 0; at = search.away[at].nearer) {
    add(search.away[at], before(search.away, at, last.payee), search.away[at].account);
  }
  std::reverse(cycle.steps.begin(), cycle.steps.end());
  for (std::int32_t at = h; at >= 0; at = search.home[at].nearer) {
    add(search.home[at], search.home[at].account, before(search.home, at, last.payer));
  }
  cycle.steps.add(last);
  return cycle;
}

// Whether two routes to the same account follow each other and pass no other account both.
inline bool cycle_meets(const CycleSearch& search, std::int32_t a, std::int32_t h) {
  if (search.away[a].at >= search.home[h].at) return false;
  for (std::int32_t at = search.home[h].nearer; at >= 0; at = search.home[at].nearer) {
    if (search.away.passed(search.away[a].nearer, search.home[at].account)) return false;
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
  for (std::int32_t h = 0; h < search.home.size() && live; ++h) {
    const AccountId there = search.home[h].account;
    for (std::int32_t a = search.ends.find(there); a >= 0; a = search.ends.find(there, a + 1)) {
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
  const WindowMask left = cycle_levels(graph, last, windows, asked, newest_in.at, search);
  BestCycle best[Windows::MOST];
  if (search.home.size()) cycle_join(search, last, left, best);
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
