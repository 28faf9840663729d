// Gauss-Legendre rules on [0, 1]: n points sum a polynomial of degree below 2n to its integral, but for rounding.
#pragma once

#include <cstddef>
#include <vector>

namespace headgate {

// Plain arithmetic only, so that every machine has the same bits.
struct Quadrature {
  std::vector<double> at, rest, weight;  // of each point: where it is, one minus that, and its weight

  explicit Quadrature(std::size_t points) : at(points), rest(points), weight(points) {
    for (std::size_t place = 0; place < (points + 1) / 2; ++place) {
      const double root = root_of(points, place), slope = slope_of(points, root);
      const std::size_t mirror = points - 1 - place;
      rest[place] = at[mirror] = (1 + root) / 2;
      rest[mirror] = at[place] = (1 - root) / 2;
      weight[place] = weight[mirror] = 1 / ((1 - root * root) * slope * slope);
    }
  }

 private:
  // Calls `see` with the Legendre polynomials at x of degree 1 to `degree`, each with the one before it.
  template <typename See>
  static void legendre(std::size_t degree, double x, See see) {
    double before = 1, here = x;
    for (std::size_t k = 1; k <= degree; ++k) {
      see(before, here);
      const auto now = static_cast<double>(k);
      const double next = ((2 * now + 1) * x * here - now * before) / (now + 1);
      before = here;
      here = next;
    }
  }

  // The root that `place` others are above. Legendre's polynomials are a Sturm sequence: as many roots are above x as the
  // sequence changes its sign there.
  static double root_of(std::size_t degree, std::size_t place) {
    double low = 0, high = 1;
    if (2 * place + 1 == degree) return 0;
    for (;;) {
      const double middle = low + (high - low) / 2;
      if (middle <= low || middle >= high) return low;
      std::size_t above = 0;
      legendre(degree, middle, [&](double before, double here) { above += (before < 0) != (here < 0) ? 1 : 0; });
      (above > place ? low : high) = middle;
    }
  }

  static double slope_of(std::size_t degree, double x) {
    double last = 1, one_before = 0;
    legendre(degree, x, [&](double before, double here) { one_before = before, last = here; });
    return static_cast<double>(degree) * (x * last - one_before) / (x * x - 1);
  }
};

}  // namespace headgate
