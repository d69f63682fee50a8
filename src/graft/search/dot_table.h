// The sums behind a similarity, free of any other header: the units compiled for newer CPUs include this and nothing else, so no inline function
// of theirs can be linked into code that runs on an older CPU.
#pragma once

namespace graft::search {

/// Sum of a[i] * b[i]; the order of the sum is the same on every CPU.
using Dot = float (*)(const float* a, const float* b, unsigned long width);

namespace baseline {
float dot(const float* a, const float* b, unsigned long width);
}
namespace avx2 {
float dot(const float* a, const float* b, unsigned long width);
}
namespace avx512 {
float dot(const float* a, const float* b, unsigned long width);
}

/// The fastest one that this CPU has.
Dot fastest_dot();

}  // namespace graft::search
