// LightGBM's trees, read from its text once: raw margins of one row or of a block, with the bits that LightGBM gives, and
// what each fact adds to the margin of one row.
// Source of each decision: LightGBM 4, include/LightGBM/tree.h.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "exits.hpp"
#include "lightgbm_text.hpp"
#include "python.hpp"
#include "row.hpp"
#include "shapley.hpp"

namespace headgate {

class Trees {
 public:
  // Throws invalid_argument, which says what and where, for a text that is damaged or of a kind that is not read here.
  explicit Trees(std::string_view text) {
    lightgbm::Lines lines{text};
    const std::size_t promised = read_header(lines);
    std::string_view line;
    while (lines.next(line) && line != "end of trees") {
      if (line.empty()) continue;
      const std::string start = "Tree=" + std::to_string(trees_);
      if (line != start) lightgbm::fail(lines.number, "there should be " + start);
      add(lightgbm::Tree(lines, facts_), lines.number);
    }
    if (line != "end of trees") lightgbm::fail(lines.number, "the text ends before the end of the trees");
    if (trees_ != promised) {
      const std::string asked = std::to_string(promised), there = std::to_string(trees_);
      lightgbm::fail(lines.number, asked + " trees were promised, there are " + there);
    }
  }

  std::size_t facts() const { return facts_; }

  double margin(const Row& row) const { return exits_.sum(seen(row)); }

  // Returns what each fact adds to the margin, a number a fact.
  std::vector<double> contributions(const Row& row) const {
    std::vector<double> added(facts_);
    shapley_.of_row(seen(row), added.data());
    return added;
  }

  // rows: float64 of shape (n, facts), row by row. Returns float64 (n,). Other threads may run meanwhile.
  nb::bytes margins(nb::handle rows) const {
    const Bytes held(rows);
    const std::size_t wide = facts_ * sizeof(double), size = held.view().size();
    if (size % wide != 0) throw std::invalid_argument("the block is no whole number of rows");
    const auto* values = reinterpret_cast<const double*>(held.view().data());
    std::vector<double> sums(size / wide), seen(places());
    {
      const nb::gil_scoped_release released;
      for (std::size_t row = 0; row < sums.size(); ++row) {
        see(values + row * facts_, seen.data());
        sums[row] = exits_.sum(seen.data());
      }
    }
    return nb::bytes(reinterpret_cast<const char*>(sums.data()), sums.size() * sizeof(double));
  }

 private:
  static constexpr double LOWEST = -std::numeric_limits<double>::infinity();
  static constexpr double TINY = 1e-35f;          // LightGBM's kZeroThreshold
  static constexpr std::uint32_t CODE_BITS = 32;  // of a word in a set of codes
  static constexpr double IN_SET = 0;
  static constexpr std::size_t MOST_PLACES = std::numeric_limits<std::uint16_t>::max();

  // A split by a set of codes.
  struct Set {
    std::size_t fact, first_word;
    double codes;  // from here on they are in no set
  };

  std::size_t read_header(lightgbm::Lines& lines) {
    std::string_view line;
    if (!lines.next(line) || line != "tree") lightgbm::fail(1, "this is no text of LightGBM, which begins with 'tree'");
    const lightgbm::Fields fields(lines);
    if (fields.text("version") != "v4") fields.wrong("version", "only version v4 is read here");
    if (fields.has("average_output")) fields.wrong("average_output", "averaged trees are not read here");
    fields.one("num_class", 1, 1);
    fields.one("num_tree_per_iteration", 1, 1);
    facts_ = static_cast<std::size_t>(fields.one("max_feature_idx", 0, std::numeric_limits<std::int16_t>::max() - 1)) + 1;
    zero_if_missing_.assign(facts_, false);
    nan_if_missing_.assign(facts_, false);
    const std::string_view sizes = fields.text("tree_sizes");
    return sizes.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(sizes.begin(), sizes.end(), ' '));
  }

  // line: where the tree ends.
  void add(const lightgbm::Tree& tree, std::size_t line) {
    std::vector<Condition> conditions;
    for (std::size_t split = 0; split < tree.left.size(); ++split) {
      conditions.push_back(tree.categorical(split) ? in_set(tree, split) : at_most(tree, split, line));
    }
    if (places() > MOST_PLACES) lightgbm::fail(line, "so many splits by sets of codes are not read here");
    words_.insert(words_.end(), tree.sets.begin(), tree.sets.end());
    exits_.add(tree, conditions);
    shapley_.add(tree, conditions);
    ++trees_;
  }

  Condition at_most(const lightgbm::Tree& tree, std::size_t split, std::size_t line) {
    const auto fact = static_cast<std::size_t>(tree.fact[split]);
    (tree.missing_is_zero(split) ? zero_if_missing_ : nan_if_missing_)[fact] = 1;
    if (zero_if_missing_[fact] != 0 && nan_if_missing_[fact] != 0) {
      lightgbm::fail(line, "a missing fact is zero to one split and missing to another, which is not read here");
    }
    return {tree.threshold[split], static_cast<std::uint16_t>(2 * fact + (tree.missing_left(split) ? 1 : 0))};
  }

  Condition in_set(const lightgbm::Tree& tree, std::size_t split) {
    const auto fact = static_cast<std::size_t>(tree.fact[split]), set = static_cast<std::size_t>(tree.threshold[split]);
    const std::int64_t first = tree.set_bounds[set], end = tree.set_bounds[set + 1];
    sets_.push_back({fact, words_.size() + static_cast<std::size_t>(first), static_cast<double>(CODE_BITS * (end - first))});
    return {IN_SET, static_cast<std::uint16_t>(places() - 1)};
  }

  // What the splits see of a row: each fact twice, as it goes right where it is missing and then left, and of each split by
  // a set of codes whether the code is in the set.
  std::size_t places() const { return 2 * facts_ + sets_.size(); }

  const double* seen(const Row& row) const {
    if (row.values().size() != facts_) throw std::invalid_argument("the row has another number of facts than the trees");
    alone_.resize(places());
    see(row.values().data(), alone_.data());
    return alone_.data();
  }

  void see(const double* row, double* places) const {
    for (std::size_t fact = 0; fact < facts_; ++fact) {
      // LightGBM takes what is next to zero for zero when it reads a row.
      const double value = std::fabs(row[fact]) <= TINY ? 0.0 : row[fact];
      const bool missing = std::isnan(value), zero = zero_if_missing_[fact] != 0;
      places[2 * fact] = missing && zero ? 0.0 : value;  // what is no number is not below any, so it goes right
      places[2 * fact + 1] = missing ? (zero ? 0.0 : LOWEST) : value;
    }
    for (std::size_t set = 0; set < sets_.size(); ++set) {
      places[2 * facts_ + set] = among(sets_[set], places[2 * sets_[set].fact]) ? IN_SET : IN_SET + 1;
    }
  }

  bool among(const Set& set, double value) const {
    if (!(value > -1.0 && value < set.codes)) return false;
    const auto code = static_cast<std::uint32_t>(value);
    return (words_[set.first_word + code / CODE_BITS] >> code % CODE_BITS & 1U) != 0;
  }

  std::size_t facts_ = 0, trees_ = 0;
  std::vector<Set> sets_;
  std::vector<std::uint32_t> words_;  // of the sets, a bit a code
  std::vector<std::uint8_t> zero_if_missing_, nan_if_missing_;  // of each fact
  mutable std::vector<double> alone_;  // of one row: whoever asks holds the interpreter
  Exits exits_;
  Shapley shapley_;
};

}  // namespace headgate
