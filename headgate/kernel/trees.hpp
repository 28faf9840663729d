// LightGBM's trees, read from its text once: raw margins of one row or a block, with the bits that LightGBM gives.
// Source of the format and of each decision: LightGBM 4, src/io/tree.cpp and include/LightGBM/tree.h.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "python.hpp"
#include "row.hpp"

namespace headgate {

class Trees {
 public:
  // Throws invalid_argument, which says what and where, for a text that is damaged or of a kind that is not read here.
  explicit Trees(std::string_view text) {
    Lines lines{text};
    read_header(lines);
    std::string_view line;
    while (lines.next(line) && line != "end of trees") {
      if (line.empty()) continue;
      const std::string start = "Tree=" + std::to_string(roots_.size());
      if (line != start) fail(lines.number, "there should be " + start);
      read_tree(lines);
    }
    if (line != "end of trees") fail(lines.number, "the text ends before the end of the trees");
    if (roots_.size() != promised_) {
      fail(lines.number, std::to_string(promised_) + " trees were promised, there are " + std::to_string(roots_.size()));
    }
  }

  std::size_t facts() const { return facts_; }

  double margin(const Row& row) const {
    if (row.values().size() != facts_) throw std::invalid_argument("the row has another number of facts than the trees");
    scratch_.resize(facts_);
    std::transform(row.values().begin(), row.values().end(), scratch_.begin(), snapped);
    double sum = 0;
    for (const std::int32_t root : roots_) sum += leaf(root, scratch_.data());
    return sum;
  }

  // rows: float64 of shape (n, facts), row by row. Returns float64 (n,). Other threads may run meanwhile.
  nb::bytes margins(nb::handle rows) const {
    const Bytes held(rows);
    const std::size_t wide = facts_ * sizeof(double), size = held.view().size();
    if (wide == 0 || size % wide != 0) throw std::invalid_argument("the block is no whole number of rows");
    const auto* values = reinterpret_cast<const double*>(held.view().data());
    std::vector<double> sums(size / wide, 0.0);
    {
      const nb::gil_scoped_release released;
      add(values, sums);
    }
    return nb::bytes(reinterpret_cast<const char*>(sums.data()), sums.size() * sizeof(double));
  }

 private:
  enum Missing : std::uint8_t { NONE = 0, ZERO = 1, NAN_ = 2 };
  static constexpr double TINY = 1e-35f;  // LightGBM's kZeroThreshold

  struct Node {
    double threshold;        // of a categorical split: the place of its first word
    std::int32_t left, right;  // a node, or ~leaf
    std::int32_t fact;
    std::uint16_t words;  // of a categorical split
    std::uint8_t missing;
    bool default_left : 1, categorical : 1;
  };

  struct Lines {
    std::string_view rest;
    std::size_t number = 0;

    bool next(std::string_view& line) {
      if (rest.empty()) return false;
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      line = rest.substr(0, end);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      return true;
    }
  };

  struct Field {
    std::string_view value;
    std::size_t line;
  };
  using Fields = std::unordered_map<std::string, Field>;

  [[noreturn]] static void fail(std::size_t line, const std::string& what) {
    throw std::invalid_argument("line " + std::to_string(line) + ": " + what);
  }

  // Fields up to an empty line; a line without '=' has an empty value.
  static Fields fields(Lines& lines) {
    Fields found;
    for (std::string_view line; lines.next(line) && !line.empty();) {
      const std::size_t sign = std::min(line.find('='), line.size());
      found[std::string(line.substr(0, sign))] = {line.substr(std::min(sign + 1, line.size())), lines.number};
    }
    return found;
  }

  static const Field& field(const Fields& fields, const std::string& name, std::size_t line) {
    const auto found = fields.find(name);
    if (found == fields.end()) fail(line, "there is no '" + name + "' before it");
    return found->second;
  }

