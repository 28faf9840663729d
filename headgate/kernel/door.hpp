// What is plainly valid: rows and payments that hold nothing unusual, and what has passed so far. The door in
// facts/door.py checks the rest with words; this one only says which entries need no words. Says no too often rather
// than yes once too often.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "arrow.hpp"
#include "currencies.hpp"

namespace headgate {

// A payment as it was given; a signal is 1, 0 or -1 for not given. Its currency is one of the texts.
struct PaymentGiven {
  std::int64_t seq = 0, clock = 0, ts = 0, amount_minor = 0;
  std::string_view tx, payer, payee, direction, status;
  std::array<std::string_view, 6> texts{};
  std::array<std::int8_t, 3> signals{-1, -1, -1};

  std::string_view currency() const { return texts[2]; }
};

class PlainDoor {
 public:
  // The bounds of limits.py.
  struct Limits {
    std::int64_t min_clock, max_clock;
    std::size_t max_id, max_text;
  };

  explicit PlainDoor(Limits limits) : limits_(limits) {}

  // What has passed: the last seq and clock, and how many entries.
  std::int64_t last_seq = -1, last_clock = 0, entries = 0;
  std::int64_t room = 0;  // entries that any account can surely still take
  bool broken = false;    // a fold failed in the middle of an entry: nothing passes any more

  // Amounts up to `most` minor units of a currency are known to be within the limits, until forgotten.
  void allow(const std::string& currency, std::int64_t most) { most_.set(currency, most); }
  void forget_currencies() { most_.clear(); }

  // Whether a payment is plainly valid, in order, and there is room for it.
  bool admits(const PaymentGiven& payment) const {
    return !broken && room > 0 && payment.seq > last_seq && payment.clock >= last_clock && time(payment.clock) &&
           time(payment.ts) && id(payment.tx) &&
           money(payment.payer, payment.payee, payment.amount_minor, payment.currency()) &&
           one_of(payment.direction, {"both", "payer", "payee"}) && one_of(payment.status, {"submitted", "declined"}) &&
           std::all_of(payment.texts.begin(), payment.texts.end(), [&](std::string_view given) { return text(given); });
  }
  // Counts a payment that was admitted.
  void pass(const PaymentGiven& payment) {
    last_seq = payment.seq, last_clock = payment.clock;
    ++entries, --room;
  }

  // How many rows from `start` on are plainly valid and in order; they have passed, but are not counted.
  std::int64_t pass_rows(const Batch& batch, std::int64_t start) {
    const Columns columns(batch);
    std::int64_t row = start;
    for (; row < batch.rows(); ++row) {
      const std::int64_t seq = columns.seq.integer(row), clock = columns.clock.integer(row);
      if (seq <= last_seq || clock < last_clock || !time(clock) || !entry(columns, row)) break;
      last_seq = seq, last_clock = clock;
    }
    return row - start;
  }

 private:
  bool time(std::int64_t clock) const { return clock >= limits_.min_clock && clock < limits_.max_clock; }
  bool id(std::string_view text) const { return !text.empty() && text.size() <= limits_.max_id && printable(text); }
  bool text(std::string_view text) const { return text.size() <= limits_.max_text && printable(text); }
  static bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
  }
  bool money(std::string_view payer, std::string_view payee, std::int64_t amount_minor, std::string_view currency) const {
    if (!id(payer) || !id(payee) || payer == payee || amount_minor < 0) return false;
    const std::int64_t* most = most_.find(currency);
    return most != nullptr && amount_minor <= *most;
  }

  struct Columns {
    Column seq, clock, kind, tx, ts, payer, payee, amount, currency, rail, channel, direction, status, category,
        remittance, authentication, new_status, reason, outcome_id, payment_clock, outcome, source, supersedes, account,
        party, opened, type, country, session_id, event, signal;

