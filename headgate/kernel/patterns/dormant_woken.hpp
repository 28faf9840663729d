// Dormant account woken: see facts/patterns/dormant_woken.py, which is the definition.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../graph.hpp"

namespace headgate {

constexpr std::uint32_t DORMANT_LOOKS = 64;
constexpr std::int64_t DORMANT_US = 90 * US_PER_DAY;

// Counts the newest of these payments that are no transfers of one's own; shows them, oldest first.
inline std::int64_t woken(const Rows& rows, AccountId account, Parts* witness) {
  std::int64_t count = 0;
  for (std::uint32_t k = std::min(rows.size(), DORMANT_LOOKS); k-- > 0;) {
    ++visited;
    if (rows.own(k) || rows.other(k) == account) continue;
    ++count;
    if (witness) witness->push_back({rows.newest(k), "woken", 2});
  }
  return count;
}

inline Found find_dormant_woken(const Graph& graph, const Edge& last, std::int64_t window_us, Parts* witness) {
  const AccountId payer = last.payer;
  if (last.own || payer == last.payee) return {};
  const Rows sent = graph.outs(payer, MAX_WINDOW_US), received = graph.ins(payer, MAX_WINDOW_US);
  std::int64_t first = last.clock;
  if (!sent.empty()) first = std::min(first, sent.newest(sent.size() - 1).clock);
  if (!received.empty()) first = std::min(first, received.newest(received.size() - 1).clock);
  if (first <= last.clock - window_us) return {};
  const Kept* before = graph.last_before(payer);
  if (before == nullptr || first - before->clock < DORMANT_US) return {};
  if (witness) {
    // The caller shows what `last_before` says of this account: the payment is no longer in the log.
    const AccountId other = before->payer == payer ? before->payee : before->payer;
    witness->push_back({Edge{before->clock, before->amount, NONE, payer, other, before->own}, "before", 1});
  }
  Found found;
  found.count = 1 + woken(sent, payer, witness) + woken(received, payer, witness);
  found.set_strength(static_cast<double>(first - before->clock) / static_cast<double>(PROFILE_HORIZON_US));
  found.truncated = sent.size() > DORMANT_LOOKS || received.size() > DORMANT_LOOKS;
  if (witness) witness->push_back({last, "woken", 2});
  return found;
}

}  // namespace headgate
