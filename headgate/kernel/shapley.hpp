// What each fact adds to the margin of one row: the Shapley values of the facts, as LightGBM's pred_contrib defines them.
//
// A fact that is not known goes to each side of a split as often as the rows of training did, and a leaf's value counts by
// how often it is reached (path-dependent TreeSHAP: Lundberg, Erion, Lee, "Consistent individualized feature attribution
// for tree ensembles", 2018, arXiv:1802.03888). Let each fact be known with chance t. A leaf is then reached with the chance
// prod(t * goes + (1 - t) * share) over the facts of its path: `goes` is 1 if the row passes all splits of the fact there,
// else 0, and `share` is the product of its rows' shares there. A fact's value is the integral over t from 0 to 1 of how
// fast the mean of the leaves grows with the chance of that fact alone (Owen, "Multilinear extensions of games", 1972).
// That is a polynomial in t, held as its values at the points of a Gauss-Legendre rule, which makes the integral a sum
// without error but for rounding; one way down and one way up a tree serve all its leaves (Linear TreeShap: Yu, Xu, Bifet,
// Read, 2022, arXiv:2209.08192; with quadrature: Wettenstein, Mitchell, Yu, 2026, arXiv:2605.04497). Unlike the recursion
// of 2018 this loses no digits on long paths: no term is the difference of large numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "exits.hpp"
#include "lanes.hpp"
#include "lightgbm_text.hpp"
#include "quadrature.hpp"

namespace headgate {

class Shapley {
 public:
  Shapley() = default;
  Shapley(const Shapley&) = delete;

  // Trees come in their order. conditions: of the tree's splits.
  void add(const lightgbm::Tree& tree, const std::vector<Condition>& conditions) {
    if (tree.left.empty()) return;  // it adds the same whatever the facts are
    const std::size_t first = splits_.size(), most = add_splits(tree, conditions);
    const bool wide = most > 2 * NARROW;
    const std::size_t lanes = wide ? WIDE : NARROW, passes = ((most + 1) / 2 + lanes - 1) / lanes;
    const auto rule = rules_.try_emplace(passes * lanes, passes * lanes).first;
    trees_.push_back({first, tree.left.size(), leaves_.size(), wide, &rule->second});
    leaves_.insert(leaves_.end(), tree.leaf_value.begin(), tree.leaf_value.end());
    most_splits_ = std::max(most_splits_, tree.left.size());
  }

  // Adds to `added`, a number a fact.
  void of_row(const double* row, double* added) const {
    Work<NARROW> narrow(most_splits_);
    Work<WIDE> wide(most_splits_);
    for (const Planted& tree : trees_) {
      for (std::size_t point = 0; point < tree.rule->at.size(); point += tree.wide ? WIDE : NARROW) {
        if (tree.wide) of_tree(tree, point, row, wide, added);
        else of_tree(tree, point, row, narrow, added);
      }
    }
  }

 private:
  static constexpr std::size_t NARROW = 4, WIDE = 8;  // points side by side

  struct Split {
    Condition condition;
    double share[2];        // of the split's rows that go left and right
    double before;          // the share of the fact's earlier splits on the path
    std::int32_t child[2];  // a split of the tree, or ~leaf
    std::int32_t above;     // the nearest split of the same fact above, or -1
    bool above_right;       // which way the path goes there
    std::uint16_t fact;
  };

  struct Planted {
    std::size_t first, count, first_leaf;
    bool wide;
    const Quadrature* rule;
  };

  // Of each split of one tree.
  template <std::size_t COUNT>
  struct Work {
    explicit Work(std::size_t splits) : ahead(splits), to_left(splits), below(splits), live(splits), weight(splits), right(splits) {}
    std::vector<Lanes<COUNT>> ahead;    // the chances of all facts of the path to it but its own
    std::vector<Lanes<COUNT>> to_left;  // the chance of the way to the left
    std::vector<Lanes<COUNT>> below;    // the mean of the leaves below
    std::vector<double> live;           // 1 if the row passes the fact's earlier splits on the path, else 0
    std::vector<double> weight;
    std::vector<std::uint8_t> right;
  };

