// The threads of a training. libtorch's own operators run on its OpenMP team; at::parallel_for in our code would run on one thread, since graft is
// compiled without -fopenmp (a second OpenMP runtime).
#pragma once

#include <cstdint>
#include <functional>

namespace graft::train {

/// Of libtorch's operators and of parallel_for, for the whole process. Not while either runs.
void set_threads(int threads);

/// work(first, last) for parts of [begin, end) of at least `grain`, each element in one part. Which part an element falls into depends on the number of
/// threads: a result must not. Inside of `work` it runs on the thread it is called from. The first exception is rethrown.
void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t first, int64_t last)>& work);

}  // namespace graft::train
