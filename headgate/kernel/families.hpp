// Facts about more than the windows of the two accounts: profiles of closed days, what is known for ever, peers,
// neighbours and communities. Values and the payments behind them at the moment of one payment. Read only.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "book.hpp"
#include "chains.hpp"
#include "community.hpp"
#include "days.hpp"
#include "neighbours.hpp"
#include "plan.hpp"
#include "types.hpp"

namespace headgate {

// The value of one fact, or none.
struct Answer {
  bool valid = false, is_real = false;
  std::int64_t integer = 0;
  double real = 0.0;

  static Answer of(std::int64_t value) { return {true, false, value, 0.0}; }
  static Answer of_real(double value) { return {true, true, 0, value}; }
  static Answer ratio(Int128 part, Int128 whole) {
    return whole > 0 ? of_real(static_cast<double>(part) / static_cast<double>(whole)) : Answer{};
  }
};

class Families {
 public:
  explicit Families(const Plan& plan) : plan_(plan), found_(plan.looks.size()) {}

  // Stands at a payment; what its facts share is looked up once, when the first of them is asked for.
  void stand(const Book& book, const Edge& judged) {
    book_ = &book;
    judged_ = judged;
    division_ = nullptr;
    known_keys_ = 0;
    chains_known_ = false;
    for (Looked& looked : found_) looked.known = false;
  }

  Answer answer(const Op& op) {
    switch (op.measure) {
      case Measure::PROFILE_COUNT: return Answer::of(profile(op).n);
      case Measure::PROFILE_SUM: return Answer::of_real(static_cast<double>(profile(op).total));
      case Measure::PROFILE_MEAN: return Answer::ratio(profile(op).total, profile(op).n);
      case Measure::PROFILE_MAX: return profile(op).n ? Answer::of(profile(op).largest) : Answer{};
      case Measure::PROFILE_ACTIVE_DAYS: return Answer::of(profile(op).active);
      case Measure::PROFILE_AMOUNT_RATIO: return multiple(profile(op));
      case Measure::PEER_AMOUNT_RATIO: return multiple(peers(op));
      case Measure::KNOWN_DAYS: case Measure::EVER_COUNT: case Measure::EVER_MAX: return ever(op);
      case Measure::NEIGHBOUR_MEAN: case Measure::NEIGHBOUR_MAX: case Measure::TWO_HOPS: return around(op);
      case Measure::CHAIN: return chain(op);
      default: return group(op);
    }
  }

  // The payments behind a fact, in any order; none for what may be years old.
  Parts behind(const Op& op) {
    switch (op.measure) {
      case Measure::NEIGHBOUR_MEAN: case Measure::NEIGHBOUR_MAX: case Measure::TWO_HOPS:
        return Neighbours::parts(plan_.looks[op.a], op.number, book_->payments, judged_);
      case Measure::COMPONENT_SIZE: case Measure::COMMUNITY_SIZE: case Measure::COMMUNITY_INNER_RATIO:
        return of_refresh(side(op.a));
      case Measure::CHAIN: return handed_on(op);
      default: return {};
    }
  }

 private:
  struct Looked {
    bool known = false;
    Neighbours::Found found;
  };

  AccountId side(int payee) const { return payee ? judged_.payee : judged_.payer; }

  Answer multiple(const Closed& closed) const {
    return Answer::ratio(static_cast<Int128>(closed.n) * judged_.amount, closed.total);
  }

  const Closed& profile(const Op& op) {
    Spans& spans = spans_[op.a];
    if (!(known_keys_ >> op.a & 1)) {
      spans = days_of(op.a);
      known_keys_ |= 1u << op.a;
    }
    return op.number == PROFILE_DAYS ? spans.longer : spans.shorter;
  }

  Spans days_of(int key) const {
    const Memories& in = book_->memories;
    const AccountId payer = judged_.payer, payee = judged_.payee;
    switch (key) {
      case PAYER_SENT: return in.profile_sent.closed(payer, judged_.clock);
      case PAYER_RECEIVED: return in.profile_received.closed(payer, judged_.clock);
      case PAYEE_SENT: return in.profile_sent.closed(payee, judged_.clock);
      case PAYEE_RECEIVED: return in.profile_received.closed(payee, judged_.clock);
      case PAIR_SENT: return in.profile_pair.closed(pair_key(payer, payee), judged_.clock);
      default: return in.profile_pair.closed(pair_key(payee, payer), judged_.clock);
    }
  }

  Closed peers(const Op& op) const {
    const std::uint32_t type = book_->type_of(side(op.a));
    const Days& days = op.a ? book_->memories.peers_received : book_->memories.peers_sent;
    return type == NONE ? Closed{} : days.closed(type, judged_.clock).longer;
  }

  Answer ever(const Op& op) const {
    const Seen* seen = book_->memories.ever.find(side(op.a));
    if (op.measure == Measure::EVER_COUNT) return Answer::of(seen ? seen->count[op.b] : 0);
    if (seen == nullptr) return {};
    if (op.measure == Measure::EVER_MAX) return seen->largest[op.b] < 0 ? Answer{} : Answer::of(seen->largest[op.b]);
    return Answer::of_real(static_cast<double>(judged_.clock - seen->first) / 86400000000.0);
  }

