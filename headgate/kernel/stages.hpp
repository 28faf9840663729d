// A model of two stages on one payment at a time: what headgate/models/scorer.py says, without a value of Python between.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "past_scores.hpp"
#include "row.hpp"
#include "trees.hpp"

namespace headgate {

// Trees, rows and past scores belong to others and are used by one thread at a time.
class Stages {
 public:
  // past_names: of the facts of `past`, in its order. lowest: the margin whose score is 0. steps: scores to a unit.
  Stages(nb::object first, nb::object first_row, nb::object second, nb::object second_row, nb::object past,
         nb::list past_names, double lowest, double steps)
      : held_{first, first_row, second, second_row, past}, first_(nb::cast<Trees&>(first)),
        second_(nb::cast<Trees&>(second)), first_row_(nb::cast<Row&>(first_row)),
        second_row_(nb::cast<Row&>(second_row)), past_(nb::cast<PastScores&>(past)), lowest_(lowest), steps_(steps) {
    read_.extend(first_row_.names());
    read_.extend(second_row_.names());
    for (std::size_t at = 0; at < second_row_.size(); ++at) {
      const nb::handle name = second_row_.names()[at];
      std::size_t place = 0;
      while (place < past_names.size() && !name.equal(past_names[place])) ++place;
      if (place < past_names.size()) {
        sources_.push_back({PAST, place});
        continue;
      }
      // The same fact is the same number to both stages; a text is a code, and each stage has codes of its own.
      const std::size_t same = second_row_.is_text(at) ? first_row_.size() : first_row_.place_of(name);
      sources_.push_back(same < first_row_.size() ? Source{FIRST, same} : Source{FACTS, at});
    }
  }

  // Returns the margin of the next payment and remembers the score that the first stage gives it. KeyError for a fact
  // that is missing, and then nothing has changed.
  double judge(nb::handle given, std::int64_t clock, std::string_view payer, std::string_view payee) {
    const FactsGiven facts(given, read_);
    first_row_.stand(*facts);
    second_row_.stand(*facts);
    for (std::size_t at = 0; at < first_row_.size(); ++at) first_row_.read(at, *facts);
    said_.resize(past_.columns());
    const PastScores::Lines lines = past_.of_payment(clock, payer, payee, said_.data());
    for (std::size_t at = 0; at < sources_.size(); ++at) {
      const Source source = sources_[at];
      if (source.kind == FACTS) second_row_.read(at, *facts);
      else second_row_.set(at, source.kind == PAST ? said_[source.place] : first_row_.values()[source.place]);
    }
    const double margin = second_.margin(second_row_);
    past_.add(lines, clock, payer, payee, score_of(first_.margin(first_row_)));
    return margin;
  }

  // What past scores said of the payment that was judged last.
  nb::tuple said() const { return past_.told(said_); }

 private:
  // A margin as a whole score: steps from the lowest, rounded half-even.
  std::int64_t score_of(double margin) const {
    const double most = static_cast<double>(past_.most_score());
    return static_cast<std::int64_t>(std::clamp(std::nearbyint((margin - lowest_) * steps_), 0.0, most));
  }

  enum Kind { FACTS, FIRST, PAST };
  struct Source {
    Kind kind;
    std::size_t place;
  };

  nb::object held_[5];
  Trees &first_, &second_;
  Row &first_row_, &second_row_;
  PastScores& past_;
  double lowest_, steps_;
  std::vector<Source> sources_;  // of each number of the second row
  std::vector<double> said_;
  nb::list read_;  // the names that both rows read
};

}  // namespace headgate
