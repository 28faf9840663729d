// Two steps of a walk from an account along its newest payments: see facts/definitions/walk.py, which is the
// definition. One walk serves all facts about a side, a way and a window.
#pragma once

#include <algorithm>
#include <cstdint>

#include "book.hpp"
#include "small.hpp"
#include "types.hpp"

namespace headgate {

constexpr std::uint32_t WALK_LOOKS = 8;
constexpr double WALK_KEEP = 0.85;

// What facts ask of one walk.
struct RankWalk {
  enum Measured { SENT, RECEIVED, PAYEES, PAYERS, FRAUD, MEETS, MEASURED };

  bool payee = false, back = false;
  std::int64_t window_us = 0;
  bool wants[MEASURED] = {};
};

struct Walked {
  double weights = 0.0, totals[RankWalk::MEASURED] = {};
};

class Walker {
 public:
  Walked find(const RankWalk& walk, const Book& book, const Edge& judged) {
    Walked found;
    ++turn_;
    const AccountId account = walk.payee ? judged.payee : judged.payer;
    const AccountId other = walk.payee ? judged.payer : judged.payee;
    Steps near, far;
    steps(walk, book, judged, account, near);
    for (const Step& first : near) {
      book.payments.sent(first.account).prefetch();
      book.payments.received(first.account).prefetch();
    }
    for (const Step& first : near) {
      const double here = WALK_KEEP * first.share;
      const auto visit = [&](double weight, AccountId met) {
        if (met == account) return;
        const Met& of = measured(walk, book, judged, other, met);
        found.weights += weight;
        for (int m = 0; m < RankWalk::MEASURED; ++m) {
          if (walk.wants[m]) found.totals[m] += weight * static_cast<double>(of.values[m]);
        }
      };
      visit(here, first.account);
      steps(walk, book, judged, first.account, far);
      for (const Step& second : far) visit(here * (WALK_KEEP * second.share), second.account);
    }
    return found;
  }

  // The payments of the first step, newest first.
  static Parts parts(const RankWalk& walk, const Book& book, const Edge& judged) {
    const AccountId account = walk.payee ? judged.payee : judged.payer;
    const Line& line = line_of(walk, book, account);
    Parts parts;
    for (std::uint32_t i = line.size(), end = first(walk, line, judged); i-- > end;) {
      const AccountId other = line.other(i);
      const Edge edge{line.clock(i), line.amount(i), line.at(i) - book.payments.log().head(),
                      walk.back ? other : account, walk.back ? account : other, line.own(i)};
      parts.push_back({edge, walk.back ? "received" : "sent", 0});
    }
    return parts;
  }

 private:
  struct Step {
    double share;
    AccountId account;
  };
  using Steps = Small<Step, WALK_LOOKS>;
  struct Met {
    std::uint64_t turn = 0;
    AccountId account = NONE;
    std::int64_t values[RankWalk::MEASURED] = {};
  };

  static const Line& line_of(const RankWalk& walk, const Book& book, AccountId account) {
    return walk.back ? book.payments.received(account) : book.payments.sent(account);
  }

  // Position of the oldest of the newest payments in the window.
  static std::uint32_t first(const RankWalk& walk, const Line& line, const Edge& judged) {
    std::uint32_t i = line.size();
    while (i > 0 && line.size() - i < WALK_LOOKS && line.clock(i - 1) > judged.clock - walk.window_us) --i;
    visited += line.size() - i;
    return i;
  }

  static void steps(const RankWalk& walk, const Book& book, const Edge& judged, AccountId account, Steps& found) {
    const Line& line = line_of(walk, book, account);
    const std::uint32_t end = first(walk, line, judged);
    const std::int64_t total = line.sum(end, line.size());
    found.size = 0;
    if (total == 0) return;
    for (std::uint32_t i = line.size(); i-- > end;) {
      found.add({static_cast<double>(line.amount(i)) / static_cast<double>(total), line.other(i)});
    }
  }

  // What the facts take of an account; looked up once a walk.
  const Met& measured(const RankWalk& walk, const Book& book, const Edge& judged, AccountId other, AccountId account) {
    std::uint32_t at = static_cast<std::uint32_t>(mixed(account)) & (SLOTS - 1);
    while (met_[at].turn == turn_ && met_[at].account != account) at = (at + 1) & (SLOTS - 1);
    Met& met = met_[at];
    if (met.turn == turn_) return met;
    met.turn = turn_, met.account = account;
    for (const bool received : {false, true}) {
      const int sum = received ? RankWalk::RECEIVED : RankWalk::SENT, distinct = received ? RankWalk::PAYERS : RankWalk::PAYEES;
      if (!walk.wants[sum] && !walk.wants[distinct]) continue;
      const Line& line = received ? book.payments.received(account) : book.payments.sent(account);
      const std::uint32_t begin = line.first_after(judged.clock - walk.window_us);
      if (walk.wants[sum]) met.values[sum] = line.sum(begin, line.size());
      if (walk.wants[distinct]) met.values[distinct] = line.distinct(begin);
    }
    if (walk.wants[RankWalk::FRAUD]) {
      const Line& told = book.frauds.line(Verdicts::ANY, account);
      met.values[RankWalk::FRAUD] = told.sum(0, told.size()) > 0;
    }
    met.values[RankWalk::MEETS] = account == other;
    return met;
  }

  static constexpr std::uint32_t SLOTS = 256;
  static_assert(SLOTS >= 2 * (WALK_LOOKS + WALK_LOOKS * WALK_LOOKS));
  Met met_[SLOTS];
  std::uint64_t turn_ = 0;
};

}  // namespace headgate
