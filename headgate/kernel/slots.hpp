// The fields of a payment by where they lie in it. Its class has slots, and CPython tells the place of each; so a field
// costs one look at memory. A value of another type than the class states is seen, never trusted.
#pragma once

#include <nanobind/nanobind.h>
#include <structmember.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "door.hpp"
#include "memory.hpp"
#include "plan.hpp"

namespace headgate {

class PaymentSlots {
 public:
  explicit PaymentSlots(nanobind::handle type) : kept_(nanobind::borrow(type)) {
    static const char* const names[] = {"seq",   "clock_us", "ts_us",     "amount_minor", "tx_id",
                                        "payer", "payee",    "direction", "status",       "late"};
    for (int field = 0; field < TEXTS; ++field) places_[field] = place(names[field]);
    for (std::size_t i = 0; i < text_names().size(); ++i) places_[TEXTS + i] = place(text_names()[i]);
    for (std::size_t i = 0; i < signal_names().size(); ++i) places_[SIGNALS + i] = place(signal_names()[i]);
  }

  // Reads a payment; false for anything else and for a payment with a value of a wrong type. The texts are those of
  // the payment: it keeps them alive.
  bool read(nanobind::handle entry, PaymentGiven& given) const {
    if (reinterpret_cast<PyObject*>(Py_TYPE(entry.ptr())) != kept_.ptr()) return false;
    const char* const object = reinterpret_cast<const char*>(entry.ptr());
    for (std::size_t field = 0; field < TEXTS; ++field) bring_near(at(object, field));
    bool whole = integer(object, SEQ, given.seq) && integer(object, CLOCK, given.clock) &&
                 integer(object, TS, given.ts) && integer(object, AMOUNT, given.amount_minor) &&
                 text(object, TX, given.tx) && text(object, PAYER, given.payer) && text(object, PAYEE, given.payee) &&
                 text(object, DIRECTION, given.direction) && text(object, STATUS, given.status);
    for (std::size_t i = 0; whole && i < given.texts.size(); ++i) {
      const bool absent = i >= ALWAYS && at(object, TEXTS + i) == Py_None;
      if (!absent) whole = text(object, TEXTS + i, given.texts[i]);
    }
    for (std::size_t i = 0; whole && i < given.signals.size(); ++i) {
      whole = yes_or_no(object, SIGNALS + i, given.signals[i]);
    }
    std::int8_t late = 0;
    return whole && yes_or_no(object, LATE, late);
  }

 private:
  enum Field { SEQ, CLOCK, TS, AMOUNT, TX, PAYER, PAYEE, DIRECTION, STATUS, LATE, TEXTS };
  static constexpr std::size_t ALWAYS = 3;  // channel, rail and currency are never None
  static constexpr std::size_t SIGNALS = TEXTS + 6, FIELDS = SIGNALS + 3;

  // Where a slot lies in an object, in bytes: the type that made it, or one of its bases, lists it as a member.
  Py_ssize_t place(const std::string& name) const {
    for (auto* type = reinterpret_cast<PyTypeObject*>(kept_.ptr()); type != nullptr; type = type->tp_base) {
      for (const PyMemberDef* member = type->tp_members; member != nullptr && member->name != nullptr; ++member) {
        if (member->type == T_OBJECT_EX && name == member->name) return member->offset;
      }
    }
    throw std::invalid_argument("a payment has no slot " + name);
  }

  PyObject* at(const char* object, std::size_t field) const {
    return *reinterpret_cast<PyObject* const*>(object + places_[field]);
  }
  bool integer(const char* object, std::size_t field, std::int64_t& value) const {
    PyObject* found = at(object, field);
    if (found == nullptr || !PyLong_CheckExact(found)) return false;
    int beyond = 0;
    value = PyLong_AsLongLongAndOverflow(found, &beyond);
    return beyond == 0;
  }
  bool text(const char* object, std::size_t field, std::string_view& value) const {
    PyObject* found = at(object, field);
    if (found == nullptr || !PyUnicode_CheckExact(found)) return false;
    if (PyUnicode_IS_COMPACT_ASCII(found)) {
      value = {static_cast<const char*>(PyUnicode_DATA(found)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(found))};
      return true;
    }
    Py_ssize_t size = 0;
    const char* data = PyUnicode_AsUTF8AndSize(found, &size);
    if (data == nullptr) return PyErr_Clear(), false;  // half of a character
    value = {data, static_cast<std::size_t>(size)};
    return true;
  }
  bool yes_or_no(const char* object, std::size_t field, std::int8_t& value) const {
    PyObject* found = at(object, field);
    value = found == Py_None ? -1 : found == Py_True;
    return found == Py_None || found == Py_True || found == Py_False;
  }

  nanobind::object kept_;
  std::array<Py_ssize_t, FIELDS> places_{};
};

}  // namespace headgate
