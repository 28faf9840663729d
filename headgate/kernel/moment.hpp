// The moment of one payment: every fact of the plan from what the book holds just before it, and the payments behind
// one fact when somebody asks. Read only. The float steps are those of facts/arithmetic.py, in the same order.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "book.hpp"
#include "families.hpp"
#include "graph.hpp"
#include "patterns.hpp"
#include "plan.hpp"

namespace headgate {

// The payment judged. Texts are views of the caller's memory; a signal is 1, 0 or -1 for not given.
struct Judged {
  std::int64_t seq = 0;
  Edge edge{};
  bool declined = false, round = false;
  std::string_view tx;
  std::array<std::string_view, 6> texts{};
  std::array<std::int8_t, 3> signals{-1, -1, -1};
  std::int32_t local_hour = 0, local_weekday = 0;
  Said said;  // channel and rail, where it is remembered how payments came
};

// One value: its bits, whether there is one, and its text where it is a text.
struct Value {
  union {
    std::int64_t integer;
    double real;
  };
  bool valid = false;
  Value() : integer(0) {}
};

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

class Moment {
 public:
  explicit Moment(const Plan& plan)
      : plan_(plan), windows_(plan.slots.size()), found_(plan.searches.size()), values_(plan.ops.size()),
        texts_(plan.ops.size()), families_(plan) {
    shared_.longest_us = plan.longest_search_us;
  }

  const std::vector<Value>& values() const { return values_; }
  const std::vector<std::string_view>& texts() const { return texts_; }

  // Computes every fact of the plan.
  void judge(const Book& book, const Judged& judged) {
    stand(book, judged);
    for (int key = 0; key < KEYS; ++key) {
      if (plan_.key_begin[key] < plan_.key_begin[key + 1]) open(key);
    }
    const Graph graph(book.payments, judged.edge, shared_);
    std::fill(found_.begin(), found_.end(), Found{});
    for (const SearchGroup& group : plan_.groups) {
      Windows windows;
      windows.cuts = group.cuts;
      for (int i = group.begin; i < group.end; ++i) windows.add(plan_.searches[i].window_us, judged.edge.clock);
      PATTERNS[group.pattern].find(graph, judged.edge, windows, &found_[group.begin], nullptr);
    }
    for (std::size_t i = 0; i < plan_.ops.size(); ++i) compute(plan_.ops[i], values_[i], texts_[i]);
  }

