// Reads protobuf messages of strangers: what protozero leaves to assert() is checked here.
#pragma once

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

#include "graft/onnx/fields.h"

namespace graft::onnx {

/// Throws a protozero::exception wherever the bytes are not what the caller expects.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes), reader_(bytes.data(), bytes.size()) {}

  bool next() { return reader_.next(); }
  Tag tag() const { return reader_.tag(); }
  void skip() { reader_.skip(); }
  std::string_view bytes() const { return bytes_; }

  int64_t integer() {
    expect(protozero::pbf_wire_type::varint);
    return reader_.get_int64();
  }
  float real() {
    expect(protozero::pbf_wire_type::fixed32);
    return reader_.get_float();
  }
  std::string_view text() {
    expect(protozero::pbf_wire_type::length_delimited);
    const protozero::data_view view = reader_.get_view();
    return {view.data(), view.size()};
  }
  Record message() { return Record(text()); }

  /// A repeated field, one at a time or packed at once. Packed, each may be a byte in the file: what `to` takes is known before it grows.
  void integers(std::vector<int64_t>& to) {
    if (reader_.wire_type() == protozero::pbf_wire_type::varint) return to.push_back(reader_.get_int64());
    expect(protozero::pbf_wire_type::length_delimited);
    if (!to.empty()) throw protozero::invalid_length_exception();
    const auto packed = reader_.get_packed_int64();
    to.reserve(static_cast<std::size_t>(packed.size()));
    for (const int64_t i : packed) to.push_back(i);
  }
  void reals(std::vector<float>& to) {
    if (reader_.wire_type() == protozero::pbf_wire_type::fixed32) return to.push_back(reader_.get_float());
    expect(protozero::pbf_wire_type::length_delimited);
    for (const float f : reader_.get_packed_float()) to.push_back(f);
  }
  void doubles(std::vector<double>& to) {
    if (reader_.wire_type() == protozero::pbf_wire_type::fixed64) return to.push_back(reader_.get_double());
    expect(protozero::pbf_wire_type::length_delimited);
    for (const double d : reader_.get_packed_double()) to.push_back(d);
  }

  /// The field as it is into another message.
  void copy(protozero::pbf_writer& out, Tag to) {
    switch (reader_.wire_type()) {
      case protozero::pbf_wire_type::varint: return out.add_int64(to, reader_.get_int64());
      case protozero::pbf_wire_type::fixed32: return out.add_fixed32(to, reader_.get_fixed32());
      case protozero::pbf_wire_type::fixed64: return out.add_fixed64(to, reader_.get_fixed64());
      default: {
        const std::string_view view = text();
        out.add_bytes(to, view.data(), view.size());
      }
    }
  }

 private:
  void expect(protozero::pbf_wire_type type) const {
    if (reader_.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception();
  }

  std::string_view bytes_;
  protozero::pbf_reader reader_;
};

}  // namespace graft::onnx
