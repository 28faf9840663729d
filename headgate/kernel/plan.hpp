// A plan: which facts to compute, in numbers instead of words, and what they share. Built once from the plans that the
// definitions state; a payment is judged without looking at a single word.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "chains.hpp"
#include "forwarding.hpp"
#include "neighbours.hpp"
#include "types.hpp"
#include "walk.hpp"

namespace headgate {

using Word = std::variant<std::string, std::int64_t>;
using Words = std::vector<Word>;

enum class Measure {
  COUNT, SUM, MEAN, MAX, STD, DISTINCT, NEW, GAP, AMOUNT_Z, AMOUNT_RATIO, COUNT_RATIO, SUM_RATIO, RETAINED, OUTFLOW,
  LAST_RECEIVED, DECLINED, SESSION, CONFIRMED_COUNT, CONFIRMED_RATE, AGE_DAYS, ACCOUNT_TYPE, SAME_PARTY, CROSS_BORDER,
  AMOUNT, AMOUNT_IS_ROUND, HOUR_LOCAL, WEEKDAY_LOCAL, IS_BUSINESS_DAY, TEXT, SIGNAL, PATTERN_COUNT, PATTERN_STRENGTH,
  PATTERN_TRUNCATED, PROFILE_COUNT, PROFILE_SUM, PROFILE_MEAN, PROFILE_MAX, PROFILE_ACTIVE_DAYS, PROFILE_AMOUNT_RATIO,
  KNOWN_DAYS, EVER_COUNT, EVER_MAX, PEER_AMOUNT_RATIO, NEIGHBOUR_MEAN, NEIGHBOUR_MAX, TWO_HOPS, COMPONENT_SIZE,
  COMMUNITY_SIZE, SAME_COMPONENT, SAME_COMMUNITY, COMMUNITY_INNER_RATIO, CHAIN,
  FORWARDED, HABIT, WAY, WALK, NEW_RATIO, RHYTHM, PROFILE_MAX_RATIO, FRAUD_COUNT, FRAUD_GAP, FRAUD_PAIR, FRAUD_AROUND,
  FRAUD_MADE, FINE_SINCE_FRAUD,
};

// How a value is given: 8 bytes that hold an integer, a float or a yes or no, or a text.
enum class Kind { INT, FLOAT, BOOL, TEXT };

// Whose payments: the order of keys.py.
enum Key : int {
  PAYER_SENT, PAYER_RECEIVED, PAYER_ANY, PAYEE_SENT, PAYEE_RECEIVED, PAYEE_ANY, PAIR_SENT, REVERSE_PAIR_SENT,
  PAYER_RETURNED_SENT, PAYER_RETURNED_RECEIVED, PAYEE_RETURNED_SENT, PAYEE_RETURNED_RECEIVED, PAYER_DECLINED,
  PAYEE_DECLINED, KEYS,
};

inline const std::unordered_map<std::string, int>& key_names() {
  static const std::unordered_map<std::string, int> names = {
      {"payer_sent", PAYER_SENT}, {"payer_received", PAYER_RECEIVED}, {"payer_any", PAYER_ANY},
      {"payee_sent", PAYEE_SENT}, {"payee_received", PAYEE_RECEIVED}, {"payee_any", PAYEE_ANY},
      {"pair_sent", PAIR_SENT}, {"reverse_pair_sent", REVERSE_PAIR_SENT},
      {"payer_returned_sent", PAYER_RETURNED_SENT}, {"payer_returned_received", PAYER_RETURNED_RECEIVED},
      {"payee_returned_sent", PAYEE_RETURNED_SENT}, {"payee_returned_received", PAYEE_RETURNED_RECEIVED},
      {"payer_declined", PAYER_DECLINED}, {"payee_declined", PAYEE_DECLINED}};
  return names;
}

// One window of one key, shared by all facts about it.
struct Slot {
  int key = 0;
  std::int64_t window_us = 0;
  std::size_t window = 0;  // which of the windows that any key is asked for
};

struct Search {
  int pattern = 0;
  std::int64_t window_us = 0;
};

// The searches for one pattern, which are done together.
struct SearchGroup {
  int pattern = 0, begin = 0, end = 0;
  bool cuts = false;  // whether a fact tells what a limit cut
};

// One fact: what to compute, of which slots, searches or numbers.
struct Op {
  Measure measure{};
  Kind kind = Kind::INT;
  int a = -1, b = -1, c = -1, d = -1;
  std::int64_t number = 0;
};

inline const std::vector<std::string>& text_names() {
  static const std::vector<std::string> names = {"channel", "rail", "currency", "authentication",
                                                 "merchant_category", "remittance_type"};
  return names;
}
inline const std::vector<std::string>& signal_names() {
  static const std::vector<std::string> names = {"sim_swapped_72h", "device_new", "remote_access"};
  return names;
}
inline const std::vector<std::string>& event_names() {
  static const std::vector<std::string> names = {"login", "payee_added", "device_changed", "limit_changed", "signal"};
  return names;
}
inline const std::vector<std::string>& outcome_stores() {
  static const std::vector<std::string> names = {"outcomes_sent", "outcomes_received", "outcomes_any"};
  return names;
}

inline int index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument("the kernel does not know " + name);
  return static_cast<int>(found - names.begin());
}

