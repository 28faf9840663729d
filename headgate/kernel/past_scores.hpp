// What was said of the accounts' earlier payments: the second fold, after headgate/facts/past_scores.py.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headgate {

namespace nb = nanobind;

// The scores of the newest payments of an account on one side, in a ring.
class ScoreLine {
 public:
  struct Look {
    std::int64_t clock;
    std::int64_t score;
  };

  std::size_t size() const { return looks_.size(); }
  // The look that is `back` before the newest.
  const Look& from_newest(std::size_t back) const {
    const std::size_t n = looks_.size(), after = next_ + n - back;  // one place after it, or that and n more
    return looks_[(after > n ? after - n : after) - 1];
  }
  void add(Look look, std::size_t most) {
    if (looks_.size() < most) {
      looks_.push_back(look);
      return;
    }
    looks_[next_] = look;
    next_ = (next_ + 1) % most;
  }

 private:
  std::vector<Look> looks_;
  std::size_t next_ = 0;  // 0 until the ring is full, for then the newest stands last
};

// One side of all accounts, in the order of their newest payments.
class ScoreLines {
  struct Account {
    std::string name;
    ScoreLine line;
  };

 public:
  using Places = std::unordered_map<std::string_view, std::list<Account>::iterator>;  // names live in `accounts_`

  // Where an account stands, until the next `add`.
  Places::const_iterator find(std::string_view account) const { return places_.find(account); }
  const ScoreLine* line(Places::const_iterator found) const {
    return found == places_.end() ? nullptr : &found->second->line;
  }
  // Adds to an account that was sought and found there, or nowhere.
  void add(Places::const_iterator found, std::string_view account, ScoreLine::Look look, std::size_t most,
           std::int64_t oldest) {
    if (found == places_.end()) {
      accounts_.push_back({std::string(account), {}});
      places_.emplace(accounts_.back().name, std::prev(accounts_.end()));
    } else {
      accounts_.splice(accounts_.end(), accounts_, found->second);
    }
    accounts_.back().line.add(look, most);
    while (accounts_.front().line.from_newest(0).clock <= oldest) {
      places_.erase(accounts_.front().name);
      accounts_.pop_front();
    }
  }
  std::size_t looks() const {
    std::size_t found = 0;
    for (const Account& each : accounts_) found += each.line.size();
    return found;
  }
  void write(std::string& out) const;
  void read(std::string_view& left, std::size_t most, std::int64_t most_score);

 private:
  std::list<Account> accounts_;
  Places places_;
};

namespace bytes {
inline void put(std::string& out, std::int64_t value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); }

inline std::string_view take(std::string_view& left, std::size_t size) {
  if (size > left.size()) throw std::invalid_argument("the state of past scores ends too early");
  const std::string_view taken = left.substr(0, size);
  left.remove_prefix(size);
  return taken;
}

inline std::int64_t take_number(std::string_view& left) {
  std::int64_t value;
  std::memcpy(&value, take(left, sizeof value).data(), sizeof value);
  return value;
}

inline std::size_t take_size(std::string_view& left) {
  const std::int64_t value = take_number(left);
  if (value < 0) throw std::invalid_argument("the state of past scores has a size below zero");
  return static_cast<std::size_t>(value);
}
}  // namespace bytes

inline void ScoreLines::write(std::string& out) const {
  bytes::put(out, static_cast<std::int64_t>(accounts_.size()));
  for (const Account& each : accounts_) {
    bytes::put(out, static_cast<std::int64_t>(each.name.size()));
    out += each.name;
    bytes::put(out, static_cast<std::int64_t>(each.line.size()));
    for (std::size_t back = each.line.size(); back-- > 0;) {
      bytes::put(out, each.line.from_newest(back).clock);
      bytes::put(out, each.line.from_newest(back).score);
    }
  }
}

inline void ScoreLines::read(std::string_view& left, std::size_t most, std::int64_t most_score) {
  for (std::size_t accounts = bytes::take_size(left); accounts > 0; --accounts) {
    const std::string_view name = bytes::take(left, bytes::take_size(left));
    const std::size_t looks = bytes::take_size(left);
    if (looks == 0 || looks > most) throw std::invalid_argument("the state of past scores has a line of a wrong length");
    accounts_.push_back({std::string(name), {}});
    if (!places_.emplace(accounts_.back().name, std::prev(accounts_.end())).second) {
      throw std::invalid_argument("the state of past scores names an account twice");
    }
    std::int64_t before = std::numeric_limits<std::int64_t>::min();
    for (std::size_t look = 0; look < looks; ++look) {
      const std::int64_t clock = bytes::take_number(left), score = bytes::take_number(left);
      if (clock < before) throw std::invalid_argument("the state of past scores runs back in time");
      if (score < 0 || score > most_score) throw std::invalid_argument("the state of past scores has no such score");
      accounts_.back().line.add({clock, score}, most);
      before = clock;
    }
  }
}

class PastScores {
 public:
  // spans: lengths of the windows in microseconds, shortest first. most: looks a line. most_score: of one look; the
  // least is 0. day: microseconds of one.
  PastScores(std::vector<std::int64_t> spans, std::size_t most, std::int64_t most_score, std::int64_t day)
      : spans_(std::move(spans)), most_(most), most_score_(most_score), day_(day), width_(2 * spans_.size() + 1) {
    if (spans_.empty() || !std::is_sorted(spans_.begin(), spans_.end()) || most == 0 || day <= 0) {
      throw std::invalid_argument("spans come shortest first");
    }
  }