    explicit Columns(const Batch& batch)
        : seq(batch.column("seq")), clock(batch.column("clock_us")), kind(batch.column("kind")),
          tx(batch.column("tx_id")), ts(batch.column("ts_us")), payer(batch.column("payer")),
          payee(batch.column("payee")), amount(batch.column("amount_minor")), currency(batch.column("currency")),
          rail(batch.column("rail")), channel(batch.column("channel")), direction(batch.column("direction")),
          status(batch.column("status")), category(batch.column("merchant_category")),
          remittance(batch.column("remittance_type")), authentication(batch.column("authentication")),
          new_status(batch.column("new_status")), reason(batch.column("reason")),
          outcome_id(batch.column("outcome_id")), payment_clock(batch.column("payment_clock_us")),
          outcome(batch.column("outcome")), source(batch.column("source")), supersedes(batch.column("supersedes")),
          account(batch.column("account")), party(batch.column("party")), opened(batch.column("opened_us")),
          type(batch.column("account_type")), country(batch.column("account_country")),
          session_id(batch.column("session_id")), event(batch.column("event")), signal(batch.column("signal")) {}
  };

  // Whether all letters are from ' ' to '~': eight at a time, by whether any leaves its seven bits.
  static bool printable(std::string_view text) {
    const char* letters = text.data();
    std::size_t left = text.size();
    for (; left >= 8; letters += 8, left -= 8) {
      if (!printable(letters, 8)) return false;
    }
    return left == 0 || printable(letters, left);
  }
  static bool printable(const char* letters, std::size_t many) {
    constexpr std::uint64_t EACH = 0x0101010101010101ull;
    std::uint64_t word = ' ' * EACH;
    std::memcpy(&word, letters, many);
    return ((word | (word - ' ' * EACH) | (word + EACH)) & 0x80 * EACH) == 0;
  }

  bool optional_id(const Column& column, std::int64_t row) const { return !column.has(row) || id(column.text(row)); }
  bool optional(const Column& column, std::int64_t row) const { return text(column.text(row)); }
  bool when(const Column& column, std::int64_t row) const { return column.has(row) && time(column.integer(row)); }

  bool moves_money(const Columns& columns, std::int64_t row) const {
    return id(columns.tx.text(row)) && columns.amount.has(row) &&
           money(columns.payer.text(row), columns.payee.text(row), columns.amount.integer(row),
                 columns.currency.text(row));
  }

  bool entry(const Columns& columns, std::int64_t row) const {
    const std::string_view kind = columns.kind.text(row);
    if (kind == "payment") return payment(columns, row);
    if (kind == "outcome") return told(columns, row);
    if (kind == "payment_status") {
      return moves_money(columns, row) && optional(columns.reason, row) &&
             one_of(columns.new_status.text(row), {"declined", "returned", "cancelled", "reversed"});
    }
    if (kind == "account") {
      return id(columns.account.text(row)) && optional_id(columns.party, row) && optional(columns.type, row) &&
             optional(columns.country, row) &&
             (!columns.opened.has(row) || columns.opened.integer(row) < limits_.max_clock);
    }
    if (kind == "session") {
      return id(columns.session_id.text(row)) && id(columns.account.text(row)) && optional(columns.signal, row) &&
             one_of(columns.event.text(row), {"login", "payee_added", "device_changed", "limit_changed", "signal"});
    }
    return false;
  }

  bool payment(const Columns& columns, std::int64_t row) const {
    return moves_money(columns, row) && when(columns.ts, row) && optional(columns.rail, row) &&
           optional(columns.channel, row) && optional(columns.category, row) && optional(columns.remittance, row) &&
           optional(columns.authentication, row) &&
           (!columns.direction.has(row) || one_of(columns.direction.text(row), {"both", "payer", "payee"})) &&
           (!columns.status.has(row) || one_of(columns.status.text(row), {"submitted", "declined"}));
  }

  bool told(const Columns& columns, std::int64_t row) const {
    return moves_money(columns, row) && id(columns.outcome_id.text(row)) && when(columns.payment_clock, row) &&
           one_of(columns.outcome.text(row), {"fraud", "fine", "recall"}) && columns.source.has(row) &&
           optional(columns.source, row) && optional_id(columns.supersedes, row);
  }

  Limits limits_;
  ByCurrency<std::int64_t> most_;
};

}  // namespace headgate
