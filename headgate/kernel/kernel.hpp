// The fold as Python sees it: payments and columns in, facts out. The owner of a fold is one thread at a time; a second
// one that comes meanwhile is refused. Entries must be valid and in order: the engine front sees to that.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unordered_map.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow.hpp"
#include "blocks.hpp"
#include "circumstances.hpp"
#include "currencies.hpp"
#include "facts.hpp"
#include "fold.hpp"
#include "gate.hpp"
#include "python.hpp"
#include "slots.hpp"
#include "state.hpp"

namespace headgate {

// What the judgement of one payment reads, brought near while other things are done. Hints only.
class OneAhead {
 public:
  OneAhead(const Book& book, std::string_view payer, std::string_view payee)
      : book_(book), payer_(payer), payee_(payee), payer_hash_(hashed(payer)), payee_hash_(hashed(payee)) {
    book_.names.prefetch(payer_hash_);
    book_.names.prefetch(payee_hash_);
  }
  void texts() const {
    book_.names.prefetch_text(payer_hash_);
    book_.names.prefetch_text(payee_hash_);
  }
  void keys() {
    payer_number_ = book_.names.find(payer_, payer_hash_);
    payee_number_ = book_.names.find(payee_, payee_hash_);
    book_.payments.prefetch_keys(payer_number_, payee_number_);
    book_.memories.prefetch(payer_number_, payee_number_);
  }
  void rows() const {
    book_.payments.prefetch_rows(payer_number_, payee_number_);
    book_.memories.prefetch_newest(payer_number_, payee_number_);
  }

 private:
  const Book& book_;
  std::string_view payer_, payee_;
  std::uint64_t payer_hash_, payee_hash_;
  AccountId payer_number_ = NONE, payee_number_ = NONE;
};

class Kernel {
 public:
  Kernel(const std::vector<std::string>& names, const std::vector<Words>& plans, const std::vector<std::string>& reads,
         const Circumstances::RoundUnits& round_units, nb::object offset_at, nb::handle payment_type)
      : fold_(plans, reads), circumstances_(fold_.plan(), round_units, std::move(offset_at)),
        layout_(layout_of(names, fold_.plan())), slots_(payment_type) {}

  ~Kernel() {
    if (given_.release) given_.release(&given_);
  }
  Kernel(const Kernel&) = delete;

  // Takes an entry that is a payment, passes the gate plainly and has a currency whose factor is known; returns its
  // facts. None for any other, and then nothing has changed. A failure on the way leaves the gate broken.
  nb::object observe_plain(nb::handle entry, Gate& gate) {
    const Turn turn(busy_);
    PaymentGiven given;
    if (!slots_.read(entry, given)) return nb::none();
    OneAhead ahead(fold_.book(), given.payer, given.payee);
    if (!gate.admits(given)) return nb::none();
    ahead.texts();
    const Factor* factor = factors_.find(given.currency());
    if (factor == nullptr) return nb::none();
    gate.pass(given);
    gate.broken = true;  // until the whole of it is taken
    ahead.keys();
    fold_.advance(given.clock);
    ahead.rows();
    nb::object facts = observe(given, factor->times(given.amount_minor));
    gate.broken = false;
    return facts;
  }

  // Takes a payment that has been checked; amount: in reference minor units.
  nb::object observe_payment(nb::handle payment, std::int64_t amount) {
    const Turn turn(busy_);
    PaymentGiven given;
    if (!slots_.read(payment, given)) throw nb::type_error("no payment");
    fold_.advance(given.clock);
    return observe(given, amount);
  }

  void advance(std::int64_t clock) {
    const Turn turn(busy_);
    fold_.advance(clock);
  }

  void take_status(std::int64_t seq, std::int64_t clock, std::int64_t amount, const std::string& payer,
                   const std::string& payee, const std::string& tx, bool declined) {
    const Turn turn(busy_);
    fold_.take_status(seq, edge_of(clock, amount), payer, payee, tx, declined);
  }

  void take_outcome(std::int64_t seq, std::int64_t clock, std::int64_t amount, const std::string& payer,
                    const std::string& payee, const std::string& tx, const std::string& id, bool fraud,
                    std::int64_t paid, const std::optional<std::string>& supersedes) {
    const Turn turn(busy_);
    const std::string_view older = supersedes ? *supersedes : std::string_view();
    fold_.take_outcome(seq, edge_of(clock, amount), payer, payee, tx, id, fraud, paid, supersedes ? &older : nullptr);
  }

  void take_event(std::int64_t seq, std::int64_t clock, const std::string& account, const std::string& event) {
    const Turn turn(busy_);
    fold_.take_event(seq, clock, account, index_of(event_names(), event));
  }

  void take_account(std::int64_t, const std::string& account, const std::vector<std::string>& parties,
                    std::optional<std::int64_t> opened, const std::optional<std::string>& type,
                    const std::optional<std::string>& country) {
    const Turn turn(busy_);
    const std::vector<std::string_view> views(parties.begin(), parties.end());
    const std::string_view type_view = type ? *type : std::string_view(), country_view = country ? *country : std::string_view();
    fold_.take_account(account, views, opened.has_value(), opened.value_or(0), type ? &type_view : nullptr,
                       country ? &country_view : nullptr);
  }

  // Amounts of a currency are multiplied by numerator / denominator, rounded half-even, until factors are forgotten.
  void set_factor(const std::string& currency, std::int64_t numerator, std::int64_t denominator) {
    factors_.set(currency, Factor{numerator, denominator});
  }
  void forget_factors() { factors_.clear(); }
  void set_amount(std::int64_t row, std::int64_t amount) { amounts_.at(static_cast<std::size_t>(row)) = amount; }

