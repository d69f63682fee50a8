// What people take for an ONNX file.
#include "graft/onnx/other_kind.h"

#include <gtest/gtest.h>

#include "graft/onnx/read.h"

namespace graft::onnx {
namespace {

using namespace std::string_view_literals;

std::string named(std::string_view text) {
  const Error e = not_onnx(std::as_bytes(std::span(text)), "FILE");
  return e.fact() + " | " + e.hint();
}

TEST(OtherKinds, AreNamedWithWhatToDo) {
  constexpr std::string_view kWeights = " | name the network they are of: --backbone NAME --weights FILE";
  EXPECT_EQ(named("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "is a Git LFS pointer, not the file itself | run git lfs pull");
  EXPECT_EQ(named("\x89HDF\r\n\x1a\n"sv), "is an HDF5 file (Keras) | write it as ONNX in Keras: model.export('model.onnx', format='onnx')");
  EXPECT_EQ(named("\x1c\0\0\0TFL3"sv), "is a TensorFlow Lite model | write it as ONNX: python -m tf2onnx.convert --tflite FILE --output model.onnx");
  EXPECT_EQ(named("\x1c\0\0\0ORTM"sv), "is in ONNX Runtime's own format | give the .onnx that it was made from");
  EXPECT_EQ(named("\x40\0\0\0\0\0\0\0{\"a\":"sv), "is a safetensors file, which holds weights and no network" + std::string(kWeights));
  EXPECT_EQ(named("PK\x03\x04 m/data.pkl m/version PK\x01\x02"sv),
            "is a file of torch.save, which holds weights and no network" + std::string(kWeights));
  EXPECT_EQ(
      named("PK\x03\x04 m/data.pkl m/constants.pkl PK\x01\x02"sv),
      "is a TorchScript module | write it as ONNX: torch.onnx.export(torch.jit.load(FILE), torch.randn(1, 3, 224, 224), 'model.onnx'), or use its "
      "weights: --backbone NAME --weights FILE");
  EXPECT_EQ(named("PK\x03\x04 config.json model.weights.h5"sv),
            "is a Keras model | write it as ONNX in Keras: model.export('model.onnx', format='onnx')");
  EXPECT_EQ(named("PK\x03\x04 fc.weight.npy PK\x01\x02"sv),
            "is an archive of NumPy arrays (.npz), which holds no network | give the network as ONNX");
  EXPECT_EQ(named("PK\x03\x04 x"sv), "is a zip archive | unpack it and give the .onnx");
  EXPECT_EQ(named("<?xml version=\"1.0\"?>\n<net name=\"x\" version=\"11\">"), "is OpenVINO's own format | give the .onnx that it was made from");
  EXPECT_EQ(named("<!DOCTYPE html>"), "is a web page | a download went wrong; download it again");
  EXPECT_EQ(named("what else"), "truncated, or not an ONNX file | copy the file again");
}

TEST(OtherKinds, AreNamedByWhoeverReads) {
  constexpr std::string_view kLite = "\x1c\0\0\0TFL3"sv;
  try {
    read_header(std::as_bytes(std::span(kLite)), "FILE");
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.fact(), "is a TensorFlow Lite model");
  }
}

}  // namespace
}  // namespace graft::onnx
