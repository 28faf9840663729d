// The payments of the longest window, under payer, payee, both and pair; what left it but is still the newest of its
// key within the profile horizon; and the newest that left it of each account.
#pragma once

#include <cassert>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "line.hpp"
#include "log.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "ring.hpp"
#include "types.hpp"

namespace headgate {

// A payment on its own, outside the log.
struct Kept {
  std::int64_t seq = 0, clock = 0, amount = 0;
  AccountId payer = NONE, payee = NONE;
  bool own = false;
  std::string tx;
};

// The payments of one pair: places in the payer's and payee's lines, chained oldest to newest in the payer's line.
struct PairRows {
  std::uint32_t oldest_sent = 0, newest_sent = 0, newest_received = 0, count = 0;
};

// Payments by key that are no longer in the log, dropped at the profile horizon. `first_only`: a key that is silent
// here is silent altogether (gap facts); otherwise the newest that left counts, whatever came since (dormancy).
class Silent {
 public:
  const Kept* find(std::uint64_t key) const {
    const std::uint32_t* slot = slots_.find(key);
    return slot ? &kept_[*slot] : nullptr;
  }
  std::size_t size() const { return slots_.size(); }
  void prefetch(std::uint64_t key) const { slots_.prefetch(key); }

  void put(std::uint64_t key, Kept payment, Names& names) {
    slots_.reserve_one();
    if (free_.empty()) grow();
    names.hold(payment.payer);
    names.hold(payment.payee);
    queue_.push_back({key, payment.seq});
    const std::size_t size = slots_.size();
    std::uint32_t& slot = slots_.at(key);
    if (slots_.size() > size) slot = free_.back(), free_.pop_back();
    const Kept before = std::exchange(kept_[slot], std::move(payment));
    if (before.payer != NONE) let_go(before, names);
  }

  void erase(std::uint64_t key, Names& names) {
    const std::uint32_t* slot = slots_.find(key);
    if (slot == nullptr) return;
    free_.push_back(*slot);  // there is room: each slot was free once
    let_go(std::exchange(kept_[*slot], Kept{}), names);
    slots_.erase(key);
  }

  void forget(std::int64_t until, Names& names) {
    while (!queue_.empty()) {
      const Kept* kept = find(queue_.front().key);
      const bool current = kept != nullptr && kept->seq == queue_.front().seq;
      if (current && kept->clock > until) return;
      if (current) erase(queue_.front().key, names);
      queue_.pop_front();
    }
  }

  // Every kept payment with its key, oldest first.
  template <class Take>
  void each(Take take) const {
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const Mark& mark = queue_[i];
      const Kept* kept = find(mark.key);
      if (kept != nullptr && kept->seq == mark.seq) take(mark.key, *kept);
    }
  }

 private:
  struct Mark {
    std::uint64_t key = 0;
    std::int64_t seq = 0;
  };

  static void let_go(const Kept& kept, Names& names) {
    names.release(kept.payer);
    names.release(kept.payee);
  }

  void grow() {
    if (free_.capacity() <= kept_.size()) free_.reserve(2 * kept_.size() + 16);
    kept_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(kept_.size() - 1));
  }

  Table<std::uint32_t> slots_;  // where the payment of a key stands
  std::deque<Kept, Allocator<Kept>> kept_;
  std::vector<std::uint32_t, Allocator<std::uint32_t>> free_;
  Ring<Mark> queue_;
};

class Payments {
 public:
  // What is asked for; nothing else is kept.
  struct Wanted {
    bool any = false, open = false;
    bool latest_sent = false, latest_received = false, latest_any = false, latest_pair = false, before_any = false;
  };
  Wanted wanted;
  std::int64_t kept_us = MAX_WINDOW_US;

  static constexpr std::uint32_t HEAVY = 64;  // payments of a pair from which on it has a line of its own

  const Log& log() const { return log_; }
  const Line& sent(AccountId account) const { return account < lines_.size() ? lines_[account].sent : nothing_; }
  const Line& received(AccountId account) const { return account < lines_.size() ? lines_[account].received : nothing_; }
  const Line& any(AccountId account) const {
    const Line* line = any_.find(account);
    return line ? *line : nothing_;
  }
  std::size_t pairs() const { return pairs_.size(); }
  // Room at once for so many pairs, and for so many payments of each account as payer and as payee; none may be here.
  void expect(std::uint64_t pairs, const std::vector<std::uint32_t>& sent, const std::vector<std::uint32_t>& received) {
    pairs_.reserve(pairs);
    lines_.resize(sent.size());
    for (std::size_t account = 0; account < sent.size(); ++account) {
      lines_[account].sent.expect(sent[account]);
      lines_[account].received.expect(received[account]);
    }
  }
  // Bring near what the adding of a payment writes: first where it is, then itself.
  void prefetch_ends(AccountId payer, AccountId payee) const {
    bring_near(&lines_[payer]);
    bring_near(&lines_[payee]);
    pairs_.prefetch(pair_key(payer, payee));
  }
  void prefetch_newest(AccountId payer, AccountId payee) const {
    lines_[payer].sent.prefetch();
    lines_[payee].received.prefetch();
  }
  const PairRows* pair(AccountId payer, AccountId payee) const { return pairs_.find(pair_key(payer, payee)); }
  // The line of a pair with many payments, nullptr for the others.
  const Line* heavy(AccountId payer, AccountId payee) const { return heavy_.find(pair_key(payer, payee)); }

