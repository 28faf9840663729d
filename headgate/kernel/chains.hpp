// How deep in a chain a payment stands: see facts/chains.py, which is the definition.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "memory.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "ring.hpp"
#include "types.hpp"

namespace headgate {

constexpr int CHAIN_HOPS = 15, CHAIN_LOOKS = 32, CHAIN_WINDOWS = 3;
constexpr std::int64_t CHAIN_US[CHAIN_WINDOWS] = {US_PER_DAY, 3 * US_PER_DAY, 7 * US_PER_DAY};
constexpr std::int64_t CHAIN_LEAST_PERCENT = 90, CHAIN_MOST_PERCENT = 101;

// The place of a payment in a chain; of one that is longer than CHAIN_HOPS the start is not told: amount is below 0.
struct ChainDepth {
  std::int64_t start = 0, amount = -1;
  std::int32_t depth = 1;
};

class Chains {
 public:
  bool keeps = false;

  struct Received {
    std::int64_t clock = 0, amount = 0;
    std::array<ChainDepth, CHAIN_WINDOWS> depths{};
  };

  // The payments that a payment hands on, one a window: how many newer ones its payer received since; -1 for none.
  using Earlier = std::array<int, CHAIN_WINDOWS>;

  std::size_t size() const { return lines_.size(); }

  void prefetch(AccountId account) const {
    if (keeps) lines_.prefetch(account);
  }
  void prefetch_newest(AccountId account) const {
    const Line* line = keeps ? lines_.find(account) : nullptr;
    for (int back = 0; line != nullptr && back < std::min(line->size, NEAR); ++back) bring_near(&line->back(back));
  }

  Earlier earlier(const Edge& edge) const {
    Earlier found;
    found.fill(-1);
    const Line* line = edge.own || edge.amount == 0 ? nullptr : lines_.find(edge.payer);
    if (line == nullptr) return found;
    int back = 0, w = 0;
    for (; back < line->size; ++back) {
      const Received& received = line->back(back);
      while (received.clock <= edge.clock - CHAIN_US[w]) {
        if (++w == CHAIN_WINDOWS) return found;
      }
      if (back == CHAIN_LOOKS) break;
      const std::int64_t whole = received.amount, part = 100 * edge.amount;
      if (part < CHAIN_LEAST_PERCENT * whole || part > CHAIN_MOST_PERCENT * whole) continue;
      for (int at = w; at < CHAIN_WINDOWS; ++at) {
        if (found[at] < 0 || received.depths[at].depth > line->back(found[at]).depths[at].depth) found[at] = back;
      }
    }
    if (back == CHAIN_LOOKS && back < line->size) std::fill(found.begin() + w, found.end(), -1);
    return found;
  }

  const Received& received(AccountId account, int back) const { return lines_.find(account)->back(back); }

  static ChainDepth next(const Edge& edge, const Received* earlier, int window) {
    if (earlier == nullptr) return {edge.clock, edge.amount, 1};
    const ChainDepth& before = earlier->depths[window];
    if (before.depth == CHAIN_HOPS) return {0, -1, CHAIN_HOPS};
    return {before.start, before.amount, before.depth + 1};
  }

  void add(const Edge& edge, Names& names) {
    if (!keeps || edge.own) return;
    Received received{edge.clock, edge.amount, {}};
    const Earlier found = earlier(edge);
    for (int w = 0; w < CHAIN_WINDOWS; ++w) {
      received.depths[w] = next(edge, found[w] < 0 ? nullptr : &this->received(edge.payer, found[w]), w);
    }
    put(edge.payee, received, names);
  }

  void forget(std::int64_t clock, Names& names) {
    const std::int64_t until = clock - CHAIN_US[CHAIN_WINDOWS - 1];
    while (!queue_.empty() && queue_.front().clock <= until) {
      const AccountId account = queue_.front().account;
      queue_.pop_front();
      Line& line = *lines_.find(account);
      while (line.size > 0 && line.back(line.size - 1).clock <= until) line.pop();
      --line.queued;
      if (line.queued == 0) {
        assert(line.size == 0);
        lines_.erase(account);
        names.release(account);
      }
    }
  }

