// DICOM files of tests, byte by byte: explicit transfer syntax, little endian.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace graft::image {

/// Numbers of `bytes` bytes, the least significant first.
inline std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

inline std::string dicom_field(uint32_t tag, const std::string& kind, std::string value) {
  if (value.size() % 2 == 1) value += kind == "UI" || kind == "OB" ? '\0' : ' ';
  const bool wide = kind == "OB" || kind == "OW" || kind == "SQ";
  return little(tag >> 16, 2) + little(tag & 0xffff, 2) + kind + (wide ? little(0, 2) + little(value.size(), 4) : little(value.size(), 2)) + value;
}

struct DicomFile {
  int width = 2, height = 2, samples = 1, bits = 16;
  std::string photometric = "MONOCHROME2", pixels = {}, patient = {}, frames = {};
  std::string centre = {}, window = {};        // decimal numbers; empty: the file does not say
  std::string lookup = {};                     // fields of one item of the VOI LUT sequence
  std::string syntax = "1.2.840.10008.1.2.1";  // explicit, little endian; others have their pixels in fragments
  std::vector<std::string> fragments = {};

  std::string bytes() const {
    const auto number = [](int value) { return little(static_cast<uint64_t>(value), 2); };
    const auto item = [](const std::string& value) { return std::string("\xfe\xff\x00\xe0", 4) + little(value.size(), 4) + value; };
    std::string out(128, '\0');
    out += "DICM" + dicom_field(0x00020010, "UI", syntax);
    if (!patient.empty()) out += dicom_field(0x00100020, "LO", patient);
    out += dicom_field(0x00280002, "US", number(samples)) + dicom_field(0x00280004, "CS", photometric);
    if (samples > 1) out += dicom_field(0x00280006, "US", number(0));
    if (!frames.empty()) out += dicom_field(0x00280008, "IS", frames);
    out += dicom_field(0x00280010, "US", number(height)) + dicom_field(0x00280011, "US", number(width));
    out +=
        dicom_field(0x00280100, "US", number(bits)) + dicom_field(0x00280101, "US", number(bits)) + dicom_field(0x00280102, "US", number(bits - 1));
    out += dicom_field(0x00280103, "US", number(0));
    if (!centre.empty()) out += dicom_field(0x00281050, "DS", centre) + dicom_field(0x00281051, "DS", window);
    if (!lookup.empty()) out += dicom_field(0x00283010, "SQ", item(lookup));
    if (fragments.empty()) return pixels.empty() ? out : out + dicom_field(0x7fe00010, bits > 8 ? "OW" : "OB", pixels);
    out += std::string("\xe0\x7f\x10\x00", 4) + "OB" + little(0, 2) + little(0xffffffff, 4) + item("");
    for (std::string fragment : fragments) out += item(fragment.size() % 2 == 1 ? fragment + '\0' : fragment);
    return out + std::string("\xfe\xff\xdd\xe0\0\0\0\0", 8);
  }
};

}  // namespace graft::image
