#include "graft/archive/content.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

#include "graft/archive/crc32.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::archive {
namespace {

constexpr const char* kDamaged = "download it again";
constexpr uint64_t kMostOfDeflate = 1032;  // bytes that one byte of deflate can stand for: 258 with two bits
constexpr int kGzip = 16 + MAX_WBITS, kRaw = -MAX_WBITS;

class Plain : public Stream {
 public:
  explicit Plain(Bytes bytes) : bytes_(bytes) {}
  std::size_t read(std::span<std::byte> out) override {
    const std::size_t size = std::min(out.size(), bytes_.size());
    std::copy_n(bytes_.begin(), size, out.begin());
    bytes_ = bytes_.subspan(size);
    return size;
  }
  uint64_t skip(uint64_t asked) override {
    const std::size_t size = std::min<uint64_t>(asked, bytes_.size());
    bytes_ = bytes_.subspan(size);
    return size;
  }
  std::unique_ptr<Stream> copy() const override { return std::make_unique<Plain>(bytes_); }

 private:
  Bytes bytes_;
};

/// gzip (also several members behind each other) or the raw deflate of zip.
class Inflated : public Stream {
 public:
  Inflated(Bytes packed, std::string name, int kind) : packed_(packed), name_(std::move(name)), kind_(kind) {
    if (inflateInit2(&stream_, kind) != Z_OK) throw std::bad_alloc();
  }
  Inflated(const Inflated& other) : packed_(other.packed_), name_(other.name_), kind_(other.kind_), ended_(other.ended_) {
    if (inflateCopy(&stream_, &other.stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflated() override { inflateEnd(&stream_); }
  std::unique_ptr<Stream> copy() const override { return std::make_unique<Inflated>(*this); }

  std::size_t read(std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size() && !ended_) done += step(out.subspan(done));
    return done;
  }

 private:
  std::size_t step(std::span<std::byte> out) {
    const auto given = static_cast<uInt>(std::min<std::size_t>(packed_.size(), std::numeric_limits<uInt>::max()));
    const auto room = static_cast<uInt>(std::min<std::size_t>(out.size(), std::numeric_limits<uInt>::max()));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed_.data()));
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    packed_ = packed_.subspan(given - stream_.avail_in);
    if (result == Z_STREAM_END) end_member();
    else if (result == Z_MEM_ERROR) throw std::bad_alloc();
    else if (result == Z_BUF_ERROR || (result == Z_OK && packed_.empty() && stream_.avail_out > 0))
      throw data_error(name_, "its compressed data ends too early", kDamaged);
    else if (result != Z_OK)
      throw data_error(name_, fmt::format("its compressed data is damaged ({})", stream_.msg ? stream_.msg : "zlib"), kDamaged);
    return room - stream_.avail_out;
  }

  void end_member() {
    ended_ = kind_ == kRaw || !is_gzip(packed_);  // zeros or a signature behind the last member: gzip passes over them as well
    if (!ended_ && inflateReset(&stream_) != Z_OK) throw std::bad_alloc();
  }

  mutable z_stream stream_{};  // zlib copies from one that is not const
  Bytes packed_;
  const std::string name_;
  const int kind_;
  bool ended_ = false;
};

/// Compares size and CRC with the zip's directory at the end; nothing behind its size is given out.
class Checked : public Stream {
 public:
  Checked(std::unique_ptr<Stream> inner, uint64_t size, uint32_t crc, std::string name)
      : inner_(std::move(inner)), left_(size), expected_(crc), name_(std::move(name)) {}
  Checked(const Checked& other)
      : inner_(other.inner_->copy()), left_(other.left_), crc_(other.crc_), expected_(other.expected_), name_(other.name_), ended_(other.ended_) {}
  std::unique_ptr<Stream> copy() const override { return std::make_unique<Checked>(*this); }

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t asked = std::min<uint64_t>(out.size(), left_), got = inner_->read(out.first(asked));
    crc_ = crc32(out.first(got), crc_);
    left_ -= got;
    if (got < asked) throw data_error(name_, fmt::format("is {} bytes shorter than its zip archive says", left_), kDamaged);
    if (left_ == 0 && !std::exchange(ended_, true)) check_end();
    return got;
  }

