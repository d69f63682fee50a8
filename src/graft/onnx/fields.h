// Field numbers of onnx.proto (IR version 8), as far as graft reads and writes them.
#pragma once

#include <protozero/types.hpp>

namespace graft::onnx {

using Tag = protozero::pbf_tag_type;

namespace model {
constexpr Tag kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8, kMetadata = 14, kFunction = 25;
}
namespace entry {
constexpr Tag kKey = 1, kValue = 2;
}
namespace opset {
constexpr Tag kDomain = 1, kVersion = 2;
}
namespace graph_proto {
constexpr Tag kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12, kValueInfo = 13, kSparse = 15;
}
namespace node {
constexpr Tag kInput = 1, kOutput = 2, kName = 3, kOperator = 4, kAttribute = 5, kDomain = 7;
}
namespace attribute {
constexpr Tag kName = 1, kFloat = 2, kInt = 3, kString = 4, kTensor = 5, kGraph = 6, kFloats = 7, kInts = 8, kGraphs = 11, kType = 20;
enum Type { type_float = 1, type_int = 2, type_string = 3, type_ints = 7 };
}  // namespace attribute
namespace tensor {
constexpr Tag kDims = 1, kType = 2, kFloats = 4, kInt32s = 5, kStrings = 6, kInt64s = 7, kName = 8, kRaw = 9, kDoubles = 10, kUint64s = 11,
              kExternal = 13, kLocation = 14;
constexpr int kFloat32 = 1, kUint8 = 2, kInt8 = 3, kUint16 = 4, kInt16 = 5, kInt32 = 6, kInt64 = 7, kString = 8, kBool = 9, kFloat16 = 10,
              kFloat64 = 11, kUint32 = 12, kUint64 = 13, kBfloat16 = 16;
}  // namespace tensor
namespace value_info {
constexpr Tag kName = 1, kType = 2;
}
namespace type {
constexpr Tag kTensor = 1, kElement = 1, kShape = 2, kDim = 1, kDimValue = 1, kDimParameter = 2;
}

}  // namespace graft::onnx