  // Returns the most facts that one path reads.
  std::size_t add_splits(const lightgbm::Tree& tree, const std::vector<Condition>& conditions) {
    const std::size_t first = splits_.size(), count = tree.left.size();
    const std::vector<double> rows = rows_below(tree);
    std::vector<std::int32_t> parent(count, -1);
    std::vector<std::size_t> facts(count, 1);
    for (std::size_t at = 0; at < count; ++at) {
      Split split{conditions[at], {0, 0}, 1, {tree.left[at], tree.right[at]}, parent[at], false, static_cast<std::uint16_t>(tree.fact[at])};
      if (split.above >= 0) facts[at] += facts[static_cast<std::size_t>(split.above)];
      auto here = static_cast<std::int32_t>(at);
      while (split.above >= 0 && splits_[first + static_cast<std::size_t>(split.above)].fact != split.fact) {
        here = std::exchange(split.above, parent[static_cast<std::size_t>(split.above)]);
      }
      if (split.above >= 0) {
        const Split& same = splits_[first + static_cast<std::size_t>(split.above)];
        split.above_right = same.child[1] == here;
        split.before = same.before * same.share[split.above_right];
        --facts[at];
      }
      for (const bool right : {false, true}) {
        const std::int32_t child = split.child[right];
        split.share[right] = rows_in(tree, rows, child) / rows[at];
        if (child >= 0) parent[static_cast<std::size_t>(child)] = static_cast<std::int32_t>(at);
      }
      splits_.push_back(split);
    }
    return *std::max_element(facts.begin(), facts.end());
  }

  // A child comes later than its parent.
  static std::vector<double> rows_below(const lightgbm::Tree& tree) {
    std::vector<double> rows(tree.left.size());
    for (std::size_t at = rows.size(); at-- > 0;) rows[at] = rows_in(tree, rows, tree.left[at]) + rows_in(tree, rows, tree.right[at]);
    return rows;
  }

  static double rows_in(const lightgbm::Tree& tree, const std::vector<double>& rows, std::int32_t child) {
    return child < 0 ? tree.leaf_rows[static_cast<std::size_t>(~child)] : rows[static_cast<std::size_t>(child)];
  }

  template <std::size_t COUNT>
  void of_tree(const Planted& tree, std::size_t point, const double* row, Work<COUNT>& work, double* added) const {
    const Split* splits = splits_.data() + tree.first;
    using Points = Lanes<COUNT>;
    const Points known(tree.rule->at.data() + point), unknown(tree.rule->rest.data() + point);
    work.ahead[0] = Points(tree.rule->weight.data() + point);
    for (std::size_t at = 0; at < tree.count; ++at) {
      // No branch depends on where the row goes: it would be guessed wrong too often.
      const Split& split = splits[at];
      const bool right = split.condition.right(row);
      const double left = right ? 0 : 1;
      double live = 1;
      if (split.above >= 0) live = (work.right[split.above] != 0) == split.above_right ? work.live[split.above] : 0;
      const Points ahead = work.ahead[at];
      Points to_left = Points(live * left) * known + Points(split.before * split.share[0]) * unknown;
      Points to_right = Points(live * (1 - left)) * known + Points(split.before * split.share[1]) * unknown;
      if (split.above >= 0) {
        const Points earlier = Points(1.0) / (Points(live) * known + Points(split.before) * unknown);
        to_left *= earlier;
        to_right *= earlier;
        work.ahead[at] *= earlier * earlier;
      }
      work.right[at] = right;
      work.live[at] = live;
      work.weight[at] = live * split.before * (left - split.share[0]);
      work.to_left[at] = to_left;
      if (split.child[0] >= 0) work.ahead[split.child[0]] = ahead * to_left;
      if (split.child[1] >= 0) work.ahead[split.child[1]] = ahead * to_right;
    }
    for (std::size_t at = tree.count; at-- > 0;) {
      const Split& split = splits[at];
      const Points right = below(tree, work, split.child[1]), step = below(tree, work, split.child[0]) - right;
      work.below[at] = right + work.to_left[at] * step;
      added[split.fact] += work.weight[at] * (work.ahead[at] * step).sum();
    }
  }

  template <std::size_t COUNT>
  Lanes<COUNT> below(const Planted& tree, const Work<COUNT>& work, std::int32_t child) const {
    return child < 0 ? Lanes<COUNT>(leaves_[tree.first_leaf + static_cast<std::size_t>(~child)]) : work.below[child];
  }

  std::vector<Planted> trees_;
  std::vector<Split> splits_;
  std::vector<double> leaves_;
  std::map<std::size_t, Quadrature> rules_;  // by their points
  std::size_t most_splits_ = 0;
};

}  // namespace headgate
