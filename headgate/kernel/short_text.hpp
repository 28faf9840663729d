// A text in sixteen bytes where it is short, as ids of accounts are; a longer one lies elsewhere.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "slabs.hpp"

namespace headgate {

class ShortText {
 public:
  ShortText() = default;
  ShortText(ShortText&& other) noexcept { swap(other); }
  ShortText& operator=(ShortText&& other) noexcept {
    swap(other);
    return *this;
  }
  ShortText(const ShortText&) = delete;
  ~ShortText() { clear(); }

  std::string_view view() const { return here() ? std::string_view(bytes_, length()) : std::string_view(block(), length()); }
  bool empty() const { return length() == 0; }

  void assign(std::string_view text) {
    char* const block = text.size() > HERE ? static_cast<char*>(take_block(text.size())) : nullptr;
    clear();
    std::memcpy(block != nullptr ? block : bytes_, text.data(), text.size());
    if (block == nullptr) {
      bytes_[HERE] = static_cast<char>(text.size());
      return;
    }
    const std::uint32_t length = static_cast<std::uint32_t>(text.size());
    std::memcpy(bytes_, &block, sizeof block);
    std::memcpy(bytes_ + sizeof block, &length, sizeof length);
    bytes_[HERE] = ELSEWHERE;
  }

  void clear() noexcept {
    if (!here()) give_block(block(), length());
    bytes_[HERE] = 0;
  }

 private:
  static constexpr std::size_t HERE = 15;
  static constexpr char ELSEWHERE = HERE + 1;

  bool here() const { return bytes_[HERE] != ELSEWHERE; }
  std::uint32_t length() const {
    if (here()) return static_cast<std::uint32_t>(bytes_[HERE]);
    std::uint32_t length;
    std::memcpy(&length, bytes_ + sizeof(char*), sizeof length);
    return length;
  }
  char* block() const {
    char* block;
    std::memcpy(&block, bytes_, sizeof block);
    return block;
  }
  void swap(ShortText& other) noexcept { std::swap(bytes_, other.bytes_); }

  char bytes_[HERE + 1] = {};  // the text and its length, or where it lies, its length and ELSEWHERE
};
static_assert(sizeof(ShortText) == 16);

}  // namespace headgate
