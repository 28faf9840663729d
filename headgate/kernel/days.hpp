// Payments summed by key and UTC day: what a profile of closed days is asked of. One bucket a key and day; a key whose
// newest bucket lies before the horizon is dropped. Facts ask for two spans of closed days, which are found together
// and, where they are many, once a day.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "memory.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "types.hpp"

namespace headgate {

// The payments of one key on one day. The sum of a crowd may pass 64 bits.
struct Day {
  Int128 total = 0;
  std::int64_t largest = 0;
  std::int32_t day = 0;
  std::uint32_t n = 0;
};

// The payments of one key in some closed days; active: the days with a payment.
struct Closed {
  Int128 total = 0;
  std::int64_t n = 0, largest = 0, active = 0;

  void add(const Day& day) {
    total += day.total;
    n += day.n;
    largest = std::max(largest, day.largest);
    ++active;
  }
};

// The days with a payment in the closed days of the horizon: the oldest of all, and of the RHYTHM_DAYS newest the oldest,
// the newest, how many they are, the sum of the squares of the gaps between them, and how many lie whole weeks,
// fortnights and four weeks before today.
struct Rhythm {
  static constexpr std::int64_t RHYTHM_DAYS = 32;
  std::int64_t oldest = 0, first = 0, last = 0, days = 0, squares = 0, on_beat[3] = {};

  void add(std::int64_t day, std::int64_t today) {
    if (days++ == 0) last = day;
    else squares += (first - day) * (first - day);
    first = day;
    const std::int64_t since = (today - day) % 28;
    on_beat[0] += since % 7 == 0;
    on_beat[1] += since % 14 == 0;
    on_beat[2] += since == 0;
  }
};

struct Spans {
  Closed shorter, longer;
};

class Days {
 public:
  enum Keys { ONE, TWO };  // whether a key names one text or a pair of them

  Days(Keys keys, int shorter, int horizon) : keys_(keys), shorter_(shorter), horizon_(horizon) {}

  bool keeps = false;

  std::size_t size() const { return lines_.size(); }

  void add(std::uint64_t key, std::int64_t clock, std::int64_t amount, Names& names) {
    if (!keeps) return;
    const std::int32_t today = day_of(clock);
    lines_.reserve_one();
    Line& line = lines_.at(key);
    if (line.days.empty()) {
      hold(key, names);
      due_[today].push_back(key);
    }
    if (line.days.empty() || line.days.back().day != today) line.begin(today, today - horizon_);
    Day& bucket = line.days.back();
    bucket.total += amount;
    bucket.largest = std::max(bucket.largest, amount);
    ++bucket.n;
  }

  void prefetch(std::uint64_t key) const {
    if (keeps) lines_.prefetch(key);
  }
  void prefetch_newest(std::uint64_t key) const {
    const Line* line = keeps ? lines_.find(key) : nullptr;
    if (line == nullptr) return;
    bring_near(&line->days.back());
    if (line->known) bring_near(line->known.get());
  }

  // Drops every key whose newest bucket lies before the horizon of this clock's day.
  void forget(std::int64_t clock, Names& names) {
    const std::int32_t oldest = day_of(clock) - horizon_;
    while (!due_.empty() && due_.begin()->first < oldest) {
      const Marks marks = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      for (const std::uint64_t key : marks) look_again(key, oldest, names);
    }
  }

  // What stands under a key in the spans before the day of this clock; that day itself is open.
  Spans closed(std::uint64_t key, std::int64_t clock) const {
    const Line* line = lines_.find(key);
    if (line == nullptr) return {};
    const std::int32_t today = day_of(clock);
    if (line->days.size() <= FEW) return summed(*line, today);
    if (!line->known) line->known = std::make_unique<Known>();
    if (line->known->day != today) *line->known = {today, summed(*line, today)};
    return line->known->spans;
  }

  // The rhythm of a key before the day of this clock.
  Rhythm rhythm(std::uint64_t key, std::int64_t clock) const {
    Rhythm found;
    const Line* line = lines_.find(key);
    if (line == nullptr) return found;
    const std::int32_t today = day_of(clock);
    const auto& days = line->days;
    for (std::size_t i = days.size(); i-- > 0 && days[i].day >= today - horizon_ && found.days < Rhythm::RHYTHM_DAYS;) {
      if (days[i].day < today) found.add(days[i].day, today);
    }
    if (found.days == 0) return found;
    const auto oldest = std::find_if(days.begin(), days.end(), [&](const Day& day) { return day.day >= today - horizon_; });
    found.oldest = oldest->day;
    return found;
  }

