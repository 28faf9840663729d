// What passes between Python and the kernel: bytes, record batches, and that one thread uses a fold at a time.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <stdexcept>
#include <string_view>

#include "arrow.hpp"

namespace headgate {

namespace nb = nanobind;

// One thread at a time.
class Turn {
 public:
  explicit Turn(std::atomic_flag& busy) : busy_(busy) {
    if (busy_.test_and_set(std::memory_order_acquire)) {
      throw std::runtime_error("the fold is used by two threads at once; it has one owner");
    }
  }
  Turn(const Turn&) = delete;
  ~Turn() { busy_.clear(std::memory_order_release); }

 private:
  std::atomic_flag& busy_;
};

// The memory of a bytes or memoryview, for as long as this stands.
class Bytes {
 public:
  explicit Bytes(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_SIMPLE) != 0) throw nb::python_error();
  }
  Bytes(const Bytes&) = delete;
  ~Bytes() { PyBuffer_Release(&buffer_); }
  std::string_view view() const { return {static_cast<const char*>(buffer_.buf), static_cast<std::size_t>(buffer_.len)}; }

 private:
  Py_buffer buffer_;
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

}  // namespace headgate
