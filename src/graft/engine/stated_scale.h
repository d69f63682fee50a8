// What people say of the pictures that a foreign network wants: --mean, --std, --channels.
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

/// What graft wrote into the file, else what the file's nodes tell, else ImageNet's.
onnx::PictureScale scale_of_file(const OnnxNetwork& network);

/// "x.onnx scales its pictures itself: it takes values in 0..255, red first"; empty where its nodes do not, or graft wrote the file.
std::string told_by_file(const OnnxNetwork& network);

/// `scale` with what was said in its place. Error (usage) for what is no number, or not one or three.
onnx::PictureScale with_stated(onnx::PictureScale scale, const StatedScale& stated);

/// What the file says, or else ImageNet's, with what was said in its place; for photos without labels, where nothing can be compared. A sentence goes to
/// `notes` where neither tells.
onnx::PictureScale scale_without_photos(const OnnxNetwork& network, const StatedScale& stated, std::vector<std::string>& notes);

}  // namespace graft::engine