  const Chains::Earlier& earlier() {
    if (!chains_known_) earlier_ = book_->memories.chains.earlier(judged_);
    chains_known_ = true;
    return earlier_;
  }

  Answer chain(const Op& op) {
    const Chains& chains = book_->memories.chains;
    const int back = earlier()[op.a];
    const Chains::Received* in = back < 0 ? nullptr : &chains.received(judged_.payer, back);
    const ChainDepth depth = Chains::next(judged_, in, op.a);
    switch (op.b) {
      case 0: return Answer::of(depth.depth);
      case 1: return in ? Answer::of_real(static_cast<double>(judged_.clock - in->clock) / 1000000.0) : Answer{};
      case 2: return in ? Answer::ratio(in->amount - judged_.amount, in->amount) : Answer{};
      case 3: return depth.amount < 0 ? Answer{} : Answer::of_real(static_cast<double>(judged_.clock - depth.start) / 1000000.0);
      default: return depth.amount < 0 ? Answer{} : Answer::ratio(judged_.amount, depth.amount);
    }
  }

  // The payment that the judged one hands on; own transfers are not counted on the way back to it.
  Parts handed_on(const Op& op) {
    int back = earlier()[op.a];
    const Line& line = book_->payments.received(judged_.payer);
    for (std::uint32_t i = line.size(); back >= 0 && i-- > 0;) {
      const Edge edge{line.clock(i), line.amount(i), line.at(i) - book_->payments.log().head(), line.other(i),
                      judged_.payer, line.own(i)};
      if (!edge.own && back-- == 0) return {{edge, "received", 0}};
    }
    return {};
  }

  Answer around(const Op& op) {
    const Look& look = plan_.looks[op.a];
    Looked& looked = found_[op.a];
    if (!looked.known) neighbours_.find(look, book_->payments, judged_, looked.found);
    looked.known = true;
    const Around& found = looked.found[look.window(op.number)];
    if (op.measure == Measure::TWO_HOPS) return Answer::of(found.far);
    const Around::Totals& totals = found.of[op.b][op.c];
    if (op.measure == Measure::NEIGHBOUR_MEAN) return Answer::ratio(totals.total, found.near);
    return found.near ? Answer::of(totals.most) : Answer{};
  }

  Answer group(const Op& op) {
    if (division_ == nullptr) {
      division_ = &book_->memories.community.current(book_->payments, book_->names.numbers());
    }
    const Division& in = *division_;
    if (op.measure == Measure::SAME_COMPONENT) return same(in, in.component);
    if (op.measure == Measure::SAME_COMMUNITY) return same(in, in.community);
    const std::uint32_t node = in.node(side(op.a));
    if (op.measure == Measure::COMPONENT_SIZE) {
      return Answer::of(node == NONE ? 0 : in.component_size[in.component[node]]);
    }
    if (op.measure == Measure::COMMUNITY_SIZE) {
      return Answer::of(node == NONE ? 0 : in.community_size[in.community[node]]);
    }
    assert(op.measure == Measure::COMMUNITY_INNER_RATIO);
    if (node == NONE) return {};
    return Answer::ratio(in.inner[in.community[node]], in.touching[in.community[node]]);
  }

  Answer same(const Division& in, const Flat& labels) const {
    const std::uint32_t one = in.node(judged_.payer), other = in.node(judged_.payee);
    return Answer::of(one != NONE && other != NONE && labels[one] == labels[other]);
  }

  // The newest payments of an account that the valid refresh looks at; of each way one more than a witness holds, so
  // that it is seen to be cut.
  Parts of_refresh(AccountId account) const {
    const Community& community = book_->memories.community;
    Parts parts;
    for (const bool sent : {true, false}) {
      const Line& line = sent ? book_->payments.sent(account) : book_->payments.received(account);
      const std::uint32_t first = line.first_after(community.from_us());
      std::size_t taken = 0;
      for (std::uint32_t i = line.first_after(community.until_us()); i-- > first && taken <= MAX_WITNESS_PAYMENTS;) {
        const AccountId other = line.other(i);
        if (!sent && other == account) continue;  // stands among what it sent
        const Place at = line.at(i) - book_->payments.log().head();
        const Edge edge{line.clock(i), line.amount(i), at, sent ? account : other, sent ? other : account, line.own(i)};
        parts.push_back({edge, sent ? "sent" : "received", 0});
        ++taken;
      }
    }
    return parts;
  }

  const Plan& plan_;
  const Book* book_ = nullptr;
  Edge judged_{};
  std::uint32_t known_keys_ = 0;  // a bit for each key of `spans_`
  Spans spans_[KEYS];
  std::vector<Looked> found_;
  Neighbours neighbours_;
  const Division* division_ = nullptr;
  bool chains_known_ = false;
  Chains::Earlier earlier_{};
};

}  // namespace headgate
