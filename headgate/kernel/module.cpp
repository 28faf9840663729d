// The kernel as a Python module: entries and columns in, facts out. The owner of a fold is one thread at a time; a
// second one that comes meanwhile is refused. Entries must be valid and in order: the engine front sees to that.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unordered_map.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "arrow.hpp"
#include "door.hpp"
#include "fold.hpp"
#include "state.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace headgate {

// The local time of a clock: the offset of a whole hour is asked once, where it does not change within the hour.
class LocalTime {
 public:
  explicit LocalTime(nb::object offset_at) : offset_at_(std::move(offset_at)) {}

  void set(Judged& judged) {
    const std::int64_t second = judged.edge.clock / 1'000'000, hour = second / 3600;
    if (hour != hour_) {
      const auto known = offsets_.find(hour);
      offset_ = known != offsets_.end() ? known->second : ask_hour(hour);
      hour_ = hour;
    }
    const std::int64_t local = second + (offset_ == CHANGES ? ask(second) : offset_);
    const std::int64_t day = local >= 0 ? local / 86400 : -((86399 - local) / 86400);
    judged.local_hour = static_cast<std::int32_t>((local - day * 86400) / 3600);
    judged.local_weekday = static_cast<std::int32_t>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  }

 private:
  static constexpr std::int32_t CHANGES = INT32_MIN;

  std::int32_t ask(std::int64_t second) {
    nb::gil_scoped_acquire held;
    return nb::cast<std::int32_t>(offset_at_(second));
  }
  std::int32_t ask_hour(std::int64_t hour) {
    const std::int32_t start = ask(hour * 3600), end = ask(hour * 3600 + 3599);
    if (offsets_.size() > 100'000) offsets_.clear();
    return offsets_[hour] = start == end ? start : CHANGES;
  }

  nb::object offset_at_;
  std::unordered_map<std::int64_t, std::int32_t> offsets_;
  std::int64_t hour_ = -1;
  std::int32_t offset_ = 0;
};

// One thread at a time.
class Turn {
 public:
  explicit Turn(std::atomic_flag& busy) : busy_(busy) {
    if (busy_.test_and_set()) throw std::runtime_error("the fold is used by two threads at once; it has one owner");
  }
  ~Turn() { busy_.clear(); }

 private:
  std::atomic_flag& busy_;
};

std::string_view view_of(nb::handle text) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (data == nullptr) throw nb::python_error();
  return {data, static_cast<std::size_t>(size)};
}

// Attribute names, made once.
struct Fields {
  PyObject *seq, *clock_us, *ts_us, *tx_id, *payer, *payee, *currency, *direction, *status, *amount_minor;
  std::vector<PyObject*> texts, signals, yes_or_no;

  Fields() {
    const auto name = [](const char* text) { return PyUnicode_InternFromString(text); };
    seq = name("seq"), clock_us = name("clock_us"), tx_id = name("tx_id"), payer = name("payer"), payee = name("payee");
    currency = name("currency"), status = name("status"), amount_minor = name("amount_minor");
    ts_us = name("ts_us"), direction = name("direction");
    for (const std::string& text : text_names()) texts.push_back(name(text.c_str()));
    for (const std::string& signal : signal_names()) signals.push_back(name(signal.c_str()));
    yes_or_no = signals;
    yes_or_no.push_back(name("late"));
  }
};

// A record batch as its C structs, for as long as this stands.
class Imported {
 public:
  explicit Imported(nb::handle batch) : capsules_(nb::cast<nb::tuple>(batch.attr("__arrow_c_array__")())) {
    schema_ = static_cast<const ArrowSchema*>(PyCapsule_GetPointer(capsules_[0].ptr(), "arrow_schema"));
    array_ = static_cast<const ArrowArray*>(PyCapsule_GetPointer(capsules_[1].ptr(), "arrow_array"));
    if (schema_ == nullptr || array_ == nullptr) throw nb::python_error();
  }
  Batch batch() const { return Batch(*schema_, *array_); }

 private:
  nb::tuple capsules_;
  const ArrowSchema* schema_;
  const ArrowArray* array_;
};

// The door as Python sees it.
class Door {
 public:
  Door(std::int64_t min_clock, std::int64_t max_clock, std::size_t max_id, std::size_t max_text)
      : plain_({min_clock, max_clock, max_id, max_text}) {}

  void allow(const std::string& currency, std::int64_t most) { plain_.allow(currency, most); }
  void forget_currencies() { plain_.forget_currencies(); }

