// What is plainly valid: rows and payments that hold nothing unusual. The door in facts/door.py checks the rest with
// words; this one only says which entries need no words. Says no too often rather than yes once too often.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "arrow.hpp"

namespace headgate {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

class PlainDoor {
 public:
  // The bounds of limits.py.
  struct Limits {
    std::int64_t min_clock, max_clock;
    std::size_t max_id, max_text;
  };

  explicit PlainDoor(Limits limits) : limits_(limits) {}

  // Amounts up to `most` minor units of a currency are known to be within the limits, until forgotten.
  void allow(std::string currency, std::int64_t most) { most_.insert_or_assign(std::move(currency), most); }
  void forget_currencies() { most_.clear(); }

  // How many rows from `start` on are plainly valid, in order after an entry with this seq and clock.
  std::int64_t rows(const Batch& batch, std::int64_t start, std::int64_t seq, std::int64_t clock) const {
    const Columns columns(batch);
    std::int64_t row = start;
    for (; row < batch.rows(); ++row) {
      if (columns.seq.integer(row) <= seq || columns.clock.integer(row) < clock) break;
      seq = columns.seq.integer(row);
      clock = columns.clock.integer(row);
      if (!time(clock) || !entry(columns, row)) break;
    }
    return row - start;
  }

  bool time(std::int64_t clock) const { return clock >= limits_.min_clock && clock < limits_.max_clock; }
  bool id(std::string_view text) const { return !text.empty() && text.size() <= limits_.max_id && printable(text); }
  bool text(std::string_view text) const { return text.size() <= limits_.max_text && printable(text); }
  static bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
  }
  bool money(std::string_view payer, std::string_view payee, std::int64_t amount_minor, std::string_view currency) const {
    if (!id(payer) || !id(payee) || payer == payee || amount_minor < 0) return false;
    const auto most = most_.find(currency);
    return most != most_.end() && amount_minor <= most->second;
  }

 private:
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

  static bool printable(std::string_view text) {
    for (const char letter : text) {
      if (letter < ' ' || letter > '~') return false;
    }
    return true;
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
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> most_;
};

}  // namespace headgate
