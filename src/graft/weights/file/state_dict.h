// Named tensors of a weights file, in the machine's memory. Step 1 of a parameter's journey ends here: name -> mapped tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/files.h"
#include "graft/graph/graph.h"

namespace graft::weights {

enum class Dtype { f32, f16, bf16, f64, i64, i32, i16, i8, u8, boolean };

std::size_t size_of(Dtype dtype);       // bytes of one element
std::string_view name_of(Dtype dtype);  // "float32", as torch calls it

/// A view into a file. Readers guarantee that every element that shape and strides reach lies in `bytes`; bytes need not be aligned.
struct HostTensor {
  Dtype dtype;
  graph::Dims shape;
  std::vector<int64_t> strides;  // in elements, none negative, one per dimension; row-major in safetensors
  Bytes bytes;                   // from the tensor's first element to its last
};

struct StateDict {
  std::string source;                                      // path, printable, for messages
  std::shared_ptr<const void> owner;                       // the mapped or read file; the tensors point into it
  std::map<std::string, HostTensor, std::less<>> tensors;  // by name
  std::map<std::string, std::string> metadata;             // of safetensors
};

/// True when the elements follow each other in row-major order without gaps.
bool is_contiguous(const HostTensor& tensor);

/// Strides of elements that follow each other in row-major order.
std::vector<int64_t> row_major_strides(const graph::Dims& shape);

/// Bytes of tensors in row-major order, for writers: where a tensor lies otherwise it is copied. The views live as long as the object.
class RowMajor {
 public:
  Bytes bytes_of(const HostTensor& tensor);

 private:
  std::deque<std::vector<std::byte>> copies_;
};

/// The values as row-major float32, whatever the type and strides. Integers and float64 are rounded to the nearest float.
std::vector<float> to_floats(const HostTensor& tensor);

/// Removes what wrappers put before every name: "module." (DataParallel) and "_orig_mod." (torch.compile),
/// once or nested. Readers call it; names stay unchanged unless all of them have the prefix.
void strip_wrapper_prefixes(StateDict& dict);

/// A name from a foreign file, for a message: printable and at most 100 bytes.
std::string shown(std::string_view name);
std::string in_quotes(std::string_view name);  // 'shown(name)'

}  // namespace graft::weights
