#include "graft/head/minimise.h"

#include <lbfgs.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>

#include "graft/base/error.h"

namespace graft::head {
namespace {

constexpr int kStop = 1;

struct Search {
  const Objective& objective;
  const StopRule& rule;
  std::size_t size;
  double before = 0;
  int steps = 0;
  std::exception_ptr failure;  // libLBFGS is C: nothing may be thrown through it
};

double evaluate(void* instance, const double* x, double* gradient, int count, double) {
  auto& search = *static_cast<Search*>(instance);
  std::fill(gradient + search.size, gradient + count, 0.0);  // libLBFGS rounds the size up for its vector code
  if (search.failure) return 0;
  try {
    return search.objective({x, search.size}, {gradient, search.size});
  } catch (...) {
    search.failure = std::current_exception();
    return 0;
  }
}

int progress(void* instance, const double*, const double*, double value, double x_norm, double gradient_norm, double, int, int step, int) {
  auto& search = *static_cast<Search*>(instance);
  search.steps = step;
  if (search.failure) return kStop;
  try {
    check_interrupted();
  } catch (...) {
    search.failure = std::current_exception();
    return kStop;
  }
  const bool slow = step > 1 && search.before - value < search.rule.decrease * value;
  search.before = value;
  return slow || gradient_norm <= search.rule.gradient * x_norm ? kStop : 0;
}

}  // namespace

int minimise(const Objective& objective, std::vector<double>& x, const StopRule& rule) {
  const auto count = static_cast<int>(x.size());
  const std::unique_ptr<double, void (*)(double*)> point(lbfgs_malloc(count), lbfgs_free);
  if (!point) throw std::bad_alloc();
  std::copy(x.begin(), x.end(), point.get());
  Search search{.objective = objective, .rule = rule, .size = x.size(), .failure = nullptr};
  lbfgs_parameter_t options;
  lbfgs_parameter_init(&options);
  options.m = 20;
  options.epsilon = 1e-15;  // `progress` decides
  options.max_iterations = rule.max_iterations;
  options.max_linesearch = 20;
  // Every other code means that this point is as good as rounding or the limit of steps allows.
  const int code = lbfgs(count, point.get(), nullptr, evaluate, progress, &search, &options);
  if (search.failure) std::rethrow_exception(search.failure);
  if (code == LBFGSERR_OUTOFMEMORY) throw std::bad_alloc();
  std::copy_n(point.get(), x.size(), x.begin());
  return search.steps;
}

}  // namespace graft::head
