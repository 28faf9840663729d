// All that fold 1 remembers: payments as long as a fact asked for looks back, declines, returns, outcomes and sessions
// of the longest window, accounts. One owner, one thread at a time. Entries enter in order and have been checked;
// nothing here decides.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "line.hpp"
#include "memories.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "payments.hpp"
#include "ring.hpp"
#include "types.hpp"

namespace headgate {

// What the newest account entry says.
struct Holder {
  std::vector<std::uint32_t> parties;
  std::int64_t opened = 0;
  bool has_opened = false;
  std::uint32_t type = NONE, country = NONE;
};

// Outcomes by account. A line's amount is a weight: 1 for an outcome that counts, FRAUD more for a fraud, 0 for one
// that was superseded.
class Verdicts {
 public:
  static constexpr std::int64_t FRAUD = 1 << 23;
  enum Side { SENT, RECEIVED, ANY, SIDES };

  struct Verdict {
    Kept edge;  // seq and clock are those of the outcome
    std::int64_t paid = 0;  // the clock of its payment
    std::string outcome_id;
    bool fraud = false, counts = true;
    std::uint32_t before = 0;  // how many outcomes back the one before with the same hash of its id is; 0 for none
    std::uint32_t positions[4] = {0, 0, 0, 0};  // places in the lines: sent, received, any of payer, any of payee
  };

  bool keeps[SIDES] = {false, false, false};

  bool open() const { return keeps[SENT] || keeps[RECEIVED] || keeps[ANY]; }
  const Line& line(Side side, AccountId account) const {
    static const Line nothing{};
    const Line* line = lines_[side].find(account);
    return line ? *line : nothing;
  }
  const Verdict& at(std::uint32_t place) const { return log_[place - head_]; }
  std::size_t size() const { return log_.size(); }
  std::size_t keys(Side side) const { return lines_[side].size(); }

  void add(Verdict verdict, Names& names) {
    if (!open()) return;
    names.hold(verdict.edge.payer);
    names.hold(verdict.edge.payee);
    const std::uint32_t place = head_ + static_cast<std::uint32_t>(log_.size());
    const std::int64_t weight = verdict.counts ? 1 + (verdict.fraud ? FRAUD : 0) : 0;
    const AccountId payer = verdict.edge.payer, payee = verdict.edge.payee;
    if (keeps[SENT]) verdict.positions[0] = push(SENT, payer, verdict, weight, place);
    if (keeps[RECEIVED]) verdict.positions[1] = push(RECEIVED, payee, verdict, weight, place);
    if (keeps[ANY]) verdict.positions[2] = push(ANY, payer, verdict, weight, place);
    if (keeps[ANY] && payer != payee) verdict.positions[3] = push(ANY, payee, verdict, weight, place);
    if (verdict.counts) {
      by_id_.reserve_one();
      Chain& chain = by_id_.at(hashed(verdict.outcome_id));
      verdict.before = chain.open ? place - chain.newest : 0;
      chain = {place, true};
    }
    log_.push_back(std::move(verdict));
  }

  // What was said under this id no longer counts.
  void supersede(std::string_view outcome_id) {
    const Chain* chain = by_id_.find(hashed(outcome_id));
    if (chain == nullptr) return;
    for (std::uint32_t index = chain->newest - head_; index < log_.size();) {
      Verdict& verdict = log_[index];
      if (verdict.counts && verdict.outcome_id == outcome_id) uncount(verdict);
      if (verdict.before == 0) return;
      index -= verdict.before;
    }
  }

  void forget(std::int64_t until, Names& names) {
    while (!log_.empty() && log_.front().edge.clock <= until) {
      const Verdict verdict = std::move(log_.front());
      log_.pop_front();
      ++head_;
      const AccountId payer = verdict.edge.payer, payee = verdict.edge.payee;
      if (keeps[SENT]) pop(SENT, payer);
      if (keeps[RECEIVED]) pop(RECEIVED, payee);
      if (keeps[ANY]) pop(ANY, payer);
      if (keeps[ANY] && payer != payee) pop(ANY, payee);
      const std::uint64_t id = hashed(verdict.outcome_id);
      const Chain* chain = by_id_.find(id);
      if (chain != nullptr && chain->newest == head_ - 1) by_id_.erase(id);
      names.release(payer);
      names.release(payee);
    }
  }

  const Ring<Verdict>& log() const { return log_; }

