// Event files as TensorBoard reads them: records of TFRecord, each an Event of tensorflow/core/util/event.proto. Written as they come, so that a
// TensorBoard that runs sees them at once.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::fit {

/// CRC-32C (Castagnoli), as RFC 3720 has it: of "123456789" 0xE3069283.
uint32_t crc32c(Bytes bytes);

/// Length, its checksum, the bytes, their checksum; each checksum masked.
std::string tf_record(std::string_view bytes);

/// One file, which every call appends an event with the present time to. Error (data) when it cannot be written.
class EventFile {
 public:
  /// Begins a file behind those in `folder`, which is made where it is not there.
  explicit EventFile(const std::filesystem::path& folder);

  /// What files before this one say of `step` and later ones is void: a training goes on from before it.
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
