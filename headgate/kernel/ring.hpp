// Things in order of arrival: the newest is added, the oldest is dropped, any is read by its position from the oldest.
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "memory.hpp"

namespace headgate {

template <class T>
class Ring {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return items_[(head_ + i) & (items_.size() - 1)]; }
  const T& operator[](std::size_t i) const { return items_[(head_ + i) & (items_.size() - 1)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push_back(T item) {
    if (size_ == items_.size()) resize(items_.empty() ? 8 : 2 * items_.size());
    (*this)[size_++] = std::move(item);
  }
  void pop_front() {
    assert(size_ > 0);
    items_[head_] = T{};
    head_ = (head_ + 1) & (items_.size() - 1);
    --size_;
    if (items_.size() > 64 && size_ * 4 < items_.size()) resize(items_.size() / 2);
  }

 private:
  void resize(std::size_t capacity) {
    std::vector<T, Allocator<T>> larger(capacity);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    items_.swap(larger);
    head_ = 0;
  }

  std::vector<T, Allocator<T>> items_;
  std::size_t head_ = 0, size_ = 0;
};

}  // namespace headgate
