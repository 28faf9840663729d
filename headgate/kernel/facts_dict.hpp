// The facts of one payment as a dictionary: a copy of one that has all names and their usual values, so that it neither
// grows nor hashes a name, and only what is unusual is put in.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "moment.hpp"
#include "plan.hpp"

namespace headgate {

class FactsDict {
 public:
  FactsDict(const std::vector<std::string>& names, const Plan& plan) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const nanobind::object name = nanobind::steal(PyUnicode_InternFromString(names[i].c_str()));
      const Kind kind = plan.ops[i].kind;
      facts_.push_back({name, kind});
      usual_[name] = kind == Kind::INT    ? nanobind::object(nanobind::int_(0))
                     : kind == Kind::BOOL ? nanobind::object(nanobind::bool_(false))
                                          : nanobind::none();
    }
  }

  nanobind::object of(const Moment& moment) const {
    nanobind::object dict = nanobind::steal(PyDict_Copy(usual_.ptr()));
    if (!dict.is_valid()) throw nanobind::python_error();
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const Value& value = moment.values()[i];
      if (usual(value, facts_[i].kind)) continue;
      const nanobind::object made = nanobind::steal(python_value(value, facts_[i].kind, moment.texts()[i]));
      if (!made.is_valid() || PyDict_SetItem(dict.ptr(), facts_[i].name.ptr(), made.ptr()) != 0) {
        throw nanobind::python_error();
      }
    }
    return dict;
  }

 private:
  struct Fact {
    nanobind::object name;
    Kind kind;
  };

  // Whether a value is the one that `usual_` holds: 0 and false of what is always known, None of the rest.
  static bool usual(const Value& value, Kind kind) {
    const bool counts = kind == Kind::INT || kind == Kind::BOOL;
    return counts ? value.valid && value.integer == 0 : !value.valid;
  }

  static PyObject* python_value(const Value& value, Kind kind, std::string_view text) {
    if (!value.valid) return Py_NewRef(Py_None);
    switch (kind) {
      case Kind::INT: return PyLong_FromLongLong(value.integer);
      case Kind::BOOL: return PyBool_FromLong(value.integer != 0);
      case Kind::FLOAT: return PyFloat_FromDouble(value.real);
      case Kind::TEXT: return PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
    }
    return nullptr;
  }

  std::vector<Fact> facts_;
  nanobind::dict usual_;
};

}  // namespace headgate
