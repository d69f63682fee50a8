// Datasets as others write them, made byte by byte.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace graft::test {

inline std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 255), static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}
inline std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

/// `size` bytes that differ from each other and from those of another seed.
inline std::string made_bytes(std::size_t size, uint32_t seed) {
  std::string bytes;
  uint32_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    bytes += static_cast<char>(state >> 24);
  }
  return bytes;
}

inline std::string idx_images(uint32_t count, uint32_t rows, uint32_t columns, const std::string& pixels) {
  return std::string("\0\0\x08\x03", 4) + big_endian(count) + big_endian(rows) + big_endian(columns) + pixels;
}
inline std::string idx_labels(uint32_t count, const std::string& labels) { return std::string("\0\0\x08\x01", 4) + big_endian(count) + labels; }

/// zlib's format by `bits`: 31 gzip, -15 raw deflate.
inline std::string deflated(const std::string& content, int bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}
inline std::string gzip(const std::string& content) { return deflated(content, 31); }

inline std::string npy(const std::string& descr, const std::string& shape, const std::string& values, const std::string& fortran = "False") {
  std::string dictionary = "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  dictionary += std::string(63 - (10 + dictionary.size()) % 64, ' ') + "\n";
  return std::string("\x93NUMPY\x01\0", 8) + little_endian(dictionary.size(), 2) + dictionary + values;
}

struct Entry {
  std::string name, content;
};

inline uint32_t crc_of(const std::string& content) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
}

/// As numpy.savez (stored) or numpy.savez_compressed writes it. `wrong_crc` spoils the checksum of every entry.
inline std::string zip(const std::vector<Entry>& entries, bool compressed, bool wrong_crc = false) {
  std::string out, directory;
  for (const Entry& entry : entries) {
    const std::string packed = compressed ? deflated(entry.content, -15) : entry.content;
    const std::string sizes = little_endian(crc_of(entry.content) ^ static_cast<uint32_t>(wrong_crc), 4) + little_endian(packed.size(), 4) +
                              little_endian(entry.content.size(), 4) + little_endian(entry.name.size(), 2);
    const std::string method = little_endian(compressed ? 8 : 0, 2) + std::string(4, '\0');
    directory += little_endian(0x02014B50, 4) + little_endian(20, 2) + little_endian(20, 2) + std::string(2, '\0') + method + sizes +
                 std::string(12, '\0') + little_endian(out.size(), 4) + entry.name;
    out += little_endian(0x04034B50, 4) + little_endian(20, 2) + std::string(2, '\0') + method + sizes + std::string(2, '\0') + entry.name + packed;
  }
  return out + directory + little_endian(0x06054B50, 4) + std::string(4, '\0') + little_endian(entries.size(), 2) + little_endian(entries.size(), 2) +
         little_endian(directory.size(), 4) + little_endian(out.size(), 4) + std::string(2, '\0');
}

inline std::string octal(std::size_t value, int digits) {
  std::string text;
  for (int i = digits - 1; i >= 0; --i) text += static_cast<char>('0' + (value >> (3 * i) & 7));
  return text;
}

/// A ustar archive of regular files (`type` '0') and of what other types there are.
inline std::string tar(const std::vector<Entry>& files, char type = '0') {
  std::string out;
  for (const Entry& file : files) {
    std::string head = file.name + std::string(100 - file.name.size(), '\0') + "0000644" + '\0' + "0000000" + '\0' + "0000000" + '\0' +
                       octal(file.content.size(), 11) + '\0' + "00000000000" + '\0' + "        " + type + std::string(100, '\0') + "ustar" + '\0' +
                       "00";
    head.resize(512, '\0');
    std::size_t sum = 0;
    for (const char c : head) sum += static_cast<unsigned char>(c);
    head.replace(148, 8, octal(sum, 6) + std::string("\0 ", 2));
    out += head + file.content + std::string((512 - file.content.size() % 512) % 512, '\0');
  }
  return out + std::string(1024, '\0');
}

/// `labels.size() / before` records of CIFAR: label bytes, then pixels made of `seed` and the record's index.
inline std::string cifar(const std::string& labels, std::size_t before, uint32_t seed) {
  std::string out;
  for (std::size_t i = 0; i < labels.size() / before; ++i)
    out += labels.substr(i * before, before) + made_bytes(3072, seed + static_cast<uint32_t>(i));
  return out;
}

}  // namespace graft::test
