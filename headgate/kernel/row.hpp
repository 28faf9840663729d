// The facts of one payment as the numbers that a model reads, after headgate/models/encoding.py.
#pragma once

#include <nanobind/nanobind.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "facts.hpp"

namespace headgate {

// Reads named values out of facts into doubles that stay where they are.
class Row {
 public:
  // vocabularies: for each name the texts that it may hold with their numbers, None where it is no text.
  Row(nb::list names, nb::list vocabularies) : names_(names), values_(names.size()) {
    if (vocabularies.size() != names.size()) throw std::invalid_argument("each name has a vocabulary or None");
    for (const nb::handle each : vocabularies) {
      vocabularies_.push_back({!each.is_none(), {}});
      if (each.is_none()) continue;
      for (const auto& [text, number] : nb::cast<nb::dict>(each)) {
        vocabularies_.back().numbers.emplace(nb::cast<std::string>(text), nb::cast<double>(number));
      }
    }
  }

  std::size_t size() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }
  const nb::list& names() const { return names_; }
  bool is_text(std::size_t at) const { return vocabularies_[at].is_text; }
  // `size` where there is no such name.
  std::size_t place_of(nb::handle name) const {
    std::size_t at = 0;
    while (at < size() && !names_[at].equal(name)) ++at;
    return at;
  }

  // Says whose values are read next.
  void stand(const Facts& facts) { places_.stand(names_, facts); }
  // Reads one name; KeyError where it is not there.
  void read(std::size_t at, const Facts& facts) {
    const std::ptrdiff_t place = places_[at];
    if (place < 0) {
      PyErr_SetObject(PyExc_KeyError, names_[at].ptr());
      throw nb::python_error();
    }
    values_[at] = number(facts, static_cast<std::size_t>(place), vocabularies_[at]);
  }
  void set(std::size_t at, double value) { values_[at] = value; }

  // Reads each name; KeyError where one is not there.
  void fill(nb::handle given) {
    const FactsGiven facts(given, names_);
    stand(*facts);
    for (std::size_t at = 0; at < size(); ++at) read(at, *facts);
  }

  nb::list numbers() const {
    nb::list found;
    for (const double value : values_) found.append(value);
    return found;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Vocabulary {
    bool is_text;
    std::unordered_map<std::string, double, Hash, std::equal_to<>> numbers;
  };

  // What is not known, and a text that no vocabulary knows, are missing.
  static double number(const Facts& facts, std::size_t place, const Vocabulary& vocabulary) {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const Value& value = facts.value(place);
    if (!value.valid) return missing;
    const Kind kind = facts.kind(place);
    if (vocabulary.is_text != (kind == Kind::TEXT)) {
      if (vocabulary.is_text) return missing;
      throw nb::type_error("a text stands where the model reads a number");
    }
    if (kind == Kind::FLOAT) return value.real;
    if (kind != Kind::TEXT) return static_cast<double>(value.integer);
    const auto found = vocabulary.numbers.find(facts.text(place));
    return found == vocabulary.numbers.end() ? missing : found->second;
  }

  nb::list names_;
  std::vector<Vocabulary> vocabularies_;
  std::vector<double> values_;
  Places places_;
};

}  // namespace headgate