  template <typename T>
  static std::vector<T> numbers(const Fields& from, const std::string& name, std::size_t count, std::size_t line) {
    const Field& text = field(from, name, line);
    std::vector<T> found;
    for (const char *at = text.value.data(), *end = at + text.value.size(); at != end;) {
      T value{};
      const auto [stop, error] = std::from_chars(at, end, value);
      if (error != std::errc{} || (stop != end && *stop != ' ')) fail(text.line, "'" + name + "' holds no number");
      found.push_back(value);
      at = stop == end ? end : stop + 1;
    }
    if (found.size() != count) {
      fail(text.line, "'" + name + "' should hold " + std::to_string(count) + " numbers, it holds " + std::to_string(found.size()));
    }
    return found;
  }

  static std::int64_t one(const Fields& from, const std::string& name, std::size_t line, std::int64_t least, std::int64_t most) {
    const std::int64_t value = numbers<std::int64_t>(from, name, 1, line)[0];
    if (value < least || value > most) {
      fail(field(from, name, line).line, "'" + name + "' is " + std::to_string(value) + ", which is not read here");
    }
    return value;
  }

  void read_header(Lines& lines) {
    std::string_view line;
    if (!lines.next(line) || line != "tree") fail(1, "this is no text of LightGBM, which begins with 'tree'");
    const Fields found = fields(lines);
    const std::size_t at = lines.number;
    if (field(found, "version", at).value != "v4") fail(field(found, "version", at).line, "only version v4 is read here");
    if (found.contains("average_output")) fail(found.at("average_output").line, "averaged trees are not read here");
    one(found, "num_class", at, 1, 1);
    one(found, "num_tree_per_iteration", at, 1, 1);
    facts_ = static_cast<std::size_t>(one(found, "max_feature_idx", at, 0, 1'000'000)) + 1;
    const std::string_view sizes = field(found, "tree_sizes", at).value;
    promised_ = sizes.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(sizes.begin(), sizes.end(), ' '));
  }

  void read_tree(Lines& lines) {
    const Fields found = fields(lines);
    const std::size_t at = lines.number;
    const auto leaves = static_cast<std::size_t>(one(found, "num_leaves", at, 1, 1'000'000));
    const auto splits = leaves - 1;
    if (found.contains("is_linear")) one(found, "is_linear", at, 0, 0);
    const auto first_leaf = static_cast<std::int32_t>(leaves_.size());
    const auto values = numbers<double>(found, "leaf_value", leaves, at);
    leaves_.insert(leaves_.end(), values.begin(), values.end());
    const auto first = static_cast<std::int32_t>(nodes_.size());
    roots_.push_back(splits == 0 ? ~first_leaf : first);
    if (splits == 0) return;
    const auto fact = numbers<std::int32_t>(found, "split_feature", splits, at);
    const auto threshold = numbers<double>(found, "threshold", splits, at);
    const auto kind = numbers<std::int32_t>(found, "decision_type", splits, at);
    const auto left = numbers<std::int32_t>(found, "left_child", splits, at);
    const auto right = numbers<std::int32_t>(found, "right_child", splits, at);
    const Sets sets = read_sets(found, at);
    std::vector<bool> seen(splits + leaves, false);
    for (std::size_t place = 0; place < splits; ++place) {
      if (fact[place] < 0 || static_cast<std::size_t>(fact[place]) >= facts_) {
        fail(field(found, "split_feature", at).line, "a split reads a fact that the model does not have");
      }
      if (kind[place] < 0 || kind[place] > 11) fail(field(found, "decision_type", at).line, "this kind of split is not known");
      Node node{threshold[place], 0, 0, fact[place], 0, static_cast<std::uint8_t>(kind[place] >> 2), (kind[place] & 2) != 0, (kind[place] & 1) != 0};
      if (node.categorical) sets.place(node, field(found, "threshold", at).line);
      for (const auto [child, name, to] : {Child{left[place], "left_child", &node.left}, Child{right[place], "right_child", &node.right}}) {
        const std::int64_t spot = child >= 0 ? child : static_cast<std::int64_t>(splits) + ~child;
        // A child that comes later and has one parent: no way through the tree is endless.
        const bool later = child < 0 || static_cast<std::size_t>(child) > place;
        if (!later || spot >= static_cast<std::int64_t>(child >= 0 ? splits : seen.size()) || seen[static_cast<std::size_t>(spot)]) {
          fail(field(found, name, at).line, std::string("'") + name + "' does not make a tree");
        }
        seen[static_cast<std::size_t>(spot)] = true;
        *to = child >= 0 ? first + child : ~(first_leaf + ~child);
      }
      nodes_.push_back(node);
    }
  }