 private:
  void check_end() {
    std::byte more{};
    if (inner_->read({&more, 1}) > 0) throw data_error(name_, "is longer than its zip archive says", kDamaged);
    if (crc_ != expected_) throw data_error(name_, fmt::format("has CRC {:08x}, expected {:08x}", crc_, expected_), kDamaged);
  }

  std::unique_ptr<Stream> inner_;
  uint64_t left_;
  uint32_t crc_ = 0;
  const uint32_t expected_;
  const std::string name_;
  bool ended_ = false;
};

uint64_t most_of(std::size_t packed) {
  return packed > std::numeric_limits<uint64_t>::max() / kMostOfDeflate ? std::numeric_limits<uint64_t>::max() : packed * kMostOfDeflate;
}

}  // namespace

uint64_t Stream::skip(uint64_t size) {
  std::array<std::byte, 1 << 16> buffer;
  uint64_t done = 0;
  while (done < size) {
    check_interrupted();
    const std::size_t asked = std::min<uint64_t>(size - done, buffer.size()), got = read(std::span(buffer).first(asked));
    done += got;
    if (got < asked) break;
  }
  return done;
}

bool is_gzip(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B}; }

Content content_of(Bytes bytes, std::string name) {
  if (is_gzip(bytes)) return {name, most_of(bytes.size()), [bytes, name] { return std::make_unique<Inflated>(bytes, name, kGzip); }};
  return {std::move(name), bytes.size(), [bytes] { return std::make_unique<Plain>(bytes); }};
}

Content content_of(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  return kept(content_of(file->bytes(), printable(path.string())), file);
}

Content content_of(const ZipEntry& entry, std::string name) {
  if (entry.deflated && entry.size > most_of(entry.bytes.size()))
    throw data_error(
        name, fmt::format("has {} bytes according to its zip archive, which {} compressed bytes cannot contain", entry.size, entry.bytes.size()),
        kDamaged);
  const auto open = [bytes = entry.bytes, deflated = entry.deflated, size = entry.size, crc = entry.crc, name] {
    std::unique_ptr<Stream> inner;
    if (deflated) inner = std::make_unique<Inflated>(bytes, name, kRaw);
    else inner = std::make_unique<Plain>(bytes);
    return std::make_unique<Checked>(std::move(inner), size, crc, name);
  };
  return {name, entry.size, open};
}

std::vector<std::byte> begin_of(const Content& content, std::size_t size) {
  std::vector<std::byte> bytes(size);
  bytes.resize(content.open()->read(bytes));
  return bytes;
}

std::vector<std::byte> all_of(const Content& content, std::size_t limit) {
  std::vector<std::byte> bytes(std::min<uint64_t>(content.most, limit) + 1);
  bytes.resize(content.open()->read(bytes));
  if (bytes.size() > limit) throw data_error(content.name, fmt::format("more than {} bytes", with_commas(static_cast<long long>(limit))));
  return bytes;
}

void check_size(const Content& content, uint64_t size, const std::string& expected) {
  const auto refuse = [&](const std::string& found) {
    return data_error(content.name, fmt::format("{} need {} bytes, but {}", expected, with_commas(static_cast<long long>(size)), found), kDamaged);
  };
  if (size > content.most) throw refuse(fmt::format("it holds at most {}", with_commas(static_cast<long long>(content.most))));
  const std::unique_ptr<Stream> stream = content.open();
  if (const uint64_t found = stream->skip(size); found < size)
    throw refuse(fmt::format("it ends after {}", with_commas(static_cast<long long>(found))));
  if (stream->skip(1) > 0) throw refuse("more follow");
}

Content kept(Content content, std::shared_ptr<const void> alive) {
  content.open = [alive = std::move(alive), open = std::move(content.open)] { return open(); };
  return content;
}

}  // namespace graft::archive
