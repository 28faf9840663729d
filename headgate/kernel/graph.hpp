// What patterns may see: the payments before the judged one, read only, newest first. The same view as GraphView of
// facts/view.py; places stand for seq.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "payments.hpp"
#include "small.hpp"
#include "types.hpp"

namespace headgate {

// The newest payments of one account with different counterparties, newest first, however old: found once for all
// searches and windows of a judged payment.
struct NewestPerOther {
  Small<Edge, PATTERN_DEGREE + 1> edges;
  std::uint32_t rest = 0;  // position up to which the line was not looked at
  bool made = false;
};

// What the searches for one payment share.
struct SharedLooks {
  NewestPerOther payer_ins, payer_outs, payee_ins;

  void forget() { payer_ins.made = payer_outs.made = payee_ins.made = false; }
};

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
  Edge newest(std::uint32_t k) const { return edge(end_ - 1 - k); }
  Place at(std::uint32_t k) const { return line_->at(end_ - 1 - k) - log_head_; }
  AccountId other(std::uint32_t k) const { return line_->other(end_ - 1 - k); }
  std::int64_t amount(std::uint32_t k) const { return line_->amount(end_ - 1 - k); }
  bool own(std::uint32_t k) const { return line_->own(end_ - 1 - k); }

  // Calls take(edge) for the newest payment with each counterparty, newest first, until it says false.
  template <class Take>
  void per_other(Take take) const {
    std::uint32_t end = end_;
    if (shared_ != nullptr && first_ < end_) {
      if (!shared_->made) share();
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
      if (i == NONE || !take(edge(i))) return;
      end = i;
    }
  }

 private:
  Edge edge(std::uint32_t i) const {
    const AccountId other = line_->other(i);
    return Edge{line_->clock(i), line_->amount(i), line_->at(i) - log_head_, outgoing_ ? account_ : other,
                outgoing_ ? other : account_, line_->own(i)};
  }

  void share() const {
    Small<Edge, PATTERN_DEGREE + 1>& edges = shared_->edges;
    edges.size = 0;
    std::uint32_t end = end_;
    while (end > 0 && edges.size <= PATTERN_DEGREE) {
      const std::uint32_t i = line_->latest_before(end, 0);
      ++visited;
      end = i == NONE ? 0 : i;
      if (i != NONE) edges.add(edge(i));
    }
    shared_->rest = end;
    shared_->made = true;
  }

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
    return Rows(line, account, true, line.first_after(clock_ - window_us), line.size(), payments_.log().head(),
                account == payer_ ? &shared_.payer_outs : nullptr);
  }

  // Payments that an account sent after place `at`, whatever their window: they are as new as that one or newer.
  Rows outs_after(AccountId account, Place at) const {
    const Line& line = payments_.sent(account);
    const std::uint32_t head = payments_.log().head();
    return Rows(line, account, true, line.first_at(at + 1, head, 0), line.size(), head);
  }

  // Payments that an account received in (t - window, t].
  Rows ins(AccountId account, std::int64_t window_us) const {
    const Line& line = payments_.received(account);
    NewestPerOther* shared = account == payer_ ? &shared_.payer_ins : account == payee_ ? &shared_.payee_ins : nullptr;
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

 private:
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
