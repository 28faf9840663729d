// A block of the journal folded row by row, its facts written as columns. What the next rows need is brought near while
// the rows before them are folded.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arrow.hpp"
#include "circumstances.hpp"
#include "fold.hpp"

namespace headgate {

class BlockFold {
 public:
  BlockFold(Fold& fold, Circumstances& circumstances) : fold_(fold), circumstances_(circumstances) {}

  // Takes a block; amounts: those of its rows in reference minor units. `out` receives the facts, where they are wanted.
  void take(const Batch& batch, const std::int64_t* amounts, bool compute, OutBatch& out) {
    const Columns columns(batch);
    if (compute) open(out, columns, batch.rows());
    Ahead ahead;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      look_ahead(columns, batch.rows(), row, ahead);
      fold_.advance(columns.clock.integer(row));
      const std::string_view kind = columns.kind.text(row);
      if (kind == "payment") {
        fold_payment(columns, row, amounts[row], compute);
        if (compute) write(out, columns.seq.integer(row), columns.tx.text(row));
      } else {
        fold_other(columns, row, kind, amounts[row]);
      }
    }
  }

 private:
  struct Columns {
    Column seq, clock, kind, tx, payer, payee, amount_minor, status, new_status, outcome, payment_clock, outcome_id, supersedes,
        account, party, joint, opened, type, country, event;
    std::array<Column, 6> texts;
    std::array<Column, 3> signals;

    explicit Columns(const Batch& batch)
        : seq(batch.column("seq")), clock(batch.column("clock_us")), kind(batch.column("kind")),
          tx(batch.column("tx_id")), payer(batch.column("payer")), payee(batch.column("payee")),
          amount_minor(batch.column("amount_minor")), status(batch.column("status")),
          new_status(batch.column("new_status")), outcome(batch.column("outcome")), payment_clock(batch.column("payment_clock_us")),
          outcome_id(batch.column("outcome_id")), supersedes(batch.column("supersedes")),
          account(batch.column("account")), party(batch.column("party")), joint(batch.column("joint_parties")),
          opened(batch.column("opened_us")), type(batch.column("account_type")),
          country(batch.column("account_country")), event(batch.column("event")) {
      for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = batch.column(text_names()[i]);
      for (std::size_t i = 0; i < signals.size(); ++i) signals[i] = batch.column(signal_names()[i]);
    }
  };

  void open(OutBatch& out, const Columns& columns, std::int64_t rows) const {
    std::int64_t payments = 0;
    for (std::int64_t row = 0; row < rows; ++row) payments += columns.kind.text(row) == "payment";
    std::vector<Kind> kinds = {Kind::INT, Kind::TEXT};
    for (const Op& op : fold_.plan().ops) kinds.push_back(op.kind);
    out.open(kinds, payments);
  }

  // The accounts of the next rows, brought near step by step while earlier rows are folded. Hints only: what is
  // remembered may change until the row's turn comes.
  struct Ahead {
    static constexpr std::int64_t ROWS = 16;
    struct Row {
      std::uint64_t payer_hash, payee_hash;
      AccountId payer, payee;
    };
    Row rows[ROWS];
    std::int64_t hashed = 0, found = 0, near = 0, texts = 0;
  };

