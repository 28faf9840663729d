// What LightGBM writes of its trees: lines, fields and numbers, with the line of what is wrong.
// Source of the format: LightGBM 4, src/boosting/gbdt_model_text.cpp and src/io/tree.cpp.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headgate::lightgbm {

[[noreturn]] inline void fail(std::size_t line, const std::string& what) {
  throw std::invalid_argument("line " + std::to_string(line) + ": " + what);
}

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

// The fields `name=value` up to an empty line.
class Fields {
 public:
  explicit Fields(Lines& lines) {
    for (std::string_view line; lines.next(line) && !line.empty();) {
      const std::size_t sign = std::min(line.find('='), line.size());
      found_[std::string(line.substr(0, sign))] = {line.substr(std::min(sign + 1, line.size())), lines.number};
    }
    end_ = lines.number;
  }

  bool has(const std::string& name) const { return found_.contains(name); }
  std::string_view text(const std::string& name) const { return field(name).text; }
  [[noreturn]] void wrong(const std::string& name, const std::string& what) const { fail(field(name).line, what); }

  template <typename T>
  std::vector<T> numbers(const std::string& name, std::size_t count) const {
    const std::string_view text = field(name).text;
    std::vector<T> found;
    for (const char *at = text.data(), *end = at + text.size(); at != end;) {
      T value{};
      const auto [stop, error] = std::from_chars(at, end, value);
      if (error != std::errc{} || (stop != end && *stop != ' ')) wrong(name, "'" + name + "' holds no number");
      found.push_back(value);
      at = stop == end ? end : stop + 1;
    }
    if (found.size() == count) return found;
    const std::string asked = std::to_string(count), there = std::to_string(found.size());
    wrong(name, "'" + name + "' should hold " + asked + " numbers, it holds " + there);
  }

  std::int64_t one(const std::string& name, std::int64_t least, std::int64_t most) const {
    const std::int64_t value = numbers<std::int64_t>(name, 1)[0];
    if (value < least || value > most) wrong(name, "'" + name + "' is " + std::to_string(value) + ", which is not read here");
    return value;
  }

 private:
  struct Field {
    std::string_view text;
    std::size_t line;
  };

  const Field& field(const std::string& name) const {
    const auto found = found_.find(name);
    if (found == found_.end()) fail(end_, "there is no '" + name + "' before it");
    return found->second;
  }

  std::unordered_map<std::string, Field> found_;
  std::size_t end_;
};

// One tree. A child is a split of the tree, or ~leaf; a categorical split's threshold is the place of its set.
struct Tree {
  std::vector<double> leaf_value, leaf_rows, threshold;  // rows: of training
  std::vector<std::int32_t> fact, kind, left, right;
  std::vector<std::int64_t> set_bounds;
  std::vector<std::uint32_t> sets;

  // Throws invalid_argument for what is no tree, or reads more than `facts` facts.
  Tree(Lines& lines, std::size_t facts) {
    const Fields fields(lines);
    const auto leaves = static_cast<std::size_t>(fields.one("num_leaves", 1, MOST_LEAVES));
    const std::size_t splits = leaves - 1;
    if (fields.has("is_linear")) fields.one("is_linear", 0, 0);
    leaf_value = fields.numbers<double>("leaf_value", leaves);
    if (!std::all_of(leaf_value.begin(), leaf_value.end(), [](double value) { return std::isfinite(value); })) {
      fields.wrong("leaf_value", "a leaf is no finite number");
    }
    if (splits == 0) return;
    leaf_rows = fields.numbers<double>("leaf_count", leaves);
    if (!std::all_of(leaf_rows.begin(), leaf_rows.end(), [](double rows) { return rows >= 1 && rows <= MOST_ROWS; })) {
      fields.wrong("leaf_count", "a leaf that no row of training reached is not read here");
    }
    fact = fields.numbers<std::int32_t>("split_feature", splits);
    threshold = fields.numbers<double>("threshold", splits);
    kind = fields.numbers<std::int32_t>("decision_type", splits);
    left = fields.numbers<std::int32_t>("left_child", splits);
    right = fields.numbers<std::int32_t>("right_child", splits);
    read_sets(fields);
    for (const std::int32_t each : fact) {
      if (each < 0 || static_cast<std::size_t>(each) >= facts) {
        fields.wrong("split_feature", "a split reads a fact that the model does not have");
      }
    }
    for (std::size_t split = 0; split < splits; ++split) check_kind(fields, split);
    check_children(fields);
  }

  bool categorical(std::size_t split) const { return (kind[split] & 1) != 0; }
  bool missing_left(std::size_t split) const { return (kind[split] & 2) != 0; }
  bool missing_is_zero(std::size_t split) const { return kind[split] >> 2 == 0; }

 private:
  static constexpr double MOST_ROWS = 1e12;
  static constexpr std::int64_t MOST_LEAVES = 32'768;

  void read_sets(const Fields& fields) {
    const auto count = static_cast<std::size_t>(fields.one("num_cat", 0, 1'000'000));
    if (count == 0) return;
    set_bounds = fields.numbers<std::int64_t>("cat_boundaries", count + 1);
    for (std::size_t set = 0; set < count; ++set) {
      const std::int64_t words = set_bounds[set + 1] - set_bounds[set];
      if (set_bounds[0] != 0 || words < 0 || words > 65'535) fields.wrong("cat_boundaries", "'cat_boundaries' should rise from 0");
    }
    sets = fields.numbers<std::uint32_t>("cat_threshold", static_cast<std::size_t>(set_bounds[count]));
  }

  // 0: missing is zero; 2: NaN is missing; LightGBM's 1, zero is missing, is never asked for by headgate's training.
  void check_kind(const Fields& fields, std::size_t split) const {
    const std::int32_t missing = kind[split] >> 2;
    if (std::isnan(threshold[split])) fields.wrong("threshold", "a threshold is no number");
    if (kind[split] < 0 || (missing != 0 && missing != 2)) fields.wrong("decision_type", "this kind of split is not read here");
    if (!categorical(split)) return;
    const double set = threshold[split];
    if (!(set >= 0) || set + 1 >= static_cast<double>(set_bounds.size()) || set != static_cast<double>(static_cast<std::int64_t>(set))) {
      fields.wrong("threshold", "a split names a set of codes that is not there");
    }
  }

  // A child comes later than its parent and has one: no way through the tree is endless.
  void check_children(const Fields& fields) const {
    std::vector<bool> split_seen(left.size(), false), leaf_seen(leaf_value.size(), false);
    for (std::size_t split = 0; split < left.size(); ++split) {
      for (const bool to_right : {false, true}) {
        const std::int32_t child = to_right ? right[split] : left[split];
        std::vector<bool>& seen = child < 0 ? leaf_seen : split_seen;
        const auto place = static_cast<std::size_t>(child < 0 ? ~child : child);
        if (place >= seen.size() || seen[place] || (child >= 0 && place <= split)) {
          const char* name = to_right ? "right_child" : "left_child";
          fields.wrong(name, std::string("'") + name + "' does not make a tree");
        }
        seen[place] = true;
      }
    }
  }
};

}  // namespace headgate::lightgbm