  // The newest payments of each account, oldest first. What was pushed out leaves no trace in a later answer.
  template <class Writer>
  void write(Writer& to) const {
    std::uint64_t size = 0;
    for_all([&](AccountId, const Received&) { ++size; });
    to.put(size);
    for_all([&](AccountId account, const Received& received) {
      to.put(account);
      to.put(received.clock);
      to.put(received.amount);
      for (const ChainDepth& depth : received.depths) to.put(depth.start), to.put(depth.amount), to.put(depth.depth);
    });
  }

  template <class Reader, class Numbers>
  void read(Reader& from, const Numbers& numbers, Names& names) {
    const auto size = from.many(20 + 20 * CHAIN_WINDOWS);
    std::int64_t before = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      const AccountId account = numbers[from.template get<std::uint32_t>()];
      Received received;
      received.clock = from.clock();
      received.amount = from.template get<std::int64_t>();
      if (received.amount < 0 || received.amount > MAX_REFERENCE_MINOR || received.clock < before) {
        throw std::invalid_argument("the state has a link that cannot be");
      }
      before = received.clock;
      for (ChainDepth& depth : received.depths) {
        depth.start = from.template get<std::int64_t>();
        depth.amount = from.template get<std::int64_t>();
        depth.depth = from.template get<std::int32_t>();
        if (depth.depth < 1 || depth.depth > CHAIN_HOPS) throw std::invalid_argument("the state has a chain too long");
      }
      put(account, received, names);
    }
  }

 private:
  static constexpr int KEPT = CHAIN_LOOKS + 1;
  static constexpr int NEAR = 4;  // of the newest, that are fetched ahead

  // The newest payments that an account received: a ring that grows up to KEPT.
  struct Line {
    std::vector<Received, Allocator<Received>> ring;
    std::int32_t end = 0, size = 0;
    std::uint32_t queued = 0;  // marks of the account in the queue

    const Received& back(int back) const {
      const int at = end - 1 - back;
      return ring[static_cast<std::size_t>(at < 0 ? at + static_cast<int>(ring.size()) : at)];
    }
    void reserve_one() {
      const int capacity = static_cast<int>(ring.size());
      if (size < capacity || capacity == KEPT) return;
      std::vector<Received, Allocator<Received>> larger(std::min(capacity ? 2 * capacity : 2, KEPT));
      for (int i = size; i-- > 0;) larger[static_cast<std::size_t>(size - 1 - i)] = back(i);
      ring.swap(larger);
      end = size % static_cast<int>(ring.size());
    }
    void push(const Received& received) {
      const int capacity = static_cast<int>(ring.size());
      ring[static_cast<std::size_t>(end)] = received;
      end = (end + 1) % capacity;
      size = std::min(size + 1, KEPT);
      ++queued;
    }
    void pop() { --size; }
  };
  struct Mark {
    std::int64_t clock = 0;
    AccountId account = NONE;
  };

  void put(AccountId account, const Received& received, Names& names) {
    lines_.reserve_one();
    Line& line = lines_.at(account);
    if (line.queued == 0) names.hold(account);
    line.reserve_one();
    queue_.push_back({received.clock, account});
    line.push(received);
  }

  // Calls take(account, received) in the order in which they were received.
  template <class Take>
  void for_all(Take take) const {
    Table<std::uint32_t> seen;
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const AccountId account = queue_[i].account;
      const Line& line = *lines_.find(account);
      seen.reserve_one();
      const std::uint32_t turn = seen.at(account)++, gone = line.queued - static_cast<std::uint32_t>(line.size);
      if (turn >= gone) take(account, line.back(static_cast<int>(line.queued - 1 - turn)));
    }
  }

  Table<Line> lines_;
  Ring<Mark> queue_;
};

}  // namespace headgate