  // The newest payments behind one fact of the payment judged last, oldest first.
  Evidence evidence(const Book& book, const Judged& judged, std::size_t fact) {
    stand(book, judged);
    Evidence evidence;
    gather(plan_.ops[fact], evidence);
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
  struct Window {
    std::uint32_t first = 0, count = 0;
    std::int64_t sum = 0;
    Int128 squares = 0;
    std::int64_t most = -1;  // the largest amount, below 0 where it was not looked for
  };
  // The payments of a key: a line, or those `rows` of it that belong to a pair.
  struct Source {
    const Line* line = nullptr;
    const std::uint32_t* rows = nullptr;
    std::uint32_t size = 0;
  };

  void stand(const Book& book, const Judged& judged) {
    book_ = &book;
    judged_ = &judged;
    told_ = Op{};
    shared_.forget();
    holders_[0] = book.holder(judged.edge.payer);
    holders_[1] = book.holder(judged.edge.payee);
    families_.stand(book, judged.edge, judged.said);
  }

  AccountId payer() const { return judged_->edge.payer; }
  AccountId payee() const { return judged_->edge.payee; }

  Source source(int key) const {
    const Payments& payments = book_->payments;
    Source source;
    switch (key) {
      case PAYER_SENT: source.line = &payments.sent(payer()); break;
      case PAYER_RECEIVED: source.line = &payments.received(payer()); break;
      case PAYER_ANY: source.line = &payments.any(payer()); break;
      case PAYEE_SENT: source.line = &payments.sent(payee()); break;
      case PAYEE_RECEIVED: source.line = &payments.received(payee()); break;
      case PAYEE_ANY: source.line = &payments.any(payee()); break;
      case PAIR_SENT: return pair_source(payer(), payee(), pair_rows_[0]);
      case REVERSE_PAIR_SENT: return pair_source(payee(), payer(), pair_rows_[1]);
      case PAYER_RETURNED_SENT: source.line = &book_->returned.sent(payer()); break;
      case PAYER_RETURNED_RECEIVED: source.line = &book_->returned.received(payer()); break;
      case PAYEE_RETURNED_SENT: source.line = &book_->returned.sent(payee()); break;
      case PAYEE_RETURNED_RECEIVED: source.line = &book_->returned.received(payee()); break;
      case PAYER_DECLINED: source.line = &book_->declined.sent(payer()); break;
      case PAYEE_DECLINED: source.line = &book_->declined.received(payee()); break;
    }
    source.size = source.line->size();
    return source;
  }

  Source pair_source(AccountId from, AccountId to, std::uint32_t* rows) const {
    Source source{&book_->payments.sent(from), rows, 0};
    const PairRows* pair = book_->payments.pair(from, to);
    if (pair == nullptr) return source;
    if (const Line* heavy = book_->payments.heavy(from, to)) return {heavy, nullptr, heavy->size()};
    for (std::uint32_t i = source.line->position(pair->oldest_sent); i != NONE; i = source.line->next(i)) {
      rows[source.size++] = i;
    }
    visited += source.size;
    return source;
  }

  static std::uint32_t row(const Source& source, std::uint32_t i) { return source.rows ? source.rows[i] : i; }

  static std::uint32_t first_after(const Source& source, std::int64_t clock, std::uint32_t end) {
    if (source.rows == nullptr) return source.line->first_after(clock, end);
    while (end > 0 && source.line->clock(source.rows[end - 1]) > clock) --end;
    return end;
  }

  // Fills the windows of one key, shortest first: each adds what the one before left out.
  void open(int key) {
    const Source from = sources_[key] = source(key);
    const int begin = plan_.key_begin[key], end = plan_.key_begin[key + 1];
    if (from.size == 0) {
      for (int i = begin; i < end; ++i) windows_[i] = Window{};
    } else if (from.rows != nullptr) {
      seek(from, begin, end);
    } else if (from.line->big()) {
      hold(*from.line, begin, end);
    } else {
      scan(*from.line, begin, end);
    }
  }

  // The windows of a long line.
  void hold(const Line& line, int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const Slot& slot = plan_.slots[i];
      const Line::Since since = line.since(slot.window, judged_->edge.clock - slot.window_us);
      windows_[i] = {since.first, line.size() - since.first, since.sum, since.squares, -1};
    }
  }

  // One pass over a short line, newest first.
  void scan(const Line& line, int begin, int end) {
    Line::Back row(line, line.size() - 1);
    std::uint32_t first = line.size();
    std::int64_t sum = 0, most = -1;
    Int128 squares = 0;
    for (int i = begin; i < end; ++i) {
      const std::int64_t until = judged_->edge.clock - plan_.slots[i].window_us;
      for (; first > 0 && (*row).clock > until; --first, ++row) {
        const std::int64_t amount = (*row).amount();
        sum += amount;
        squares += static_cast<Int128>(amount) * amount;
        most = std::max(most, amount);
      }
      windows_[i] = {first, line.size() - first, sum, squares, most};
    }
    visited += line.size() - first;
  }

