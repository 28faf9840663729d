// Fold 1, compiled: entries in, facts out; the state to bytes and back. A payment is remembered when the next entry
// comes, so that its evidence can be asked for until then.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "book.hpp"
#include "moment.hpp"
#include "plan.hpp"

namespace headgate {

// What the book must keep for the facts asked for, by the names of the stores that they read.
inline void open_stores(Book& book, const std::vector<std::string>& reads) {
  for (const std::string& store : reads) {
    Payments::Wanted& wanted = book.payments.wanted;
    if (store == "sent" || store == "received" || store == "pair") wanted.open = true;
    else if (store == "any") wanted.open = wanted.any = true;
    else if (store == "latest_sent") wanted.open = wanted.latest_sent = true;
    else if (store == "latest_received") wanted.open = wanted.latest_received = true;
    else if (store == "latest_pair") wanted.open = wanted.latest_pair = true;
    else if (store == "latest_any") wanted.open = wanted.any = wanted.latest_any = true;
    else if (store == "before_any") wanted.open = wanted.before_any = true;
    else if (store == "declined_sent") book.declined.keeps_sent = true;
    else if (store == "declined_received") book.declined.keeps_received = true;
    else if (store == "returned_sent") book.returned.keeps_sent = true;
    else if (store == "returned_received") book.returned.keeps_received = true;
    else if (store == "outcomes_sent") book.verdicts.keeps[Verdicts::SENT] = true;
    else if (store == "outcomes_received") book.verdicts.keeps[Verdicts::RECEIVED] = true;
    else if (store == "outcomes_any") book.verdicts.keeps[Verdicts::ANY] = true;
    else if (store == "frauds_sent") book.frauds.keeps[Verdicts::SENT] = true;
    else if (store == "frauds_received") book.frauds.keeps[Verdicts::RECEIVED] = true;
    else if (store == "frauds_any") book.frauds.keeps[Verdicts::ANY] = true;
    else if (store == "events") book.events.keeps = true;
    else if (store == "community") wanted.open = true;
    else if (!book.memories.open(store) && store != "outcomes_by_id" && store != "frauds_by_id") {
      throw std::invalid_argument("the kernel does not know the store " + store);
    }
  }
}

class Fold {
 public:
  Fold(const std::vector<Words>& plans, const std::vector<std::string>& reads)
      : plan_(plans, pattern_names()), moment_(plan_) {
    open_stores(book_, reads);
    if (!book_.payments.wanted.before_any) book_.payments.kept_us = plan_.kept_us;
  }

  const Plan& plan() const { return plan_; }
  const Moment& moment() const { return moment_; }
  const Judged& judged() const { return judged_; }
  bool standing() const { return pending_; }
  const Book& book() const { return book_; }
  Book& book() { return book_; }

  // Remembers the payment before, and forgets what is too old at this clock.
  void advance(std::int64_t clock) {
    settle();
    book_.forget(clock);
  }

  // The payment judged now; compute: whether its facts are wanted.
  void judge(const Judged& judged, std::string_view payer, std::string_view payee, bool compute) {
    tx_.assign(judged.tx);
    judged_ = judged;
    judged_.tx = tx_;
    Edge& edge = judged_.edge;
    edge.payer = held(payer);
    edge.payee = held(payee);
    edge.at = book_.payments.log().size();
    edge.own = book_.same_party(edge.payer, edge.payee);
    judged_.said = book_.memories.keeps_ways() ? Said{word(judged.texts[0]), word(judged.texts[1])} : Said{};
    pending_ = true;
    if (compute) moment_.judge(book_, judged_);
  }

  Evidence evidence(std::size_t fact) { return moment_.evidence(book_, judged_, fact); }

  void take_status(std::int64_t seq, Edge edge, std::string_view payer, std::string_view payee, std::string_view tx,
                   bool declined) {
    Aside& aside = declined ? book_.declined : book_.returned;
    if (!aside.open()) return;
    edge.payer = held(payer);
    edge.payee = held(payee);
    edge.own = book_.same_party(edge.payer, edge.payee);
    aside.add(seq, edge, tx, book_.names);
    let_go(edge.payer);
    let_go(edge.payee);
  }

  void take_outcome(std::int64_t seq, const Edge& edge, std::string_view payer, std::string_view payee,
                    std::string_view tx, std::string_view id, bool fraud, std::int64_t paid,
                    const std::string_view* supersedes) {
    if (!book_.verdicts.open() && !book_.frauds.open()) return;
    if (supersedes) book_.verdicts.supersede(*supersedes), book_.frauds.supersede(*supersedes);
    Verdicts::Verdict verdict;
    verdict.edge = Kept{seq, edge.clock, edge.amount, held(payer), held(payee), false, std::string(tx)};
    verdict.edge.own = book_.same_party(verdict.edge.payer, verdict.edge.payee);
    verdict.outcome_id = id;
    verdict.fraud = fraud;
    verdict.paid = paid;
    const AccountId one = verdict.edge.payer, other = verdict.edge.payee;
    if (fraud) book_.frauds.add(verdict, book_.names);
    book_.verdicts.add(std::move(verdict), book_.names);
    let_go(one);
    let_go(other);
  }

  void take_event(std::int64_t seq, std::int64_t clock, std::string_view account, int kind) {
    if (!book_.events.keeps) return;
    const AccountId number = held(account);
    book_.events.add({seq, clock, number, static_cast<std::uint32_t>(kind)}, book_.names);
    let_go(number);
  }

  void take_account(std::string_view account, const std::vector<std::string_view>& parties, bool has_opened,
                    std::int64_t opened, const std::string_view* type, const std::string_view* country) {
    const AccountId number = held(account);
    Holder holder;
    for (const std::string_view party : parties) holder.parties.push_back(book_.words.number(party));
    holder.has_opened = has_opened;
    holder.opened = opened;
    if (type) holder.type = book_.words.number(*type);
    if (country) holder.country = book_.words.number(*country);
    book_.set_holder(number, std::move(holder));
    let_go(number);
  }

  // Remembers the payment judged last; its evidence ends here.
  void settle() {
    if (!pending_) return;
    pending_ = false;
    const Edge& edge = judged_.edge;
    if (judged_.declined) {
      book_.declined.add(judged_.seq, edge, judged_.tx, book_.names);
    } else {
      book_.add(judged_.seq, edge, judged_.tx, judged_.said);
    }
    let_go(edge.payer);
    let_go(edge.payee);
    for (const std::uint32_t word : {judged_.said.channel, judged_.said.rail}) {
      if (word != NONE) book_.words.release(word);
    }
  }

 private:
  // The word for a channel or a rail, held; NONE where it is not stated.
  std::uint32_t word(std::string_view text) {
    if (text.empty()) return NONE;
    const std::uint32_t number = book_.words.number(text);
    book_.words.hold(number);
    return number;
  }
  AccountId held(std::string_view account) {
    const AccountId number = book_.names.number(account);
    book_.names.hold(number);
    return number;
  }
  void let_go(AccountId number) { book_.names.release(number); }

  Plan plan_;
  Book book_;
  Moment moment_;
  Judged judged_;
  std::string tx_;
  bool pending_ = false;
};

}  // namespace headgate
