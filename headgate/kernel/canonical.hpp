// Canonical JSON (RFC 8785) as the ledger writes it: an object, names in ASCII and sorted, integers below 2^53, no spaces.
//
// One pass over the bytes, no memory taken. `headgate.ledger.verify.check_form` is the definition; this agrees with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace headgate {

class Canonical {
 public:
  explicit Canonical(std::string_view entry) : at_(entry.data()), end_(at_ + entry.size()) {}

  // Whether the bytes are one object in canonical form and nothing behind it.
  bool holds() { return at_ != end_ && *at_ == '{' && object(1) && at_ == end_; }

  // The number behind the first name "at_us" of the entry, -1 without one.
  std::int64_t time_us() const { return time_us_; }

 private:
  static constexpr int MOST_DEPTH = 100;
  static constexpr std::int64_t MOST = (std::int64_t{1} << 53) - 1;
  static constexpr std::string_view TIME = "\"at_us";

  bool take(char wanted) { return at_ != end_ && *at_ == wanted && (++at_, true); }

  bool take(std::string_view wanted) {
    if (static_cast<std::size_t>(end_ - at_) < wanted.size() || std::memcmp(at_, wanted.data(), wanted.size())) return false;
    at_ += wanted.size();
    return true;
  }

  bool value(int depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"': return text(false);
      case '{': return object(depth + 1);
      case '[': return array(depth + 1);
      case 't': return take("true");
      case 'f': return take("false");
      case 'n': return take("null");
      default: return integer();
    }
  }

  bool object(int depth) {
    if (depth > MOST_DEPTH) return false;
    ++at_;
    if (take('}')) return true;
    std::string_view before;
    for (bool first = true;; first = false) {
      const char* start = at_;
      if (!text(true)) return false;
      const std::string_view name(start, static_cast<std::size_t>(at_ - start - 1));  // with the mark before it
      if (!first && !below(before.substr(1), name.substr(1))) return false;
      before = name;
      if (!take(':')) return false;
      const bool timed = time_us_ < 0 && name.ends_with(TIME) && at_ != end_ && *at_ >= '0' && *at_ <= '9';
      if (!value(depth)) return false;
      if (timed) time_us_ = last_;
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  bool array(int depth) {
    if (depth > MOST_DEPTH) return false;
    ++at_;
    if (take(']')) return true;
    for (;;) {
      if (!value(depth)) return false;
      if (take(']')) return true;
      if (!take(',')) return false;
    }
  }

  bool integer() {
    const bool negative = take('-');
    const char* start = at_;
    std::int64_t number = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - start < 17) number = 10 * number + (*at_++ - '0');
    const auto digits = at_ - start;
    last_ = number;
    return digits > 0 && digits < 17 && number <= MOST && (*start != '0' || (digits == 1 && !negative));
  }

  // Takes a text with its marks; of a name, ASCII only.
  bool text(bool name) {
    if (!take('"')) return false;
    for (;;) {
      skip_plain();
      if (at_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') return ++at_, true;
      if (byte == '\\') {
        if (!escape()) return false;
      } else if (byte < 0x20) {
        return false;
      } else if (byte < 0x80) {
        ++at_;
      } else if (name || !letter()) {
        return false;
      }
    }
  }

  // Eight bytes at a time, as long as none of them is a mark, a backslash, a control or beyond ASCII.
  void skip_plain() {
    constexpr std::uint64_t ONES = 0x0101010101010101, TOPS = 0x8080808080808080;
    while (end_ - at_ >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at_, 8);
      const std::uint64_t marks = word ^ (ONES * '"'), slashes = word ^ (ONES * '\\');
      const std::uint64_t found = ((word - ONES * 0x20) & ~word) | ((marks - ONES) & ~marks) | ((slashes - ONES) & ~slashes);
      if ((found | word) & TOPS) return;
      at_ += 8;
    }
  }

  // A backslash and what RFC 8785 writes behind it, and nothing that it would write in another way.
  bool escape() {
    if (end_ - at_ < 2) return false;
    if (at_[1] != 'u') return std::strchr("\"\\bfnrt", at_[1]) && at_[1] && (at_ += 2, true);
    if (end_ - at_ < 6 || std::memcmp(at_, "\\u00", 4)) return false;
    const int code = escaped(at_);
    if (code < 0 || code >= 0x20 || code == '\b' || code == '\f' || code == '\n' || code == '\r' || code == '\t') return false;
    at_ += 6;
    return true;
  }

  // The number in the last two of the six signs \u00xx, -1 for others than 0-9 and a-f.
  static int escaped(const char* at) {
    const int high = digit(at[4]), low = digit(at[5]);
    return high < 0 || low < 0 ? -1 : 16 * high + low;
  }

  static int digit(char of) {
    return of >= '0' && of <= '9' ? of - '0' : of >= 'a' && of <= 'f' ? of - 'a' + 10 : -1;
  }

  // A letter of UTF-8 beyond ASCII: the shortest form, no surrogates, none above U+10FFFF.
  bool letter() {
    const auto byte = [this](std::ptrdiff_t i) { return static_cast<unsigned char>(at_[i]); };
    const unsigned char lead = byte(0);
    const int more = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
    if (more == 0 || end_ - at_ <= more) return false;
    const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80, most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < least || byte(1) > most) return false;
    for (int i = 2; i <= more; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    at_ += more + 1;
    return true;
  }

  // Whether one name comes before another: by what they mean, not by how it is written.
  static bool below(std::string_view one, std::string_view other) {
    const std::size_t shorter = std::min(one.size(), other.size());
    if (std::memchr(one.data(), '\\', one.size()) || std::memchr(other.data(), '\\', other.size())) return meant_below(one, other);
    const int order = std::memcmp(one.data(), other.data(), shorter);
    return order < 0 || (order == 0 && one.size() < other.size());
  }

  static bool meant_below(std::string_view one, std::string_view other) {
    while (!one.empty() && !other.empty()) {
      const int left = next(one), right = next(other);
      if (left != right) return left < right;
    }
    return one.empty() && !other.empty();
  }

  // Takes the next sign of a name that was read before.
  static int next(std::string_view& name) {
    const bool plain = name[0] != '\\', long_one = !plain && name[1] == 'u';
    const int sign = plain ? name[0] : long_one ? escaped(name.data()) : short_one(name[1]);
    name.remove_prefix(plain ? 1 : long_one ? 6 : 2);
    return sign;
  }

  static int short_one(char of) {
    constexpr std::string_view WRITTEN = "bfnrt", MEANT = "\b\f\n\r\t";
    const std::size_t at = WRITTEN.find(of);
    return at == WRITTEN.npos ? of : MEANT[at];
  }

  const char* at_;
  const char* end_;
  std::int64_t last_ = 0, time_us_ = -1;
};

// The last time said in a bundle, `time_us` where none is, if every entry is canonical and none says an earlier time
// than what came before it; -1 otherwise, also for a bundle that ends within an entry.
inline std::int64_t time_after(std::string_view bundle, std::int64_t time_us) {
  while (!bundle.empty()) {
    if (bundle.size() < 2) return -1;
    const std::size_t length = static_cast<unsigned char>(bundle[0]) << 8 | static_cast<unsigned char>(bundle[1]);
    if (bundle.size() - 2 < length) return -1;
    Canonical entry(bundle.substr(2, length));
    if (!entry.holds() || (entry.time_us() >= 0 && entry.time_us() < time_us)) return -1;
    time_us = std::max(time_us, entry.time_us());
    bundle.remove_prefix(2 + length);
  }
  return time_us;
}

}  // namespace headgate
