// Which accounts belong together by the payments of a week: components and communities, found once a refresh. What
// they are says facts/community.py, which refresh is valid facts/refreshes.py. All payments of the valid refresh are
// in the log of 28 days, so a division is made from there when it is first asked for, and no state is kept.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "memory.hpp"
#include "payments.hpp"
#include "types.hpp"

namespace headgate {

constexpr std::int64_t COMMUNITY_REFRESH_US = 24 * US_PER_HOUR;
constexpr std::int64_t COMMUNITY_WINDOW_US = 7 * US_PER_DAY;
constexpr int COMMUNITY_ROUNDS = 4;
static_assert(2 * COMMUNITY_REFRESH_US + COMMUNITY_WINDOW_US <= MAX_WINDOW_US);

using Flat = std::vector<std::uint32_t, Allocator<std::uint32_t>>;

// The accounts of some payments by node, in order of appearance; labels are numbers of nodes.
class Division {
 public:
  Flat component, community;                             // the label of each node
  Flat component_size, community_size, inner, touching;  // by label; inner and touching of communities, in payments

  std::size_t size() const { return component.size(); }

  // The node of an account; NONE for one without a payment.
  std::uint32_t node(AccountId account) const { return account < node_of_.size() ? node_of_[account] : NONE; }

  // Divides the accounts of the payments at places [from, to) of the log. accounts: above every number of an account.
  void divide(const Log& log, Place from, Place to, std::size_t accounts) {
    number(log, from, to, accounts);
    join();
    propagate();
    component_size.assign(size(), 0);
    community_size.assign(size(), 0);
    for (std::size_t node = 0; node < size(); ++node) {
      ++component_size[component[node]];
      ++community_size[community[node]];
    }
    count_ends();
    legs_ = Flat();
  }

 private:
  static constexpr int FEW = 8;

  void number(const Log& log, Place from, Place to, std::size_t accounts) {
    node_of_.assign(accounts, NONE);
    legs_.clear();
    legs_.reserve(std::size_t{to - from} * 2);
    std::uint32_t nodes = 0;
    for (Place at = from; at < to; ++at) {
      for (const AccountId account : {log.payer(at), log.payee(at)}) {
        if (node_of_[account] == NONE) node_of_[account] = nodes++;
        legs_.push_back(node_of_[account]);
      }
    }
    component.resize(nodes);
    std::iota(component.begin(), component.end(), 0u);
  }

  // Components: the root of a set is its smallest number.
  void join() {
    const auto root = [this](std::uint32_t node) {
      while (component[node] != node) node = component[node] = component[component[node]];
      return node;
    };
    for (std::size_t i = 0; i < legs_.size(); i += 2) {
      const std::uint32_t one = root(legs_[i]), other = root(legs_[i + 1]);
      component[std::max(one, other)] = std::min(one, other);
    }
    for (std::uint32_t node = 0; node < size(); ++node) component[node] = root(node);
  }

  // Label propagation, all nodes at once, in flat arrays: near[begin[node] .. begin[node + 1]) has a neighbour once for
  // each payment.
  void propagate() {
    Flat begin(size() + 1, 0), near(legs_.size());
    for (const std::uint32_t node : legs_) ++begin[node + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    Flat at(begin.begin(), begin.end() - 1);
    for (std::size_t i = 0; i < legs_.size(); ++i) near[at[legs_[i]]++] = legs_[i ^ 1];
    community.resize(size());
    std::iota(community.begin(), community.end(), 0u);
    Flat next(size()), weight(size(), 0);
    for (int round = 0; round < COMMUNITY_ROUNDS; ++round) {
      for (std::size_t node = 0; node < size(); ++node) {
        next[node] = heaviest(community[node], near.data() + begin[node], near.data() + begin[node + 1], weight);
      }
      community.swap(next);
    }
  }

  // The label with the greatest weight, the smallest of equals; `weight` is all 0 before and after. The weights of few
  // neighbours are counted on the spot: that is faster than to look them up far away.
  std::uint32_t heaviest(std::uint32_t own, const std::uint32_t* near, const std::uint32_t* end, Flat& weight) const {
    if (end - near <= FEW) return heaviest_of_few(own, near, static_cast<int>(end - near));
    std::uint32_t best = own, most = weight[own] = 1;
    for (const std::uint32_t* other = near; other != end; ++other) {
      const std::uint32_t label = community[*other], more = ++weight[label];
      if (more > most || (more == most && label < best)) best = label, most = more;
    }
    weight[own] = 0;
    for (const std::uint32_t* other = near; other != end; ++other) weight[community[*other]] = 0;
    return best;
  }

  std::uint32_t heaviest_of_few(std::uint32_t own, const std::uint32_t* near, int size) const {
    std::uint32_t labels[FEW + 1] = {own}, best = own;
    int most = 0;
    for (int i = 0; i < size; ++i) labels[i + 1] = community[near[i]];
    for (int i = 0; i <= size; ++i) {
      int weight = 1;
      for (int k = i + 1; k <= size; ++k) weight += labels[k] == labels[i];
      if (weight > most || (weight == most && labels[i] < best)) best = labels[i], most = weight;
    }
    return best;
  }

  void count_ends() {
    inner.assign(size(), 0);
    touching.assign(size(), 0);
    for (std::size_t i = 0; i < legs_.size(); i += 2) {
      const std::uint32_t one = community[legs_[i]], other = community[legs_[i + 1]];
      ++touching[one];
      if (one == other) ++inner[one];
      else ++touching[other];
    }
  }

  Flat node_of_;  // by account; every account with a node is held by the log while the division is valid
  Flat legs_;     // payer, payee, payer, payee, ...
};

class Community {
 public:
  // Accounts that the division made last names.
  std::size_t size() const { return made_ ? division_.size() : 0; }

  // Payments from `from_us` (not included) to `until_us` are those of the refresh that is valid now.
  std::int64_t from_us() const { return at_us_ - COMMUNITY_WINDOW_US; }
  std::int64_t until_us() const { return at_us_; }

  // Makes the refresh valid at this clock the current one.
  void forget(std::int64_t clock) {
    const std::int64_t at_us = (clock / COMMUNITY_REFRESH_US - 1) * COMMUNITY_REFRESH_US;
    if (at_us == at_us_) return;
    at_us_ = at_us;
    made_ = false;
  }

  const Division& current(const Payments& payments, std::size_t accounts) const {
    if (!made_) {
      const Place from = first_after(payments, from_us()), to = first_after(payments, until_us());
      division_.divide(payments.log(), from, to, accounts);
      made_ = true;
    }
    return division_;
  }

 private:
  static Place first_after(const Payments& payments, std::int64_t clock) {
    Place low = 0, high = payments.log().size();
    while (low < high) {
      const Place middle = low + (high - low) / 2;
      if (payments.edge_at(middle).clock <= clock) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  std::int64_t at_us_ = -COMMUNITY_REFRESH_US;
  mutable bool made_ = false;
  mutable Division division_;
};

}  // namespace headgate
