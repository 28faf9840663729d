// The facts of one payment, as they left the fold: numbers and texts in the order of their names. Conditions, models,
// digests read them where they lie; a value of Python is made only when somebody asks for it.
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moment.hpp"
#include "plan.hpp"

namespace headgate {

namespace nb = nanobind;

// The names of facts with their kinds and places; shared by all facts that have them.
class Layout {
 public:
  void add(nb::handle name, Kind kind) {
    PyObject* interned = Py_NewRef(name.ptr());
    PyUnicode_InternInPlace(&interned);
    const nb::object held = nb::steal(interned);
    places_[held] = names_.size();
    names_.append(held);
    if (kind == Kind::TEXT) texts_.push_back(kinds_.size());
    kinds_.push_back(kind);
  }

  std::size_t size() const { return kinds_.size(); }
  Kind kind(std::size_t at) const { return kinds_[at]; }
  nb::handle name(std::size_t at) const { return names_[at]; }
  const nb::list& names() const { return names_; }
  const std::vector<std::size_t>& texts() const { return texts_; }  // the places of those that are texts

  // -1 where there is no such name.
  std::ptrdiff_t place_of(nb::handle name) const {
    PyObject* found = PyDict_GetItemWithError(places_.ptr(), name.ptr());
    if (found != nullptr) return PyLong_AsSsize_t(found);
    if (PyErr_Occurred()) throw nb::python_error();
    return -1;
  }

 private:
  nb::list names_;
  nb::dict places_;
  std::vector<Kind> kinds_;
  std::vector<std::size_t> texts_;
};

class Facts {
 public:
  Facts(std::shared_ptr<const Layout> layout, const Moment& moment)
      : layout_(std::move(layout)), values_(moment.values()) {
    for (const std::size_t at : layout_->texts()) {
      if (values_[at].valid) keep(at, moment.texts()[at]);
    }
  }

  // Facts told as a mapping; each has the kind of its value. TypeError, OverflowError for what is no value of a fact.
  explicit Facts(nb::handle told) : Facts(told, nb::list(mapping(told).keys())) {}

  // The same of these names, as far as they are told.
  Facts(nb::handle told, const nb::list& names) {
    const nb::dict each = mapping(told);
    auto layout = std::make_shared<Layout>();
    for (const nb::handle name : names) {
      if (!PyUnicode_Check(name.ptr())) throw nb::type_error("the name of a fact is a text");
      PyObject* value = PyDict_GetItemWithError(each.ptr(), name.ptr());
      if (value == nullptr && PyErr_Occurred()) throw nb::python_error();
      if (value == nullptr || layout->place_of(name) >= 0) continue;
      values_.emplace_back();
      layout->add(name, take(values_.size() - 1, value));
    }
    layout_ = std::move(layout);
  }

  const std::shared_ptr<const Layout>& layout() const { return layout_; }
  Kind kind(std::size_t at) const { return layout_->kind(at); }
  const Value& value(std::size_t at) const { return values_[at]; }
  // Of a known text.
  std::string_view text(std::size_t at) const {
    const auto [start, size] = spans(values_[at].integer);
    return std::string_view(texts_).substr(start, size);
  }

  std::size_t size() const { return values_.size(); }
  bool has(nb::handle name) const { return layout_->place_of(name) >= 0; }
  nb::object at(nb::handle name) const {
    const std::ptrdiff_t place = layout_->place_of(name);
    if (place >= 0) return told(static_cast<std::size_t>(place));
    PyErr_SetObject(PyExc_KeyError, name.ptr());
    throw nb::python_error();
  }
  nb::object get(nb::handle name, nb::handle otherwise) const {
    const std::ptrdiff_t place = layout_->place_of(name);
    return place >= 0 ? told(static_cast<std::size_t>(place)) : nb::borrow(otherwise);
  }
  nb::list keys() const { return nb::list(layout_->names()); }
  nb::list values() const {
    nb::list found;
    for (std::size_t at = 0; at < size(); ++at) found.append(told(at));
    return found;
  }
  nb::list items() const {
    nb::list found;
    for (std::size_t at = 0; at < size(); ++at) found.append(nb::make_tuple(layout_->name(at), told(at)));
    return found;
  }
  nb::dict whole() const {
    nb::dict found;
    for (std::size_t at = 0; at < size(); ++at) found[layout_->name(at)] = told(at);
    return found;
  }

  // The values in their order as one MessagePack array, integers in their shortest form.
  nb::bytes packed() const {
    const std::unique_ptr<char[]> room(new char[5 + 9 * size() + texts_.size()]);
    char* end = head(room.get(), size(), 0x90, 16, 0, 0xdc, 0xdd);
    for (std::size_t at = 0; at < size(); ++at) end = pack(end, at);
    return nb::bytes(room.get(), static_cast<std::size_t>(end - room.get()));
  }

 private:
  static nb::dict mapping(nb::handle told) {
    if (PyDict_Check(told.ptr())) return nb::borrow<nb::dict>(told);
    PyObject* const dict = reinterpret_cast<PyObject*>(&PyDict_Type);
    return nb::steal<nb::dict>(made(PyObject_CallOneArg(dict, told.ptr())).release());
  }

