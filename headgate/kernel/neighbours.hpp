// What the counterparties of an account did: its 16 newest distinct payers or payees, aggregates over them, and how
// many accounts are two hops away. One look serves all facts about a side and a way, whatever their windows: what is
// newest in a shorter window comes first in a longer one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "payments.hpp"
#include "small.hpp"
#include "types.hpp"

namespace headgate {

constexpr int NEIGHBOURS = 16;

// What facts ask of one side and way.
struct Look {
  static constexpr std::size_t WINDOWS = 4;

  bool payee = false, payers = false;  // of the payee, not the payer; its payers, not its payees
  bool ways[2] = {false, false};       // what neighbours sent, what they received
  bool sums = false, distincts = false, hops = false;
  std::vector<std::int64_t> windows;   // shortest first

  void want(std::int64_t window_us) {
    const auto at = std::lower_bound(windows.begin(), windows.end(), window_us);
    if (at != windows.end() && *at == window_us) return;
    if (windows.size() == WINDOWS) throw std::invalid_argument("the kernel knows four windows of neighbours at most");
    windows.insert(at, window_us);
  }
  int window(std::int64_t window_us) const {
    return static_cast<int>(std::lower_bound(windows.begin(), windows.end(), window_us) - windows.begin());
  }
};

// What a look found in one window.
struct Around {
  struct Totals {
    Int128 total = 0;
    std::int64_t most = 0;
    void add(std::int64_t value) {
      total += value;
      most = std::max(most, value);
    }
  };
  enum Measured { COUNT, SUM, DISTINCT, MEASURED };

  std::int64_t near = 0, far = 0;  // neighbours; accounts two hops away
  Totals of[2][MEASURED];          // by what they sent or received
};

class Neighbours {
 public:
  using Found = Around[Look::WINDOWS];

  void find(const Look& look, const Payments& payments, const Edge& judged, Found& found) {
    const AccountId account = look.payee ? judged.payee : judged.payer;
    Newest near;
    newest(look, payments, account, judged.clock, near);
    for (std::size_t w = 0; w < look.windows.size(); ++w) found[w] = Around{};
    for (const Met& met : near) {
      for (std::size_t w = met.window; w < look.windows.size(); ++w) ++found[w].near;
    }
    bring_near(look, payments, near);
    for (const int way : {0, 1}) {
      if (!look.ways[way]) continue;
      for (const Met& met : near) measure(look, payments, met, judged.clock, way, found);
    }
    if (look.hops) reach(look, payments, account, judged.clock, near, found);
  }

  // The newest payment of each neighbour in a window, newest first.
  static Parts parts(const Look& look, std::int64_t window_us, const Payments& payments, const Edge& judged) {
    const AccountId account = look.payee ? judged.payee : judged.payer;
    const Line& line = line_of(look, payments, account);
    const std::uint32_t first = line.first_after(judged.clock - window_us);
    Parts parts;
    for (std::uint32_t i = line.size(); parts.size() < NEIGHBOURS && (i = line.latest_before(i, first)) != NONE;) {
      const AccountId other = line.other(i);
      const Edge edge{line.clock(i), line.amount(i), line.at(i) - payments.log().head(), look.payers ? other : account,
                      look.payers ? account : other, line.own(i)};
      parts.push_back({edge, look.payers ? "received" : "sent", 0});
    }
    return parts;
  }

 private:
  // A counterparty and the shortest window in which it was met.
  struct Met {
    AccountId account;
    std::uint32_t window;
  };
  using Newest = Small<Met, NEIGHBOURS>;

  // Accounts with the shortest window in which they were met: at most 16 * 16 of them, emptied by a new number.
  class Reached {
   public:
    void clear() { ++turn_; }
    // Notes an account; returns the window that it was known with, `none` for a new one.
    std::uint32_t note(AccountId account, std::uint32_t window, std::uint32_t none) {
      std::uint32_t at = static_cast<std::uint32_t>(mixed(account)) & (SLOTS - 1);
      while (slots_[at].turn == turn_ && slots_[at].account != account) at = (at + 1) & (SLOTS - 1);
      Slot& slot = slots_[at];
      const std::uint32_t before = slot.turn == turn_ ? slot.window : none;
      slot = {turn_, account, std::min(before, window)};
      return before;
    }

   private:
    struct Slot {
      std::uint64_t turn = 0;
      AccountId account = NONE;
      std::uint32_t window = 0;
    };
    static constexpr std::uint32_t SLOTS = 512;
    static_assert(SLOTS >= 2 * NEIGHBOURS * NEIGHBOURS);

    Slot slots_[SLOTS];
    std::uint64_t turn_ = 0;
  };

  static const Line& line_of(const Look& look, const Payments& payments, AccountId account) {
    return look.payers ? payments.received(account) : payments.sent(account);
  }

  // The 16 most recent distinct counterparties of an account in the longest window.
  static void newest(const Look& look, const Payments& payments, AccountId account, std::int64_t clock, Newest& met) {
    const Line& line = line_of(look, payments, account);
    const std::uint32_t first = line.first_after(clock - look.windows.back());
    std::uint32_t window = 0;
    for (std::uint32_t i = line.size(); (i = line.latest_before(i, first)) != NONE;) {
      while (line.clock(i) <= clock - look.windows[window]) ++window;
      if (!met.add({line.other(i), window})) return;
    }
  }

  // Brings near what is read of the neighbours; nothing depends on it.
  static void bring_near(const Look& look, const Payments& payments, const Newest& near) {
    const bool far = look.hops;
    for (const Met& met : near) {
      if (look.ways[0] || (far && !look.payers)) payments.sent(met.account).prefetch();
      if (look.ways[1] || (far && look.payers)) payments.received(met.account).prefetch();
    }
  }

  static void measure(const Look& look, const Payments& payments, const Met& met, std::int64_t clock, int way,
                      Found& found) {
    const Line& line = way ? payments.received(met.account) : payments.sent(met.account);
    std::uint32_t first = line.size();
    std::int64_t sum = 0;
    for (std::size_t w = met.window; w < look.windows.size(); ++w) {
      const std::uint32_t end = first;
      first = line.first_after(clock - look.windows[w], end);
      Around::Totals* of = found[w].of[way];
      of[Around::COUNT].add(line.size() - first);
      if (look.sums) of[Around::SUM].add(sum += line.sum(first, end));
      if (look.distincts) of[Around::DISTINCT].add(line.distinct(first));
    }
  }

  // Counts the accounts among the neighbours of neighbours, each once; the account itself is left out.
  void reach(const Look& look, const Payments& payments, AccountId account, std::int64_t clock, const Newest& near,
             Found& found) {
    reached_.clear();
    const auto none = static_cast<std::uint32_t>(look.windows.size());
    for (const Met& met : near) {
      Newest far;
      newest(look, payments, met.account, clock, far);
      for (const Met& one : far) {
        if (one.account == account) continue;
        const std::uint32_t window = std::max(met.window, one.window);
        const std::uint32_t before = reached_.note(one.account, window, none);
        for (std::uint32_t w = window; w < before; ++w) ++found[w].far;
      }
    }
  }

  Reached reached_;
};

}  // namespace headgate