  // One pass over the payments of a pair, newest first.
  void seek(const Source& from, int begin, int end) {
    std::uint32_t first = from.size;
    std::int64_t sum = 0, most = -1;
    Int128 squares = 0;
    for (int i = begin; i < end; ++i) {
      const std::int64_t until = judged_->edge.clock - plan_.slots[i].window_us;
      for (; first > 0; --first) {
        const Line::Row& row = from.line->row(from.rows[first - 1]);
        if (row.clock <= until) break;
        const std::int64_t amount = row.amount();
        sum += amount;
        squares += static_cast<Int128>(amount) * amount;
        most = std::max(most, amount);
      }
      windows_[i] = {first, from.size - first, sum, squares, most};
    }
  }

  const Source& opened(int key) const { return sources_[key]; }

  static std::uint32_t largest_of(const Source& source, std::uint32_t from) {
    if (source.rows == nullptr) return source.line->largest(from);
    std::uint32_t best = NONE;
    std::int64_t most = -1;
    for (std::uint32_t i = source.size; i-- > from;) {
      const std::int64_t amount = source.line->amount(source.rows[i]);
      if (amount > most) most = amount, best = source.rows[i];
    }
    return best;
  }

  static void give(Value& value, std::int64_t integer) {
    value.integer = integer;
    value.valid = true;
  }
  static void give_real(Value& value, double real) {
    value.real = real;
    value.valid = true;
  }
  static void ratio(Value& value, std::int64_t part, std::int64_t whole) {
    if (whole > 0) give_real(value, static_cast<double>(part) / static_cast<double>(whole));
  }

  static Int128 spread(const Window& window) {
    return static_cast<Int128>(window.count) * window.squares - static_cast<Int128>(window.sum) * window.sum;
  }