class Plan {
 public:
  std::vector<Op> ops;
  std::vector<Slot> slots;  // by key, shortest window first
  std::vector<Search> searches;  // by pattern, shortest window first
  std::vector<SearchGroup> groups;
  std::int64_t longest_search_us = 0;
  std::int64_t kept_us = 0;  // how long payments are looked at: no fact asked for needs older ones
  std::vector<Look> looks;
  std::vector<Follow> follows;
  std::vector<RankWalk> walks;
  int key_begin[KEYS + 1] = {};

  // patterns: the names of the searches that the kernel has, in the order of its table.
  Plan(const std::vector<Words>& plans, const std::vector<std::string>& patterns) : patterns_(patterns) {
    for (const Words& words : plans) ops.push_back(op(words));
    order_slots();
    order_searches();
    find_kept();
  }

 private:
  static const std::string& text(const Words& words, std::size_t at) { return std::get<std::string>(words.at(at)); }
  static std::int64_t number(const Words& words, std::size_t at) { return std::get<std::int64_t>(words.at(at)); }
  static int key(const Words& words) {
    const auto found = key_names().find(text(words, 1));
    if (found == key_names().end()) throw std::invalid_argument("the kernel does not know " + text(words, 1));
    return found->second;
  }

  int slot(int key, std::int64_t window_us) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i].key == key && slots[i].window_us == window_us) return static_cast<int>(i);
    }
    slots.push_back({key, window_us});
    return static_cast<int>(slots.size() - 1);
  }

  int search(const Words& words) {
    const int pattern = index_of(patterns_, text(words, 1));
    for (std::size_t i = 0; i < searches.size(); ++i) {
      if (searches[i].pattern == pattern && searches[i].window_us == number(words, 2)) return static_cast<int>(i);
    }
    searches.push_back({pattern, number(words, 2)});
    return static_cast<int>(searches.size() - 1);
  }

  Op flow(Measure measure, bool payer, std::int64_t window_us) {
    Op op{measure, Kind::FLOAT};
    op.a = slot(payer ? PAYER_RECEIVED : PAYEE_RECEIVED, window_us);
    op.b = slot(payer ? PAYER_RETURNED_RECEIVED : PAYEE_RETURNED_RECEIVED, window_us);
    op.c = slot(payer ? PAYER_SENT : PAYEE_SENT, window_us);
    op.d = slot(payer ? PAYER_RETURNED_SENT : PAYEE_RETURNED_SENT, window_us);
    return op;
  }

  Op op(const Words& words) {
    const std::string& measure = text(words, 0);
    const auto side = [&](std::size_t at) { return text(words, at) == "payer" ? 0 : 1; };
    if (measure == "count") return {Measure::COUNT, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "sum") return {Measure::SUM, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "mean") return {Measure::MEAN, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "max") return {Measure::MAX, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "std") return {Measure::STD, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "distinct") return {Measure::DISTINCT, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "new") return {Measure::NEW, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "new_ratio") return {Measure::NEW_RATIO, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "gap") return {Measure::GAP, Kind::FLOAT, key(words)};
    if (measure == "amount_z") return {Measure::AMOUNT_Z, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "amount_ratio") return {Measure::AMOUNT_RATIO, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "count_ratio" || measure == "sum_ratio") {
      const bool sum = measure == "sum_ratio";
      const int part = slot(key(words), number(words, 2)), whole = slot(key(words), number(words, 3));
      return {sum ? Measure::SUM_RATIO : Measure::COUNT_RATIO, Kind::FLOAT, part, whole};
    }
    if (measure == "retained") return flow(Measure::RETAINED, side(1) == 0, number(words, 2));
    if (measure == "outflow") return flow(Measure::OUTFLOW, side(1) == 0, number(words, 2));
    if (measure == "last_received") return {Measure::LAST_RECEIVED, Kind::FLOAT, slot(key(words), number(words, 2))};
    if (measure == "declined") return {Measure::DECLINED, Kind::INT, slot(key(words), number(words, 2))};
    if (measure == "session") {
      return {Measure::SESSION, Kind::INT, index_of(event_names(), text(words, 1)), -1, -1, -1, number(words, 2)};
    }
    if (measure == "confirmed_count" || measure == "confirmed_rate") {
      const bool count = measure == "confirmed_count";
      return {count ? Measure::CONFIRMED_COUNT : Measure::CONFIRMED_RATE, count ? Kind::INT : Kind::FLOAT, side(1),
              index_of(outcome_stores(), text(words, 2)), -1, -1, number(words, 3)};
    }
    if (measure == "age_days") return {Measure::AGE_DAYS, Kind::FLOAT, side(1)};
    if (measure == "account_type") return {Measure::ACCOUNT_TYPE, Kind::TEXT, side(1)};
    if (measure == "same_party") return {Measure::SAME_PARTY, Kind::BOOL};
    if (measure == "cross_border") return {Measure::CROSS_BORDER, Kind::BOOL};
    if (measure == "pattern_count") return {Measure::PATTERN_COUNT, Kind::INT, search(words)};
    if (measure == "pattern_strength") return {Measure::PATTERN_STRENGTH, Kind::FLOAT, search(words)};
    if (measure == "pattern_truncated") return {Measure::PATTERN_TRUNCATED, Kind::BOOL, search(words)};
    if (measure == "attribute") return attribute(text(words, 1));
    return family(measure, words);
  }

  // Profiles, what is known for ever, peers, neighbours and communities: a is the side, 1 for the payee, or the look.
  Op family(const std::string& measure, const Words& words) {
    const auto second = [&](std::size_t at, const char* word) { return text(words, at) == word ? 1 : 0; };
    static const std::unordered_map<std::string, Op> by_key = {
        {"profile_count", {Measure::PROFILE_COUNT, Kind::INT}}, {"profile_sum", {Measure::PROFILE_SUM, Kind::FLOAT}},
        {"profile_mean", {Measure::PROFILE_MEAN, Kind::FLOAT}}, {"profile_max", {Measure::PROFILE_MAX, Kind::INT}},
        {"profile_active_days", {Measure::PROFILE_ACTIVE_DAYS, Kind::INT}},
        {"profile_amount_ratio", {Measure::PROFILE_AMOUNT_RATIO, Kind::FLOAT}},
        {"profile_amount_max_ratio", {Measure::PROFILE_MAX_RATIO, Kind::FLOAT}}};
    static const std::unordered_map<std::string, Op> by_side = {
        {"known_days", {Measure::KNOWN_DAYS, Kind::FLOAT}}, {"ever_count", {Measure::EVER_COUNT, Kind::INT}},
        {"ever_max", {Measure::EVER_MAX, Kind::INT}}, {"peer_amount_ratio", {Measure::PEER_AMOUNT_RATIO, Kind::FLOAT}},
        {"component_size", {Measure::COMPONENT_SIZE, Kind::INT}},
        {"community_size", {Measure::COMMUNITY_SIZE, Kind::INT}},
        {"community_inner_ratio", {Measure::COMMUNITY_INNER_RATIO, Kind::FLOAT}}};
    if (const auto found = by_key.find(measure); found != by_key.end()) {
      Op op = found->second;
      op.a = key(words), op.number = number(words, 2);
      if (op.number != 90 && op.number != 400) throw std::invalid_argument("the kernel knows 90 and 400 closed days");
      return op;
    }
    if (const auto found = by_side.find(measure); found != by_side.end()) {
      Op op = found->second;
      op.a = second(1, "payee");
      if (op.measure == Measure::EVER_COUNT || op.measure == Measure::EVER_MAX) op.b = second(2, "received");
      return op;
    }
    if (measure == "same_component") return {Measure::SAME_COMPONENT, Kind::BOOL};
    if (measure == "same_community") return {Measure::SAME_COMMUNITY, Kind::BOOL};
    if (measure == "two_hops") {
      const std::int64_t window_us = number(words, 3);
      const int at = look(second(1, "payee"), second(2, "back"), window_us);
      looks[at].hops = true;
      return {Measure::TWO_HOPS, Kind::INT, at, -1, -1, -1, window_us};
    }
    if (measure.starts_with("neighbour_")) return neighbour(measure, words);
    if (measure == "chain") return chain(words);
    if (measure == "forwarded" || measure == "funded") return follow(words);
    if (measure == "habit") {
      const int habit = index_of({"amount_at_least", "amount_near", "hour_near", "gap"}, text(words, 2));
      return {Measure::HABIT, Kind::FLOAT, key(words), habit};
    }
    if (measure == "way") {
      const int what = index_of({"channel", "rail"}, text(words, 2)), is_new = index_of({"ratio", "is_new"}, text(words, 3));
      return {Measure::WAY, is_new ? Kind::BOOL : Kind::FLOAT, key(words), what, is_new};
    }
    if (measure == "walk") return walk(words);
    if (measure == "rhythm") {
      const int what = index_of({"first_days", "day_gap_mean", "day_gap_std", "day_gap_ratio", "week_ratio",
                                 "fortnight_ratio", "four_weeks_ratio"}, text(words, 2));
      return {Measure::RHYTHM, what ? Kind::FLOAT : Kind::INT, key(words), what};
    }
    if (measure == "fraud_pair") return {Measure::FRAUD_PAIR, Kind::INT, -1, -1, -1, -1, number(words, 1)};
    if (measure == "fraud_around") {
      return {Measure::FRAUD_AROUND, Kind::FLOAT, second(1, "payee"), second(2, "payers"), -1, -1, number(words, 3)};
    }
    if (measure == "fraud_count" || measure == "fraud_gap") {
      const bool count = measure == "fraud_count";
      return {count ? Measure::FRAUD_COUNT : Measure::FRAUD_GAP, count ? Kind::INT : Kind::FLOAT, second(1, "payee"),
              second(2, "received"), -1, -1, number(words, 3)};
    }
    if (measure == "fraud_made") {
      return {Measure::FRAUD_MADE, Kind::FLOAT, second(1, "payee"), second(2, "received"), second(4, "last"), -1,
              number(words, 3)};
    }
    if (measure == "fine_since_fraud") {
      return {Measure::FINE_SINCE_FRAUD, Kind::INT, second(1, "payee"), second(2, "received"), -1, -1, number(words, 3)};
    }
    throw std::invalid_argument("the kernel does not know the measure " + measure);
  }

  // neighbour_<measure>_<over>: a is the look, b what neighbours sent or received, c the measure.
  Op neighbour(const std::string& measure, const Words& words) {
    const std::int64_t window_us = number(words, 4);
    const int at = look(text(words, 1) == "payee", text(words, 2) == "payers", window_us);
    const int way = text(words, 3) == "received" ? 1 : 0;
    const bool mean = measure.ends_with("_mean");
    const int measured = index_of({"neighbour_count", "neighbour_sum", "neighbour_distinct"},
                                  measure.substr(0, measure.rfind('_')));
    looks[at].ways[way] = true;
    looks[at].sums |= measured == Around::SUM;
    looks[at].distincts |= measured == Around::DISTINCT;
    return {mean ? Measure::NEIGHBOUR_MEAN : Measure::NEIGHBOUR_MAX, mean ? Kind::FLOAT : Kind::INT, at, way, measured,
            -1, window_us};
  }

  // chain <measure> <window>: a is the window, b the measure.
  static Op chain(const Words& words) {
    const int measure = index_of({"depth", "gap", "kept_ratio", "span", "left_ratio"}, text(words, 1));
    const std::int64_t window_us = number(words, 2);
    const auto* window = std::find(CHAIN_US, CHAIN_US + CHAIN_WINDOWS, window_us);
    if (window == CHAIN_US + CHAIN_WINDOWS) throw std::invalid_argument("the kernel knows chains of other windows");
    return {Measure::CHAIN, measure ? Kind::FLOAT : Kind::INT, static_cast<int>(window - CHAIN_US), measure, -1, -1,
            window_us};
  }

  // forwarded or funded, of payer, payee or pair: a is what is followed, b the kind, c the measure.
  Op follow(const Words& words) {
    const std::string &kind = text(words, 0), &side = text(words, 1);
    const Follow wanted{side != "payer", number(words, 3)};
    int at = 0;
    while (at < static_cast<int>(follows.size()) &&
           (follows[at].payee != wanted.payee || follows[at].window_us != wanted.window_us)) {
      ++at;
    }
    if (at == static_cast<int>(follows.size())) follows.push_back(wanted);
    const int of = kind == "funded" ? Forwarding::FUNDED : side == "pair" ? Forwarding::PAIR : Forwarding::ALL;
    const int measure = index_of({"ratio", "hold", "fastest", "payees", "payers"}, text(words, 2));
    return {Measure::FORWARDED, measure < 3 ? Kind::FLOAT : Kind::INT, at, of, measure, -1, wanted.window_us};
  }

  // walk <side> <way> <measure> <window>: a is the walk, b the measure.
  Op walk(const Words& words) {
    const bool payee = text(words, 1) == "payee", back = text(words, 2) == "back";
    const int measure = index_of({"sent", "received", "payees", "payers", "fraud", "meets"}, text(words, 3));
    const std::int64_t window_us = number(words, 4);
    std::size_t at = 0;
    while (at < walks.size() &&
           (walks[at].payee != payee || walks[at].back != back || walks[at].window_us != window_us)) {
      ++at;
    }
    if (at == walks.size()) walks.push_back({payee, back, window_us});
    walks[at].wants[measure] = true;
    return {Measure::WALK, Kind::FLOAT, static_cast<int>(at), measure, -1, -1, window_us};
  }

  // The look at one side and way, with this window.
  int look(bool payee, bool payers, std::int64_t window_us) {
    std::size_t at = 0;
    while (at < looks.size() && (looks[at].payee != payee || looks[at].payers != payers)) ++at;
    if (at == looks.size()) {
      looks.push_back({});
      looks[at].payee = payee, looks[at].payers = payers;
    }
    looks[at].want(window_us);
    return static_cast<int>(at);
  }

  static Op attribute(const std::string& name) {
    if (name == "amount") return {Measure::AMOUNT, Kind::INT};
    if (name == "amount_is_round") return {Measure::AMOUNT_IS_ROUND, Kind::BOOL};
    if (name == "hour_local") return {Measure::HOUR_LOCAL, Kind::INT};
    if (name == "weekday_local") return {Measure::WEEKDAY_LOCAL, Kind::INT};
    if (name == "is_business_day") return {Measure::IS_BUSINESS_DAY, Kind::BOOL};
    const auto& signals = signal_names();
    if (std::find(signals.begin(), signals.end(), name) != signals.end()) {
      return {Measure::SIGNAL, Kind::BOOL, index_of(signals, name)};
    }
    return {Measure::TEXT, Kind::TEXT, index_of(text_names(), name)};
  }

  // Puts the slots in order and renames them in the facts.
  void order_slots() {
    std::vector<int> order(slots.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    std::sort(order.begin(), order.end(), [&](int one, int other) {
      return std::pair(slots[one].key, slots[one].window_us) < std::pair(slots[other].key, slots[other].window_us);
    });
    std::vector<int> renamed(slots.size());
    std::vector<Slot> ordered;
    for (const int old : order) {
      renamed[old] = static_cast<int>(ordered.size());
      ordered.push_back(slots[old]);
    }
    slots = ordered;
    std::set<std::int64_t> windows;
    for (const Slot& slot : slots) windows.insert(slot.window_us);
    for (Slot& slot : slots) slot.window = static_cast<std::size_t>(std::distance(windows.begin(), windows.find(slot.window_us)));
    for (Op& op : ops) rename(op, renamed);
    for (int key = 0, at = 0; key <= KEYS; ++key) {
      while (at < static_cast<int>(slots.size()) && slots[at].key < key) ++at;
      key_begin[key] = at;
    }
  }

  // Puts the searches in order, renames them in the facts, and groups them.
  void order_searches() {
    const std::vector<Search> asked = searches;
    std::sort(searches.begin(), searches.end(), [](const Search& one, const Search& other) {
      return std::pair(one.pattern, one.window_us) < std::pair(other.pattern, other.window_us);
    });
    for (Op& op : ops) {
      if (op.measure != Measure::PATTERN_COUNT && op.measure != Measure::PATTERN_STRENGTH &&
          op.measure != Measure::PATTERN_TRUNCATED) {
        continue;
      }
      const Search& wanted = asked[op.a];
      op.a = 0;
      while (searches[op.a].pattern != wanted.pattern || searches[op.a].window_us != wanted.window_us) ++op.a;
    }
    for (int i = 0; i < static_cast<int>(searches.size()); ++i) {
      if (groups.empty() || groups.back().pattern != searches[i].pattern) groups.push_back({searches[i].pattern, i, i});
      groups.back().end = i + 1;
      longest_search_us = std::max(longest_search_us, searches[i].window_us);
    }
    for (const Op& op : ops) {
      if (op.measure != Measure::PATTERN_TRUNCATED) continue;
      for (SearchGroup& group : groups) group.cuts |= group.begin <= op.a && op.a < group.end;
    }
  }

  // Whether an account is new depends on all that is remembered, and a refresh looks back further than its window.
  void find_kept() {
    kept_us = longest_search_us;
    for (const Slot& slot : slots) kept_us = std::max(kept_us, slot.window_us);
    for (const Op& op : ops) {
      switch (op.measure) {
        case Measure::NEW: case Measure::NEW_RATIO: case Measure::HABIT: case Measure::WAY: case Measure::COMPONENT_SIZE: case Measure::COMMUNITY_SIZE: case Measure::SAME_COMPONENT:
        case Measure::SAME_COMMUNITY: case Measure::COMMUNITY_INNER_RATIO:
          kept_us = MAX_WINDOW_US;
          break;
        case Measure::NEIGHBOUR_MEAN: case Measure::NEIGHBOUR_MAX: case Measure::TWO_HOPS: case Measure::CHAIN:
        case Measure::FORWARDED: case Measure::FRAUD_AROUND: case Measure::WALK:
          kept_us = std::max(kept_us, op.number);
          break;
        default:
          break;
      }
    }
  }

  static void rename(Op& op, const std::vector<int>& renamed) {
    switch (op.measure) {
      case Measure::COUNT: case Measure::SUM: case Measure::MEAN: case Measure::MAX: case Measure::STD:
      case Measure::DISTINCT: case Measure::NEW: case Measure::NEW_RATIO: case Measure::AMOUNT_Z:
      case Measure::AMOUNT_RATIO: case Measure::COUNT_RATIO: case Measure::SUM_RATIO: case Measure::RETAINED: case Measure::OUTFLOW:
      case Measure::LAST_RECEIVED: case Measure::DECLINED:
        for (int* at : {&op.a, &op.b, &op.c, &op.d}) {
          if (*at >= 0) *at = renamed[*at];
        }
        break;
      default:
        break;
    }
  }

  std::vector<std::string> patterns_;
};

}  // namespace headgate
