// What became of money that came in: see facts/definitions/forwarding.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>

#include "payments.hpp"
#include "small.hpp"
#include "types.hpp"

namespace headgate {

constexpr std::uint32_t FORWARD_LOOKS = 32;

// One account in one window, as facts ask for it.
struct Follow {
  bool payee = false;
  std::int64_t window_us = 0;
};

// What was received, how much of it left again, and for how long that was held.
struct Passed {
  std::int64_t received = 0, left = 0, fastest = -1;
  Int128 held = 0;

  void add(std::int64_t amount, std::int64_t held_us) {
    left += amount;
    held += static_cast<Int128>(amount) * held_us;
    if (fastest < 0 || held_us < fastest) fastest = held_us;
  }
};

// all: of the account; pair: what it received from the judged payer; funded: what makes up the judged payment.
struct Followed {
  Passed all, pair, funded;
  int payees = 0, payers = 0;
};

class Forwarding {
 public:
  enum Kind { ALL, PAIR, FUNDED };
  using Looked = Small<Edge, FORWARD_LOOKS + 2>;

  static Followed follow(const Follow& what, const Payments& payments, const Edge& judged) {
    Followed found;
    Looked in, out;
    look(what, payments, judged, in, out);
    for (const Edge& edge : in) {
      found.all.received += edge.amount;
      if (edge.payer == judged.payer) found.pair.received += edge.amount;
    }
    Small<AccountId, FORWARD_LOOKS + 2> payees, payers;
    each_piece(in, out, [&](const Edge& into, const Edge& from, std::int64_t amount) {
      const std::int64_t held_us = from.clock - into.clock;
      if (from.at == judged.at) {
        found.funded.add(amount, held_us);
        note(payers, into.payer);
        return;
      }
      found.all.add(amount, held_us);
      if (into.payer == judged.payer) found.pair.add(amount, held_us);
      note(payees, from.payee);
    });
    found.payees = payees.size, found.payers = payers.size;
    return found;
  }

  // The payments in and out of which a kind of pieces is made, each once; the judged one is left out.
  static Parts parts(const Follow& what, Kind kind, const Payments& payments, const Edge& judged, bool& takes_part) {
    Looked in, out;
    look(what, payments, judged, in, out);
    Parts parts;
    takes_part = false;
    each_piece(in, out, [&](const Edge& into, const Edge& from, std::int64_t) {
      const bool last = from.at == judged.at;
      if (last != (kind == FUNDED) || (kind == PAIR && into.payer != judged.payer)) return;
      once(parts, into, "received");
      if (last) takes_part = true;
      else once(parts, from, "sent");
    });
    return parts;
  }

 private:
  static void look(const Follow& what, const Payments& payments, const Edge& judged, Looked& in, Looked& out) {
    const AccountId account = what.payee ? judged.payee : judged.payer;
    newest(payments, account, false, judged.clock - what.window_us, in);
    newest(payments, account, true, judged.clock - what.window_us, out);
    if (!what.payee) out.add(judged);
  }

  // The newest payments of an account one way, oldest first, own transfers left out.
  static void newest(const Payments& payments, AccountId account, bool sent, std::int64_t until, Looked& found) {
    const Line& line = sent ? payments.sent(account) : payments.received(account);
    const std::uint32_t size = line.size();
    std::uint32_t first = size;
    while (first > 0 && size - first < FORWARD_LOOKS && line.clock(first - 1) > until) --first;
    visited += size - first;
    for (std::uint32_t i = first; i < size; ++i) {
      const Line::Row& row = line.row(i);
      if (row.own()) continue;
      found.add({row.clock, row.amount(), row.at - payments.log().head(), sent ? account : row.other,
                 sent ? row.other : account, false});
    }
  }

  template <class Take>
  static void each_piece(const Looked& in, const Looked& out, Take take) {
    std::int64_t left[FORWARD_LOOKS + 2];
    for (int i = 0; i < in.size; ++i) left[i] = in[i].amount;
    int begin = 0;
    for (const Edge& from : out) {
      std::int64_t wanted = from.amount;
      for (int i = begin; i < in.size && wanted > 0 && in[i].at < from.at; ++i) {
        const std::int64_t taken = std::min(left[i], wanted);
        if (taken == 0) continue;
        left[i] -= taken, wanted -= taken;
        take(in[i], from, taken);
      }
      while (begin < in.size && left[begin] == 0) ++begin;
    }
  }

  template <class Accounts>
  static void note(Accounts& accounts, AccountId account) {
    if (std::find(accounts.begin(), accounts.end(), account) == accounts.end()) accounts.add(account);
  }

  static void once(Parts& parts, const Edge& edge, const char* role) {
    for (const Part& part : parts) {
      if (part.edge.at == edge.at) return;
    }
    parts.push_back({edge, role, 0});
  }
};

}  // namespace headgate
