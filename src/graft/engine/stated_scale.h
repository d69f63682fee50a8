// How the user describes the input of a foreign network: --mean, --std, --channels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/engine/onnx_network.h"

namespace graft::engine {

enum class ChannelOrder { rgb, bgr };
inline const auto kChannelOrders = names<ChannelOrder>{{"rgb", ChannelOrder::rgb}, {"bgr", ChannelOrder::bgr}};

struct StatedScale {
  std::optional<std::string> mean, std;  // a number, or three with commas between them
  std::optional<ChannelOrder> channels;

  bool any() const { return mean || std || channels; }

  void fields(FieldList& v, const char* mean_help);
};

inline constexpr const char* kMeanHelp =  // of commands that have no labels to compare by
    "mean of the input normalization of a network from a file, one number or R,G,B, for values in 0..1; auto: as the file says, else ImageNet's; for "
    "one that takes values in 0..255: --mean 0 --std 0.00392157";

/// What graft wrote into the file, otherwise what the file's nodes do, otherwise ImageNet's.
onnx::PictureScale scale_of_file(const OnnxNetwork& network);

/// "x.onnx scales its pictures itself: it takes values in 0..255, red first"; empty if its nodes do not, or if graft wrote the file.
std::string told_by_file(const OnnxNetwork& network);

/// `scale`, overridden by what the user gave. Error (usage) if that is not one or three numbers.
onnx::PictureScale with_stated(onnx::PictureScale scale, const StatedScale& stated);

/// What the file says, otherwise ImageNet's, overridden by what the user gave; for photos
/// without labels, where nothing can be compared. If neither is known, `notes` gets a sentence.
onnx::PictureScale scale_without_photos(const OnnxNetwork& network, const StatedScale& stated, std::vector<std::string>& notes);

}  // namespace graft::engine
