// The payments of each key as they stand before the payment judged: lines of the book, or rows of a pair. Read only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "book.hpp"
#include "families.hpp"

namespace headgate {

// The payment judged. Texts are views of the caller's memory; a signal is 1, 0 or -1 for not given.
struct Judged {
  std::int64_t seq = 0;
  Edge edge{};
  bool declined = false, round = false;
  std::string_view tx;
  std::array<std::string_view, 6> texts{};
  std::array<std::int8_t, 3> signals{-1, -1, -1};
  std::int32_t local_hour = 0, local_weekday = 0;
  Said said;  // channel and rail, where it is remembered how payments came
};

class Sources {
 public:
  // The payments of a key: a line, or those `rows` of it that belong to a pair.
  struct Source {
    const Line* line = nullptr;
    const std::uint32_t* rows = nullptr;
    std::uint32_t size = 0;
  };

  void stand(const Book& book, const Judged& judged) {
    book_ = &book;
    judged_ = &judged;
  }

  const Book& book() const { return *book_; }
  const Judged& judged() const { return *judged_; }
  AccountId payer() const { return judged_->edge.payer; }
  AccountId payee() const { return judged_->edge.payee; }

  Source of(int key) const {
    const Payments& payments = book_->payments;
    Source source;
    switch (key) {
      case PAYER_SENT: source.line = &payments.sent(payer()); break;
      case PAYER_RECEIVED: source.line = &payments.received(payer()); break;
      case PAYER_ANY: source.line = &payments.any(payer()); break;
      case PAYEE_SENT: source.line = &payments.sent(payee()); break;
      case PAYEE_RECEIVED: source.line = &payments.received(payee()); break;
      case PAYEE_ANY: source.line = &payments.any(payee()); break;
      case PAIR_SENT: return pair_source(payer(), payee(), pair_rows_[0]);
      case REVERSE_PAIR_SENT: return pair_source(payee(), payer(), pair_rows_[1]);
      case PAYER_RETURNED_SENT: source.line = &book_->returned.sent(payer()); break;
      case PAYER_RETURNED_RECEIVED: source.line = &book_->returned.received(payer()); break;
      case PAYEE_RETURNED_SENT: source.line = &book_->returned.sent(payee()); break;
      case PAYEE_RETURNED_RECEIVED: source.line = &book_->returned.received(payee()); break;
      case PAYER_DECLINED: source.line = &book_->declined.sent(payer()); break;
      case PAYEE_DECLINED: source.line = &book_->declined.received(payee()); break;
    }
    source.size = source.line->size();
    return source;
  }

  static std::uint32_t row(const Source& source, std::uint32_t i) { return source.rows ? source.rows[i] : i; }

  // The first of a key's payments in a window that ends now; its size without any.
  std::uint32_t first_within(const Source& source, std::int64_t window_us) const {
    const std::int64_t clock = judged_->edge.clock - window_us;
    if (source.rows == nullptr) return source.line->first_after(clock);
    std::uint32_t first = source.size;
    while (first > 0 && source.line->clock(source.rows[first - 1]) > clock) --first;
    return first;
  }

  // The newest of the largest amounts from one on; NONE without any.
  static std::uint32_t largest_of(const Source& source, std::uint32_t from) {
    if (source.rows == nullptr) return source.line->largest(from);
    std::uint32_t best = NONE;
    std::int64_t most = -1;
    for (std::uint32_t i = source.size; i-- > from;) {
      const std::int64_t amount = source.line->amount(source.rows[i]);
      if (amount > most) most = amount, best = source.rows[i];
    }
    return best;
  }

  // Gives the clock of the newest payment of a key, also where it is older than what is remembered in lines.
  bool newest_clock(int key, std::int64_t& clock) const {
    if (key == PAIR_SENT || key == REVERSE_PAIR_SENT) {
      const AccountId from = key == PAIR_SENT ? payer() : payee(), to = key == PAIR_SENT ? payee() : payer();
      const Line& line = book_->payments.sent(from);
      const PairRows* pair = book_->payments.pair(from, to);
      if (pair != nullptr) return clock = line.clock(line.position(pair->newest_sent)), true;
    } else {
      const Line& line = *of(key).line;
      if (!line.empty()) return clock = line.clock(line.size() - 1), true;
    }
    const Kept* kept = silent(key);
    return kept ? clock = kept->clock, true : false;
  }

  // The newest payment of a key that has none in a line any more.
  const Kept* silent(int key) const {
    const Payments& payments = book_->payments;
    switch (key) {
      case PAYER_SENT: return payments.silent_sent(payer());
      case PAYER_RECEIVED: return payments.silent_received(payer());
      case PAYER_ANY: return payments.silent_any(payer());
      case PAYEE_SENT: return payments.silent_sent(payee());
      case PAYEE_RECEIVED: return payments.silent_received(payee());
      case PAYEE_ANY: return payments.silent_any(payee());
      case PAIR_SENT: return payments.silent_pair(payer(), payee());
      case REVERSE_PAIR_SENT: return payments.silent_pair(payee(), payer());
      default: return nullptr;
    }
  }

 private:
  Source pair_source(AccountId from, AccountId to, std::uint32_t* rows) const {
    Source source{&book_->payments.sent(from), rows, 0};
    const PairRows* pair = book_->payments.pair(from, to);
    if (pair == nullptr) return source;
    if (const Line* heavy = book_->payments.heavy(from, to)) return {heavy, nullptr, heavy->size()};
    for (std::uint32_t i = source.line->position(pair->oldest_sent); i != NONE; i = source.line->next(i)) {
      rows[source.size++] = i;
    }
    visited += source.size;
    return source;
  }

  const Book* book_ = nullptr;
  const Judged* judged_ = nullptr;
  mutable std::uint32_t pair_rows_[2][Payments::HEAVY];
};

}  // namespace headgate
