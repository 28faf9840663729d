// Arrow columns in and out by the C data interface: the structs of its ABI, a reader of columns, a batch that is handed
// out. Nothing is copied on the way in; what goes out is written once and owned by who receives it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plan.hpp"

extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
}

namespace headgate {

// One column of a batch; absent columns are all null.
class Column {
 public:
  Column() = default;
  Column(const ArrowArray& array, std::int64_t offset) : array_(&array), offset_(array.offset + offset) {}

  bool has(std::int64_t row) const {
    if (array_ == nullptr) return false;
    const auto* valid = static_cast<const std::uint8_t*>(array_->buffers[0]);
    return valid == nullptr || bit(valid, row + offset_);
  }
  std::int64_t integer(std::int64_t row) const {
    return static_cast<const std::int64_t*>(array_->buffers[1])[row + offset_];
  }
  bool boolean(std::int64_t row) const {
    return bit(static_cast<const std::uint8_t*>(array_->buffers[1]), row + offset_);
  }
  // The text of a row; empty where there is none.
  std::string_view text(std::int64_t row) const {
    if (!has(row)) return {};
    const auto* ends = static_cast<const std::int32_t*>(array_->buffers[1]) + row + offset_;
    return {static_cast<const char*>(array_->buffers[2]) + ends[0], static_cast<std::size_t>(ends[1] - ends[0])};
  }
  // The texts of a list; none where there is no list.
  std::vector<std::string_view> texts(std::int64_t row) const {
    std::vector<std::string_view> found;
    if (!has(row)) return found;
    const auto* ends = static_cast<const std::int32_t*>(array_->buffers[1]) + row + offset_;
    const Column items(*array_->children[0], 0);
    for (std::int32_t at = ends[0]; at < ends[1]; ++at) found.push_back(items.text(at));
    return found;
  }

 private:
  static bool bit(const std::uint8_t* bits, std::int64_t at) { return bits[at >> 3] >> (at & 7) & 1; }

  const ArrowArray* array_ = nullptr;
  std::int64_t offset_ = 0;
};

class Batch {
 public:
  Batch(const ArrowSchema& schema, const ArrowArray& array) : schema_(schema), array_(array) {}

  std::int64_t rows() const { return array_.length; }
  Column column(std::string_view name) const {
    for (std::int64_t i = 0; i < schema_.n_children; ++i) {
      if (name == schema_.children[i]->name) return Column(*array_.children[i], array_.offset);
    }
    return {};
  }

 private:
  const ArrowSchema& schema_;
  const ArrowArray& array_;
};

// One column that is written from the first row to the last.
struct OutColumn {
  Kind kind = Kind::INT;
  std::vector<std::uint8_t> valid;     // a bit a row
  std::vector<std::int64_t> words;     // integers, or the bits of floats
  std::vector<std::uint8_t> booleans;  // a bit a row
  std::vector<std::int32_t> ends;
  std::string text;
  std::int64_t nulls = 0, rows = 0;

  explicit OutColumn(Kind kind, std::int64_t size) : kind(kind), valid(static_cast<std::size_t>(size + 7) / 8, 0) {
    const auto many = static_cast<std::size_t>(size);
    if (kind == Kind::BOOL) booleans.resize(valid.size(), 0);
    else if (kind == Kind::TEXT) ends.reserve(many + 1), ends.push_back(0);
    else words.reserve(many);
  }

  void add(bool is_valid, std::int64_t word, std::string_view string) {
    const auto bit = static_cast<std::uint8_t>(1u << (rows & 7));
    const auto byte = static_cast<std::size_t>(rows >> 3);
    if (is_valid) valid[byte] |= bit;
    else ++nulls;
    if (kind == Kind::BOOL) {
      if (is_valid && word) booleans[byte] |= bit;
    } else if (kind == Kind::TEXT) {
      if (is_valid) text.append(string);
      ends.push_back(static_cast<std::int32_t>(text.size()));
    } else {
      words.push_back(word);
    }
    ++rows;
  }

  // Validity, then the values.
  std::vector<const void*> buffers() const {
    const void* marks = nulls ? valid.data() : nullptr;
    if (kind == Kind::BOOL) return {marks, booleans.data()};
    if (kind == Kind::TEXT) return {marks, ends.data(), text.data()};
    return {marks, words.data()};
  }
};

// The columns of an answer, kept alive by what was handed out.
struct OutBatch {
  std::vector<OutColumn> columns;
  std::vector<std::vector<const void*>> buffers;
  std::vector<ArrowArray> arrays;
  std::vector<ArrowArray*> children;
  const void* nothing[1] = {nullptr};
};

// Gives a batch to whoever receives `out`; the last release frees it.
inline void hand_out(std::shared_ptr<OutBatch> batch, ArrowArray* out) {
  const std::int64_t rows = batch->columns.empty() ? 0 : batch->columns[0].rows;
  batch->buffers.reserve(batch->columns.size());
  batch->arrays.resize(batch->columns.size());
  for (std::size_t i = 0; i < batch->columns.size(); ++i) {
    const OutColumn& column = batch->columns[i];
    batch->buffers.push_back(column.buffers());
    batch->arrays[i] = {rows, column.nulls, 0, static_cast<std::int64_t>(batch->buffers[i].size()), 0,
                        batch->buffers[i].data(), nullptr, nullptr,
                        [](ArrowArray* array) {
                          delete static_cast<std::shared_ptr<OutBatch>*>(array->private_data);
                          array->release = nullptr;
                        },
                        new std::shared_ptr<OutBatch>(batch)};
    batch->children.push_back(&batch->arrays[i]);
  }
  *out = {rows, 0, 0, 1, static_cast<std::int64_t>(batch->children.size()), batch->nothing, batch->children.data(),
          nullptr,
          [](ArrowArray* array) {
            auto* kept = static_cast<std::shared_ptr<OutBatch>*>(array->private_data);
            for (ArrowArray* child : (*kept)->children) {
              if (child->release) child->release(child);
            }
            array->release = nullptr;
            delete kept;
          },
          new std::shared_ptr<OutBatch>(batch)};
}

}  // namespace headgate
