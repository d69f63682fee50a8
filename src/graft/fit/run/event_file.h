// Event files for TensorBoard: TFRecord records, each an Event of tensorflow/core/util/event.proto.
// They are written at once, so a running TensorBoard sees them immediately.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::fit {

/// CRC-32C (Castagnoli), as in RFC 3720: that of "123456789" is 0xE3069283.
uint32_t crc32c(Bytes bytes);

/// Length, its checksum, the bytes, their checksum; each checksum masked.
std::string tf_record(std::string_view bytes);

/// One file; every call appends an event with the present time. Error (data) if it cannot be written.
class EventFile {
 public:
  /// Starts a file after those in `folder`, which is created if necessary.
  explicit EventFile(const std::filesystem::path& folder);

  /// Makes everything that earlier files say about `step` and later steps void, because training continues from before it.
  void restart(int64_t step);
  void scalar(std::string_view tag, int64_t step, double value);
  void image(std::string_view tag, int64_t step, const image::Image& image);
  /// For the plugin "hparams": a session with these (name to number, text or true/false) begins; it ends well. Without an Experiment, of which
  /// TensorBoard takes any run's for all of them: it then lists the options of every run.
  void session_start(const nlohmann::ordered_json& options);
  void session_end();

 private:
  void write(std::string_view fields, int64_t step);

  std::filesystem::path file_;
};

}  // namespace graft::fit
