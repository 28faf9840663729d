// The payments behind one fact of the payment judged, as people see them. Read only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "families.hpp"
#include "graph.hpp"
#include "patterns.hpp"
#include "plan.hpp"
#include "sources.hpp"

namespace headgate {

// One payment behind a fact, as people see it.
struct Shown {
  std::int64_t seq = 0, clock = 0, amount = 0;
  AccountId payer = NONE, payee = NONE;
  std::string tx;
  const char* role = "";
  int hop = 0;
};

struct Evidence {
  std::vector<Shown> payments;
  bool truncated = false, has_share = false;
  double share_retained = 0.0;
};

class Witness {
 public:
  // Everything stands at the payment judged.
  Witness(const Plan& plan, const Sources& sources, Families& families, SharedLooks& shared)
      : plan_(plan), sources_(sources), families_(families), shared_(shared) {}

  // The newest payments behind a fact, oldest first.
  Evidence of(const Op& op) {
    Evidence evidence;
    gather(op, evidence);
    std::stable_sort(evidence.payments.begin(), evidence.payments.end(), [](const Shown& one, const Shown& other) {
      return std::pair(one.seq, one.hop) < std::pair(other.seq, other.hop);
    });
    if (evidence.payments.size() > MAX_WITNESS_PAYMENTS) {
      evidence.payments.erase(evidence.payments.begin(), evidence.payments.end() - MAX_WITNESS_PAYMENTS);
      evidence.truncated = true;
    }
    return evidence;
  }

 private:
  const Book& book() const { return sources_.book(); }
  const Judged& judged() const { return sources_.judged(); }
  AccountId payer() const { return sources_.payer(); }
  AccountId payee() const { return sources_.payee(); }

  Shown shown(const Kept& kept, const char* role, int hop) const {
    return {kept.seq, kept.clock, kept.amount, kept.payer, kept.payee, kept.tx, role, hop};
  }
  Shown shown(const Log& log, const Edge& edge, const char* role, int hop) const {
    return {log.seq(edge.at), edge.clock, edge.amount, edge.payer, edge.payee, std::string(log.tx(edge.at)), role, hop};
  }
  Shown shown_judged(const char* role, int hop) const {
    const Edge& edge = judged().edge;
    return {judged().seq, edge.clock, edge.amount, edge.payer, edge.payee, std::string(judged().tx), role, hop};
  }

  const char* role(int key, const Edge& edge) const {
    switch (key) {
      case PAYER_ANY: return edge.payer == payer() ? "sent" : "received";
      case PAYEE_ANY: return edge.payer == payee() ? "sent" : "received";
      case PAYER_RECEIVED: case PAYEE_RECEIVED: case PAYER_RETURNED_RECEIVED: case PAYEE_RETURNED_RECEIVED:
        return "received";
      default: return "sent";
    }
  }

  const Log& log_of(int key) const {
    if (key >= PAYER_DECLINED) return book().declined.log();
    return key >= PAYER_RETURNED_SENT ? book().returned.log() : book().payments.log();
  }

  Edge edge_of(int key, const Sources::Source& source, std::uint32_t row) const {
    const Place at = source.line->at(row) - log_of(key).head();
    if (key >= PAYER_DECLINED) return with_place(book().declined.edge_at(at), at);
    if (key >= PAYER_RETURNED_SENT) return with_place(book().returned.edge_at(at), at);
    const Log& log = book().payments.log();
    return {source.line->clock(row), source.line->amount(row), at, log.payer(at), log.payee(at), source.line->own(row)};
  }
  static Edge with_place(Edge edge, Place at) {
    edge.at = at;
    return edge;
  }

