// Networks that ONNX Runtime rounded to int8 in its "QOperator" form, where an operator takes and gives bytes.
#pragma once

#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// QLinearConv, QLinearMatMul, QGemm and QLinearGlobalAveragePool as DequantizeLinear, the operator on floats, QuantizeLinear: the same up to the
/// rounding of a value that lies between two bytes. OpenVINO lacks the last two, and graft then finds the last layer as in any other network. A node
/// whose scales are computed or of a kind that the opset has no DequantizeLinear for stays as it is.
void dequantise_operators(ModelProto& model);

}  // namespace graft::onnx