  // Makes the reference amounts of a block from a row on; returns the first row that it cannot: of a currency without
  // a factor, or one that tells rates. The number of rows when all are made.
  std::int64_t amounts(nb::handle batch, std::int64_t row) {
    const Imported imported(batch);
    const Batch block = imported.batch();
    const Column minor = block.column("amount_minor"), currency = block.column("currency"), kind = block.column("kind");
    amounts_.resize(static_cast<std::size_t>(block.rows()));
    for (; row < block.rows(); ++row) {
      std::int64_t& amount = amounts_[static_cast<std::size_t>(row)];
      amount = 0;
      if (!minor.has(row)) {
        if (kind.text(row) == "rates") return row;
        continue;
      }
      const Factor* factor = factors_.find(currency.text(row));
      if (factor == nullptr) return row;
      amount = factor->times(minor.integer(row));
    }
    return row;
  }

  // Takes a block of the journal whose amounts were made by `amounts`. Returns the address of an ArrowArray with
  // the facts of its payments, to be taken over before the next call: a struct of seq, tx_id and the facts; of no column
  // where `compute` is false.
  std::uintptr_t observe_block(nb::handle batch, bool compute) {
    const Turn turn(busy_);
    const Imported imported(batch);
    auto out = std::make_shared<OutBatch>();
    {
      nb::gil_scoped_release released;
      BlockFold(fold_, circumstances_).take(imported.batch(), amounts_.data(), compute, *out);
    }
    if (given_.release) given_.release(&given_);
    hand_out(std::move(out), &given_);
    return reinterpret_cast<std::uintptr_t>(&given_);
  }

  // (payments, truncated, share retained or None); a payment is (tx, seq, clock, payer, payee, amount, role, hop).
  nb::tuple evidence(std::size_t fact) {
    const Turn turn(busy_);
    const Evidence evidence = fold_.evidence(fact);
    nb::list payments;
    for (const Shown& shown : evidence.payments) {
      const Names& names = fold_.book().names;
      payments.append(nb::make_tuple(shown.tx, shown.seq, shown.clock, names.text(shown.payer), names.text(shown.payee),
                                     shown.amount, shown.role, shown.hop));
    }
    nb::object share = evidence.has_share ? nb::object(nb::float_(evidence.share_retained)) : nb::object(nb::none());
    return nb::make_tuple(payments, evidence.truncated, share);
  }

  bool standing() const {
    const Turn turn(busy_);
    return fold_.standing();
  }

  nb::bytes state() {
    const Turn turn(busy_);
    fold_.settle();
    Writer to;
    write_book(fold_.book(), to);
    return nb::bytes(to.bytes.data(), to.bytes.size());
  }

  void load(nb::handle state) {
    const Turn turn(busy_);
    const Bytes bytes(state);
    nb::gil_scoped_release released;
    read_book(bytes.view(), fold_.book());
  }

  std::uint32_t fullest() const {
    const Turn turn(busy_);
    return fold_.book().fullest();
  }

  nb::dict sizes() const {
    const Turn turn(busy_);
    const Book& book = fold_.book();
    const Payments::Sizes in = book.payments.sizes();
    nb::dict sizes;
    sizes["records.payments"] = book.payments.log().size();
    sizes["records.declined"] = book.declined.log().size();
    sizes["records.returned"] = book.returned.log().size();
    sizes["records.verdicts"] = book.verdicts.size();
    sizes["records.frauds"] = book.frauds.size();
    sizes["records.events"] = book.events.log().size();
    sizes["keys.sent"] = in.sent;
    sizes["keys.received"] = in.received;
    sizes["keys.any"] = in.any;
    sizes["keys.pair"] = in.pairs;
    sizes["keys.silent_sent"] = in.silent_sent;
    sizes["keys.silent_received"] = in.silent_received;
    sizes["keys.silent_any"] = in.silent_any;
    sizes["keys.silent_pair"] = in.silent_pair;
    sizes["keys.before_any"] = in.before_any;
    sizes["accounts"] = book.holders.size();
    book.memories.sizes(sizes);
    return sizes;
  }

 private:
  nb::object observe(const PaymentGiven& given, std::int64_t amount) {
    Judged judged;
    judged.seq = given.seq;
    judged.edge = edge_of(given.clock, amount);
    judged.tx = given.tx;
    judged.declined = given.status == "declined";
    judged.texts = given.texts;
    judged.signals = given.signals;
    circumstances_.complete(judged, given.amount_minor, given.currency());
    fold_.judge(judged, given.payer, given.payee, true);
    return nb::cast(Facts(layout_, fold_.moment()));
  }

  static std::shared_ptr<const Layout> layout_of(const std::vector<std::string>& names, const Plan& plan) {
    auto layout = std::make_shared<Layout>();
    for (std::size_t i = 0; i < names.size(); ++i) layout->add(nb::str(names[i].c_str()), plan.ops[i].kind);
    return layout;
  }

  static Edge edge_of(std::int64_t clock, std::int64_t amount) {
    Edge edge{};
    edge.clock = clock;
    edge.amount = amount;
    return edge;
  }

  Fold fold_;
  Circumstances circumstances_;
  std::shared_ptr<const Layout> layout_;
  PaymentSlots slots_;
  ByCurrency<Factor> factors_;
  std::vector<std::int64_t> amounts_;
  ArrowArray given_{};  // what was handed out last; whoever received it has emptied this
  mutable std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace headgate