  // The newest payments of a key in a window; one more than a witness holds, so that it is seen to be cut.
  void history(int key, std::int64_t window_us, Evidence& evidence, const char* as = nullptr) const {
    const Sources::Source from = sources_.of(key);
    const std::uint32_t first = sources_.first_within(from, window_us);
    for (std::uint32_t i = from.size, n = 0; i-- > first && n <= MAX_WITNESS_PAYMENTS; ++n) {
      const Edge edge = edge_of(key, from, Sources::row(from, i));
      evidence.payments.push_back(shown(log_of(key), edge, as ? as : role(key, edge), 0));
    }
  }

  void judged_too(Evidence& evidence) const { evidence.payments.push_back(shown_judged("judged", 0)); }

  void gather(const Op& op, Evidence& evidence) {
    switch (op.measure) {
      case Measure::COUNT: case Measure::SUM: case Measure::MEAN: case Measure::STD: case Measure::DISTINCT:
      case Measure::COUNT_RATIO: case Measure::SUM_RATIO:
        history(plan_.slots[op.a].key, plan_.slots[op.a].window_us, evidence);
        break;
      case Measure::AMOUNT_Z: case Measure::AMOUNT_RATIO:
        history(plan_.slots[op.a].key, plan_.slots[op.a].window_us, evidence);
        judged_too(evidence);
        break;
      case Measure::MAX: gather_largest(plan_.slots[op.a], evidence); break;
      case Measure::NEW: case Measure::NEW_RATIO: gather_fresh(plan_.slots[op.a], evidence); break;
      case Measure::GAP: gather_newest(op.a, evidence); break;
      case Measure::RETAINED: case Measure::OUTFLOW:
        history(plan_.slots[op.a].key, plan_.slots[op.a].window_us, evidence);
        history(plan_.slots[op.c].key, plan_.slots[op.c].window_us, evidence);
        if (op.measure == Measure::OUTFLOW) judged_too(evidence);
        break;
      case Measure::LAST_RECEIVED: {
        const Sources::Source from = sources_.of(PAYER_RECEIVED);
        if (sources_.first_within(from, plan_.slots[op.a].window_us) < from.size) {
          const Edge edge = edge_of(PAYER_RECEIVED, from, from.size - 1);
          evidence.payments.push_back(shown(book().payments.log(), edge, "received", 0));
        }
        judged_too(evidence);
        break;
      }
      case Measure::DECLINED:
        history(plan_.slots[op.a].key, plan_.slots[op.a].window_us, evidence, "declined");
        break;
      case Measure::CONFIRMED_COUNT: case Measure::CONFIRMED_RATE: gather_frauds(op, evidence); break;
      case Measure::SESSION: case Measure::AGE_DAYS: case Measure::ACCOUNT_TYPE: break;
      case Measure::PATTERN_COUNT: case Measure::PATTERN_STRENGTH: case Measure::PATTERN_TRUNCATED:
        gather_pattern(plan_.searches[op.a], evidence);
        break;
      case Measure::PROFILE_COUNT: case Measure::PROFILE_SUM: case Measure::PROFILE_MEAN: case Measure::PROFILE_MAX:
      case Measure::PROFILE_ACTIVE_DAYS: case Measure::KNOWN_DAYS: case Measure::EVER_COUNT: case Measure::EVER_MAX:
      case Measure::NEIGHBOUR_MEAN: case Measure::NEIGHBOUR_MAX: case Measure::TWO_HOPS: case Measure::COMPONENT_SIZE:
      case Measure::COMMUNITY_SIZE: case Measure::COMMUNITY_INNER_RATIO: case Measure::FRAUD_AROUND: case Measure::WALK:
        gather_parts(families_.behind(op), evidence);
        break;
      case Measure::CHAIN: case Measure::HABIT: case Measure::WAY:
        gather_parts(families_.behind(op), evidence);
        judged_too(evidence);
        break;
      case Measure::FORWARDED: {
        bool takes_part = false;
        gather_parts(families_.passed_on(op, takes_part), evidence);
        if (takes_part) judged_too(evidence);
        break;
      }
      case Measure::RHYTHM: break;
      case Measure::FRAUD_COUNT: case Measure::FRAUD_GAP: case Measure::FRAUD_PAIR: case Measure::FRAUD_MADE:
      case Measure::FINE_SINCE_FRAUD:
        for (const Verdicts::Verdict* verdict : families_.fraud_verdicts(op)) {
          evidence.payments.push_back(shown(verdict->edge, "fraud", 0));
        }
        break;
      default: judged_too(evidence);
    }
  }