 private:
  std::uint32_t push(Side side, AccountId account, const Verdict& verdict, std::int64_t weight, std::uint32_t place) {
    lines_[side].reserve_one();
    Line& line = lines_[side].at(account);
    line.reserve_one();
    return line.push(verdict.edge.clock, weight, false, NONE, place, false, 0);
  }
  void drop(Side side, AccountId account, std::uint32_t place) {
    Line& line = *lines_[side].find(account);
    line.reweigh(line.position(place), 0);
  }
  void pop(Side side, AccountId account) {
    Line& line = *lines_[side].find(account);
    line.pop();
    if (line.empty()) lines_[side].erase(account);
  }
  void uncount(Verdict& verdict) {
    verdict.counts = false;
    const AccountId payer = verdict.edge.payer, payee = verdict.edge.payee;
    if (keeps[SENT]) drop(SENT, payer, verdict.positions[0]);
    if (keeps[RECEIVED]) drop(RECEIVED, payee, verdict.positions[1]);
    if (keeps[ANY]) drop(ANY, payer, verdict.positions[2]);
    if (keeps[ANY] && payer != payee) drop(ANY, payee, verdict.positions[3]);
  }

  // The outcomes whose ids have one hash, newest first, chained by `before`.
  struct Chain {
    std::uint32_t newest = 0;
    bool open = false;
  };

  Ring<Verdict> log_;
  std::uint32_t head_ = 0;
  Table<Line> lines_[SIDES];
  Table<Chain> by_id_;
};

// What happened in sessions, by account and kind.
class Events {
 public:
  struct Event {
    std::int64_t seq = 0, clock = 0;
    AccountId account = NONE;
    std::uint32_t kind = 0;
  };
  bool keeps = false;

  const Line* line(AccountId account, std::uint32_t kind) const { return lines_.find(pair_key(account, kind)); }
  const Ring<Event>& log() const { return log_; }
  std::size_t keys() const { return lines_.size(); }

  void add(const Event& event, Names& names) {
    if (!keeps) return;
    log_.push_back(event);
    names.hold(event.account);
    lines_.reserve_one();
    Line& line = lines_.at(pair_key(event.account, event.kind));
    line.reserve_one();
    line.push(event.clock, 0, false, NONE, 0, false, 0);
  }

  void forget(std::int64_t until, Names& names) {
    while (!log_.empty() && log_.front().clock <= until) {
      const Event event = log_.front();
      log_.pop_front();
      const std::uint64_t key = pair_key(event.account, event.kind);
      Line& line = *lines_.find(key);
      line.pop();
      if (line.empty()) lines_.erase(key);
      names.release(event.account);
    }
  }

 private:
  Ring<Event> log_;
  Table<Line> lines_;
};

class Book {
 public:
  Names names;  // accounts
  Names words;  // parties, types, countries
  Payments payments;
  Aside declined, returned;
  Verdicts verdicts;
  Verdicts frauds;  // those that tell a fraud, for the profile horizon
  Events events;
  Memories memories;
  Table<Holder> holders;

  void forget(std::int64_t clock) {
    const std::int64_t until = clock - MAX_WINDOW_US;
    payments.forget(clock, names);
    declined.forget(until, names);
    returned.forget(until, names);
    verdicts.forget(until, names);
    frauds.forget(clock - PROFILE_HORIZON_US, names);
    events.forget(until, names);
    memories.forget(clock, names, words);
  }

  // Remembers a payment that moved money.
  void add(std::int64_t seq, const Edge& edge, std::string_view tx, const Said& said) {
    payments.add(seq, edge, tx, names);
    memories.add(edge, said, type_of(edge.payer), type_of(edge.payee), names, words);
  }

  const Holder* holder(AccountId account) const { return holders.find(account); }

  // The word for the type of an account; NONE where it is not known.
  std::uint32_t type_of(AccountId account) const {
    const Holder* known = holder(account);
    return known ? known->type : NONE;
  }

  // Whether both accounts are known to have a holder in common.
  bool same_party(AccountId one, AccountId other) const {
    const Holder* first = holder(one);
    if (first == nullptr || first->parties.empty()) return false;
    const Holder* second = holder(other);
    if (second == nullptr) return false;
    for (const std::uint32_t party : first->parties) {
      for (const std::uint32_t same : second->parties) {
        if (party == same) return true;
      }
    }
    return false;
  }

  void set_holder(AccountId account, Holder holder) {
    for (const std::uint32_t party : holder.parties) words.hold(party);
    if (holder.type != NONE) words.hold(holder.type);
    if (holder.country != NONE) words.hold(holder.country);
    holders.reserve_one();
    if (Holder* known = holders.find(account)) {
      let_go(*known);
      *known = std::move(holder);
    } else {
      names.hold(account);
      holders.at(account) = std::move(holder);
    }
  }

  std::uint32_t fullest() const { return payments.fullest(); }

 private:
  void let_go(const Holder& holder) {
    for (const std::uint32_t party : holder.parties) words.release(party);
    if (holder.type != NONE) words.release(holder.type);
    if (holder.country != NONE) words.release(holder.country);
  }
};

}  // namespace headgate
