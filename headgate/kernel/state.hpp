// The state of a fold as bytes, and back: what is remembered, in journal order, so that remembering it again gives the
// same state. Little-endian integers and lengths; the checksum and the version are those of the file around it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "book.hpp"

namespace headgate {

static_assert(std::endian::native == std::endian::little, "snapshots are written little-endian");

constexpr std::int64_t MAX_CLOCK_US = 4'102'444'800'000'000LL;  // 2100-01-01, as in limits.py

class Writer {
 public:
  std::string bytes;

  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes.append(text);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    T value;
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return text(get<std::uint32_t>()); }
  std::string_view text(std::uint32_t length) { return bytes(length); }
  // A number of things that follow, each at least `bytes` long.
  std::uint64_t many(std::size_t bytes) {
    const auto many = get<std::uint64_t>();
    if (many > bytes_.size() / bytes) throw std::invalid_argument("the state ends before its time");
    return many;
  }
  // A time of the journal.
  std::int64_t clock() {
    const auto clock = get<std::int64_t>();
    if (clock < 0 || clock >= MAX_CLOCK_US) throw std::invalid_argument("the state has a wrong time");
    return clock;
  }
  bool done() const { return bytes_.empty(); }
  // So many bytes, passed over.
  std::string_view bytes(std::size_t size) {
    if (size > bytes_.size()) throw std::invalid_argument("the state ends before its time");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view bytes_;
};

// Numbers in a file are those of the book that wrote it; the reader gives its own.
class Dictionary {
 public:
  static void write(const Names& names, Writer& to) {
    to.put(static_cast<std::uint64_t>(names.numbers()));
    for (std::uint32_t number = 0; number < names.numbers(); ++number) {
      if (names.holds(number)) to.text(names.text(number));
      else to.put(NONE);  // a text may be empty, but not as long as this
    }
  }
  Dictionary(Reader& from, Names& names) : names_(names) {
    const auto size = from.many(4);
    numbers_.reserve(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto length = from.get<std::uint32_t>();
      numbers_.push_back(length == NONE ? NONE : names.number(from.text(length)));
      if (length != NONE) names.hold(numbers_.back());
    }
  }
  // Call when all is read: what nobody holds is dropped.
  void close() {
    for (const std::uint32_t number : numbers_) {
      if (number != NONE) names_.release(number);
    }
  }
  std::uint32_t operator[](std::uint32_t number) const {
    if (number >= numbers_.size() || numbers_[number] == NONE) throw std::invalid_argument("the state names nobody");
    return numbers_[number];
  }
  std::uint32_t or_none(std::uint32_t number) const { return number == NONE ? NONE : (*this)[number]; }

 private:
  Names& names_;
  std::vector<std::uint32_t> numbers_;
};

inline void write_kept(const Kept& kept, Writer& to) {
  to.put(kept.seq);
  to.put(kept.clock);
  to.put(kept.amount);
  to.put(kept.payer);
  to.put(kept.payee);
  to.put(static_cast<std::uint8_t>(kept.own));
  to.text(kept.tx);
}

inline Kept read_kept(Reader& from, const Dictionary& accounts) {
  Kept kept;
  kept.seq = from.get<std::int64_t>();
  kept.clock = from.clock();
  kept.amount = from.get<std::int64_t>();
  if (kept.amount < 0 || kept.amount > MAX_REFERENCE_MINOR) throw std::invalid_argument("the state has a wrong amount");
  kept.payer = accounts[from.get<std::uint32_t>()];
  kept.payee = accounts[from.get<std::uint32_t>()];
  kept.own = from.get<std::uint8_t>() != 0;
  kept.tx = from.text();
  return kept;
}

inline void write_payments(const Payments& payments, Writer& to) {
  const Log& log = payments.log();
  to.put(static_cast<std::uint64_t>(log.size()));
  to.put(static_cast<std::uint64_t>(payments.pairs()));
  std::vector<std::uint32_t> cursor;
  for (Place at = 0; at < log.size(); ++at) {
    const AccountId payer = log.payer(at);
    if (payer >= cursor.size()) cursor.resize(payer + 1, 0);
    const Line& line = payments.sent(payer);
    const std::uint32_t i = cursor[payer]++;
    to.put(log.seq(at));
    to.put(line.clock(i));
    to.put(line.amount(i) << 1 | (line.own(i) ? 1 : 0));
    to.put(payer);
    to.put(log.payee(at));
    to.text(log.tx(at));
  }
}

// A payment as the file tells it; its accounts are numbers of the file.
struct Told {
  std::int64_t seq, clock, packed;
  std::uint32_t payer, payee;
  std::string_view tx;

