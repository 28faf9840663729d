// What patterns may see: the payments before the judged one, read only, newest first. The same view as GraphView of
// facts/view.py; places stand for seq.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <optional>

#include "payments.hpp"
#include "small.hpp"
#include "types.hpp"

namespace headgate {

constexpr int AHEAD = 4;  // accounts whose payments a walk fetches ahead

using WindowMask = std::uint32_t;  // bit w: of window w

// The windows that one pattern is asked for, shortest first: where it can, one walk answers for all. Each window has
// its own limits; the newest payments of a longer one are those of a shorter one.
struct Windows {
  static constexpr int MOST = 6;  // windows that the grammar gives a pattern

  int size = 0;
  std::int64_t us[MOST], since[MOST];  // how long; the clock after which it begins
  bool cuts = true;                    // whether it matters what a limit cut, or only what is found

  void add(std::int64_t window_us, std::int64_t clock) {
    assert(size < MOST && (size == 0 || us[size - 1] < window_us));
    us[size] = window_us;
    since[size++] = clock - window_us;
  }
  WindowMask all() const { return (1u << size) - 1; }
  // Window w and the longer ones.
  WindowMask from(int w) const { return all() & ~((1u << w) - 1); }
  // The shortest window from w on that holds a clock; `size` for none.
  int holding(std::int64_t clock, int w = 0) const {
    while (w < size && clock <= since[w]) ++w;
    return w;
  }
  std::int64_t longest() const { return us[size - 1]; }
};

// Calls take(w) for each window of a mask.
template <class Take>
void each_window(WindowMask mask, Take take) {
  for (; mask; mask &= mask - 1) take(std::countr_zero(mask));
}

// The steps that each window of a walk has left.
class Steps {
 public:
  explicit Steps(int steps) : fewest_(steps) { std::fill_n(left_, Windows::MOST, steps); }

  // The windows of a mask that have so many left.
  WindowMask with(WindowMask mask, int wanted) const {
    if (wanted <= fewest_) return mask;
    WindowMask with = 0;
    each_window(mask, [&](int w) { with |= static_cast<WindowMask>(left_[w] >= wanted) << w; });
    return with;
  }
  void take(WindowMask mask, int taken) {
    each_window(mask, [&](int w) { fewest_ = std::min(fewest_, left_[w] = std::max(0, left_[w] - taken)); });
  }

 private:
  int left_[Windows::MOST];
  int fewest_;  // no window has fewer
};

// The newest payments of an account, newest first: each window follows them until it ends, it has no step left, or
// PATTERN_DEGREE of them were looked at; the last two cut it.
class Walk {
 public:
  Walk(const Windows& windows, Steps& steps, WindowMask of, WindowMask& cut)
      : windows_(windows), steps_(steps), cut_(cut), in_(steps.with(of, 1)) {
    cut_ |= of & ~in_;
  }
  Walk(const Walk&) = delete;
  ~Walk() {
    keep(0);
    visited += static_cast<std::uint64_t>(looked_at_);
  }

  // The windows that look at the payment stood on.
  WindowMask in() const { return in_; }

  // Goes to the next payment, by its clock; returns whether any window looks at it.
  bool on(std::int64_t clock) {
    w_ = windows_.holding(clock, w_);
    keep(in_ & windows_.from(w_));
    const WindowMask able = looked_at_ == PATTERN_DEGREE ? 0 : steps_.with(in_, looked_at_ + 1);
    cut_ |= in_ & ~able;
    keep(able);
    if (in_) ++looked_at_;
    return in_ != 0;
  }

 private:
  void keep(WindowMask kept) {
    if (kept == in_) return;
    steps_.take(in_ & ~kept, looked_at_);
    in_ = kept;
  }

  const Windows& windows_;
  Steps& steps_;
  WindowMask& cut_;
  WindowMask in_;
  int w_ = 0, looked_at_ = 0;
};

// The newest payments of one account with different counterparties, newest first, in the longest window searched: found
// once for all searches and windows of a judged payment.
struct NewestPerOther {
  Small<Edge, PATTERN_DEGREE + 1> edges;
  std::uint32_t rest = 0;  // position up to which the line was not looked at
  bool made = false;
};

// What the searches for one payment share.
struct SharedLooks {
  NewestPerOther payer_ins, payer_outs, payee_ins;
  std::int64_t longest_us = MAX_WINDOW_US;  // the longest window of any search