  const Kept* silent_sent(AccountId account) const { return silent_sent_.find(account); }
  const Kept* silent_received(AccountId account) const { return silent_received_.find(account); }
  const Kept* silent_any(AccountId account) const { return silent_any_.find(account); }
  const Kept* silent_pair(AccountId payer, AccountId payee) const { return silent_pair_.find(pair_key(payer, payee)); }
  const Kept* before_any(AccountId account) const { return before_any_.find(account); }

  // Bring near what the judgement of a payment between these accounts reads: first where it is, then itself.
  void prefetch_keys(AccountId payer, AccountId payee) const {
    for (const AccountId account : {payer, payee}) {
      near(account);
    }
    pairs_.prefetch(pair_key(payer, payee));
    pairs_.prefetch(pair_key(payee, payer));
    if (wanted.latest_pair) {
      silent_pair_.prefetch(pair_key(payer, payee));
      silent_pair_.prefetch(pair_key(payee, payer));
    }
  }
  void near(AccountId account) const {
    if (account < lines_.size()) bring_near(&lines_[account]);
  }
  void prefetch_rows(AccountId payer, AccountId payee) const {
    for (const AccountId account : {payer, payee}) {
      sent(account).prefetch();
      received(account).prefetch();
    }
  }

  void add(std::int64_t seq, const Edge& edge, std::string_view tx, Names& names) {
    if (!wanted.open) return;
    reserve(edge, tx.size(), names);
    names.hold(edge.payer);
    names.hold(edge.payee);
    awake(edge, names);
    const std::uint32_t at = log_.end();
    log_.push(seq, edge.payer, edge.payee, tx);
    const std::uint64_t key = pair_key(edge.payer, edge.payee);
    PairRows& pair = pairs_.at(key);
    const bool known = pair.count > 0;
    pair.newest_sent = lines_[edge.payer].sent.push(edge.clock, edge.amount, edge.own, edge.payee, at, known, pair.newest_sent);
    pair.newest_received =
        lines_[edge.payee].received.push(edge.clock, edge.amount, edge.own, edge.payer, at, known, pair.newest_received);
    if (!known) pair.oldest_sent = pair.newest_sent;
    ++pair.count;
    if (Line* line = heavy_.size() ? heavy_.find(key) : nullptr) {
      line->reserve_one();
      line->push(edge.clock, edge.amount, edge.own, NONE, at, false, 0);
    } else if (pair.count == HEAVY) {
      make_heavy(key, edge.payer, pair);
    }
    if (wanted.any) {
      add_any(edge, at, edge.payer, edge.payee);
      if (edge.payer != edge.payee) add_any(edge, at, edge.payee, edge.payer);
    }
  }

  // Forgets every payment that is `kept_us` old or older; the newest of a key stays for the profile horizon.
  void forget(std::int64_t clock, Names& names) {
    const std::int64_t until = clock - kept_us;
    while (log_.size() > 0 && oldest_clock() <= until) {
      if (log_.size() > 4) near_pop();
      pop(names);
    }
    const std::int64_t horizon = clock - PROFILE_HORIZON_US;
    for (Silent* silent : {&silent_sent_, &silent_received_, &silent_any_, &silent_pair_, &before_any_}) {
      silent->forget(horizon, names);
    }
  }

  std::int64_t oldest_clock() const { return lines_[log_.payer(0)].sent.clock(0); }

  // The payment at a place of the log as an edge.
  Edge edge_at(Place at) const {
    const AccountId payer = log_.payer(at);
    const Line& line = lines_[payer].sent;
    const std::uint32_t i = line.first_at(at, log_.head(), 0);
    assert(line.at(i) - log_.head() == at);
    return Edge{line.clock(i), line.amount(i), at, payer, log_.payee(at), line.own(i)};
  }