  void compute(const Op& op, Value& value, std::string_view& text) {
    value.valid = false;
    value.integer = 0;
    const Edge& edge = judged_->edge;
    switch (op.measure) {
      case Measure::COUNT: case Measure::DECLINED: give(value, windows_[op.a].count); break;
      case Measure::SUM: give(value, windows_[op.a].sum); break;
      case Measure::MEAN:
        if (windows_[op.a].count) {
          give_real(value, static_cast<double>(windows_[op.a].sum) / static_cast<double>(windows_[op.a].count));
        }
        break;
      case Measure::MAX: {
        const Window& window = windows_[op.a];
        if (window.count == 0) break;
        const Slot& slot = plan_.slots[op.a];
        const Line& line = *opened(slot.key).line;
        give(value, window.most >= 0 ? window.most : line.amount(line.largest_since(slot.window)));
        break;
      }
      case Measure::STD: {
        const Window& window = windows_[op.a];
        if (window.count >= 2) {
          give_real(value, std::sqrt(static_cast<double>(spread(window))) / static_cast<double>(window.count));
        }
        break;
      }
      case Measure::DISTINCT: give(value, opened(plan_.slots[op.a].key).line->distinct(windows_[op.a].first)); break;
      case Measure::NEW_RATIO: {
        const Line& line = *opened(plan_.slots[op.a].key).line;
        ratio(value, line.fresh(windows_[op.a].first), line.distinct(windows_[op.a].first));
        break;
      }
      case Measure::NEW: give(value, opened(plan_.slots[op.a].key).line->fresh(windows_[op.a].first)); break;
      case Measure::GAP: {
        std::int64_t clock = 0;
        if (newest_clock(op.a, clock)) give_real(value, static_cast<double>(edge.clock - clock) / 1000000.0);
        break;
      }
      case Measure::AMOUNT_Z: {
        const Window& window = windows_[op.a];
        if (window.count < 2) break;
        const Int128 wide = spread(window);
        const Int128 away = static_cast<Int128>(window.count) * edge.amount - window.sum;
        if (wide) give_real(value, static_cast<double>(away) / std::sqrt(static_cast<double>(wide)));
        break;
      }
      case Measure::AMOUNT_RATIO:
        ratio(value, static_cast<std::int64_t>(windows_[op.a].count) * edge.amount, windows_[op.a].sum);
        break;
      case Measure::COUNT_RATIO: ratio(value, windows_[op.a].count, windows_[op.b].count); break;
      case Measure::SUM_RATIO: ratio(value, windows_[op.a].sum, windows_[op.b].sum); break;
      case Measure::RETAINED: {
        const std::int64_t in = windows_[op.a].sum - windows_[op.b].sum, out = windows_[op.c].sum - windows_[op.d].sum;
        ratio(value, in - out, in);
        break;
      }
      case Measure::OUTFLOW: {
        const std::int64_t in = windows_[op.a].sum - windows_[op.b].sum, out = windows_[op.c].sum - windows_[op.d].sum;
        ratio(value, out + edge.amount, in);
        break;
      }
      case Measure::LAST_RECEIVED:
        if (windows_[op.a].count) {
          const Line& line = book_->payments.received(payer());
          ratio(value, edge.amount, line.amount(line.size() - 1));
        }
        break;
      case Measure::SESSION: {
        const Line* line = book_->events.line(payer(), static_cast<std::uint32_t>(op.a));
        give(value, line ? line->size() - line->first_after(edge.clock - op.number) : 0);
        break;
      }
      case Measure::CONFIRMED_COUNT: give(value, told(op) / Verdicts::FRAUD); break;
      case Measure::CONFIRMED_RATE: {
        const std::int64_t weights = told(op);
        ratio(value, weights / Verdicts::FRAUD, weights % Verdicts::FRAUD);
        break;
      }
      case Measure::AGE_DAYS: {
        const Holder* holder = holders_[op.a];
        if (holder && holder->has_opened && holder->opened <= edge.clock) {
          give_real(value, static_cast<double>(static_cast<Int128>(edge.clock) - holder->opened) / 86400000000.0);
        }
        break;
      }
      case Measure::ACCOUNT_TYPE: {
        const Holder* holder = holders_[op.a];
        value.valid = holder && holder->type != NONE;
        if (value.valid) text = book_->words.text(holder->type);
        break;
      }
      case Measure::SAME_PARTY: give(value, edge.own); break;
      case Measure::CROSS_BORDER: {
        const Holder *here = holders_[0], *there = holders_[1];
        if (here && there && here->country != NONE && there->country != NONE) {
          give(value, here->country != there->country);
        }
        break;
      }
      case Measure::AMOUNT: give(value, edge.amount); break;
      case Measure::AMOUNT_IS_ROUND: give(value, judged_->round); break;
      case Measure::HOUR_LOCAL: give(value, judged_->local_hour); break;
      case Measure::WEEKDAY_LOCAL: give(value, judged_->local_weekday); break;
      case Measure::IS_BUSINESS_DAY: give(value, judged_->local_weekday < 5); break;
      case Measure::TEXT:
        text = judged_->texts[op.a];
        value.valid = !text.empty();
        break;
      case Measure::SIGNAL:
        if (judged_->signals[op.a] >= 0) give(value, judged_->signals[op.a]);
        break;
      case Measure::PATTERN_COUNT: give(value, found_[op.a].count); break;
      case Measure::PATTERN_STRENGTH:
        if (found_[op.a].has_strength) give_real(value, found_[op.a].strength);
        break;
      case Measure::PATTERN_TRUNCATED: give(value, found_[op.a].truncated); break;
      default: {
        const Answer answer = families_.answer(op);
        if (answer.valid) answer.is_real ? give_real(value, answer.real) : give(value, answer.integer);
      }
    }
  }

  // Frauds * FRAUD + outcomes that became known in the window. Count and rate ask the same one after the other.
  std::int64_t told(const Op& op) {
    if (told_.a == op.a && told_.b == op.b && told_.number == op.number) return told_weights_;
    const Line& line = book_->verdicts.line(static_cast<Verdicts::Side>(op.b), op.a ? payee() : payer());
    told_ = op;
    return told_weights_ = line.sum(line.first_after(judged_->edge.clock - op.number), line.size());
  }