  void forget() { payer_ins.made = payer_outs.made = payee_ins.made = false; }
};

// Makes one of these for a judged payment.
inline void share(NewestPerOther& shared, const Line& line, AccountId account, bool outgoing, std::int64_t since,
                  std::uint32_t log_head) {
  shared.made = true;
  shared.edges.size = 0;
  line.each_latest(0, [&](std::uint32_t i) {
    const Line::Row& row = line.row(i);
    if (row.clock <= since) return false;
    shared.rest = i;
    return shared.edges.add({row.clock, row.amount(), row.at - log_head, outgoing ? account : row.other,
                             outgoing ? row.other : account, row.own()});
  });
  if (shared.edges.size <= PATTERN_DEGREE) shared.rest = 0;
  visited += static_cast<std::uint64_t>(shared.edges.size);
}

// Some payments of one account: positions [first, end) of its line, oldest first.
class Rows {
 public:
  Rows(const Line& line, AccountId account, bool outgoing, std::uint32_t first, std::uint32_t end, std::uint32_t log_head,
       NewestPerOther* shared = nullptr)
      : line_(&line), shared_(shared), account_(account), log_head_(log_head), first_(first), end_(end),
        outgoing_(outgoing) {}

  std::uint32_t size() const { return end_ - first_; }
  bool empty() const { return end_ == first_; }

