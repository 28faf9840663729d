// What is never forgotten of an account: since when it is seen, how often it paid and was paid, its largest payments.
// Fixed bytes an account; its number is held for ever.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "names.hpp"
#include "pairs.hpp"
#include "types.hpp"

namespace headgate {

struct Seen {
  std::int64_t first = -1;              // clock of the first payment; below 0: none yet
  std::int64_t count[2] = {0, 0};       // sent, received
  std::int64_t largest[2] = {-1, -1};   // below 0: none
};

class Ever {
 public:
  static constexpr std::int64_t MOST_PAYMENTS = 1LL << 53;  // of an account, ever

  bool keeps = false;

  std::size_t size() const { return accounts_.size(); }
  const Seen* find(AccountId account) const { return accounts_.find(account); }

  void prefetch(AccountId account) const {
    if (keeps) accounts_.prefetch(account);
  }

  void add(const Edge& edge, Names& names) {
    if (!keeps) return;
    count(edge.payer, 0, edge, names);
    count(edge.payee, 1, edge, names);
  }

  template <class Writer>
  void write(Writer& to) const {
    to.put(static_cast<std::uint64_t>(accounts_.size()));
    accounts_.each([&](std::uint64_t account, const Seen& seen) {
      to.put(static_cast<std::uint32_t>(account));
      to.put(seen.first);
      for (const int way : {0, 1}) to.put(seen.count[way]), to.put(seen.largest[way]);
    });
  }

  template <class Reader, class Numbers>
  void read(Reader& from, const Numbers& numbers, Names& names) {
    const auto size = from.many(44);
    accounts_.reserve(size);  // accounts come in the order of slots: in a table that grows they would crowd together
    for (std::uint64_t i = 0; i < size; ++i) {
      Seen& seen = known(numbers[from.template get<std::uint32_t>()], names);
      seen.first = from.clock();
      for (const int way : {0, 1}) {
        const auto count = seen.count[way] = from.template get<std::int64_t>();
        const auto largest = seen.largest[way] = from.template get<std::int64_t>();
        if (count < 0 || count > MOST_PAYMENTS || largest < -1 || largest > MAX_REFERENCE_MINOR) {
          throw std::invalid_argument("the state has an account that cannot be");
        }
      }
    }
  }

 private:
  Seen& known(AccountId account, Names& names) {
    accounts_.reserve_one();
    const std::size_t before = accounts_.size();
    Seen& seen = accounts_.at(account);
    if (accounts_.size() > before) names.hold(account);
    return seen;
  }

  void count(AccountId account, int way, const Edge& edge, Names& names) {
    Seen& seen = known(account, names);
    if (seen.first < 0) seen.first = edge.clock;
    ++seen.count[way];
    seen.largest[way] = std::max(seen.largest[way], edge.amount);
  }

  Table<Seen> accounts_;
};

}  // namespace headgate