  std::int64_t rows(nb::handle batch, std::int64_t start, std::int64_t seq, std::int64_t clock) const {
    const Imported imported(batch);
    return plain_.rows(imported.batch(), start, seq, clock);
  }

  // Whether a payment is plainly valid, in order after an entry with this seq and clock.
  bool payment(nb::handle payment, std::int64_t seq, std::int64_t clock) const {
    static const Fields fields;
    Attributes of(payment);
    std::int64_t own_seq = 0, own_clock = 0, ts = 0, amount = 0;
    if (!of.integer(fields.seq, own_seq) || !of.integer(fields.clock_us, own_clock) || own_seq <= seq ||
        own_clock < clock || !plain_.time(own_clock)) {
      return false;
    }
    if (!of.integer(fields.ts_us, ts) || !plain_.time(ts) || !of.integer(fields.amount_minor, amount)) return false;
    std::string_view tx, payer, payee, direction, status, text;
    if (!of.text(fields.tx_id, tx) || !plain_.id(tx) || !of.text(fields.payer, payer) || !of.text(fields.payee, payee) ||
        !of.text(fields.currency, text) || !plain_.money(payer, payee, amount, text)) {
      return false;
    }
    if (!of.text(fields.direction, direction) || !PlainDoor::one_of(direction, {"both", "payer", "payee"}) ||
        !of.text(fields.status, status) || !PlainDoor::one_of(status, {"submitted", "declined"})) {
      return false;
    }
    for (PyObject* name : fields.texts) {
      if (!of.optional_text(name, text) || !plain_.text(text)) return false;
    }
    return std::all_of(fields.yes_or_no.begin(), fields.yes_or_no.end(), [&](PyObject* name) { return of.yes_or_no(name); });
  }

 private:
  // The attributes of one object, kept alive together; a wrong type is no error here but a no.
  class Attributes {
   public:
    explicit Attributes(nb::handle object) : object_(object) {}

    bool integer(PyObject* name, std::int64_t& value) {
      PyObject* found = get(name);
      if (!PyLong_CheckExact(found)) return false;
      int beyond = 0;
      value = PyLong_AsLongLongAndOverflow(found, &beyond);
      return beyond == 0;
    }
    bool text(PyObject* name, std::string_view& value) {
      PyObject* found = get(name);
      if (!PyUnicode_CheckExact(found) || !PyUnicode_IS_ASCII(found)) return false;
      value = {static_cast<const char*>(PyUnicode_DATA(found)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(found))};
      return true;
    }
    bool optional_text(PyObject* name, std::string_view& value) {
      if (get(name) != Py_None) return text(name, value);
      value = {};
      return true;
    }
    bool yes_or_no(PyObject* name) {
      PyObject* found = get(name);
      return found == Py_None || found == Py_True || found == Py_False;
    }

   private:
    // The fields of an entry are its own: it keeps them alive.
    PyObject* get(PyObject* name) {
      PyObject* found = PyObject_GetAttr(object_.ptr(), name);
      if (found == nullptr) throw nb::python_error();
      Py_DECREF(found);
      return found;
    }
    nb::handle object_;
  };

  PlainDoor plain_;
};

class Kernel {
 public:
  Kernel(const std::vector<std::string>& names, const std::vector<Words>& plans, const std::vector<std::string>& reads,
         const std::unordered_map<std::string, std::int64_t>& round_units, nb::object offset_at)
      : fold_(plans, reads), local_(std::move(offset_at)), round_units_(round_units) {
    for (const std::string& name : names) names_.push_back(nb::steal(PyUnicode_InternFromString(name.c_str())));
    for (const Op& op : fold_.plan().ops) {
      const bool local = op.measure == Measure::HOUR_LOCAL || op.measure == Measure::WEEKDAY_LOCAL ||
                         op.measure == Measure::IS_BUSINESS_DAY;
      wants_local_ |= local;
      wants_round_ |= op.measure == Measure::AMOUNT_IS_ROUND;
    }
    for (const nb::object& name : names_) template_[name] = nb::none();
  }