  struct Child {
    std::int32_t child;
    const char* name;
    std::int32_t* to;
  };

  // The sets of codes of one tree's categorical splits, which stand in `words_` from `first` on.
  struct Sets {
    std::size_t first = 0;
    std::vector<std::int64_t> bounds;

    void place(Node& node, std::size_t line) const {
      const double which = node.threshold;
      if (!(which >= 0) || which + 1 >= static_cast<double>(bounds.size()) || which != std::floor(which)) {
        fail(line, "a split names a set of codes that is not there");
      }
      const auto set = static_cast<std::size_t>(which);
      node.threshold = static_cast<double>(first + static_cast<std::size_t>(bounds[set]));
      node.words = static_cast<std::uint16_t>(bounds[set + 1] - bounds[set]);
    }
  };

  Sets read_sets(const Fields& found, std::size_t at) {
    const auto count = static_cast<std::size_t>(one(found, "num_cat", at, 0, 1'000'000));
    Sets sets{words_.size(), {}};
    if (count == 0) return sets;
    sets.bounds = numbers<std::int64_t>(found, "cat_boundaries", count + 1, at);
    const std::size_t line = field(found, "cat_boundaries", at).line;
    if (sets.bounds[0] != 0) fail(line, "'cat_boundaries' should begin with 0");
    for (std::size_t set = 0; set < count; ++set) {
      const std::int64_t wide = sets.bounds[set + 1] - sets.bounds[set];
      if (wide < 0 || wide > 65'535) fail(line, "'cat_boundaries' should rise");
    }
    const auto words = numbers<std::uint32_t>(found, "cat_threshold", static_cast<std::size_t>(sets.bounds[count]), at);
    words_.insert(words_.end(), words.begin(), words.end());
    return sets;
  }

  // LightGBM takes what is next to zero for zero when it reads a row.
  static double snapped(double value) { return std::fabs(value) <= TINY ? 0.0 : value; }

  double leaf(std::int32_t at, const double* row) const {
    while (at >= 0) {
      const Node& node = nodes_[static_cast<std::size_t>(at)];
      at = goes_left(node, row[node.fact]) ? node.left : node.right;
    }
    return leaves_[static_cast<std::size_t>(~at)];
  }

  bool goes_left(const Node& node, double value) const {
    if (node.categorical) return among(node, value);
    if (std::isnan(value)) {
      if (node.missing == NAN_) return node.default_left;
      value = 0.0;
    }
    if (node.missing == ZERO && std::fabs(value) <= TINY) return node.default_left;
    return value <= node.threshold;
  }

  bool among(const Node& node, double value) const {
    if (!(value > -1.0 && value <= std::numeric_limits<std::int32_t>::max())) return false;
    const auto code = static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
    if (code / 32 >= node.words) return false;
    return (words_[static_cast<std::size_t>(node.threshold) + code / 32] >> (code % 32) & 1U) != 0;
  }

  // Some rows at a time, tree by tree, so that a tree stays near; each row's leaves are added in the order of the trees.
  void add(const double* values, std::vector<double>& sums) const {
    constexpr std::size_t some = 64;
    std::vector<double> near(some * facts_);
    for (std::size_t from = 0; from < sums.size(); from += some) {
      const std::size_t rows = std::min(some, sums.size() - from);
      std::transform(values + from * facts_, values + (from + rows) * facts_, near.begin(), snapped);
      for (const std::int32_t root : roots_) {
        for (std::size_t row = 0; row < rows; ++row) sums[from + row] += leaf(root, near.data() + row * facts_);
      }
    }
  }

  std::size_t facts_ = 0, promised_ = 0;
  std::vector<Node> nodes_;
  std::vector<double> leaves_;
  std::vector<std::uint32_t> words_;
  std::vector<std::int32_t> roots_;
  mutable std::vector<double> scratch_;  // a model has one owner
};

}  // namespace headgate