  void gather_parts(const Parts& parts, Evidence& evidence) const {
    for (const Part& part : parts) {
      evidence.payments.push_back(shown(book().payments.log(), part.edge, part.role, part.hop));
    }
  }

  void gather_largest(const Slot& slot, Evidence& evidence) const {
    const Sources::Source from = sources_.of(slot.key);
    const std::uint32_t first = sources_.first_within(from, slot.window_us);
    const std::uint32_t i = Sources::largest_of(from, first);
    if (i == NONE) return;
    const Edge edge = edge_of(slot.key, from, i);
    evidence.payments.push_back(shown(log_of(slot.key), edge, role(slot.key, edge), 0));
  }

  void gather_fresh(const Slot& slot, Evidence& evidence) const {
    const Sources::Source from = sources_.of(slot.key);
    const std::uint32_t first = sources_.first_within(from, slot.window_us);
    for (std::uint32_t i = from.size; i-- > first && evidence.payments.size() <= MAX_WITNESS_PAYMENTS;) {
      if (!from.line->is_fresh(i)) continue;
      const Edge edge = edge_of(slot.key, from, i);
      evidence.payments.push_back(shown(log_of(slot.key), edge, role(slot.key, edge), 0));
    }
  }

  void gather_newest(int key, Evidence& evidence) const {
    const Sources::Source source = sources_.of(key);
    if (source.size > 0) {
      const Edge edge = edge_of(key, source, Sources::row(source, source.size - 1));
      evidence.payments.push_back(shown(book().payments.log(), edge, role(key, edge), 0));
      return;
    }
    const Kept* kept = sources_.silent(key);
    if (kept == nullptr) return;
    const Edge edge{kept->clock, kept->amount, 0, kept->payer, kept->payee, kept->own};
    evidence.payments.push_back(shown(*kept, role(key, edge), 0));
  }

  void gather_frauds(const Op& op, Evidence& evidence) const {
    const Line& line = book().verdicts.line(static_cast<Verdicts::Side>(op.b), op.a ? payee() : payer());
    const std::uint32_t first = line.first_after(judged().edge.clock - op.number);
    for (std::uint32_t i = line.size(); i-- > first && evidence.payments.size() <= MAX_WITNESS_PAYMENTS;) {
      const Verdicts::Verdict& verdict = book().verdicts.at(line.at(i));
      if (verdict.counts && verdict.fraud) evidence.payments.push_back(shown(verdict.edge, "fraud", 0));
    }
  }

  void gather_pattern(const Search& search, Evidence& evidence) {
    Parts parts;
    const Graph graph(book().payments, judged().edge, shared_);
    Windows window;
    window.add(search.window_us, judged().edge.clock);
    Found found;
    PATTERNS[search.pattern].find(graph, judged().edge, window, &found, &parts);
    evidence.truncated = found.truncated;
    evidence.has_share = found.has_share;
    evidence.share_retained = found.share_retained;
    for (const Part& part : parts) {
      if (part.edge.at == NONE) {  // a payment that left the log
        evidence.payments.push_back(shown(*graph.last_before(part.edge.payer), part.role, part.hop));
        continue;
      }
      const bool is_judged = part.edge.at == judged().edge.at;
      evidence.payments.push_back(is_judged ? shown_judged(part.role, part.hop)
                                            : shown(book().payments.log(), part.edge, part.role, part.hop));
    }
  }

  const Plan& plan_;
  const Sources& sources_;
  Families& families_;
  SharedLooks& shared_;
};

}  // namespace headgate
