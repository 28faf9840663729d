// Conditions over the facts of one payment, asked where the facts lie. headgate/scenarios/tree.py says what they mean;
// headgate/scenarios/row.py writes them down for this.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts.hpp"

namespace headgate {

class Conditions {
 public:
  // names: of the facts that are read. written: each condition as nested tuples, the word for a node and what is in it.
  Conditions(nb::list names, nb::list written) : names_(names) {
    for (const nb::handle each : written) roots_.push_back(add(nb::cast<nb::tuple>(each)));
  }

  // The numbers of those that are true, in their order. TypeError for a fact of another kind than a condition reads.
  nb::tuple true_of(nb::handle given) {
    const FactsGiven facts(given, names_);
    places_.stand(names_, *facts);
    found_.clear();
    for (std::size_t number = 0; number < roots_.size(); ++number) {
      if (holds(roots_[number], true, *facts)) found_.push_back(number);
    }
    nb::object answer = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(found_.size())));
    if (!answer.is_valid()) throw nb::python_error();
    for (std::size_t at = 0; at < found_.size(); ++at) {
      PyTuple_SET_ITEM(answer.ptr(), static_cast<Py_ssize_t>(at), PyLong_FromSize_t(found_[at]));
    }
    return nb::cast<nb::tuple>(answer);
  }

 private:
  enum class Word { EVERY, SOME, NOT, COMPARE, AMONG, IS_NULL, HOLDS, FACT, CONSTANT, AS_NUMBER, ARITHMETIC };
  enum class Sign { EQUAL, UNEQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST, PLUS, MINUS, TIMES, OVER };
  struct Node {
    Word word;
    Sign sign{};
    std::uint32_t begin = 0, end = 0;  // what is in it, as places in `inner_`; of a fact: its place among the names
    std::uint32_t value = 0;           // of a constant: its place in `constants_`
    Kind kind{};                       // of a fact
  };
  // A value that a statement looks at; NaN is not known.
  struct Seen {
    Kind kind = Kind::FLOAT;
    bool known = false;
    union {
      std::int64_t integer = 0;
      double real;
    };
    std::string_view text;
  };
  struct Constant {
    Seen seen;
    std::string text;
  };

  // Writing down.

  static std::size_t index(std::initializer_list<const char*> words, nb::handle said, const char* of) {
    const std::string word = nb::cast<std::string>(said);
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) throw std::invalid_argument("a condition has no " + std::string(of) + " " + word);
    return static_cast<std::size_t>(found - words.begin());
  }

  static Sign sign(std::initializer_list<const char*> signs, Sign first, nb::handle said) {
    return static_cast<Sign>(static_cast<std::size_t>(first) + index(signs, said, "sign"));
  }

  std::uint32_t add(const nb::tuple& written) {
    Node node{static_cast<Word>(index({"every", "some", "not", "compare", "among", "is_null", "holds", "fact",
                                       "constant", "as_number", "arithmetic"}, written[0], "node"))};
    std::size_t first = 1;
    if (node.word == Word::FACT) {
      node.begin = nb::cast<std::uint32_t>(written[1]);
      if (node.begin >= names_.size()) throw std::invalid_argument("a condition reads a fact that was not named");
      node.kind = static_cast<Kind>(index({"integer", "number", "truth", "text"}, written[2], "type"));
    } else if (node.word == Word::CONSTANT) {
      node.value = static_cast<std::uint32_t>(constants_.size());
      constants_.push_back(constant(written[1]));
    } else {
      if (node.word == Word::COMPARE) node.sign = sign({"=", "<>", "<", "<=", ">", ">="}, Sign::EQUAL, written[first++]);
      if (node.word == Word::ARITHMETIC) node.sign = sign({"+", "-", "*", "/"}, Sign::PLUS, written[first++]);
      std::vector<std::uint32_t> inner;
      for (std::size_t at = first; at < written.size(); ++at) inner.push_back(add(nb::cast<nb::tuple>(written[at])));
      node.begin = static_cast<std::uint32_t>(inner_.size());
      inner_.insert(inner_.end(), inner.begin(), inner.end());
      node.end = static_cast<std::uint32_t>(inner_.size());
    }
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  static Constant constant(nb::handle told) {
    Constant made;
    made.seen.known = true;
    if (PyBool_Check(told.ptr())) made.seen.kind = Kind::BOOL, made.seen.integer = told.is(nb::handle(Py_True));
    else if (PyLong_Check(told.ptr())) made.seen.kind = Kind::INT, made.seen.integer = nb::cast<std::int64_t>(told);
    else if (PyFloat_Check(told.ptr())) made.seen.real = nb::cast<double>(told);
    else made.seen.kind = Kind::TEXT, made.text = nb::cast<std::string>(told);
    return made;
  }

  // Asking.

  const Node& inner(const Node& node, std::uint32_t at) const { return nodes_[inner_[node.begin + at]]; }

  // Whether a statement is true, or with truth = false: is false. What is not known is neither.
  bool holds(std::uint32_t at, bool truth, const Facts& facts) const {
    const Node& node = nodes_[at];
    switch (node.word) {
      case Word::EVERY: case Word::SOME: {
        const bool all = (node.word == Word::EVERY) == truth;
        for (std::uint32_t part = node.begin; part < node.end; ++part) {
          if (holds(inner_[part], truth, facts) != all) return !all;
        }
        return all;
      }
      case Word::NOT: return holds(inner_[node.begin], !truth, facts);
      case Word::COMPARE: {
        const Seen left = see(inner(node, 0), facts);
        if (!left.known) return false;
        const Seen right = see(inner(node, 1), facts);
        return right.known && compares(node.sign, left, right) == truth;
      }
      case Word::AMONG: {
        const Seen seen = see(inner(node, 0), facts);
        return seen.known && among(node, seen) == truth;
      }
      case Word::IS_NULL: return see(inner(node, 0), facts).known != truth;
      default: {
        const Seen seen = see(inner(node, 0), facts);
        return seen.known && (seen.integer != 0) == truth;
      }
    }
  }

  bool among(const Node& node, const Seen& seen) const {
    for (std::uint32_t part = node.begin + 1; part < node.end; ++part) {
      if (compares(Sign::EQUAL, seen, see_constant(nodes_[inner_[part]]))) return true;
    }
    return false;
  }

  static bool compares(Sign sign, const Seen& left, const Seen& right) {
    switch (left.kind) {
      case Kind::FLOAT: return ordered(sign, left.real, right.real);
      case Kind::TEXT: return ordered(sign, left.text, right.text);
      default: return ordered(sign, left.integer, right.integer);
    }
  }
  template <typename T>
  static bool ordered(Sign sign, const T& left, const T& right) {
    switch (sign) {
      case Sign::EQUAL: return left == right;
      case Sign::UNEQUAL: return left != right;
      case Sign::BELOW: return left < right;
      case Sign::AT_MOST: return left <= right;
      case Sign::ABOVE: return left > right;
      default: return left >= right;
    }
  }

  Seen see(const Node& node, const Facts& facts) const {
    switch (node.word) {
      case Word::FACT: return see_fact(node, facts);
      case Word::CONSTANT: return see_constant(node);
      case Word::AS_NUMBER: {
        const Seen of = see(inner(node, 0), facts);
        return of.known ? number(static_cast<double>(of.integer)) : Seen{};
      }
      default: {
        const Seen left = see(inner(node, 0), facts), right = see(inner(node, 1), facts);
        if (!left.known || !right.known || (node.sign == Sign::OVER && right.real == 0.0)) return Seen{};
        return number(node.sign == Sign::PLUS    ? left.real + right.real
                      : node.sign == Sign::MINUS ? left.real - right.real
                      : node.sign == Sign::TIMES ? left.real * right.real
                                                 : left.real / right.real);
      }
    }
  }

  static Seen number(double real) {
    Seen seen;
    seen.real = real;
    seen.known = !std::isnan(real);
    return seen;
  }

  Seen see_constant(const Node& node) const {
    const Constant& constant = constants_[node.value];
    Seen seen = constant.seen;
    seen.text = constant.text;
    return seen;
  }

  Seen see_fact(const Node& node, const Facts& facts) const {
    const std::ptrdiff_t at = places_[node.begin];
    if (at < 0) return Seen{};
    const auto place = static_cast<std::size_t>(at);
    const Value& value = facts.value(place);
    const Kind kind = facts.kind(place);
    if (!value.valid || (kind == Kind::FLOAT && std::isnan(value.real))) return Seen{};
    if (node.kind == Kind::FLOAT && kind == Kind::INT) return number(static_cast<double>(value.integer));
    if (node.kind != kind) {
      const std::string name = nb::cast<std::string>(names_[node.begin]);
      throw nb::type_error(("the fact " + name + " is of another type than a condition reads").c_str());
    }
    if (kind == Kind::FLOAT) return number(value.real);
    Seen seen;
    seen.kind = kind;
    seen.known = true;
    if (kind == Kind::TEXT) seen.text = facts.text(place);
    else seen.integer = value.integer;
    return seen;
  }

  nb::list names_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> inner_, roots_;
  std::vector<Constant> constants_;
  std::vector<std::size_t> found_;
  Places places_;
};

}  // namespace headgate
