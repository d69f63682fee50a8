#include "graft/fit/run/event_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>

#include "graft/base/error.h"
#include "graft/image/png.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

using protozero::pbf_writer;
using Tag = protozero::pbf_tag_type;

// Field numbers of TensorBoard's event.proto, summary.proto, plugins/hparams/plugin_data.proto, and Google's struct.proto.
namespace event {
constexpr Tag kTime = 1, kStep = 2, kVersion = 3, kSummary = 5, kSession = 7;
}
namespace session {
constexpr Tag kStatus = 1;
constexpr int kStart = 1;
}  // namespace session
namespace summary {
constexpr Tag kValue = 1, kTag = 1, kScalar = 2, kImage = 4, kMetadata = 9;
}
namespace picture {
constexpr Tag kHeight = 1, kWidth = 2, kColours = 3, kFile = 4;
constexpr int kRgb = 3;
}  // namespace picture
namespace metadata {
constexpr Tag kPlugin = 1, kPluginName = 1, kPluginContent = 2;
}
namespace hparams {
constexpr Tag kStart = 3, kOptions = 1, kKey = 1, kValue = 2, kStartTime = 5, kEnd = 4, kStatus = 1, kEndTime = 2;
constexpr int kSuccess = 1;
}  // namespace hparams
namespace any {
constexpr Tag kNumber = 2, kText = 3, kBool = 4;
}

constexpr std::string_view kPrefix = "events.out.tfevents.";

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

uint32_t masked(uint32_t crc) { return std::rotr(crc, 15) + 0xA282EAD8U; }

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
    table[i] = crc;
  }
  return table;
}();

/// Seconds that sort behind every file there is: files are read in the order of their names.
int64_t time_of_next(const fs::path& folder) {
  auto time = static_cast<int64_t>(now());
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    int64_t other = 0;
    if (!name.starts_with(kPrefix)) continue;
    if (std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), other).ec == std::errc{}) time = std::max(time, other + 1);
  }
  return time;
}

/// A summary that only its plugin understands.
std::string hparams_summary(std::string_view tag, Tag kind, const std::string& content) {
  std::string data, fields;
  pbf_writer(data).add_message(kind, content);
  {
    pbf_writer out(fields);
    pbf_writer summary_out(out, event::kSummary);
    pbf_writer value(summary_out, summary::kValue);
    value.add_string(summary::kTag, tag.data(), tag.size());
    pbf_writer about(value, summary::kMetadata);
    pbf_writer plugin(about, metadata::kPlugin);
    plugin.add_string(metadata::kPluginName, "hparams");
    plugin.add_bytes(metadata::kPluginContent, data);
  }
  return fields;
}

}  // namespace

uint32_t crc32c(Bytes bytes) {
  uint32_t crc = ~0U;
  for (const std::byte b : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<uint32_t>(b)) & 255];
  return ~crc;
}

std::string tf_record(std::string_view bytes) {
  const std::string length = little_endian(bytes.size(), 8);
  std::string record = length + little_endian(masked(crc32c(as_bytes(length))), 4);
  record.append(bytes);
  return record + little_endian(masked(crc32c(as_bytes(bytes))), 4);
}

EventFile::EventFile(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw system_error(folder, "create", code.value());
  file_ = folder / fmt::format("{}{:010}.graft", kPrefix, time_of_next(folder));
  std::string fields;
  pbf_writer(fields).add_string(event::kVersion, "brain.Event:2");
  write(fields, 0);
}

void EventFile::write(std::string_view fields, int64_t step) {
  std::string bytes;
  pbf_writer out(bytes);
  out.add_double(event::kTime, now());
  if (step != 0) out.add_int64(event::kStep, step);
  bytes.append(fields);
  const std::string record = tf_record(bytes);
  errno = 0;
  std::ofstream file(file_, std::ios::binary | std::ios::app);
  if (!file.write(record.data(), static_cast<std::streamsize>(record.size())).flush()) throw system_error(file_, "write", errno != 0 ? errno : EIO);
}

void EventFile::restart(int64_t step) {
  std::string fields;
  pbf_writer out(fields);
  pbf_writer(out, event::kSession).add_enum(session::kStatus, session::kStart);
  write(fields, step);
}

void EventFile::scalar(std::string_view tag, int64_t step, double number) {
  std::string fields;
  {
    pbf_writer out(fields);
    pbf_writer summary_out(out, event::kSummary);
    pbf_writer value(summary_out, summary::kValue);
    value.add_string(summary::kTag, tag.data(), tag.size());
    value.add_float(summary::kScalar, static_cast<float>(number));
  }
  write(fields, step);
}

void EventFile::image(std::string_view tag, int64_t step, const image::Image& image) {
  std::string fields;
  {
    pbf_writer out(fields);
    pbf_writer summary_out(out, event::kSummary);
    pbf_writer value(summary_out, summary::kValue);
    value.add_string(summary::kTag, tag.data(), tag.size());
    pbf_writer shown(value, summary::kImage);
    shown.add_int32(picture::kHeight, image.height);
    shown.add_int32(picture::kWidth, image.width);
    shown.add_int32(picture::kColours, picture::kRgb);
    shown.add_bytes(picture::kFile, image::encode_png(image));
  }
  write(fields, step);
}

void EventFile::session_start(const nlohmann::ordered_json& options) {
  std::string content;
  pbf_writer out(content);
  for (const auto& [name, value] : options.items()) {
    std::string any_value;
    pbf_writer value_out(any_value);
    if (value.is_boolean()) value_out.add_bool(any::kBool, value.get<bool>());
    else if (value.is_number()) value_out.add_double(any::kNumber, value.get<double>());
    else value_out.add_string(any::kText, value.is_string() ? value.get<std::string>() : value.dump());
    pbf_writer entry(out, hparams::kOptions);
    entry.add_string(hparams::kKey, name);
    entry.add_message(hparams::kValue, any_value);
  }
  out.add_double(hparams::kStartTime, now());
  write(hparams_summary("_hparams_/session_start_info", hparams::kStart, content), 0);
}

void EventFile::session_end() {
  std::string content;
  pbf_writer out(content);
  out.add_enum(hparams::kStatus, hparams::kSuccess);
  out.add_double(hparams::kEndTime, now());
  write(hparams_summary("_hparams_/session_end_info", hparams::kEnd, content), 0);
}

}  // namespace graft::fit
