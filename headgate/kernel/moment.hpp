// The moment of one payment: every fact of the plan from what the book holds just before it. Read only. The float
// steps are those of facts/arithmetic.py, in the same order.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "book.hpp"
#include "evidence.hpp"
#include "families.hpp"
#include "graph.hpp"
#include "patterns.hpp"
#include "plan.hpp"
#include "sources.hpp"

namespace headgate {

// One value: its bits, whether there is one, and its text where it is a text.
struct Value {
  union {
    std::int64_t integer;
    double real;
  };
  bool valid = false;
  Value() : integer(0) {}
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
    return Witness(plan_, sources_, families_, shared_).of(plan_.ops[fact]);
  }

 private:
  using Source = Sources::Source;

  struct Window {
    std::uint32_t first = 0, count = 0;
    std::int64_t sum = 0;
    Int128 squares = 0;
    std::int64_t most = -1;  // the largest amount, below 0 where it was not looked for
  };

  void stand(const Book& book, const Judged& judged) {
    sources_.stand(book, judged);
    told_ = Op{};
    shared_.forget();
    holders_[0] = book.holder(judged.edge.payer);
    holders_[1] = book.holder(judged.edge.payee);
    families_.stand(book, judged.edge, judged.said);
  }

  const Book& book() const { return sources_.book(); }
  const Judged& judged() const { return sources_.judged(); }
  AccountId payer() const { return sources_.payer(); }
  AccountId payee() const { return sources_.payee(); }

  // Fills the windows of one key, shortest first: each adds what the one before left out.
  void open(int key) {
    const Source from = opened_[key] = sources_.of(key);
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
      const Line::Since since = line.since(slot.window, judged().edge.clock - slot.window_us);
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
      const std::int64_t until = judged().edge.clock - plan_.slots[i].window_us;
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
      const std::int64_t until = judged().edge.clock - plan_.slots[i].window_us;
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

  const Source& opened(int key) const { return opened_[key]; }

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
    const Edge& edge = judged().edge;
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
        if (sources_.newest_clock(op.a, clock)) give_real(value, static_cast<double>(edge.clock - clock) / 1000000.0);
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
          const Line& line = book().payments.received(payer());
          ratio(value, edge.amount, line.amount(line.size() - 1));
        }
        break;
      case Measure::SESSION: {
        const Line* line = book().events.line(payer(), static_cast<std::uint32_t>(op.a));
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
        if (value.valid) text = book().words.text(holder->type);
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
      case Measure::AMOUNT_IS_ROUND: give(value, judged().round); break;
      case Measure::HOUR_LOCAL: give(value, judged().local_hour); break;
      case Measure::WEEKDAY_LOCAL: give(value, judged().local_weekday); break;
      case Measure::IS_BUSINESS_DAY: give(value, judged().local_weekday < 5); break;
      case Measure::TEXT:
        text = judged().texts[op.a];
        value.valid = !text.empty();
        break;
      case Measure::SIGNAL:
        if (judged().signals[op.a] >= 0) give(value, judged().signals[op.a]);
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
    const Line& line = book().verdicts.line(static_cast<Verdicts::Side>(op.b), op.a ? payee() : payer());
    told_ = op;
    return told_weights_ = line.sum(line.first_after(judged().edge.clock - op.number), line.size());
  }

  const Plan& plan_;
  Sources sources_;
  SharedLooks shared_;
  const Holder* holders_[2] = {nullptr, nullptr};
  Op told_;  // what was last asked of outcomes, and its answer
  std::int64_t told_weights_ = 0;
  std::vector<Window> windows_;
  std::vector<Found> found_;
  std::vector<Value> values_;
  std::vector<std::string_view> texts_;
  Source opened_[KEYS];
  Families families_;
};

}  // namespace headgate