  Kept kept_of(const Edge& edge) const {
    return Kept{log_.seq(edge.at), edge.clock, edge.amount, edge.payer, edge.payee, edge.own, std::string(log_.tx(edge.at))};
  }

  std::uint32_t fullest() const {
    std::uint32_t most = 0;
    for (const Both& lines : lines_) most = std::max({most, lines.sent.size(), lines.received.size()});
    any_.each([&](std::uint64_t, const Line& line) { most = std::max(most, line.size()); });
    return most;
  }

  struct Sizes {
    std::size_t sent = 0, received = 0, any = 0, pairs = 0, silent_sent = 0, silent_received = 0, silent_any = 0,
                silent_pair = 0, before_any = 0;
  };
  Sizes sizes() const {
    Sizes sizes;
    for (const Both& lines : lines_) sizes.sent += !lines.sent.empty(), sizes.received += !lines.received.empty();
    sizes.any = any_.size();
    sizes.pairs = pairs_.size();
    sizes.silent_sent = silent_sent_.size();
    sizes.silent_received = silent_received_.size();
    sizes.silent_any = silent_any_.size();
    sizes.silent_pair = silent_pair_.size();
    sizes.before_any = before_any_.size();
    return sizes;
  }

  Silent& silent(int which) {
    Silent* all[] = {&silent_sent_, &silent_received_, &silent_any_, &silent_pair_, &before_any_};
    return *all[which];
  }
  static constexpr int SILENT = 5;

 private:
  void reserve(const Edge& edge, std::size_t tx_bytes, Names& names) {
    log_.reserve_one(tx_bytes);
    const std::size_t accounts = names.numbers();
    if (lines_.capacity() < accounts) lines_.reserve(std::max(accounts, lines_.size() + lines_.size() / 4));
    if (lines_.size() < accounts) lines_.resize(accounts);
    lines_[edge.payer].sent.reserve_one();
    lines_[edge.payee].received.reserve_one();
    pairs_.reserve_one();
    heavy_.reserve_one();
    any_.reserve_one();
    any_newest_.reserve_one();
  }

  // A key that wakes has its newest payment in the log again.
  void awake(const Edge& edge, Names& names) {
    if (wanted.latest_sent && lines_[edge.payer].sent.empty()) silent_sent_.erase(edge.payer, names);
    if (wanted.latest_received && lines_[edge.payee].received.empty()) silent_received_.erase(edge.payee, names);
    if (wanted.latest_pair && silent_pair_.size()) silent_pair_.erase(pair_key(edge.payer, edge.payee), names);
    if (wanted.latest_any && silent_any_.size()) {
      silent_any_.erase(edge.payer, names);
      silent_any_.erase(edge.payee, names);
    }
  }

  void add_any(const Edge& edge, std::uint32_t at, AccountId account, AccountId other) {
    any_.reserve_one();
    any_newest_.reserve_one();
    Line& line = any_.at(account);
    line.reserve_one();
    AnyPair& pair = any_newest_.at(pair_key(account, other));
    pair.newest = line.push(edge.clock, edge.amount, edge.own, other, at, pair.count > 0, pair.newest);
    ++pair.count;
  }

  void make_heavy(std::uint64_t key, AccountId payer, const PairRows& pair) {
    const Line& line = lines_[payer].sent;
    Line own;
    for (std::uint32_t i = line.position(pair.oldest_sent); i != NONE; i = line.next(i)) {
      own.reserve_one();
      own.push(line.clock(i), line.amount(i), line.own(i), NONE, line.at(i), false, 0);
    }
    heavy_.at(key) = std::move(own);
  }

  // Brings near what forgetting the payments after the oldest reads.
  void near_pop() const {
    bring_near(&lines_[log_.payer(4)]);
    bring_near(&lines_[log_.payee(4)]);
    pairs_.prefetch(pair_key(log_.payer(2), log_.payee(2)));
    lines_[log_.payer(2)].sent.prefetch_oldest();
    lines_[log_.payee(2)].received.prefetch_oldest();
  }

  void pop(Names& names) {
    const AccountId payer = log_.payer(0), payee = log_.payee(0);
    Line &sent = lines_[payer].sent, &received = lines_[payee].received;
    const Edge edge{sent.clock(0), sent.amount(0), 0, payer, payee, sent.own(0)};
    const std::uint64_t key = pair_key(payer, payee);
    PairRows& pair = *pairs_.find(key);
    const std::uint32_t next = sent.next(0);
    if (next != NONE) pair.oldest_sent = sent.head() + next;
    sent.pop();
    received.pop();
    const bool last_of_pair = --pair.count == 0;
    if (heavy_.size()) pop_heavy(key, last_of_pair);
    if (last_of_pair) pairs_.erase(key);
    bool last_any[2] = {false, false};
    if (wanted.any) {
      last_any[0] = pop_any(payer, payee);
      if (payer != payee) last_any[1] = pop_any(payee, payer);
    }
    keep(edge, sent.empty(), received.empty(), last_of_pair, last_any, names);
    log_.pop();
    names.release(payer);
    names.release(payee);
  }

