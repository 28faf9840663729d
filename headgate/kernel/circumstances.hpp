// What a payment's own values say by the settings: its local time, and whether its amount is round. Time zones are asked
// of Python once an hour of the stream.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "moment.hpp"
#include "plan.hpp"

namespace headgate {

// The local time of a clock: the offset of a whole hour is asked once, where it does not change within the hour.
class LocalTime {
 public:
  explicit LocalTime(nanobind::object offset_at) : offset_at_(std::move(offset_at)) {}

  void set(Judged& judged) {
    const std::int64_t second = judged.edge.clock / 1'000'000, hour = second / 3600;
    if (hour != hour_) {
      const auto known = offsets_.find(hour);
      offset_ = known != offsets_.end() ? known->second : ask_hour(hour);
      hour_ = hour;
    }
    const std::int64_t local = second + (offset_ == CHANGES ? ask(second) : offset_);
    const std::int64_t day = local >= 0 ? local / 86400 : -((86399 - local) / 86400);
    judged.local_hour = static_cast<std::int32_t>((local - day * 86400) / 3600);
    judged.local_weekday = static_cast<std::int32_t>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  }

 private:
  static constexpr std::int32_t CHANGES = INT32_MIN;

  std::int32_t ask(std::int64_t second) {
    nanobind::gil_scoped_acquire held;
    return nanobind::cast<std::int32_t>(offset_at_(second));
  }
  std::int32_t ask_hour(std::int64_t hour) {
    const std::int32_t start = ask(hour * 3600), end = ask(hour * 3600 + 3599);
    if (offsets_.size() > 100'000) offsets_.clear();
    return offsets_[hour] = start == end ? start : CHANGES;
  }

  nanobind::object offset_at_;
  std::unordered_map<std::int64_t, std::int32_t> offsets_;
  std::int64_t hour_ = -1;
  std::int32_t offset_ = 0;
};

class Circumstances {
 public:
  using RoundUnits = std::unordered_map<std::string, std::int64_t>;  // minor units by currency

  Circumstances(const Plan& plan, const RoundUnits& round_units, nanobind::object offset_at)
      : local_(std::move(offset_at)), round_units_(round_units) {
    for (const Op& op : plan.ops) {
      wants_local_ |= op.measure == Measure::HOUR_LOCAL || op.measure == Measure::WEEKDAY_LOCAL ||
                      op.measure == Measure::IS_BUSINESS_DAY;
      wants_round_ |= op.measure == Measure::AMOUNT_IS_ROUND;
    }
  }

  // Completes a payment by what the facts ask for. May ask Python.
  void complete(Judged& judged, std::int64_t amount_minor, std::string_view currency) {
    if (wants_round_) judged.round = is_round(amount_minor, currency);
    if (wants_local_) local_.set(judged);
  }

 private:
  bool is_round(std::int64_t amount_minor, std::string_view currency) {
    if (amount_minor <= 0) return false;
    if (currency != unit_of_) {
      unit_of_ = currency;
      unit_ = round_units_.at(unit_of_);
    }
    return amount_minor % unit_ == 0;
  }

  LocalTime local_;
  RoundUnits round_units_;
  std::string unit_of_;
  std::int64_t unit_ = 1;
  bool wants_local_ = false, wants_round_ = false;
};

}  // namespace headgate
