// What is known of a currency: the largest amount that is surely within the limits, or how it becomes reference minor
// units. Streams keep to few currencies, so the one asked for last is looked at first.
#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "types.hpp"

namespace headgate {

template <class Value>
class ByCurrency {
 public:
  void set(const std::string& currency, const Value& value) { known_.insert_or_assign(currency, value); }
  void clear() {
    last_ = nullptr;
    known_.clear();
  }

  // What is known of a currency; nullptr for nothing.
  const Value* find(std::string_view currency) const {
    if (last_ != nullptr && last_->first == currency) return &last_->second;
    const auto found = known_.find(currency);
    if (found == known_.end()) return nullptr;
    last_ = &*found;
    return &last_->second;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Known = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  Known known_;
  mutable const typename Known::value_type* last_ = nullptr;  // an entry of `known_`; these do not move
};

// Reference minor units for one minor unit of a currency.
struct Factor {
  std::int64_t numerator = 1, denominator = 1;

  // Rounded half-even.
  std::int64_t times(std::int64_t amount_minor) const {
    if (numerator == denominator) return amount_minor;
    const Int128 product = static_cast<Int128>(amount_minor) * numerator;
    Int128 whole = product / denominator;
    const Int128 twice = 2 * (product % denominator);
    if (twice > denominator || (twice == denominator && (whole & 1))) ++whole;
    assert(whole <= MAX_REFERENCE_MINOR);  // the door lets no other amount pass
    return static_cast<std::int64_t>(whole);
  }
};

}  // namespace headgate
