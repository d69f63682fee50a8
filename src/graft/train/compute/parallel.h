// The threads of training. libtorch's own operators run on its OpenMP threads; at::parallel_for in our code would run on one thread, since graft is
// compiled without -fopenmp (which would add a second OpenMP runtime).
#pragma once

#include <cstdint>
#include <functional>

namespace graft::train {

/// Sets the number of threads of libtorch's operators and of parallel_for, for the whole process. Must not be called while either runs.
void set_threads(int threads);

/// Calls work(first, last) for disjoint parts of [begin, end) of at least `grain` elements. The parts depend on the number of threads; results must
/// not. A nested call, from within `work`, runs on the calling thread alone. The first exception is rethrown.
void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t first, int64_t last)>& work);

}  // namespace graft::train
