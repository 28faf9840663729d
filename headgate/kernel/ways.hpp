// By which channel and on which rail the newest payments of each account came: see facts/definitions/ways.py, which is
// the definition. Each stands in a line whose `other` is the word for its channel and whose `at` that for its rail.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "habits.hpp"
#include "line.hpp"
#include "memory.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "ring.hpp"
#include "types.hpp"

namespace headgate {

// The words for what a payment says of its way; NONE for what it does not state.
struct Said {
  std::uint32_t channel = NONE, rail = NONE;
};

class Ways {
 public:
  bool keeps = false;

  std::size_t size() const { return lines_.size(); }
  const Line* line(AccountId account) const { return lines_.find(account); }

  void prefetch(AccountId account) const {
    if (keeps) lines_.prefetch(account);
  }
  void prefetch_newest(AccountId account) const {
    const Line* line = keeps ? lines_.find(account) : nullptr;
    if (line != nullptr) line->prefetch();
  }

  void add(AccountId account, std::int64_t clock, const Said& said, Names& names, Names& words) {
    if (!keeps) return;
    lines_.reserve_one();
    Line& line = lines_.at(account);
    if (line.size() == HABIT_LOOKS) pop(line, words);
    line.reserve_one();
    queue_.push_back({clock, account, line.head() + line.size()});
    names.hold(account);
    if (said.channel != NONE) words.hold(said.channel);
    if (said.rail != NONE) words.hold(said.rail);
    line.push(clock, 0, false, said.channel, said.rail, false, 0);
  }

  void forget(std::int64_t clock, Names& names, Names& words) {
    while (!queue_.empty() && queue_.front().clock <= clock - MAX_WINDOW_US) {
      const Mark mark = queue_.front();
      queue_.pop_front();
      Line& line = *lines_.find(mark.account);
      if (line.head() == mark.place) pop(line, words);  // else newer ones have pushed it out
      if (line.empty()) lines_.erase(mark.account);
      names.release(mark.account);
    }
  }

  template <class Writer>
  void write(Writer& to) const {
    std::uint64_t size = 0;
    each([&](const Mark&, const Line::Row&) { ++size; });
    to.put(size);
    each([&](const Mark& mark, const Line::Row& row) {
      to.put(mark.account);
      to.put(mark.clock);
      to.put(row.other);
      to.put(row.at);
    });
  }

  template <class Reader, class Numbers>
  void read(Reader& from, const Numbers& accounts, const Numbers& kinds, Names& names, Names& words) {
    const auto size = from.many(20);
    std::int64_t before = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      const AccountId account = accounts[from.template get<std::uint32_t>()];
      const std::int64_t clock = from.clock();
      if (clock < before) throw std::invalid_argument("the state has a way that cannot be");
      before = clock;
      Said said;
      said.channel = kinds.or_none(from.template get<std::uint32_t>());
      said.rail = kinds.or_none(from.template get<std::uint32_t>());
      add(account, clock, said, names, words);
    }
  }

 private:
  struct Mark {
    std::int64_t clock = 0;
    AccountId account = NONE;
    std::uint32_t place = 0;
  };

  static void pop(Line& line, Names& words) {
    const Line::Row row = line.row(0);
    line.pop();
    if (row.other != NONE) words.release(row.other);
    if (row.at != NONE) words.release(row.at);
  }

  // Calls take(mark, row) for what stands in a line, in the order of the journal.
  template <class Take>
  void each(Take take) const {
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const Line& line = *lines_.find(queue_[i].account);
      const std::uint32_t at = line.position(queue_[i].place);
      if (at < line.size()) take(queue_[i], line.row(at));
    }
  }

  Table<Line> lines_;
  Ring<Mark> queue_;
};

}  // namespace headgate
