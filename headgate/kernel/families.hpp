// Facts about more than the windows of the two accounts: profiles of closed days, what is known for ever, peers,
// neighbours and communities. Values and the payments behind them at the moment of one payment. Read only.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>
#include <vector>

#include "book.hpp"
#include "chains.hpp"
#include "community.hpp"
#include "days.hpp"
#include "forwarding.hpp"
#include "habits.hpp"
#include "neighbours.hpp"
#include "plan.hpp"
#include "types.hpp"
#include "walk.hpp"

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
  explicit Families(const Plan& plan) : plan_(plan), found_(plan.looks.size()), followed_(plan.follows.size()), walked_(plan.walks.size()) {}

  // Stands at a payment; what its facts share is looked up once, when the first of them is asked for.
  void stand(const Book& book, const Edge& judged, const Said& said) {
    book_ = &book;
    judged_ = judged;
    said_ = said;
    division_ = nullptr;
    known_keys_ = 0;
    chains_known_ = false;
    for (Looked& looked : found_) looked.known = false;
    for (Once<Followed>& followed : followed_) followed.known = false;
    for (Once<Walked>& walked : walked_) walked.known = false;
    for (Once<Habits>& habits : habits_) habits.known = false;
    known_rhythms_ = 0;
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
      case Measure::FORWARDED: return forwarded(op);
      case Measure::HABIT: return habit(op);
      case Measure::WAY: return way(op);
      case Measure::WALK: return walked(op);
      case Measure::RHYTHM: return rhythm(op);
      case Measure::PROFILE_MAX_RATIO: return Answer::ratio(judged_.amount, profile(op).largest);
      case Measure::FRAUD_COUNT: return Answer::of(frauds(op));
      case Measure::FRAUD_GAP: case Measure::FRAUD_PAIR: return told(op);
      case Measure::FRAUD_AROUND: return around_frauds(op);
      case Measure::FRAUD_MADE: return made(op);
      case Measure::FINE_SINCE_FRAUD: return fine_since(op);
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
      case Measure::HABIT: case Measure::WAY: return habitual(op);
      case Measure::FRAUD_AROUND: return fraudulent(op);
      case Measure::WALK: return Walker::parts(plan_.walks[op.a], *book_, judged_);
      default: return {};
    }
  }

  // The payments in and out behind a fact about money passed on; whether the judged one takes part, too.
  Parts passed_on(const Op& op, bool& takes_part) const {
    const auto kind = static_cast<Forwarding::Kind>(op.b);
    return Forwarding::parts(plan_.follows[op.a], kind, book_->payments, judged_, takes_part);
  }

  // The known frauds behind a fact, newest first; one more than a witness holds, so that it is seen to be cut.
  std::vector<const Verdicts::Verdict*> fraud_verdicts(const Op& op) const {
    std::vector<const Verdicts::Verdict*> found;
    if (op.measure == Measure::FRAUD_MADE) {
      if (const Verdicts::Verdict* end = end_of_run(op)) found.push_back(end);
      return found;
    }
    std::uint32_t looks = op.measure == Measure::FRAUD_PAIR ? FRAUD_LOOKS : NONE;
    each_fraud(op, [&](const Verdicts::Verdict& verdict) {
      if (looks-- == 0) return false;
      if (op.measure != Measure::FRAUD_PAIR || verdict.edge.payee == judged_.payee) found.push_back(&verdict);
      const bool one = op.measure == Measure::FRAUD_GAP || op.measure == Measure::FINE_SINCE_FRAUD;
      return !one && found.size() <= MAX_WITNESS_PAYMENTS;
    });
    return found;
  }

 private:
  struct Looked {
    bool known = false;
    Neighbours::Found found;
  };
  template <class Value>
  struct Once {
    bool known = false;
    Value value;
  };
  static constexpr std::uint32_t FRAUD_LOOKS = 64;

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

  static Answer seconds(std::int64_t us) { return Answer::of_real(static_cast<double>(us) / 1000000.0); }

  Answer forwarded(const Op& op) {
    Once<Followed>& once = followed_[op.a];
    if (!once.known) once.value = Forwarding::follow(plan_.follows[op.a], book_->payments, judged_);
    once.known = true;
    const Followed& in = once.value;
    const Passed& passed = op.b == Forwarding::ALL ? in.all : op.b == Forwarding::PAIR ? in.pair : in.funded;
    switch (op.c) {
      case 0: return Answer::ratio(passed.left, op.b == Forwarding::FUNDED ? judged_.amount : passed.received);
      case 1: {
        const Answer mean = Answer::ratio(passed.held, passed.left);
        return mean.valid ? Answer::of_real(mean.real / 1000000.0) : mean;
      }
      case 2: return passed.fastest < 0 ? Answer{} : seconds(passed.fastest);
      case 3: return Answer::of(in.payees);
      default: return Answer::of(in.payers);
    }
  }

  const Line& habit_line(const Op& op) const {
    return op.a == PAYER_SENT ? book_->payments.sent(judged_.payer) : book_->payments.received(judged_.payee);
  }

  Answer habit(const Op& op) {
    Once<Habits>& once = habits_[op.a == PAYER_SENT ? 0 : 1];
    if (!once.known) once.value = Habits(habit_line(op), judged_);
    once.known = true;
    const Habits& in = once.value;
    if (op.b != Habits::GAP) return Answer::ratio(in.like[op.b], in.n);
    if (in.n < 2) return {};
    return Answer::ratio(static_cast<Int128>(judged_.clock - in.last) * (in.n - 1), in.last - in.first);
  }

  // Of the earlier payments: whether none came by this channel or on this rail, or the share that did.
  Answer way(const Op& op) const {
    const std::uint32_t wanted = op.b ? said_.rail : said_.channel;
    const bool sent = op.a == PAYER_SENT;
    const Ways& ways = sent ? book_->memories.ways_sent : book_->memories.ways_received;
    const Line* line = ways.line(sent ? judged_.payer : judged_.payee);
    if (wanted == NONE || line == nullptr) return {};
    std::int64_t same = 0;
    for (std::uint32_t i = 0; i < line->size(); ++i) same += (op.b ? line->at(i) : line->other(i)) == wanted;
    visited += line->size();
    return op.c ? Answer::of(same == 0) : Answer::ratio(same, line->size());
  }

  Parts habitual(const Op& op) const {
    const Line& line = habit_line(op);
    Parts parts;
    for (std::uint32_t i = line.size(), n = Habits::looked_at(line, judged_.clock); n-- > 0;) {
      --i;
      const bool sent = op.a == PAYER_SENT;
      const Edge edge{line.clock(i), line.amount(i), line.at(i) - book_->payments.log().head(),
                      sent ? judged_.payer : line.other(i), sent ? line.other(i) : judged_.payee, line.own(i)};
      parts.push_back({edge, sent ? "sent" : "received", 0});
    }
    return parts;
  }

  Rhythm rhythm_of(int key) const {
    const Memories& in = book_->memories;
    const AccountId payer = judged_.payer, payee = judged_.payee;
    switch (key) {
      case PAYER_SENT: return in.profile_sent.rhythm(payer, judged_.clock);
      case PAYER_RECEIVED: return in.profile_received.rhythm(payer, judged_.clock);
      case PAYEE_SENT: return in.profile_sent.rhythm(payee, judged_.clock);
      case PAYEE_RECEIVED: return in.profile_received.rhythm(payee, judged_.clock);
      case PAIR_SENT: return in.profile_pair.rhythm(pair_key(payer, payee), judged_.clock);
      default: return in.profile_pair.rhythm(pair_key(payee, payer), judged_.clock);
    }
  }

  Answer rhythm(const Op& op) {
    if (!(known_rhythms_ >> op.a & 1)) rhythms_[op.a] = rhythm_of(op.a);
    known_rhythms_ |= 1u << op.a;
    const Rhythm& in = rhythms_[op.a];
    const std::int64_t today = judged_.clock / US_PER_DAY, gaps = in.days - 1, covered = in.last - in.first;
    if (in.days == 0) return {};
    switch (op.b) {
      case 0: return Answer::of(today - in.oldest);
      case 1: return Answer::ratio(covered, gaps);
      case 2:
        if (gaps < 2) return {};
        return Answer::of_real(std::sqrt(static_cast<double>(gaps * in.squares - covered * covered)) /
                               static_cast<double>(gaps));
      case 3: return Answer::ratio((today - in.last) * gaps, covered);
      default: return Answer::ratio(in.on_beat[op.b - 4], in.days + 1);
    }
  }

  const Line& fraud_line(const Op& op) const {
    const bool pair = op.measure == Measure::FRAUD_PAIR;
    return book_->frauds.line(pair || op.b == 0 ? Verdicts::SENT : Verdicts::RECEIVED, pair ? judged_.payer : side(op.a));
  }

  std::int64_t frauds(const Op& op) const {
    const Line& line = fraud_line(op);
    return line.sum(line.first_after(judged_.clock - op.number), line.size()) / Verdicts::FRAUD;
  }

  // Calls take(verdict) for the known frauds that count, newest first, until it says false.
  template <class Take>
  void each_fraud(const Op& op, Take take) const {
    const Line& line = fraud_line(op);
    const std::uint32_t first = line.first_after(judged_.clock - op.number);
    for (std::uint32_t i = line.size(); i-- > first;) {
      if (line.amount(i) > 0 && !take(book_->frauds.at(line.at(i)))) return;
    }
  }

  Answer told(const Op& op) const {
    const auto found = fraud_verdicts(op);
    if (op.measure == Measure::FRAUD_PAIR) return Answer::of(static_cast<std::int64_t>(found.size()));
    return found.empty() ? Answer{} : seconds(judged_.clock - found[0]->edge.clock);
  }

  // Of the known frauds the one whose payment was made first, or last (op.c); null without one.
  const Verdicts::Verdict* end_of_run(const Op& op) const {
    const Verdicts::Verdict* end = nullptr;
    std::uint32_t looks = FRAUD_LOOKS;
    each_fraud(op, [&](const Verdicts::Verdict& verdict) {
      if (end == nullptr || (op.c ? verdict.paid > end->paid : verdict.paid <= end->paid)) end = &verdict;
      return --looks > 0;
    });
    return end;
  }

  Answer made(const Op& op) const {
    const Verdicts::Verdict* end = end_of_run(op);
    return end ? seconds(judged_.clock - end->paid) : Answer{};
  }

  // Outcomes that became known after the last fraud did: lines are in the order of the journal.
  Answer fine_since(const Op& op) const {
    const auto found = fraud_verdicts(op);
    if (found.empty()) return {};
    const Verdicts& told = book_->verdicts;
    const Line& line = told.line(op.b == 0 ? Verdicts::SENT : Verdicts::RECEIVED, side(op.a));
    std::uint32_t first = line.first_after(found[0]->edge.clock - 1), last = line.size();
    while (first < last) {
      const std::uint32_t middle = first + (last - first) / 2;
      if (told.at(line.at(middle)).edge.seq > found[0]->edge.seq) last = middle;
      else first = middle + 1;
    }
    return Answer::of(line.sum(first, line.size()));
  }

  // Calls take(edge, whether its other side has a known fraud) for each neighbour, newest first.
  template <class Take>
  void each_neighbour(const Op& op, Take take) const {
    const AccountId account = side(op.a);
    const Line& line = op.b ? book_->payments.received(account) : book_->payments.sent(account);
    int near = 0;
    line.each_latest(line.first_after(judged_.clock - op.number), [&](std::uint32_t i) {
      const AccountId other = line.other(i);
      const Line& told = book_->frauds.line(Verdicts::ANY, other);
      const Edge edge{line.clock(i), line.amount(i), line.at(i) - book_->payments.log().head(), op.b ? other : account,
                      op.b ? account : other, line.own(i)};
      take(edge, told.sum(0, told.size()) > 0);
      return ++near < NEIGHBOURS;
    });
  }

  Answer around_frauds(const Op& op) const {
    std::int64_t near = 0, known = 0;
    each_neighbour(op, [&](const Edge&, bool fraud) { ++near, known += fraud; });
    return Answer::ratio(known, near);
  }

  Parts fraudulent(const Op& op) const {
    Parts parts;
    each_neighbour(op, [&](const Edge& edge, bool fraud) {
      if (fraud) parts.push_back({edge, op.b ? "received" : "sent", 0});
    });
    return parts;
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

  Answer walked(const Op& op) {
    Once<Walked>& once = walked_[op.a];
    if (!once.known) once.value = walker_.find(plan_.walks[op.a], *book_, judged_);
    once.known = true;
    return once.value.weights > 0.0 ? Answer::of_real(once.value.totals[op.b] / once.value.weights) : Answer{};
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
  Said said_;
  std::uint32_t known_keys_ = 0;  // a bit for each key of `spans_`
  Spans spans_[KEYS];
  std::vector<Looked> found_;
  Neighbours neighbours_;
  const Division* division_ = nullptr;
  std::vector<Once<Followed>> followed_;
  std::vector<Once<Walked>> walked_;
  Walker walker_;
  Once<Habits> habits_[2];
  std::uint32_t known_rhythms_ = 0;  // a bit for each key of `rhythms_`
  Rhythm rhythms_[KEYS];
  bool chains_known_ = false;
  Chains::Earlier earlier_{};
};

}  // namespace headgate
