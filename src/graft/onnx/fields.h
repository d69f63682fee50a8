// Field numbers of onnx.proto (IR version 8), as far as graft reads and writes them.
#pragma once

#include <protozero/types.hpp>

namespace graft::onnx {

using Tag = protozero::pbf_tag_type;

namespace model {
constexpr Tag kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8, kMetadata = 14;
}
namespace entry {
constexpr Tag kKey = 1, kValue = 2;
}
namespace opset {
constexpr Tag kVersion = 2;
}
namespace graph_proto {
constexpr Tag kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node {
constexpr Tag kInput = 1, kOutput = 2, kName = 3, kOperator = 4, kAttribute = 5;
}
namespace attribute {
constexpr Tag kName = 1, kFloat = 2, kInt = 3, kString = 4, kInts = 8, kType = 20;
enum Type { type_float = 1, type_int = 2, type_string = 3, type_ints = 7 };
}  // namespace attribute
namespace tensor {
constexpr Tag kDims = 1, kType = 2, kName = 8, kRaw = 9;
constexpr int kFloat32 = 1, kInt64 = 7;
}  // namespace tensor
namespace value_info {
constexpr Tag kName = 1, kType = 2;
}
namespace type {
constexpr Tag kTensor = 1, kElement = 1, kShape = 2, kDim = 1, kDimValue = 1, kDimParameter = 2;
}

}  // namespace graft::onnx
