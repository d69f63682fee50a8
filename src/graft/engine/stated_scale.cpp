#include "graft/engine/stated_scale.h"

#include <fmt/format.h>

#include <cmath>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::engine {
namespace {

/// Three numbers with commas between them, or one for all channels.
std::array<float, 3> three_numbers(const char* option, const std::string& text, bool positive) {
  constexpr const char* kHint = "of values in 0..1, in the order red, green, blue";
  std::vector<float> numbers;
  for (const std::string& word : split(text, ',')) {
    const std::optional<float> number = number_in<float>(trim(word));
    if (!number || !std::isfinite(*number) || (positive && *number <= 0))
      throw usage_error(
          fmt::format("{} {}", option, printable(text)),
          positive ? "expected one number above 0, or three, separated by commas" : "expected one number, or three, separated by commas", kHint);
    numbers.push_back(*number);
  }
  if (numbers.size() == 1) numbers.assign(3, numbers[0]);
  if (numbers.size() != 3)
    throw usage_error(fmt::format("{} {}", option, printable(text)), fmt::format("{} numbers, expected one or three", numbers.size()), kHint);
  return {numbers[0], numbers[1], numbers[2]};
}

}  // namespace

onnx::PictureScale with_stated(onnx::PictureScale scale, const StatedScale& stated) {
  if (stated.mean) scale.mean = three_numbers("--mean", *stated.mean, false);
  if (stated.std) scale.std = three_numbers("--std", *stated.std, true);
  if (stated.channels) scale.bgr = *stated.channels == ChannelOrder::bgr;
  return scale;
}

onnx::PictureScale scale_of_file(const OnnxNetwork& network) {
  if (!network.written) return network.told.value_or(onnx::usual_scales().front());
  onnx::PictureScale scale = onnx::usual_scales().front();
  scale.mean = network.written->mean;
  scale.std = network.written->std;
  return scale;
}

std::string told_by_file(const OnnxNetwork& network) {
  if (network.written || !network.told) return "";
  return fmt::format("{} scales its pictures itself: it takes values in {}, {} first", network.model.path, network.told->name,
                     network.told->bgr ? "blue" : "red");
}

onnx::PictureScale scale_without_photos(const OnnxNetwork& network, const StatedScale& stated, std::vector<std::string>& notes) {
  if (std::string told = told_by_file(network); !told.empty()) notes.push_back(std::move(told));
  else if (!network.written && !stated.any())
    notes.push_back(network.model.path +
                    " does not say how its pictures are normalized: taken as ImageNet's; override this with --mean, --std and --channels");
  return with_stated(scale_of_file(network), stated);
}

void StatedScale::fields(FieldList& v, const char* mean_help) {
  v("mean", mean, mean_help);
  v("std", std, "standard deviation, in the same format as --mean");
  v("channels", channels, "color order of the network's input; auto: as --mean", kChannelOrders);
}

}  // namespace graft::engine
