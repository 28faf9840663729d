// The state of a fold as bytes, and back: what is remembered, in journal order, so that remembering it again gives the
// same state. Little-endian integers and lengths; the checksum and the version are those of the file around it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
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
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return text(get<std::uint32_t>()); }
  std::string_view text(std::uint32_t length) { return take(length); }
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
  // Passes over so many bytes; false where there are fewer.
  bool skip(std::size_t size) {
    if (size > bytes_.size()) return false;
    bytes_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) throw std::invalid_argument("the state ends before its time");
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

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
  // The same as a hint only: NONE for a number that names nobody.
  std::uint32_t near(std::uint32_t number) const { return number < numbers_.size() ? numbers_[number] : NONE; }
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

// Reads who pays whom some payments ahead, so that what they need is near when their turn comes; never past the end.
class AheadReader {
 public:
  std::uint32_t payer = NONE, payee = NONE;

  AheadReader(const Reader& from, std::uint64_t payments, std::uint64_t ahead) : from_(from), left_(payments) {
    for (std::uint64_t i = 0; i < ahead; ++i) next();
  }
  bool next() {
    if (left_ == 0 || !from_.skip(24)) return false;
    --left_;
    payer = from_.get<std::uint32_t>();
    payee = from_.get<std::uint32_t>();
    from_.text();
    return true;
  }

 private:
  Reader from_;
  std::uint64_t left_;
};

inline void read_payments(Reader& from, Book& book, const Dictionary& accounts) {
  const auto size = from.many(36), pairs = from.get<std::uint64_t>();
  book.payments.expect_pairs(std::min(size, pairs));
  std::int64_t before = 0;
  AheadReader keys(from, size, 16), rows(from, size, 8);
  for (std::uint64_t i = 0; i < size; ++i) {
    if (keys.next()) book.payments.prefetch_keys(accounts.near(keys.payer), accounts.near(keys.payee));
    if (rows.next()) book.payments.prefetch_rows(accounts.near(rows.payer), accounts.near(rows.payee));
    Edge edge{};
    const auto seq = from.get<std::int64_t>();
    edge.clock = from.clock();
    const auto packed = from.get<std::int64_t>();
    edge.amount = packed >> 1;
    edge.own = packed & 1;
    edge.payer = accounts[from.get<std::uint32_t>()];
    edge.payee = accounts[from.get<std::uint32_t>()];
    if (edge.amount < 0 || edge.amount > MAX_REFERENCE_MINOR || edge.clock < before) {
      throw std::invalid_argument("the state has a payment that cannot be");
    }
    before = edge.clock;
    book.payments.add(seq, edge, from.text(), book.names);
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
  to.put(static_cast<std::uint64_t>(book.verdicts.size()));
  for (std::size_t i = 0; i < book.verdicts.log().size(); ++i) {
    const Verdicts::Verdict& verdict = book.verdicts.log()[i];
    write_kept(verdict.edge, to);
    to.text(verdict.outcome_id);
    to.put(static_cast<std::uint8_t>(verdict.fraud));
    to.put(static_cast<std::uint8_t>(verdict.counts));
  }
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
  const auto verdicts = from.many(43);
  for (std::uint64_t i = 0; i < verdicts; ++i) {
    Verdicts::Verdict verdict;
    verdict.edge = read_kept(from, accounts);
    verdict.outcome_id = from.text();
    verdict.fraud = from.get<std::uint8_t>() != 0;
    verdict.counts = from.get<std::uint8_t>() != 0;
    book.verdicts.add(std::move(verdict), book.names);
  }
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