  bool newest_clock(int key, std::int64_t& clock) const {
    const Payments& payments = book_->payments;
    if (key == PAIR_SENT || key == REVERSE_PAIR_SENT) {
      const AccountId from = key == PAIR_SENT ? payer() : payee(), to = key == PAIR_SENT ? payee() : payer();
      const Line& line = payments.sent(from);
      if (const PairRows* pair = payments.pair(from, to)) return clock = line.clock(line.position(pair->newest_sent)), true;
      const Kept* kept = payments.silent_pair(from, to);
      return kept ? clock = kept->clock, true : false;
    }
    const Line& line = *source(key).line;
    if (!line.empty()) return clock = line.clock(line.size() - 1), true;
    const Kept* kept = silent(key);
    return kept ? clock = kept->clock, true : false;
  }

  const Kept* silent(int key) const {
    const Payments& payments = book_->payments;
    switch (key) {
      case PAYER_SENT: return payments.silent_sent(payer());
      case PAYER_RECEIVED: return payments.silent_received(payer());
      case PAYER_ANY: return payments.silent_any(payer());
      case PAYEE_SENT: return payments.silent_sent(payee());
      case PAYEE_RECEIVED: return payments.silent_received(payee());
      case PAYEE_ANY: return payments.silent_any(payee());
      default: return nullptr;
    }
  }

  // Evidence.

  Shown shown(const Kept& kept, const char* role, int hop) const {
    return {kept.seq, kept.clock, kept.amount, kept.payer, kept.payee, kept.tx, role, hop};
  }
  Shown shown(const Log& log, const Edge& edge, const char* role, int hop) const {
    return {log.seq(edge.at), edge.clock, edge.amount, edge.payer, edge.payee, std::string(log.tx(edge.at)), role, hop};
  }
  Shown shown_judged(const char* role, int hop) const {
    const Edge& edge = judged_->edge;
    return {judged_->seq, edge.clock, edge.amount, edge.payer, edge.payee, std::string(judged_->tx), role, hop};
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
    if (key >= PAYER_DECLINED) return book_->declined.log();
    return key >= PAYER_RETURNED_SENT ? book_->returned.log() : book_->payments.log();
  }

  Edge edge_of(int key, const Source& source, std::uint32_t row) const {
    const Place at = source.line->at(row) - log_of(key).head();
    if (key >= PAYER_DECLINED) return with_place(book_->declined.edge_at(at), at);
    if (key >= PAYER_RETURNED_SENT) return with_place(book_->returned.edge_at(at), at);
    const Log& log = book_->payments.log();
    return {source.line->clock(row), source.line->amount(row), at, log.payer(at), log.payee(at), source.line->own(row)};
  }
  static Edge with_place(Edge edge, Place at) {
    edge.at = at;
    return edge;
  }