  void pop_heavy(std::uint64_t key, bool last) {
    Line* line = heavy_.find(key);
    if (line == nullptr) return;
    line->pop();
    if (last || line->size() < HEAVY / 4) heavy_.erase(key);
  }

  bool pop_any(AccountId account, AccountId other) {
    Line& line = *any_.find(account);
    line.pop();
    const std::uint64_t key = pair_key(account, other);
    if (--any_newest_.find(key)->count == 0) any_newest_.erase(key);
    if (!line.empty()) return false;
    any_.erase(account);
    return true;
  }

  void keep(const Edge& edge, bool last_sent, bool last_received, bool last_pair, const bool* last_any, Names& names) {
    if (wanted.latest_sent && last_sent) silent_sent_.put(edge.payer, kept_of(edge), names);
    if (wanted.latest_received && last_received) silent_received_.put(edge.payee, kept_of(edge), names);
    if (wanted.latest_pair && last_pair) silent_pair_.put(pair_key(edge.payer, edge.payee), kept_of(edge), names);
    if (wanted.latest_any && last_any[0]) silent_any_.put(edge.payer, kept_of(edge), names);
    if (wanted.latest_any && last_any[1]) silent_any_.put(edge.payee, kept_of(edge), names);
    if (wanted.before_any) {
      before_any_.put(edge.payer, kept_of(edge), names);
      if (edge.payer != edge.payee) before_any_.put(edge.payee, kept_of(edge), names);
    }
  }

  // What an account sent and received, in one line of the cache.
  struct alignas(64) Both {
    Line sent, received;
  };

  struct AnyPair {
    std::uint32_t newest = 0, count = 0;
  };

  Log log_;
  std::vector<Both, Allocator<Both>> lines_;  // by account
  Table<PairRows> pairs_;
  Table<Line> heavy_;
  Table<Line> any_;
  Table<AnyPair> any_newest_;
  Silent silent_sent_, silent_received_, silent_any_, silent_pair_, before_any_;
  inline static const Line nothing_{};
};

// Payments that moved no money, or moved it back: by payer and by payee.
class Aside {
 public:
  bool keeps_sent = false, keeps_received = false;

  bool open() const { return keeps_sent || keeps_received; }

  const Log& log() const { return log_; }
  const Line& sent(AccountId account) const { return of(sent_, account); }
  const Line& received(AccountId account) const { return of(received_, account); }
  std::size_t sent_keys() const { return sent_.size(); }
  std::size_t received_keys() const { return received_.size(); }

  void add(std::int64_t seq, const Edge& edge, std::string_view tx, Names& names) {
    if (!open()) return;
    log_.reserve_one(tx.size());
    clocks_.push_back(edge);
    names.hold(edge.payer);
    names.hold(edge.payee);
    const std::uint32_t at = log_.end();
    if (keeps_sent) push(sent_, edge.payer, edge.payee, edge, at);
    if (keeps_received) push(received_, edge.payee, edge.payer, edge, at);
    log_.push(seq, edge.payer, edge.payee, tx);
  }

  void forget(std::int64_t until, Names& names) {
    while (!clocks_.empty() && clocks_.front().clock <= until) {
      const Edge edge = clocks_.front();
      if (keeps_sent) pop(sent_, edge.payer);
      if (keeps_received) pop(received_, edge.payee);
      clocks_.pop_front();
      log_.pop();
      names.release(edge.payer);
      names.release(edge.payee);
    }
  }

  const Edge& edge_at(Place at) const { return clocks_[at]; }

 private:
  static const Line& of(const Table<Line>& lines, AccountId account) {
    static const Line nothing{};
    const Line* line = lines.find(account);
    return line ? *line : nothing;
  }
  static void push(Table<Line>& lines, AccountId account, AccountId other, const Edge& edge, std::uint32_t at) {
    lines.reserve_one();
    Line& line = lines.at(account);
    line.reserve_one();
    line.push(edge.clock, edge.amount, edge.own, other, at, false, 0);
  }
  static void pop(Table<Line>& lines, AccountId account) {
    Line& line = *lines.find(account);
    line.pop();
    if (line.empty()) lines.erase(account);
  }

  Log log_;
  Ring<Edge> clocks_;
  Table<Line> sent_, received_;
};

}  // namespace headgate