  // The payment k places before the newest of these; 0 is the newest.
  Edge newest(std::uint32_t k) const { return edge(row(k)); }
  const Line::Row& row(std::uint32_t k) const { return line_->row(end_ - 1 - k); }
  Place at(const Line::Row& row) const { return row.at - log_head_; }
  Place at(std::uint32_t k) const { return at(row(k)); }
  AccountId other(std::uint32_t k) const { return row(k).other; }
  std::int64_t clock(std::uint32_t k) const { return row(k).clock; }
  std::int64_t amount(std::uint32_t k) const { return row(k).amount(); }
  bool own(std::uint32_t k) const { return row(k).own(); }
  Edge edge(const Line::Row& row) const {
    return Edge{row.clock, row.amount(), at(row), outgoing_ ? account_ : row.other, outgoing_ ? row.other : account_,
                row.own()};
  }
  // The payments from k on, one after the other.
  Line::Back back(std::uint32_t k) const { return Line::Back(*line_, k < size() ? end_ - 1 - k : 0); }
  // The newest of them before place `at`, among the `most` newest; how many of those there are for none.
  // Looks back from the newest in growing steps.
  std::uint32_t first_before(Place at, std::uint32_t most) const {
    const std::uint32_t end = std::min(size(), most);
    std::uint32_t low = 0, high = 0;
    while (high < end && this->at(high) >= at) low = high + 1, high = 2 * high + 1;
    high = std::min(high, end);
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (this->at(middle) < at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  // Whether none of these is newer than the one at k and has the same counterparty.
  static bool first_of_other(const Line::Row& row, std::uint32_t k) { return row.next() == 0 || row.next() > k; }

  // Calls take(edge) for the newest payment with each counterparty, newest first, until it says false.
  template <class Take>
  void per_other(Take take) const {
    std::uint32_t end = end_;
    if (shared_ != nullptr && first_ < end_) {
      assert(shared_->made);
      const std::int64_t since = line_->clock(first_);
      visited += static_cast<std::uint64_t>(shared_->edges.size);
      for (const Edge& edge : shared_->edges) {
        if (edge.clock < since || !take(edge)) return;
      }
      end = shared_->rest;
    }
    while (end > first_) {
      const std::uint32_t i = line_->latest_before(end, first_);
      ++visited;
      if (i == NONE || !take(edge(line_->row(i)))) return;
      end = i;
    }
  }

 private:
  const Line* line_;
  NewestPerOther* shared_;
  AccountId account_;
  std::uint32_t log_head_, first_, end_;
  bool outgoing_;
};

class Graph {
 public:
  // shared: scratch of the caller, forgotten before each judged payment.
  Graph(const Payments& payments, const Edge& judged, SharedLooks& shared)
      : payments_(payments), shared_(shared), clock_(judged.clock), payer_(judged.payer), payee_(judged.payee) {}

  // Payments that an account sent in (t - window, t]; all of them, so `per_other` may be asked.
  Rows outs(AccountId account, std::int64_t window_us) const {
    const Line& line = payments_.sent(account);
    if (account == payer_) payer_payees();
    return Rows(line, account, true, line.first_after(clock_ - window_us), line.size(), payments_.log().head(),
                account == payer_ ? &shared_.payer_outs : nullptr);
  }

  // All that an account sent, and what it received before place `at`, however old. `per_other` must not be asked of these.
  Rows all_outs(AccountId account) const {
    const Line& line = payments_.sent(account);
    return Rows(line, account, true, 0, line.size(), payments_.log().head());
  }
  Rows all_ins_before(AccountId account, Place at) const {
    const Line& line = payments_.received(account);
    const std::uint32_t head = payments_.log().head();
    return Rows(line, account, false, 0, line.end_before(at, head), head);
  }

  // Bring near what a walk over the payments of an account reads: first where they are, then the newest of them.
  void near(AccountId account) const { payments_.near(account); }
  void near_sent_rows(AccountId account) const { payments_.sent(account).prefetch_newest(); }
  void near_received_rows(AccountId account) const { payments_.received(account).prefetch_newest(); }
  void near_many_sent(AccountId account) const { payments_.sent(account).prefetch(); }
  void near_many_received(AccountId account) const { payments_.received(account).prefetch(); }

  // The newest payments of the judged payer and payee with each counterparty.
  using Newest = Small<Edge, PATTERN_DEGREE + 1>;
  const Newest& payer_payers() const { return made(shared_.payer_ins, payments_.received(payer_), payer_, false); }
  const Newest& payer_payees() const { return made(shared_.payer_outs, payments_.sent(payer_), payer_, true); }
  const Newest& payee_payers() const {
    if (payee_ == payer_) return payer_payers();
    return made(shared_.payee_ins, payments_.received(payee_), payee_, false);
  }
  // The newest payment that the judged payer received.
  std::optional<Edge> newest_in() const {
    const Rows rows = all_ins_before(payer_, payments_.log().size());
    if (rows.empty()) return std::nullopt;
    return rows.newest(0);
  }

  // Calls take(row) for the newest payment to each payee of an account, newest first, until that says false.
  template <class Take>
  void each_payee(AccountId account, Take take) const {
    const Line& line = payments_.sent(account);
    line.each_latest(0, [&](std::uint32_t i) { return take(line.row(i)); });
  }

  // Payments that an account received in (t - window, t].
  Rows ins(AccountId account, std::int64_t window_us) const {
    const Line& line = payments_.received(account);
    NewestPerOther* shared = account == payer_ ? &shared_.payer_ins : account == payee_ ? &shared_.payee_ins : nullptr;
    if (account == payer_) payer_payers();
    else if (account == payee_) payee_payers();
    return Rows(line, account, false, line.first_after(clock_ - window_us), line.size(), payments_.log().head(), shared);
  }

  // Those of them that come before place `at`. `per_other` must not be asked of these.
  Rows ins_before(AccountId account, std::int64_t window_us, Place at) const {
    const Line& line = payments_.received(account);
    const std::uint32_t first = line.first_after(clock_ - window_us);
    return Rows(line, account, false, first, line.first_at(at, payments_.log().head(), first), payments_.log().head());
  }

  // The newest payment of a pair in the window that comes before place `at`.
  std::optional<Edge> newest_pair_before(AccountId payer, AccountId payee, std::int64_t window_us, Place at) const {
    const PairRows* pair = payments_.pair(payer, payee);
    if (pair == nullptr) return std::nullopt;
    const std::uint32_t head = payments_.log().head();
    if (const Line* line = payments_.heavy(payer, payee)) {
      const std::uint32_t end = line->first_at(at, head, 0);
      if (end == 0) return std::nullopt;
      return in_window(*line, end - 1, payer, payee, window_us);
    }
    const Line& line = payments_.sent(payer);
    std::uint32_t found = NONE;
    for (std::uint32_t i = line.position(pair->oldest_sent); i != NONE && line.at(i) - head < at; i = line.next(i)) {
      ++visited;
      found = i;
    }
    if (found == NONE) return std::nullopt;
    return in_window(line, found, payer, payee, window_us);
  }

  // The newest payment of an account that left the longest window, within the profile horizon.
  const Kept* last_before(AccountId account) const { return payments_.before_any(account); }

  std::int64_t clock() const { return clock_; }

  // A row of a line that an account sent as an edge.
  Edge sent_edge(const Line::Row& row, AccountId payer) const {
    return {row.clock, row.amount(), row.at - payments_.log().head(), payer, row.other, row.own()};
  }

 private:
  const Newest& made(NewestPerOther& shared, const Line& line, AccountId account, bool outgoing) const {
    if (!shared.made) share(shared, line, account, outgoing, clock_ - shared_.longest_us, payments_.log().head());
    return shared.edges;
  }

  std::optional<Edge> in_window(const Line& line, std::uint32_t i, AccountId payer, AccountId payee,
                                std::int64_t window_us) const {
    if (line.clock(i) <= clock_ - window_us) return std::nullopt;
    return Edge{line.clock(i), line.amount(i), line.at(i) - payments_.log().head(), payer, payee, line.own(i)};
  }

  const Payments& payments_;
  SharedLooks& shared_;
  std::int64_t clock_;
  AccountId payer_, payee_;
};

}  // namespace headgate