  static std::pair<std::size_t, std::size_t> spans(std::int64_t packed) {
    return {static_cast<std::uint64_t>(packed) >> 32, static_cast<std::uint32_t>(packed)};
  }
  void keep(std::size_t at, std::string_view text) {
    values_[at].integer = static_cast<std::int64_t>(texts_.size() << 32 | text.size());
    values_[at].valid = true;
    texts_ += text;
  }

  Kind take(std::size_t at, nb::handle told) {
    Value& value = values_[at];
    PyObject* object = told.ptr();
    if (object == Py_None) return Kind::FLOAT;
    value.valid = true;
    if (PyBool_Check(object)) return value.integer = object == Py_True, Kind::BOOL;
    if (PyLong_Check(object)) {
      value.integer = PyLong_AsLongLong(object);
      if (value.integer == -1 && PyErr_Occurred()) throw nb::python_error();
      return Kind::INT;
    }
    if (PyUnicode_Check(object)) {
      Py_ssize_t length = 0;
      const char* text = PyUnicode_AsUTF8AndSize(object, &length);
      if (text == nullptr) throw nb::python_error();
      return keep(at, {text, static_cast<std::size_t>(length)}), Kind::TEXT;
    }
    value.real = PyFloat_AsDouble(object);
    if (value.real == -1.0 && PyErr_Occurred()) throw nb::python_error();
    return Kind::FLOAT;
  }

  nb::object told(std::size_t at) const {
    const Value& value = values_[at];
    if (!value.valid) return nb::none();
    switch (kind(at)) {
      case Kind::INT: return made(PyLong_FromLongLong(value.integer));
      case Kind::BOOL: return nb::bool_(value.integer != 0);
      case Kind::FLOAT: return made(PyFloat_FromDouble(value.real));
      case Kind::TEXT: break;
    }
    const std::string_view chars = text(at);
    return made(PyUnicode_FromStringAndSize(chars.data(), static_cast<Py_ssize_t>(chars.size())));
  }
  static nb::object made(PyObject* object) {
    if (object == nullptr) throw nb::python_error();
    return nb::steal(object);
  }

  // MessagePack.

  static char* big_endian(char* out, std::uint64_t bits, int bytes) {
    for (int byte = bytes; byte-- > 0;) *out++ = static_cast<char>(bits >> 8 * byte);
    return out;
  }
  static char* sign(char* out, int byte) { return *out = static_cast<char>(byte), out + 1; }
  // The head of an array or a text: one byte below `few`, or a sign and the size in 1 (where `one` is not 0), 2, 4 bytes.
  static char* head(char* out, std::size_t size, int fixed, std::size_t few, int one, int two, int four) {
    if (size < few) return sign(out, fixed | static_cast<int>(size));
    const int bytes = one && size < 1u << 8 ? 1 : size < 1u << 16 ? 2 : 4;
    return big_endian(sign(out, bytes == 1 ? one : bytes == 2 ? two : four), size, bytes);
  }
  static char* integer(char* out, std::int64_t value) {
    if (value >= -32 && value < 128) return sign(out, static_cast<int>(value));
    const auto bits = static_cast<std::uint64_t>(value);
    const int width = std::bit_width(value < 0 ? ~bits : bits) + (value < 0);  // one bit more below zero, for the sign
    const int power = width <= 8 ? 0 : width <= 16 ? 1 : width <= 32 ? 2 : 3;
    return big_endian(sign(out, (value < 0 ? 0xd0 : 0xcc) + power), bits, 1 << power);
  }
  char* pack(char* out, std::size_t at) const {
    const Value& value = values_[at];
    if (!value.valid) return sign(out, 0xc0);
    switch (kind(at)) {
      case Kind::INT: return integer(out, value.integer);
      case Kind::BOOL: return sign(out, value.integer ? 0xc3 : 0xc2);
      case Kind::FLOAT: return big_endian(sign(out, 0xcb), std::bit_cast<std::uint64_t>(value.real), 8);
      case Kind::TEXT: break;
    }
    const std::string_view chars = text(at);
    return std::copy(chars.begin(), chars.end(), head(out, chars.size(), 0xa0, 32, 0xd9, 0xda, 0xdb));
  }

  std::shared_ptr<const Layout> layout_;
  std::vector<Value> values_;  // of a known text: where it begins in `texts_`, and its length
  std::string texts_;
};

// Where given names stand among facts, found once for facts of the same names.
class Places {
 public:
  // The facts, asked by the place of a name among the given ones.
  void stand(const nb::list& names, const Facts& facts) {
    if (layout_ == facts.layout()) return;
    places_.clear();
    for (const nb::handle name : names) places_.push_back(facts.layout()->place_of(name));
    layout_ = facts.layout();
  }
  // -1 where the facts have no such name.
  std::ptrdiff_t operator[](std::size_t at) const { return places_[at]; }

 private:
  std::shared_ptr<const Layout> layout_;  // held, so that no other comes to lie at its address
  std::vector<std::ptrdiff_t> places_;
};

// The facts that an argument is; of a mapping those of the names that are read.
class FactsGiven {
 public:
  FactsGiven(nb::handle given, const nb::list& names) {
    if (nb::try_cast<const Facts*>(given, facts_) && facts_ != nullptr) return;
    made_ = std::make_unique<Facts>(given, names);
    facts_ = made_.get();
  }
  const Facts& operator*() const { return *facts_; }

 private:
  const Facts* facts_ = nullptr;
  std::unique_ptr<Facts> made_;
};

}  // namespace headgate