  void look_ahead(const Columns& columns, std::int64_t rows, std::int64_t row, Ahead& ahead) const {
    const Book& book = fold_.book();
    for (; ahead.hashed < std::min(rows, row + 12); ++ahead.hashed) {
      Ahead::Row& next = ahead.rows[ahead.hashed % Ahead::ROWS];
      next.payer_hash = hashed(columns.payer.text(ahead.hashed));
      next.payee_hash = hashed(columns.payee.text(ahead.hashed));
      book.names.prefetch(next.payer_hash);
      book.names.prefetch(next.payee_hash);
    }
    for (; ahead.texts < std::min(rows, row + 9); ++ahead.texts) {
      const Ahead::Row& next = ahead.rows[ahead.texts % Ahead::ROWS];
      book.names.prefetch_text(next.payer_hash);
      book.names.prefetch_text(next.payee_hash);
    }
    for (; ahead.found < std::min(rows, row + 6); ++ahead.found) {
      Ahead::Row& next = ahead.rows[ahead.found % Ahead::ROWS];
      next.payer = book.names.find(columns.payer.text(ahead.found), next.payer_hash);
      next.payee = book.names.find(columns.payee.text(ahead.found), next.payee_hash);
      book.payments.prefetch_keys(next.payer, next.payee);
      book.memories.prefetch(next.payer, next.payee);
    }
    for (; ahead.near < std::min(rows, row + 3); ++ahead.near) {
      const Ahead::Row& next = ahead.rows[ahead.near % Ahead::ROWS];
      book.payments.prefetch_rows(next.payer, next.payee);
      book.memories.prefetch_newest(next.payer, next.payee);
    }
  }

  void fold_payment(const Columns& columns, std::int64_t row, std::int64_t amount, bool compute) {
    Judged judged;
    judged.seq = columns.seq.integer(row);
    judged.edge.clock = columns.clock.integer(row);
    judged.edge.amount = amount;
    judged.tx = columns.tx.text(row);
    judged.declined = columns.status.text(row) == "declined";
    for (std::size_t i = 0; i < judged.texts.size(); ++i) judged.texts[i] = columns.texts[i].text(row);
    for (std::size_t i = 0; i < judged.signals.size(); ++i) {
      if (columns.signals[i].has(row)) judged.signals[i] = columns.signals[i].boolean(row) ? 1 : 0;
    }
    circumstances_.complete(judged, columns.amount_minor.integer(row), judged.texts[2]);
    fold_.judge(judged, columns.payer.text(row), columns.payee.text(row), compute);
  }

  void fold_other(const Columns& columns, std::int64_t row, std::string_view kind, std::int64_t amount) {
    const std::int64_t seq = columns.seq.integer(row);
    Edge edge{};
    edge.clock = columns.clock.integer(row);
    edge.amount = amount;
    if (kind == "payment_status") {
      fold_.take_status(seq, edge, columns.payer.text(row), columns.payee.text(row), columns.tx.text(row),
                        columns.new_status.text(row) == "declined");
    } else if (kind == "outcome") {
      const std::string_view supersedes = columns.supersedes.text(row);
      fold_.take_outcome(seq, edge, columns.payer.text(row), columns.payee.text(row), columns.tx.text(row),
                         columns.outcome_id.text(row), columns.outcome.text(row) == "fraud", columns.payment_clock.integer(row),
                         columns.supersedes.has(row) ? &supersedes : nullptr);
    } else if (kind == "session") {
      fold_.take_event(seq, edge.clock, columns.account.text(row), index_of(event_names(), std::string(columns.event.text(row))));
    } else if (kind == "account") {
      std::vector<std::string_view> parties = columns.joint.texts(row);
      if (!columns.party.text(row).empty()) parties.insert(parties.begin(), columns.party.text(row));
      const bool opened = columns.opened.has(row);
      const std::string_view type = columns.type.text(row), country = columns.country.text(row);
      fold_.take_account(columns.account.text(row), parties, opened, opened ? columns.opened.integer(row) : 0,
                         columns.type.has(row) ? &type : nullptr, columns.country.has(row) ? &country : nullptr);
    }
  }

  void write(OutBatch& out, std::int64_t seq, std::string_view tx) {
    out.columns[0].add(true, seq, {});
    out.columns[1].add(true, 0, tx);
    const Moment& moment = fold_.moment();
    for (std::size_t i = 0; i < moment.values().size(); ++i) {
      const Value& value = moment.values()[i];
      out.columns[i + 2].add(value.valid, value.integer, moment.texts()[i]);
    }
  }

  Fold& fold_;
  Circumstances& circumstances_;
};

}  // namespace headgate
