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

// One column that is written from the first row to the last, in memory that its batch owns.
struct OutColumn {
  Kind kind = Kind::INT;
  std::uint8_t* valid = nullptr;  // a bit a row
  std::int64_t* words = nullptr;  // integers, or the bits of floats; bits of yes and no
  std::vector<std::int32_t> ends;
  std::string text;
  std::int64_t nulls = 0, rows = 0;

  void add(bool is_valid, std::int64_t word, std::string_view string) {
    const std::int64_t row = rows++;
    const auto bit = static_cast<std::uint8_t>(is_valid << (row & 7));
    valid[row >> 3] |= bit;
    nulls += !is_valid;
    if (kind == Kind::TEXT) {
      if (is_valid) text.append(string);
      ends.push_back(static_cast<std::int32_t>(text.size()));
    } else if (kind == Kind::BOOL) {
      if (word) reinterpret_cast<std::uint8_t*>(words)[row >> 3] |= bit;
    } else {
      words[row] = word;
    }
  }
};

// The columns of an answer, kept alive by what was handed out.
struct OutBatch {
  std::vector<OutColumn> columns;
  std::unique_ptr<std::int64_t[]> memory;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> arrays;
  std::vector<ArrowArray*> children;
  const void* nothing[1] = {nullptr};

  // Opens columns of these kinds for so many rows.
  void open(const std::vector<Kind>& kinds, std::int64_t rows) {
    const std::size_t marks = static_cast<std::size_t>(rows + 63) / 64, values = static_cast<std::size_t>(rows);
    std::size_t size = 0;
    for (const Kind kind : kinds) size += marks + (kind == Kind::BOOL ? marks : kind == Kind::TEXT ? 0 : values);
    memory = std::make_unique<std::int64_t[]>(size);
    std::int64_t* next = memory.get();
    columns.resize(kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      OutColumn& column = columns[i];
      column.kind = kinds[i];
      column.valid = reinterpret_cast<std::uint8_t*>(std::exchange(next, next + marks));
      if (kinds[i] == Kind::TEXT) {
        column.ends.reserve(values + 1);
        column.ends.push_back(0);
      } else {
        column.words = std::exchange(next, next + (kinds[i] == Kind::BOOL ? marks : values));
      }
    }
  }

  // Validity and values of one column, three places each; returns how many are used.
  std::int64_t place_buffers(const OutColumn& column) {
    buffers.push_back(column.nulls ? column.valid : nullptr);
    if (column.kind != Kind::TEXT) {
      buffers.push_back(column.words);
      buffers.push_back(nullptr);
      return 2;
    }
    buffers.push_back(column.ends.data());
    buffers.push_back(column.text.data());
    return 3;
  }
};

// Gives a batch to whoever receives `out`; the last release frees it.
inline void hand_out(std::shared_ptr<OutBatch> batch, ArrowArray* out) {
  const std::int64_t rows = batch->columns.empty() ? 0 : batch->columns[0].rows;
  batch->buffers.reserve(3 * batch->columns.size());
  batch->arrays.resize(batch->columns.size());
  for (std::size_t i = 0; i < batch->columns.size(); ++i) {
    const OutColumn& column = batch->columns[i];
    const std::int64_t used = batch->place_buffers(column);
    batch->arrays[i] = {rows, column.nulls, 0, used, 0, batch->buffers.data() + 3 * i, nullptr, nullptr,
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
