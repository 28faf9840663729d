// The kernel as a Python module: what of it Python sees, and by which names.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "canonical.hpp"
#include "conditions.hpp"
#include "facts.hpp"
#include "gate.hpp"
#include "kernel.hpp"
#include "past_scores.hpp"
#include "row.hpp"
#include "stages.hpp"
#include "trees.hpp"

namespace nb = nanobind;
using namespace nb::literals;

NB_MODULE(_kernel, module) {
  nb::set_leak_warnings(false);  // what a module of a caller keeps stands until the process ends
  using headgate::Gate;
  using headgate::Kernel;
  nb::class_<Gate>(module, "PlainDoor")
      .def(nb::init<std::int64_t, std::int64_t, std::size_t, std::size_t>(), "min_clock_us"_a, "max_clock_us"_a,
           "max_id_chars"_a, "max_text_chars"_a)
      .def_rw("last_seq", &Gate::last_seq)
      .def_rw("last_clock_us", &Gate::last_clock)
      .def_rw("entries_seen", &Gate::entries)
      .def_rw("room", &Gate::room)
      .def_rw("broken", &Gate::broken)
      .def("allow", &Gate::allow)
      .def("forget_currencies", &Gate::forget_currencies)
      .def("pass_rows", &Gate::pass_rows);
  nb::class_<Kernel>(module, "Kernel")
      .def(nb::init<const std::vector<std::string>&, const std::vector<headgate::Words>&, const std::vector<std::string>&,
                    const std::unordered_map<std::string, std::int64_t>&, nb::object, nb::handle>(),
           "names"_a, "plans"_a, "reads"_a, "round_units"_a, "offset_at"_a, "payment_type"_a)
      .def("observe_plain", &Kernel::observe_plain)
      .def("observe_payment", &Kernel::observe_payment)
      .def("set_factor", &Kernel::set_factor)
      .def("forget_factors", &Kernel::forget_factors)
      .def("set_amount", &Kernel::set_amount)
      .def("amounts", &Kernel::amounts)
      .def("observe_block", &Kernel::observe_block, "batch"_a, "compute"_a)
      .def("advance", &Kernel::advance)
      .def("take_status", &Kernel::take_status)
      .def("take_outcome", &Kernel::take_outcome, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
           nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
      .def("take_event", &Kernel::take_event)
      .def("take_account", &Kernel::take_account, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none(),
           nb::arg().none())
      .def("standing", &Kernel::standing)
      .def("evidence", &Kernel::evidence)
      .def("state", &Kernel::state)
      .def("load", &Kernel::load)
      .def("fullest", &Kernel::fullest)
      .def("sizes", &Kernel::sizes);
  using headgate::Facts;
  nb::class_<Facts>(module, "Facts")
      .def(nb::init<nb::handle>(), "told"_a)
      .def("__len__", &Facts::size)
      .def("__contains__", &Facts::has)
      .def("__getitem__", &Facts::at)
      .def("__iter__", [](const Facts& self) { return nb::iter(self.keys()); })
      .def("__eq__", [](const Facts& self, nb::handle other) {
        return self.whole().equal(nb::isinstance<Facts>(other) ? nb::cast<const Facts&>(other).whole() : nb::borrow(other));
      })
      .def("__repr__", [](const Facts& self) { return nb::repr(self.whole()); })
      .def("get", &Facts::get, "name"_a, "default"_a = nb::none())
      .def("keys", &Facts::keys)
      .def("values", &Facts::values)
      .def("items", &Facts::items)
      .def("packed", &Facts::packed);
  nb::class_<headgate::Conditions>(module, "Conditions")
      .def(nb::init<nb::list, nb::list>(), "names"_a, "written"_a)
      .def("true_of", &headgate::Conditions::true_of);
  nb::class_<headgate::PastScores>(module, "PastScores")
      .def(nb::init<std::vector<std::int64_t>, std::size_t, std::int64_t, std::int64_t>(), "spans_us"_a, "most"_a,
           "most_score"_a, "day_us"_a)
      .def("__len__", &headgate::PastScores::looks)
      .def("facts", &headgate::PastScores::facts)
      .def("add", &headgate::PastScores::learn)
      .def("fold", &headgate::PastScores::fold)
      .def("state", &headgate::PastScores::state)
      .def("load", &headgate::PastScores::load);
  nb::class_<headgate::Row>(module, "Row")
      .def(nb::init<nb::list, nb::list>(), "names"_a, "vocabularies"_a)
      .def("fill", &headgate::Row::fill)
      .def("numbers", &headgate::Row::numbers);
  module.def("is_canonical", [](const nb::bytes& entry) {
    const std::string_view content(entry.c_str(), entry.size());
    const nb::gil_scoped_release others_run;
    return headgate::Canonical(content).holds();
  });
  module.def("time_after", [](const nb::bytes& bundle, std::int64_t time_us) {
    const std::string_view content(bundle.c_str(), bundle.size());
    const nb::gil_scoped_release others_run;
    return headgate::time_after(content, time_us);
  });
  nb::class_<headgate::Trees>(module, "Trees")
      .def(nb::init<std::string_view>(), "text"_a)
      .def_prop_ro("facts", &headgate::Trees::facts)
      .def("margin", &headgate::Trees::margin, "row"_a)
      .def("margins", &headgate::Trees::margins, "rows"_a)
      .def("contributions", &headgate::Trees::contributions, "row"_a);
  nb::class_<headgate::Stages>(module, "Stages")
      .def("__init__", [](headgate::Stages* self, nb::object first, nb::object first_row, nb::object second,
                          nb::object second_row, nb::object past, nb::list names, double lowest, double steps) {
        new (self) headgate::Stages(first, first_row, second, second_row, past, names, lowest, steps);
      }, "first"_a, "first_row"_a, "second"_a, "second_row"_a, "past"_a, "past_names"_a, "lowest"_a, "steps"_a)
      .def("judge", &headgate::Stages::judge)
      .def("said", &headgate::Stages::said);
  module.def("visited", [] { return headgate::visited; });
  module.def("fail_allocation_after", [](std::int64_t allocations) { headgate::allocations_left = allocations; });
  module.def("pattern_names", &headgate::pattern_names);
}