  std::size_t looks() const { return sent_.looks() + received_.looks(); }

  std::size_t columns() const { return 4 * width_; }
  std::int64_t most_score() const { return most_score_; }

  nb::tuple facts(std::int64_t clock, std::string_view payer, std::string_view payee) const {
    std::vector<double>& row = row_;
    row.resize(columns());
    of_payment(clock, payer, payee, row.data());
    return told(row);
  }

  // The facts of a payment as values, out of its row of numbers.
  nb::tuple told(const std::vector<double>& row) const {
    nb::object found = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(row.size())));
    if (!found.is_valid()) throw nb::python_error();
    for (std::size_t at = 0; at < row.size(); ++at) {
      PyObject* value = std::isnan(row[at])          ? Py_NewRef(Py_None)
                        : whole(at) ? PyLong_FromLongLong(static_cast<long long>(row[at]))
                                    : PyFloat_FromDouble(row[at]);
      if (value == nullptr) throw nb::python_error();
      PyTuple_SET_ITEM(found.ptr(), static_cast<Py_ssize_t>(at), value);
    }
    return nb::cast<nb::tuple>(found);
  }

  // Where the two lines stand that a payment is added to.
  struct Lines {
    ScoreLines::Places::const_iterator sent, received;
  };

  // Writes the facts of a payment as numbers, NaN for null, into `columns` places.
  Lines of_payment(std::int64_t clock, std::string_view payer, std::string_view payee, double* out) const {
    const Lines lines{sent_.find(payer), received_.find(payee)};
    of_line(received_.line(received_.find(payer)), clock, out);
    of_line(sent_.line(lines.sent), clock, out + width_);
    of_line(received_.line(lines.received), clock, out + 2 * width_);
    of_line(sent_.line(sent_.find(payee)), clock, out + 3 * width_);
    return lines;
  }

  // lines: what `of_payment` gave for the same payment, and nothing was added since.
  void add(const Lines& lines, std::int64_t clock, std::string_view payer, std::string_view payee, std::int64_t score) {
    const std::int64_t oldest = clock - spans_.back();
    sent_.add(lines.sent, payer, {clock, score}, most_, oldest);
    received_.add(lines.received, payee, {clock, score}, most_, oldest);
  }
  void learn(std::int64_t clock, std::string_view payer, std::string_view payee, std::int64_t score) {
    add({sent_.find(payer), received_.find(payee)}, clock, payer, payee, score);
  }

  // The facts of many payments, row by row, NaN for null; score below 0: nothing is learnt from that payment.
  nb::bytes fold(nb::list clocks, nb::list payers, nb::list payees, nb::list scores) {
    const std::size_t rows = clocks.size();
    if (payers.size() != rows || payees.size() != rows || scores.size() != rows) {
      throw std::invalid_argument("the columns are of different lengths");
    }
    std::string out(rows * columns() * sizeof(double), '\0');
    for (std::size_t row = 0; row < rows; ++row) {
      const auto clock = nb::cast<std::int64_t>(clocks[row]);
      const std::string_view payer = text(payers[row]), payee = text(payees[row]);
      row_.resize(columns());
      const Lines lines = of_payment(clock, payer, payee, row_.data());
      std::memcpy(out.data() + row * columns() * sizeof(double), row_.data(), columns() * sizeof(double));
      const auto score = nb::cast<std::int64_t>(scores[row]);
      if (score >= 0) add(lines, clock, payer, payee, score);
    }
    return nb::bytes(out.data(), out.size());
  }

  nb::bytes state() const {
    std::string out;
    sent_.write(out);
    received_.write(out);
    return nb::bytes(out.data(), out.size());
  }

  // Takes over a state; where it is malformed, nothing has changed.
  void load(nb::bytes state) {
    std::string_view left(state.c_str(), state.size());
    ScoreLines sent, received;
    sent.read(left, most_, most_score_);
    received.read(left, most_, most_score_);
    if (!left.empty()) throw std::invalid_argument("the state of past scores goes on after its end");
    sent_ = std::move(sent);
    received_ = std::move(received);
  }

 private:
  static std::string_view text(nb::handle object) {
    Py_ssize_t size = 0;
    const char* chars = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (chars == nullptr) throw nb::python_error();
    return {chars, static_cast<std::size_t>(size)};
  }
  // Whether a column holds whole numbers: the maxima and the decayed sum, not the means.
  bool whole(std::size_t at) const { return at % width_ % 2 == 0; }

  // One pass, newest first, that stands still where a window ends.
  void of_line(const ScoreLine* line, std::int64_t clock, double* out) const {
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    std::size_t at = 0;
    std::int64_t most = -1, total = 0, aged = 0;
    for (const std::int64_t span : spans_) {
      for (; line != nullptr && at < line->size(); ++at) {
        const ScoreLine::Look& look = line->from_newest(at);
        const std::int64_t age = clock - look.clock;
        if (age >= span) break;
        most = std::max(most, look.score);
        total += look.score;
        aged += look.score >> std::min<std::int64_t>(age / day_, 62);
      }
      *out++ = at ? static_cast<double>(most) : nothing;
      *out++ = at ? static_cast<double>(total) / static_cast<double>(at) : nothing;
    }
    *out = at ? static_cast<double>(aged) : nothing;
  }

  std::vector<std::int64_t> spans_;
  std::size_t most_;
  std::int64_t most_score_;
  std::int64_t day_;
  std::size_t width_;  // columns a line
  ScoreLines sent_, received_;
  mutable std::vector<double> row_;
};

}  // namespace headgate
