// The plain door as Python sees it: blocks come as record batches.
#pragma once

#include <cstdint>

#include "door.hpp"
#include "python.hpp"

namespace headgate {

class Gate : public PlainDoor {
 public:
  Gate(std::int64_t min_clock, std::int64_t max_clock, std::size_t max_id, std::size_t max_text)
      : PlainDoor({min_clock, max_clock, max_id, max_text}) {}

  std::int64_t pass_rows(nb::handle batch, std::int64_t start) {
    const Imported imported(batch);
    return PlainDoor::pass_rows(imported.batch(), start);
  }
};

}  // namespace headgate
