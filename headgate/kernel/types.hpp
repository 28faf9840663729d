// The words of the kernel: accounts, payments as edges, what a search found. Values only, no state.
#pragma once

#include <cstdint>
#include <vector>

namespace headgate {

using AccountId = std::uint32_t;  // a number for an account while it is remembered; says nothing about order
using Place = std::uint32_t;      // how many remembered payments are older; of the judged one: all of them
using Int128 = __int128;

constexpr std::uint32_t NONE = 0xFFFFFFFFu;

// limits.py holds these for people; they are asserted where they are used.
constexpr std::int64_t US_PER_HOUR = 3'600'000'000LL;
constexpr std::int64_t US_PER_DAY = 24 * US_PER_HOUR;
constexpr std::int64_t MAX_WINDOW_US = 28 * US_PER_DAY;
constexpr std::int64_t PROFILE_HORIZON_US = 400 * US_PER_DAY;
constexpr std::int64_t MAX_REFERENCE_MINOR = 999'999'999'999LL;
constexpr std::uint32_t MAX_PAYMENTS_PER_KEY = 1u << 22;
constexpr std::size_t MAX_WITNESS_PAYMENTS = 64;
constexpr int PATTERN_DEGREE = 64;
constexpr int PATTERN_STEPS = 1024;
constexpr int PATTERN_HOPS = 5;
constexpr int CYCLE_HOPS = 10;
constexpr int CYCLE_STEPS = 128;

// One payment as an edge; amount in reference minor units. Edges compare by place, never by id.
struct Edge {
  std::int64_t clock;
  std::int64_t amount;
  Place at;
  AccountId payer;
  AccountId payee;
  bool own;
};

// One payment of a witness with its role and hop.
struct Part {
  Edge edge;
  const char* role;
  int hop;
};

// What a search found. strength and share_retained are defined where their flags say so.
struct Found {
  std::int64_t count = 0;
  double strength = 0.0;
  double share_retained = 0.0;
  bool has_strength = false;
  bool has_share = false;
  bool truncated = false;

  void set_strength(double value) {
    strength = value;
    has_strength = true;
  }
  void set_share(double value) {
    share_retained = value;
    has_share = true;
  }
};

// The payments behind an answer, filled only when a decision needs them.
using Parts = std::vector<Part>;

}  // namespace headgate
