// LightGBM's trees, read from its text once: raw margins of one row or of a block, with the bits that LightGBM gives.
// Source of each decision: LightGBM 4, include/LightGBM/tree.h.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lightgbm_text.hpp"
#include "python.hpp"
#include "row.hpp"

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
      const std::string start = "Tree=" + std::to_string(roots_.size());
      if (line != start) lightgbm::fail(lines.number, "there should be " + start);
      add(lightgbm::Tree(lines, facts_), lines.number);
    }
    if (line != "end of trees") lightgbm::fail(lines.number, "the text ends before the end of the trees");
    if (roots_.size() != promised) {
      const std::string asked = std::to_string(promised), there = std::to_string(roots_.size());
      lightgbm::fail(lines.number, asked + " trees were promised, there are " + there);
    }
    grow({0.0});  // behind the last tree: where lanes wait that have no tree left
  }

  std::size_t facts() const { return facts_; }

  double margin(const Row& row) const {
    if (row.values().size() != facts_) throw std::invalid_argument("the row has another number of facts than the trees");
    if (!alone_) alone_.emplace(*this);
    return margin_of(row.values().data(), *alone_);
  }

  // rows: float64 of shape (n, facts), row by row. Returns float64 (n,). Other threads may run meanwhile.
  nb::bytes margins(nb::handle rows) const {
    const Bytes held(rows);
    const std::size_t wide = facts_ * sizeof(double), size = held.view().size();
    if (size % wide != 0) throw std::invalid_argument("the block is no whole number of rows");
    const auto* values = reinterpret_cast<const double*>(held.view().data());
    std::vector<double> sums(size / wide);
    {
      const nb::gil_scoped_release released;
      Walk walk(*this);
      for (std::size_t row = 0; row < sums.size(); ++row) sums[row] = margin_of(values + row * facts_, walk);
    }
    return nb::bytes(reinterpret_cast<const char*>(sums.data()), sums.size() * sizeof(double));
  }

 private:
  static constexpr std::size_t LANES = 4;      // trees walked side by side: their loads and compares do not wait for each other
  static constexpr double LOWEST = -std::numeric_limits<double>::infinity();
  static constexpr double TINY = 1e-35f;       // LightGBM's kZeroThreshold
  static constexpr std::uint32_t CODE_BITS = 32;  // of a word in a set of codes

  struct Node {
    double threshold;       // of a categorical split: codes from here on are in no set
    std::int32_t child[2];  // left and right: a node, or ~leaf
    std::int32_t set;       // of a categorical split: the place of its first word
    std::uint16_t place;    // of the fact, among those that go to this side where they are missing
    bool categorical;
  };

  struct Walk {
    explicit Walk(const Trees& trees) : row(2 * trees.facts_), reached(trees.roots_.size()) {}
    std::vector<double> row;            // each fact twice: it goes right where it is missing, then left
    std::vector<std::int32_t> reached;  // ~leaf of each tree, and of the one behind the last
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
    const auto first = static_cast<std::int32_t>(nodes_.size()), first_leaf = static_cast<std::int32_t>(leaves_.size());
    if (tree.left.empty()) return grow(tree.leaf_value);
    const auto first_word = static_cast<std::int32_t>(words_.size());
    const auto place = [&](std::int32_t child) { return child < 0 ? child - first_leaf : child + first; };
    for (std::size_t split = 0; split < tree.left.size(); ++split) {
      Node node{tree.threshold[split], {place(tree.left[split]), place(tree.right[split])}, 0, 0, tree.categorical(split)};
      const auto fact = static_cast<std::size_t>(tree.fact[split]);
      node.place = static_cast<std::uint16_t>(2 * fact + (tree.missing_left(split) && !node.categorical ? 1 : 0));
      if (node.categorical) {
        const auto set = static_cast<std::size_t>(tree.threshold[split]);
        node.set = first_word + static_cast<std::int32_t>(tree.set_bounds[set]);
        node.threshold = static_cast<double>(CODE_BITS * (tree.set_bounds[set + 1] - tree.set_bounds[set]));
      } else {
        (tree.missing_is_zero(split) ? zero_if_missing_ : nan_if_missing_)[fact] = 1;
        if (zero_if_missing_[fact] != 0 && nan_if_missing_[fact] != 0) {
          lightgbm::fail(line, "a missing fact is zero to one split and missing to another, which is not read here");
        }
      }
      nodes_.push_back(node);
    }
    roots_.push_back(first);
    leaves_.insert(leaves_.end(), tree.leaf_value.begin(), tree.leaf_value.end());
    words_.insert(words_.end(), tree.sets.begin(), tree.sets.end());
  }

  // A tree of one leaf: a node both of whose sides lead there.
  void grow(const std::vector<double>& leaf) {
    const auto here = ~static_cast<std::int32_t>(leaves_.size());
    roots_.push_back(static_cast<std::int32_t>(nodes_.size()));
    nodes_.push_back({0.0, {here, here}, 0, 0, false});
    leaves_.push_back(leaf[0]);
  }

  double margin_of(const double* row, Walk& walk) const {
    for (std::size_t fact = 0; fact < facts_; ++fact) {
      // LightGBM takes what is next to zero for zero when it reads a row.
      const double value = std::fabs(row[fact]) <= TINY ? 0.0 : row[fact];
      const bool missing = std::isnan(value), zero = zero_if_missing_[fact] != 0;
      walk.row[2 * fact] = missing && zero ? 0.0 : value;  // what is no number is not below any, so it goes right
      walk.row[2 * fact + 1] = missing ? (zero ? 0.0 : LOWEST) : value;
    }
    reach(walk);
    double sum = 0;
    for (std::size_t tree = 0; tree + 1 < roots_.size(); ++tree) {
      sum += leaves_[static_cast<std::size_t>(~walk.reached[tree])];
    }
    return sum;
  }

  // Each lane takes the next tree when it has reached a leaf. No branch depends on where a row goes: half of them would be
  // guessed wrong, which costs more than the step.
  void reach(Walk& walk) const {
    const auto last = static_cast<std::int32_t>(roots_.size() - 1);
    std::array<std::int32_t, LANES> tree, at;
    for (std::size_t lane = 0; lane < LANES; ++lane) {
      tree[lane] = std::min(static_cast<std::int32_t>(lane), last);
      at[lane] = roots_[static_cast<std::size_t>(tree[lane])];
    }
    auto next = static_cast<std::int32_t>(LANES);
    const auto step = [&, nodes = nodes_.data(), roots = roots_.data(), row = walk.row.data(), reached = walk.reached.data()](
                          std::int32_t& tree, std::int32_t& at) {
      const Node& node = nodes[at];
      bool right = !(row[node.place] <= node.threshold);
      if (node.categorical) [[unlikely]] right = !among(node, row[node.place]);
      const std::int32_t child = node.child[right], following = std::min(next, last);
      reached[tree] = child;
      const std::int32_t leaf = child >> 31;  // all ones, or none
      tree += (following - tree) & leaf;
      at = child + ((roots[following] - child) & leaf);
      next -= leaf;
    };
    const auto waiting = [&] { return std::all_of(tree.begin(), tree.end(), [&](std::int32_t each) { return each == last; }); };
    const auto all = [&]<std::size_t... LANE>(std::index_sequence<LANE...>) { (step(tree[LANE], at[LANE]), ...); };
    while (!waiting()) all(std::make_index_sequence<LANES>{});
  }

  bool among(const Node& node, double value) const {
    if (!(value > -1.0 && value < node.threshold)) return false;
    const auto code = static_cast<std::uint32_t>(value);
    return (words_[static_cast<std::size_t>(node.set) + code / CODE_BITS] >> code % CODE_BITS & 1U) != 0;
  }

  mutable std::optional<Walk> alone_;  // of one row: whoever asks holds the interpreter
  std::size_t facts_ = 0;
  std::vector<Node> nodes_;
  std::vector<double> leaves_;
  std::vector<std::uint32_t> words_;  // sets of codes, a bit each
  std::vector<std::int32_t> roots_;
  std::vector<std::uint8_t> zero_if_missing_, nan_if_missing_;  // of each fact
};

}  // namespace headgate
