// The facts of one payment as the numbers that a model reads, after headgate/models/encoding.py.
#pragma once

#include <nanobind/nanobind.h>

#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace headgate {

namespace nb = nanobind;

// Reads named values out of dicts into doubles that stay where they are.
class Row {
 public:
  // vocabularies: for each name the texts that it may hold, None where it is no text.
  Row(nb::list names, nb::list vocabularies) : values_(names.size()) {
    if (vocabularies.size() != names.size()) throw std::invalid_argument("each name has a vocabulary or None");
    for (std::size_t at = 0; at < names.size(); ++at) {
      PyObject* name = Py_NewRef(names[at].ptr());
      PyUnicode_InternInPlace(&name);
      names_.push_back(nb::steal<nb::object>(name));
      vocabularies_.push_back(nb::borrow<nb::object>(vocabularies[at]));
    }
  }

  std::size_t size() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }
  nb::handle name(std::size_t at) const { return names_[at]; }
  bool is_text(std::size_t at) const { return !vocabularies_[at].is_none(); }
  // `size` where there is no such name.
  std::size_t place_of(nb::handle name) const {
    std::size_t at = 0;
    while (at < names_.size() && !names_[at].equal(name)) ++at;
    return at;
  }

  // Reads one name from `facts`; KeyError where it is not there.
  void read(std::size_t at, nb::handle facts) {
    PyObject* value = PyDict_GetItemWithError(facts.ptr(), names_[at].ptr());
    if (value == nullptr) missing(at);
    set(at, number(value, vocabularies_[at].ptr()));
  }
  void set(std::size_t at, double value) { values_[at] = value; }

  // Reads each name from `facts`, from `more` where it is not there; KeyError where it is in neither.
  void fill(nb::dict facts, nb::dict more) {
    for (std::size_t at = 0; at < values_.size(); ++at) {
      PyObject* name = names_[at].ptr();
      PyObject* value = PyDict_GetItemWithError(facts.ptr(), name);
      if (value == nullptr && !PyErr_Occurred()) value = PyDict_GetItemWithError(more.ptr(), name);
      if (value == nullptr) missing(at);
      values_[at] = number(value, vocabularies_[at].ptr());
    }
  }

  nb::list numbers() const {
    nb::list found;
    for (const double value : values_) found.append(value);
    return found;
  }

 private:
  [[noreturn]] void missing(std::size_t at) const {
    if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, names_[at].ptr());
    throw nb::python_error();
  }

  // None, and a text that no vocabulary knows, are missing.
  static double number(PyObject* value, PyObject* vocabulary) {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    if (value == Py_None) return missing;
    if (vocabulary != Py_None) {
      value = PyDict_GetItemWithError(vocabulary, value);
      if (value == nullptr) {
        if (PyErr_Occurred()) throw nb::python_error();
        return missing;
      }
    }
    if (PyFloat_CheckExact(value)) return PyFloat_AS_DOUBLE(value);
    const double found = PyLong_Check(value) ? PyLong_AsDouble(value) : PyFloat_AsDouble(value);
    if (found == -1.0 && PyErr_Occurred()) throw nb::python_error();
    return found;
  }

  std::vector<nb::object> names_;
  std::vector<nb::object> vocabularies_;  // dicts from texts to numbers, or None
  std::vector<double> values_;
};

}  // namespace headgate
