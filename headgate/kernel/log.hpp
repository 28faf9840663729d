// The remembered payments in journal order: who paid whom, their seq and id. What else is known of a payment stands in
// its payer's line.
#pragma once

#include <cassert>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "memory.hpp"
#include "types.hpp"

namespace headgate {

class Log {
 public:
  std::uint32_t size() const { return size_; }
  std::uint32_t head() const { return head_; }            // place of the oldest, wrapping
  std::uint32_t end() const { return head_ + size_; }     // place that the next payment will have

  std::int64_t seq(std::uint32_t at) const { return chunk(at).seqs[row(at)]; }
  AccountId payer(std::uint32_t at) const { return chunk(at).payers[row(at)]; }
  AccountId payee(std::uint32_t at) const { return chunk(at).payees[row(at)]; }
  std::string_view tx(std::uint32_t at) const {
    const Chunk& in = chunk(at);
    const std::uint32_t start = row(at) ? in.ends[row(at) - 1] : 0;
    return {in.text.data() + start, in.ends[row(at)] - start};
  }

  // Room for one more payment; what can fail fails here.
  void reserve_one(std::size_t tx_bytes) {
    if (((begin_ + size_) / ROWS) == chunks_.size()) {
      chunks_.push_back(std::make_unique<Chunk>());
      if (chunks_.size() > 1) chunks_[chunks_.size() - 2]->text.shrink_to_fit();  // nothing more comes there
    }
    std::string& text = chunks_.back()->text;
    if (text.capacity() < text.size() + tx_bytes) text.reserve(std::max(text.size() * 5 / 4, text.size() + tx_bytes));
  }

  void push(std::int64_t seq, AccountId payer, AccountId payee, std::string_view tx) {
    assert(size_ < NONE - 1);
    const std::uint32_t at = size_++;
    Chunk& in = *chunks_[(begin_ + at) / ROWS];
    in.seqs[row(at)] = seq;
    in.payers[row(at)] = payer;
    in.payees[row(at)] = payee;
    in.text.append(tx);
    in.ends[row(at)] = static_cast<std::uint32_t>(in.text.size());
  }

  void pop() {
    assert(size_ > 0);
    --size_, ++head_, ++begin_;
    if (begin_ == ROWS) chunks_.pop_front(), begin_ = 0;
  }

 private:
  static constexpr std::uint32_t ROWS = 4096;

  struct Chunk {
    std::int64_t seqs[ROWS];
    AccountId payers[ROWS], payees[ROWS];
    std::uint32_t ends[ROWS];
    std::string text;
    static void* operator new(std::size_t bytes) { return allocate(bytes); }
    static void operator delete(void* memory) { std::free(memory); }
  };

  const Chunk& chunk(std::uint32_t at) const { return *chunks_[(std::size_t{begin_} + at) / ROWS]; }
  std::uint32_t row(std::uint32_t at) const { return (begin_ + at) % ROWS; }

  std::deque<std::unique_ptr<Chunk>> chunks_;
  std::uint32_t size_ = 0, head_ = 0, begin_ = 0;
};

}  // namespace headgate