  Told() = default;
  explicit Told(Reader& from) {
    const char* at = from.bytes(BYTES).data();
    const auto take = [&at](auto& value) { std::memcpy(&value, std::exchange(at, at + sizeof value), sizeof value); };
    std::uint32_t length;
    take(seq), take(clock), take(packed), take(payer), take(payee), take(length);
    tx = from.bytes(length);
  }
  static constexpr std::size_t BYTES = 36;  // without the text
};

// Room for each account's payments at once, so that nothing grows while they are added.
inline void expect_payments(Reader from, std::uint64_t size, std::uint64_t pairs, Book& book, const Dictionary& accounts) {
  std::vector<std::uint32_t> sent(book.names.numbers()), received(book.names.numbers());
  for (std::uint64_t i = 0; i < size; ++i) {
    const Told told(from);
    ++sent[accounts[told.payer]];
    ++received[accounts[told.payee]];
  }
  book.payments.expect(std::min(size, pairs), sent, received);
}

// Payments in order, each with what it will touch brought near before its turn comes.
class PaymentsAhead {
 public:
  PaymentsAhead(Reader& from, std::uint64_t size, const Payments& payments, const Dictionary& accounts)
      : from_(from), size_(size), payments_(payments), accounts_(accounts) {}

  Told next() {
    for (; read_ < std::min(size_, taken_ + FAR); ++read_) {
      Told& told = waiting_[read_ % FAR] = Told(from_);
      told.payer = accounts_[told.payer];
      told.payee = accounts_[told.payee];
      payments_.prefetch_ends(told.payer, told.payee);
    }
    if (taken_ + NEAR < size_) {
      const Told& soon = waiting_[(taken_ + NEAR) % FAR];
      payments_.prefetch_newest(soon.payer, soon.payee);
    }
    return waiting_[taken_++ % FAR];
  }

 private:
  static constexpr std::uint64_t FAR = 32, NEAR = 16;

  Reader& from_;
  std::uint64_t size_, read_ = 0, taken_ = 0;
  const Payments& payments_;
  const Dictionary& accounts_;
  std::array<Told, FAR> waiting_{};
};

inline void read_payments(Reader& from, Book& book, const Dictionary& accounts) {
  const auto size = from.many(Told::BYTES), pairs = from.get<std::uint64_t>();
  expect_payments(from, size, pairs, book, accounts);
  PaymentsAhead ahead(from, size, book.payments, accounts);
  std::int64_t before = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    const Told told = ahead.next();
    const Edge edge{told.clock, told.packed >> 1, 0, told.payer, told.payee, (told.packed & 1) != 0};
    if (edge.amount < 0 || edge.amount > MAX_REFERENCE_MINOR || edge.clock < before || edge.clock >= MAX_CLOCK_US) {
      throw std::invalid_argument("the state has a payment that cannot be");
    }
    before = edge.clock;
    book.payments.add(told.seq, edge, told.tx, book.names);
  }
}

inline void write_aside(const Aside& aside, Writer& to) {
  to.put(static_cast<std::uint64_t>(aside.log().size()));
  for (Place at = 0; at < aside.log().size(); ++at) {
    const Edge& edge = aside.edge_at(at);
    write_kept({aside.log().seq(at), edge.clock, edge.amount, edge.payer, edge.payee, edge.own,
                std::string(aside.log().tx(at))}, to);
  }
}

inline void read_aside(Reader& from, Aside& aside, Names& names, const Dictionary& accounts) {
  const auto size = from.many(37);
  for (std::uint64_t i = 0; i < size; ++i) {
    const Kept kept = read_kept(from, accounts);
    aside.add(kept.seq, Edge{kept.clock, kept.amount, 0, kept.payer, kept.payee, kept.own}, kept.tx, names);
  }
}

inline void write_verdicts(const Verdicts& verdicts, Writer& to) {
  to.put(static_cast<std::uint64_t>(verdicts.size()));
  for (std::size_t i = 0; i < verdicts.log().size(); ++i) {
    const Verdicts::Verdict& verdict = verdicts.log()[i];
    write_kept(verdict.edge, to);
    to.text(verdict.outcome_id);
    to.put(verdict.paid);
    to.put(static_cast<std::uint8_t>(verdict.fraud));
    to.put(static_cast<std::uint8_t>(verdict.counts));
  }
}