  nb::dict observe_payment(nb::handle payment, std::int64_t amount) {
    const Turn turn(busy_);
    static const Fields fields;
    const auto attribute = [&](PyObject* name) -> nb::handle {  // the payment keeps its fields alive
      PyObject* value = PyObject_GetAttr(payment.ptr(), name);
      if (value == nullptr) throw nb::python_error();
      Py_DECREF(value);
      return value;
    };
    Judged judged;
    judged.seq = PyLong_AsLongLong(attribute(fields.seq).ptr());
    judged.edge.clock = PyLong_AsLongLong(attribute(fields.clock_us).ptr());
    judged.edge.amount = amount;
    judged.tx = view_of(attribute(fields.tx_id));
    judged.declined = view_of(attribute(fields.status)) == "declined";
    for (std::size_t i = 0; i < fields.texts.size(); ++i) {
      const nb::handle text = attribute(fields.texts[i]);
      if (!text.is_none()) judged.texts[i] = view_of(text);
    }
    for (std::size_t i = 0; i < fields.signals.size(); ++i) {
      const nb::handle signal = attribute(fields.signals[i]);
      if (!signal.is_none()) judged.signals[i] = signal.is(nb::handle(Py_True)) ? 1 : 0;
    }
    if (wants_round_) {
      judged.round = is_round(PyLong_AsLongLong(attribute(fields.amount_minor).ptr()), judged.texts[2]);
    }
    if (wants_local_) local_.set(judged);
    const std::string_view payer = view_of(attribute(fields.payer)), payee = view_of(attribute(fields.payee));
    fold_.advance(judged.edge.clock);
    fold_.judge(judged, payer, payee, true);
    return values();
  }

