// What is remembered beside the payments of the longest window: sums of closed days, what is never forgotten of an
// account, and who belongs together. Each memory keeps nothing unless a fact reads it.
#pragma once

#include <cstdint>
#include <string>

#include "chains.hpp"
#include "community.hpp"
#include "days.hpp"
#include "ever.hpp"
#include "names.hpp"
#include "pairs.hpp"
#include "types.hpp"
#include "ways.hpp"

namespace headgate {

constexpr int PROFILE_DAYS = 400, PROFILE_SHORT_DAYS = 90, PEER_DAYS = 28;
static_assert(PROFILE_DAYS * US_PER_DAY == PROFILE_HORIZON_US);

class Memories {
 public:
  Days profile_sent{Days::ONE, PROFILE_SHORT_DAYS, PROFILE_DAYS};
  Days profile_received{Days::ONE, PROFILE_SHORT_DAYS, PROFILE_DAYS};
  Days profile_pair{Days::TWO, PROFILE_SHORT_DAYS, PROFILE_DAYS};
  Days peers_sent{Days::ONE, PEER_DAYS, PEER_DAYS}, peers_received{Days::ONE, PEER_DAYS, PEER_DAYS};  // by type
  Chains chains;
  Ever ever;
  Community community;
  Ways ways_sent, ways_received;

  // Keeps what a store of this name is read for; returns whether there is one.
  bool open(const std::string& store) {
    if (store == "chains") return chains.keeps = true;
    if (store == "ever") return ever.keeps = true;
    if (store == "ways_sent") return ways_sent.keeps = true;
    if (store == "ways_received") return ways_received.keeps = true;
    for (const Named& named : all()) {
      if (store == named.name) return named.days->keeps = true;
    }
    return false;
  }

  // Bring near what is asked of and added to these accounts. Hints only.
  void prefetch(AccountId payer, AccountId payee) const {
    for (const AccountId account : {payer, payee}) {
      profile_sent.prefetch(account);
      profile_received.prefetch(account);
      chains.prefetch(account);
      ever.prefetch(account);
    }
    profile_pair.prefetch(pair_key(payer, payee));
    profile_pair.prefetch(pair_key(payee, payer));
    ways_sent.prefetch(payer);
    ways_received.prefetch(payee);
  }

  // The same of what was brought near: what lies behind it.
  void prefetch_newest(AccountId payer, AccountId payee) const {
    for (const AccountId account : {payer, payee}) {
      profile_sent.prefetch_newest(account);
      profile_received.prefetch_newest(account);
    }
    profile_pair.prefetch_newest(pair_key(payer, payee));
    profile_pair.prefetch_newest(pair_key(payee, payer));
    chains.prefetch_newest(payer);
    ways_sent.prefetch_newest(payer);
    ways_received.prefetch_newest(payee);
  }

  // Learns from a payment that moved money. types: what is known of payer and payee now, NONE for nothing.
  void add(const Edge& edge, const Said& said, std::uint32_t payer_type, std::uint32_t payee_type, Names& names,
           Names& words) {
    profile_sent.add(edge.payer, edge.clock, edge.amount, names);
    profile_received.add(edge.payee, edge.clock, edge.amount, names);
    profile_pair.add(pair_key(edge.payer, edge.payee), edge.clock, edge.amount, names);
    if (payer_type != NONE) peers_sent.add(payer_type, edge.clock, edge.amount, words);
    if (payee_type != NONE) peers_received.add(payee_type, edge.clock, edge.amount, words);
    chains.add(edge, names);
    ever.add(edge, names);
    ways_sent.add(edge.payer, edge.clock, said, names, words);
    ways_received.add(edge.payee, edge.clock, said, names, words);
  }

  void forget(std::int64_t clock, Names& names, Names& words) {
    for (const Named& named : all()) named.days->forget(clock, named.of_words ? words : names);
    chains.forget(clock, names);
    community.forget(clock);
    for (Ways* ways : {&ways_sent, &ways_received}) ways->forget(clock, names, words);
  }

  template <class Writer>
  void write(Writer& to) {
    for (const Named& named : all()) named.days->write(to);
    chains.write(to);
    ever.write(to);
    for (const Ways* ways : {&ways_sent, &ways_received}) {
      if (ways->keeps) ways->write(to);
    }
  }

  // accounts, kinds: from the numbers of the file to those of `names` and `words`.
  template <class Reader, class Numbers>
  void read(Reader& from, const Numbers& accounts, const Numbers& kinds, Names& names, Names& words) {
    for (const Named& named : all()) {
      named.days->read(from, named.of_words ? kinds : accounts, named.of_words ? words : names);
    }
    chains.read(from, accounts, names);
    ever.read(from, accounts, names);
    for (Ways* ways : {&ways_sent, &ways_received}) {
      if (ways->keeps) ways->read(from, accounts, kinds, names, words);
    }
  }

  template <class Sizes>
  void sizes(Sizes& sizes) const {
    for (const Named& named : const_cast<Memories*>(this)->all()) sizes[(std::string("keys.") + named.name).c_str()] = named.days->size();
    sizes["keys.chains"] = chains.size();
    sizes["keys.ways_sent"] = ways_sent.size();
    sizes["keys.ways_received"] = ways_received.size();
    sizes["ever"] = ever.size();
    sizes["community"] = community.size();
  }

  // Whether it is remembered how payments came.
  bool keeps_ways() const { return ways_sent.keeps || ways_received.keeps; }

 private:
  struct Named {
    const char* name;
    Days* days;
    bool of_words;
  };
  struct All {
    Named items[5];
    const Named* begin() const { return items; }
    const Named* end() const { return items + 5; }
  };
  All all() {
    return {{{"profile_sent", &profile_sent, false},
             {"profile_received", &profile_received, false},
             {"profile_pair", &profile_pair, false},
             {"peers_sent", &peers_sent, true},
             {"peers_received", &peers_received, true}}};
  }
};

}  // namespace headgate