  // The newest payments of a key in a window; one more than a witness holds, so that it is seen to be cut.
  void history(int key, std::int64_t window_us, Evidence& evidence, const char* as = nullptr) const {
    const Source from = source(key);
    const std::uint32_t first = first_after(from, judged_->edge.clock - window_us, from.size);
    for (std::uint32_t i = from.size, n = 0; i-- > first && n <= MAX_WITNESS_PAYMENTS; ++n) {
      const Edge edge = edge_of(key, from, row(from, i));
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
        const Source from = source(PAYER_RECEIVED);
        if (first_after(from, judged_->edge.clock - plan_.slots[op.a].window_us, from.size) < from.size) {
          const Edge edge = edge_of(PAYER_RECEIVED, from, from.size - 1);
          evidence.payments.push_back(shown(book_->payments.log(), edge, "received", 0));
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
      evidence.payments.push_back(shown(book_->payments.log(), part.edge, part.role, part.hop));
    }
  }

  void gather_largest(const Slot& slot, Evidence& evidence) const {
    const Source from = source(slot.key);
    const std::uint32_t first = first_after(from, judged_->edge.clock - slot.window_us, from.size);
    const std::uint32_t i = largest_of(from, first);
    if (i == NONE) return;
    const Edge edge = edge_of(slot.key, from, i);
    evidence.payments.push_back(shown(log_of(slot.key), edge, role(slot.key, edge), 0));
  }

  void gather_fresh(const Slot& slot, Evidence& evidence) const {
    const Source from = source(slot.key);
    const std::uint32_t first = first_after(from, judged_->edge.clock - slot.window_us, from.size);
    for (std::uint32_t i = from.size; i-- > first && evidence.payments.size() <= MAX_WITNESS_PAYMENTS;) {
      if (!from.line->is_fresh(i)) continue;
      const Edge edge = edge_of(slot.key, from, i);
      evidence.payments.push_back(shown(log_of(slot.key), edge, role(slot.key, edge), 0));
    }
  }

  void gather_newest(int key, Evidence& evidence) const {
    const Payments& payments = book_->payments;
    const bool pair = key == PAIR_SENT || key == REVERSE_PAIR_SENT;
    const AccountId from = key == REVERSE_PAIR_SENT ? payee() : payer(), to = key == PAIR_SENT ? payee() : payer();
    const Source source = this->source(key);
    if (source.size > 0) {
      const Edge edge = edge_of(key, source, row(source, source.size - 1));
      evidence.payments.push_back(shown(payments.log(), edge, role(key, edge), 0));
      return;
    }
    const Kept* kept = pair ? payments.silent_pair(from, to) : silent(key);
    if (kept == nullptr) return;
    const Edge edge{kept->clock, kept->amount, 0, kept->payer, kept->payee, kept->own};
    evidence.payments.push_back(shown(*kept, role(key, edge), 0));
  }

  void gather_frauds(const Op& op, Evidence& evidence) const {
    const Line& line = book_->verdicts.line(static_cast<Verdicts::Side>(op.b), op.a ? payee() : payer());
    const std::uint32_t first = line.first_after(judged_->edge.clock - op.number);
    for (std::uint32_t i = line.size(); i-- > first && evidence.payments.size() <= MAX_WITNESS_PAYMENTS;) {
      const Verdicts::Verdict& verdict = book_->verdicts.at(line.at(i));
      if (verdict.counts && verdict.fraud) evidence.payments.push_back(shown(verdict.edge, "fraud", 0));
    }
  }

  void gather_pattern(const Search& search, Evidence& evidence) {
    Parts parts;
    const Graph graph(book_->payments, judged_->edge, shared_);
    Windows window;
    window.add(search.window_us, judged_->edge.clock);
    Found found;
    PATTERNS[search.pattern].find(graph, judged_->edge, window, &found, &parts);
    evidence.truncated = found.truncated;
    evidence.has_share = found.has_share;
    evidence.share_retained = found.share_retained;
    for (const Part& part : parts) {
      if (part.edge.at == NONE) {  // a payment that left the log
        evidence.payments.push_back(shown(*graph.last_before(part.edge.payer), part.role, part.hop));
        continue;
      }
      const bool is_judged = part.edge.at == judged_->edge.at;
      evidence.payments.push_back(is_judged ? shown_judged(part.role, part.hop)
                                            : shown(book_->payments.log(), part.edge, part.role, part.hop));
    }
  }

  const Plan& plan_;
  const Book* book_ = nullptr;
  const Judged* judged_ = nullptr;
  SharedLooks shared_;
  const Holder* holders_[2] = {nullptr, nullptr};
  Op told_;  // what was last asked of outcomes, and its answer
  std::int64_t told_weights_ = 0;
  std::vector<Window> windows_;
  std::vector<Found> found_;
  std::vector<Value> values_;
  std::vector<std::string_view> texts_;
  Source sources_[KEYS];
  mutable std::uint32_t pair_rows_[2][Payments::HEAVY];
  Families families_;
};

}  // namespace headgate