  ~Kernel() {
    if (given_.release) given_.release(&given_);
  }
  Kernel(const Kernel&) = delete;

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
                    const std::optional<std::string>& supersedes) {
    const Turn turn(busy_);
    const std::string_view older = supersedes ? *supersedes : std::string_view();
    fold_.take_outcome(seq, edge_of(clock, amount), payer, payee, tx, id, fraud, supersedes ? &older : nullptr);
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
    factors_.insert_or_assign(currency, Factor{numerator, denominator});
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
      const auto factor = factors_.find(currency.text(row));
      if (factor == factors_.end()) return row;
      amount = converted(minor.integer(row), factor->second);
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
      fold_block(imported.batch(), amounts_.data(), compute, *out);
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

  void load(nb::bytes state) {
    const Turn turn(busy_);
    const std::string_view bytes(state.c_str(), state.size());
    nb::gil_scoped_release released;
    read_book(bytes, fold_.book());
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
  // Reference minor units for one minor unit of a currency.
  struct Factor {
    std::int64_t numerator = 1, denominator = 1;
  };

  static std::int64_t converted(std::int64_t amount_minor, const Factor& factor) {
    if (factor.numerator == factor.denominator) return amount_minor;
    const Int128 product = static_cast<Int128>(amount_minor) * factor.numerator;
    Int128 whole = product / factor.denominator;
    const Int128 twice = 2 * (product % factor.denominator);
    if (twice > factor.denominator || (twice == factor.denominator && (whole & 1))) ++whole;
    assert(whole <= MAX_REFERENCE_MINOR);  // the door lets no other amount pass
    return static_cast<std::int64_t>(whole);
  }

  static Edge edge_of(std::int64_t clock, std::int64_t amount) {
    Edge edge{};
    edge.clock = clock;
    edge.amount = amount;
    return edge;
  }

  bool is_round(std::int64_t amount_minor, std::string_view currency) {
    if (amount_minor <= 0) return false;
    if (currency != unit_of_) {
      unit_of_ = currency;
      unit_ = round_units_.at(unit_of_);
    }
    return amount_minor % unit_ == 0;
  }

  nb::dict values() const {
    const Moment& moment = fold_.moment();
    PyObject* facts = PyDict_Copy(template_.ptr());  // has its keys already: no growing, no hashing anew
    if (facts == nullptr) throw nb::python_error();
    nb::dict dict = nb::steal<nb::dict>(facts);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Value& value = moment.values()[i];
      if (!value.valid) continue;  // None already
      PyObject* made = nullptr;
      switch (fold_.plan().ops[i].kind) {
        case Kind::INT: made = PyLong_FromLongLong(value.integer); break;
        case Kind::FLOAT: made = PyFloat_FromDouble(value.real); break;
        case Kind::BOOL: made = PyBool_FromLong(value.integer != 0); break;
        case Kind::TEXT: {
          const std::string_view text = moment.texts()[i];
          made = PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
        }
      }
      if (made == nullptr || PyDict_SetItem(facts, names_[i].ptr(), made) != 0) throw nb::python_error();
      Py_DECREF(made);
    }
    return dict;
  }

  struct Columns {
    Column seq, clock, kind, tx, payer, payee, amount_minor, status, new_status, outcome, outcome_id, supersedes,
        account, party, joint, opened, type, country, event;
    std::array<Column, 6> texts;
    std::array<Column, 3> signals;

    explicit Columns(const Batch& batch)
        : seq(batch.column("seq")), clock(batch.column("clock_us")), kind(batch.column("kind")),
          tx(batch.column("tx_id")), payer(batch.column("payer")), payee(batch.column("payee")),
          amount_minor(batch.column("amount_minor")), status(batch.column("status")),
          new_status(batch.column("new_status")), outcome(batch.column("outcome")),
          outcome_id(batch.column("outcome_id")), supersedes(batch.column("supersedes")),
          account(batch.column("account")), party(batch.column("party")), joint(batch.column("joint_parties")),
          opened(batch.column("opened_us")), type(batch.column("account_type")),
          country(batch.column("account_country")), event(batch.column("event")) {
      for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = batch.column(text_names()[i]);
      for (std::size_t i = 0; i < signals.size(); ++i) signals[i] = batch.column(signal_names()[i]);
    }
  };

  void fold_block(const Batch& batch, const std::int64_t* amounts, bool compute, OutBatch& out) {
    const Columns columns(batch);
    std::int64_t payments = 0;
    for (std::int64_t row = 0; row < batch.rows(); ++row) payments += columns.kind.text(row) == "payment";
    if (compute) {
      std::vector<Kind> kinds = {Kind::INT, Kind::TEXT};
      for (const Op& op : fold_.plan().ops) kinds.push_back(op.kind);
      out.open(kinds, payments);
    }
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
    }
    for (; ahead.near < std::min(rows, row + 3); ++ahead.near) {
      const Ahead::Row& next = ahead.rows[ahead.near % Ahead::ROWS];
      book.payments.prefetch_rows(next.payer, next.payee);
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
    if (wants_round_) judged.round = is_round(columns.amount_minor.integer(row), judged.texts[2]);
    if (wants_local_) local_.set(judged);
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
                         columns.outcome_id.text(row), columns.outcome.text(row) == "fraud",
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

  Fold fold_;
  LocalTime local_;
  std::unordered_map<std::string, std::int64_t> round_units_;
  std::unordered_map<std::string, Factor, TextHash, std::equal_to<>> factors_;
  std::vector<std::int64_t> amounts_;
  ArrowArray given_{};  // what was handed out last; whoever received it has emptied this
  std::string unit_of_;
  std::int64_t unit_ = 1;
  std::vector<nb::object> names_;
  nb::dict template_;  // every name, with None
  bool wants_local_ = false, wants_round_ = false;
  mutable std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace headgate

NB_MODULE(_kernel, module) {
  using headgate::Door;
  using headgate::Kernel;
  nb::class_<Door>(module, "PlainDoor")
      .def(nb::init<std::int64_t, std::int64_t, std::size_t, std::size_t>(), "min_clock_us"_a, "max_clock_us"_a,
           "max_id_chars"_a, "max_text_chars"_a)
      .def("allow", &Door::allow)
      .def("forget_currencies", &Door::forget_currencies)
      .def("rows", &Door::rows)
      .def("payment", &Door::payment);
  nb::class_<Kernel>(module, "Kernel")
      .def(nb::init<const std::vector<std::string>&, const std::vector<headgate::Words>&, const std::vector<std::string>&,
                    const std::unordered_map<std::string, std::int64_t>&, nb::object>(),
           "names"_a, "plans"_a, "reads"_a, "round_units"_a, "offset_at"_a)
      .def("observe_payment", &Kernel::observe_payment)
      .def("set_factor", &Kernel::set_factor)
      .def("forget_factors", &Kernel::forget_factors)
      .def("set_amount", &Kernel::set_amount)
      .def("amounts", &Kernel::amounts)
      .def("observe_block", &Kernel::observe_block, "batch"_a, "compute"_a)
      .def("advance", &Kernel::advance)
      .def("take_status", &Kernel::take_status)
      .def("take_outcome", &Kernel::take_outcome, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
           nb::arg(), nb::arg(), nb::arg().none())
      .def("take_event", &Kernel::take_event)
      .def("take_account", &Kernel::take_account, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(),
           nb::arg().none())
      .def("standing", &Kernel::standing)
      .def("evidence", &Kernel::evidence)
      .def("state", &Kernel::state)
      .def("load", &Kernel::load)
      .def("fullest", &Kernel::fullest)
      .def("sizes", &Kernel::sizes);
  module.def("visited", [] { return headgate::visited; });
  module.def("fail_allocation_after", [](std::int64_t allocations) { headgate::allocations_left = allocations; });
  module.def("pattern_names", &headgate::pattern_names);
}
