// A few doubles that are worked on side by side, two an instruction; each has the bits that it would have alone.
#pragma once

#include <cstddef>

namespace headgate {

template <std::size_t COUNT>
class Lanes {
  static_assert(COUNT % 2 == 0);
  using Two [[gnu::vector_size(2 * sizeof(double))]] = double;

 public:
  Lanes() = default;
  explicit Lanes(double value) {
    each([&](Two& pair, std::size_t) { pair = Two{value, value}; });
  }
  explicit Lanes(const double* from) {
    each([&](Two& pair, std::size_t at) { pair = Two{from[2 * at], from[2 * at + 1]}; });
  }

  Lanes& operator+=(const Lanes& other) {
    return each([&](Two& pair, std::size_t at) { pair += other.pairs_[at]; });
  }
  Lanes& operator-=(const Lanes& other) {
    return each([&](Two& pair, std::size_t at) { pair -= other.pairs_[at]; });
  }
  Lanes& operator*=(const Lanes& other) {
    return each([&](Two& pair, std::size_t at) { pair *= other.pairs_[at]; });
  }
  Lanes& operator/=(const Lanes& other) {
    return each([&](Two& pair, std::size_t at) { pair /= other.pairs_[at]; });
  }
  friend Lanes operator+(Lanes left, const Lanes& right) { return left += right; }
  friend Lanes operator-(Lanes left, const Lanes& right) { return left -= right; }
  friend Lanes operator*(Lanes left, const Lanes& right) { return left *= right; }
  friend Lanes operator/(Lanes left, const Lanes& right) { return left /= right; }

  double sum() const {
    Two total = pairs_[0];
#pragma GCC unroll 8
    for (std::size_t at = 1; at < COUNT / 2; ++at) total += pairs_[at];
    return total[0] + total[1];
  }

 private:
  template <typename Do>
  Lanes& each(const Do& work) {
#pragma GCC unroll 8
    for (std::size_t at = 0; at < COUNT / 2; ++at) work(pairs_[at], at);
    return *this;
  }

  Two pairs_[COUNT / 2];
};

}  // namespace headgate
