// Which leaf of each tree a row reaches, and the sum of these leaves in the order of the trees.
//
// Nothing here waits for what came before, as a walk from node to node does. All splits of a tree are tried: each that
// sends the row to the right rules out the leaves on its left, and the first leaf that is left is where the row ends.
// Source: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees",
// SIGIR 2015, doi:10.1145/2766462.2767733; here four splits at a time, tree by tree.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "lightgbm_text.hpp"

namespace headgate {

// A row goes to the right unless what it has at `place` is at most `threshold`.
struct Condition {
  double threshold;
  std::uint16_t place;

  bool right(const double* row) const { return !(row[place] <= threshold); }
};

class Exits {
 public:
  // Trees come in their order. conditions: of the tree's splits.
  void add(const lightgbm::Tree& tree, const std::vector<Condition>& conditions) {
    const std::size_t before = leaves_.size();
    const std::vector<Range> left = place_leaves(tree);
    trees_.push_back(words_.size() - 1);
    for (std::size_t first = 0; before + first < leaves_.size(); first += LEAVES) {
      words_.back().first_leaf = before + first;
      add_word(first, left, conditions);
      words_.push_back({fours_.size(), 0});
    }
  }

  double sum(const double* row) const {
    double total = 0;
    for (const std::size_t tree : trees_) total += leaf(words_.data() + tree, row);
    return total;
  }

 private:
  static constexpr std::size_t LEAVES = 32;  // a word has a bit for each of so many leaves of a tree, from left to right
  static constexpr std::size_t FOUR = 4;
  using Pair [[gnu::vector_size(2 * sizeof(double))]] = double;
  using Marks [[gnu::vector_size(2 * sizeof(std::int64_t))]] = std::int64_t;
  using Bits [[gnu::vector_size(FOUR * sizeof(std::int32_t))]] = std::int32_t;

  // Four splits; where there are less, the others rule nothing out.
  struct alignas(64) Four {
    Pair threshold[2];
    Bits rules_out;
    std::uint16_t place[FOUR];
  };

  struct Word {
    std::size_t first_four, first_leaf;  // its splits end where those of the next word begin
  };

  struct Range {
    std::size_t first, end;
  };

  // Puts the leaves behind those of the trees before, from left to right; returns which of them are on the left of each split.
  std::vector<Range> place_leaves(const lightgbm::Tree& tree) {
    const std::size_t count = tree.left.size(), before = leaves_.size();
    std::vector<std::size_t> size(count);
    const auto size_of = [&](std::int32_t child) { return child < 0 ? 1 : size[static_cast<std::size_t>(child)]; };
    for (std::size_t at = count; at-- > 0;) size[at] = size_of(tree.left[at]) + size_of(tree.right[at]);
    leaves_.resize(before + count + 1, tree.leaf_value[0]);
    std::vector<Range> left(count);
    for (std::size_t at = 0; at < count; ++at) {
      left[at].end = left[at].first + size_of(tree.left[at]);
      const auto start = [&](std::int32_t child, std::size_t first) {
        if (child >= 0) left[static_cast<std::size_t>(child)].first = first;
        else leaves_[before + first] = tree.leaf_value[static_cast<std::size_t>(~child)];
      };
      start(tree.left[at], left[at].first);
      start(tree.right[at], left[at].end);
    }
    return left;
  }

  // The splits that may rule out a leaf from `first` on.
  void add_word(std::size_t first, const std::vector<Range>& left, const std::vector<Condition>& conditions) {
    std::size_t here = 0;
    for (std::size_t at = 0; at < left.size(); ++at) {
      const std::size_t low = std::max(left[at].first, first), high = std::min(left[at].end, first + LEAVES);
      if (low >= high) continue;
      if (here % FOUR == 0) fours_.push_back({{Pair{}, Pair{}}, Bits{}, {}});
      Four& four = fours_.back();
      four.threshold[here / 2 % 2][here % 2] = conditions[at].threshold;
      four.place[here % FOUR] = conditions[at].place;
      const std::uint64_t bits = (std::uint64_t{1} << (high - first)) - (std::uint64_t{1} << (low - first));
      four.rules_out[here % FOUR] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
      ++here;
    }
  }

  // Of one tree, whose first word is given. The leaf that a row reaches is never ruled out.
  double leaf(const Word* word, const double* row) const {
    for (;; ++word) {
      const Four *four = fours_.data() + word[0].first_four, *end = fours_.data() + word[1].first_four;
      Bits some{}, others{};
      for (; end - four > 1; four += 2) {
        some |= ruled_out(four[0], row);
        others |= ruled_out(four[1], row);
      }
      if (four != end) some |= ruled_out(*four, row);
      some |= others;
      const auto gone = static_cast<std::uint32_t>(some[0] | some[1] | some[2] | some[3]);
      if (gone != ~std::uint32_t{0}) return leaves_[word->first_leaf + static_cast<std::size_t>(std::countr_one(gone))];
    }
  }

  static Bits ruled_out(const Four& four, const double* row) {
    std::uint64_t place;  // in one load: the loads are what this waits for
    std::memcpy(&place, four.place, sizeof place);
    const auto value = [&](unsigned which) { return row[place >> 16 * which & 0xFFFF]; };
    const Marks low = Pair{value(0), value(1)} <= four.threshold[0], high = Pair{value(2), value(3)} <= four.threshold[1];
    const auto left = __builtin_shufflevector(reinterpret_cast<Bits>(low), reinterpret_cast<Bits>(high), 0, 2, 4, 6);
    return ~left & four.rules_out;
  }

  std::vector<Four> fours_;
  std::vector<Word> words_ = {{0, 0}};  // and one behind the last
  std::vector<double> leaves_;
  std::vector<std::size_t> trees_;  // the first word of each
};

}  // namespace headgate