  template <class Writer>
  void write(Writer& to) const {
    to.put(static_cast<std::uint64_t>(lines_.size()));
    lines_.each([&](std::uint64_t key, const Line& line) {
      to.put(key);
      to.put(static_cast<std::uint64_t>(line.days.size()));
      for (const Day& day : line.days) {
        to.put(static_cast<std::uint64_t>(day.total >> 64));
        to.put(static_cast<std::uint64_t>(day.total));
        to.put(day.largest);
        to.put(day.day);
        to.put(day.n);
      }
    });
  }

  // numbers: from the numbers of the file to those of `names`.
  template <class Reader, class Numbers>
  void read(Reader& from, const Numbers& numbers, Names& names) {
    const auto size = from.many(16);
    lines_.reserve(size);  // keys come in the order of slots: in a table that grows they would crowd together
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto told = from.template get<std::uint64_t>();
      const std::uint32_t last = numbers[static_cast<std::uint32_t>(told)];
      const std::uint64_t key = keys_ == TWO ? pair_key(numbers[static_cast<std::uint32_t>(told >> 32)], last) : last;
      lines_.reserve_one();
      Line& line = lines_.at(key);
      if (!line.days.empty()) throw std::invalid_argument("the state has the days of a key twice");
      read_days(from, line);
      hold(key, names);
      due_[line.days.back().day].push_back(key);
    }
  }

 private:
  static constexpr std::size_t FEW = 16;  // buckets that are summed anew for each payment

  struct Known {
    std::int32_t day = -1;
    Spans spans;
    static void* operator new(std::size_t bytes) { return allocate(bytes); }
    static void operator delete(void* memory) { std::free(memory); }
  };

  struct Line {
    std::vector<Day, Allocator<Day>> days;  // oldest first
    mutable std::unique_ptr<Known> known;

    // Opens the bucket of a day; those before `oldest` go when they are a quarter of all.
    void begin(std::int32_t today, std::int32_t oldest) {
      if (!days.empty() && days[days.size() / 4].day < oldest) {
        const auto end = std::find_if(days.begin(), days.end(), [&](const Day& day) { return day.day >= oldest; });
        days.erase(days.begin(), end);
      }
      days.push_back({0, 0, today, 0});
    }
  };

  using Marks = std::vector<std::uint64_t, Allocator<std::uint64_t>>;
  using Due = std::map<std::int32_t, Marks, std::less<>, Allocator<std::pair<const std::int32_t, Marks>>>;

  static std::int32_t day_of(std::int64_t clock) { return static_cast<std::int32_t>(clock / US_PER_DAY); }

  Spans summed(const Line& line, std::int32_t today) const {
    Spans spans;
    for (std::size_t i = line.days.size(); i-- > 0;) {
      const Day& day = line.days[i];
      if (day.day < today - horizon_) break;
      if (day.day >= today) continue;
      if (day.day >= today - shorter_) spans.shorter.add(day);
      spans.longer.add(day);
    }
    return spans;
  }

  void look_again(std::uint64_t key, std::int32_t oldest, Names& names) {
    const std::int32_t newest = lines_.find(key)->days.back().day;
    if (newest >= oldest) {
      due_[newest].push_back(key);
      return;
    }
    lines_.erase(key);
    names.release(static_cast<std::uint32_t>(key));
    if (keys_ == TWO) names.release(static_cast<std::uint32_t>(key >> 32));
  }

  void hold(std::uint64_t key, Names& names) const {
    names.hold(static_cast<std::uint32_t>(key));
    if (keys_ == TWO) names.hold(static_cast<std::uint32_t>(key >> 32));
  }

  template <class Reader>
  static void read_days(Reader& from, Line& line) {
    const auto days = from.many(32);
    for (std::uint64_t i = 0; i < days; ++i) {
      Day day;
      const auto high = from.template get<std::uint64_t>(), low = from.template get<std::uint64_t>();
      day.total = static_cast<Int128>(static_cast<unsigned __int128>(high) << 64 | low);
      day.largest = from.template get<std::int64_t>();
      day.day = from.template get<std::int32_t>();
      day.n = from.template get<std::uint32_t>();
      if (day.n == 0 || (i > 0 && day.day <= line.days.back().day)) {
        throw std::invalid_argument("the state has a day that cannot be");
      }
      line.days.push_back(day);
    }
    if (days == 0) throw std::invalid_argument("the state has a key without a day");
  }

  Keys keys_;
  std::int32_t shorter_, horizon_;
  Table<Line> lines_;
  Due due_;  // every key once, under a day that is not after its newest bucket
};

}  // namespace headgate