inline void read_verdicts(Reader& from, Verdicts& verdicts, Names& names, const Dictionary& accounts) {
  const auto size = from.many(51);
  for (std::uint64_t i = 0; i < size; ++i) {
    Verdicts::Verdict verdict;
    verdict.edge = read_kept(from, accounts);
    verdict.outcome_id = from.text();
    verdict.paid = from.get<std::int64_t>();
    verdict.fraud = from.get<std::uint8_t>() != 0;
    verdict.counts = from.get<std::uint8_t>() != 0;
    verdicts.add(std::move(verdict), names);
  }
}

inline void write_book(Book& book, Writer& to) {
  Dictionary::write(book.names, to);
  Dictionary::write(book.words, to);
  to.put(static_cast<std::uint64_t>(book.holders.size()));
  book.holders.each([&](std::uint64_t account, const Holder& holder) {
    to.put(static_cast<std::uint32_t>(account));
    to.put(holder.opened);
    to.put(static_cast<std::uint8_t>(holder.has_opened));
    to.put(holder.type);
    to.put(holder.country);
    to.put(static_cast<std::uint64_t>(holder.parties.size()));
    for (const std::uint32_t party : holder.parties) to.put(party);
  });
  write_payments(book.payments, to);
  for (int which = 0; which < Payments::SILENT; ++which) {
    const Silent& silent = book.payments.silent(which);
    to.put(static_cast<std::uint64_t>(silent.size()));
    silent.each([&](std::uint64_t key, const Kept& kept) {
      to.put(key);
      write_kept(kept, to);
    });
  }
  write_aside(book.declined, to);
  write_aside(book.returned, to);
  write_verdicts(book.verdicts, to);
  write_verdicts(book.frauds, to);
  to.put(static_cast<std::uint64_t>(book.events.log().size()));
  for (std::size_t i = 0; i < book.events.log().size(); ++i) {
    const Events::Event& event = book.events.log()[i];
    to.put(event.seq);
    to.put(event.clock);
    to.put(event.account);
    to.put(event.kind);
  }
  book.memories.write(to);
}

// The book must be empty. Throws std::invalid_argument for bytes that are no state.
inline void read_book(std::string_view bytes, Book& book) {
  Reader from(bytes);
  Dictionary accounts(from, book.names), words(from, book.words);
  const auto holders = from.many(25);
  for (std::uint64_t i = 0; i < holders; ++i) {
    const AccountId account = accounts[from.get<std::uint32_t>()];
    Holder holder;
    holder.opened = from.get<std::int64_t>();
    holder.has_opened = from.get<std::uint8_t>() != 0;
    holder.type = words.or_none(from.get<std::uint32_t>());
    holder.country = words.or_none(from.get<std::uint32_t>());
    const auto parties = from.many(4);
    for (std::uint64_t k = 0; k < parties; ++k) holder.parties.push_back(words[from.get<std::uint32_t>()]);
    book.set_holder(account, std::move(holder));
  }
  read_payments(from, book, accounts);
  for (int which = 0; which < Payments::SILENT; ++which) {
    const auto size = from.many(45);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto key = from.get<std::uint64_t>();
      const bool pair = which == 3;
      const auto number = [&](std::uint32_t of) { return accounts[of]; };
      const std::uint64_t own_key = pair ? pair_key(number(static_cast<std::uint32_t>(key >> 32)),
                                                    number(static_cast<std::uint32_t>(key)))
                                         : number(static_cast<std::uint32_t>(key));
      book.payments.silent(which).put(own_key, read_kept(from, accounts), book.names);
    }
  }
  read_aside(from, book.declined, book.names, accounts);
  read_aside(from, book.returned, book.names, accounts);
  read_verdicts(from, book.verdicts, book.names, accounts);
  read_verdicts(from, book.frauds, book.names, accounts);
  const auto events = from.many(24);
  for (std::uint64_t i = 0; i < events; ++i) {
    Events::Event event{};
    event.seq = from.get<std::int64_t>();
    event.clock = from.clock();
    event.account = accounts[from.get<std::uint32_t>()];
    event.kind = from.get<std::uint32_t>();
    book.events.add(event, book.names);
  }
  book.memories.read(from, accounts, words, book.names, book.words);
  accounts.close();
  words.close();
  if (!from.done()) throw std::invalid_argument("the state goes on after its end");
}

}  // namespace headgate
