#include "graft/archive/tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::archive {
namespace {

constexpr std::size_t kBlock = 512, kMostMembers = 100;
constexpr uint64_t kMostBytes = uint64_t{4} << 30;
constexpr const char* kDamagedTar = "download it again";

using Block = std::array<std::byte, kBlock>;

std::string_view field(Bytes block, std::size_t begin, std::size_t size) {
  const std::string_view text = as_text(block.subspan(begin, size));
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

/// Octal digits between spaces. Sizes above 8 GiB, which tar writes in another way, are beyond what is read here.
std::optional<uint64_t> octal(std::string_view text) {
  text = trim(text);
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '7' || value >> 60 != 0) return std::nullopt;
    value = value * 8 + static_cast<uint64_t>(c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

/// The sum of the header's bytes, those of the sum itself as spaces.
bool sum_agrees(Bytes block) {
  constexpr std::size_t kBegin = 148, kSize = 8;
  uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += i >= kBegin && i < kBegin + kSize ? ' ' : std::to_integer<unsigned>(block[i]);
  return octal(field(block, kBegin, kSize)) == sum;
}

class Member : public Stream {
 public:
  Member(std::unique_ptr<Stream> inner, uint64_t size) : inner_(std::move(inner)), left_(size) {}
  std::size_t read(std::span<std::byte> out) override { return took(inner_->read(out.first(std::min<uint64_t>(out.size(), left_)))); }
  uint64_t skip(uint64_t size) override { return took(inner_->skip(std::min(size, left_))); }
  std::unique_ptr<Stream> copy() const override { return std::make_unique<Member>(inner_->copy(), left_); }

 private:
  uint64_t took(uint64_t size) {
    left_ -= size;
    return size;
  }

  std::unique_ptr<Stream> inner_;
  uint64_t left_;
};

}  // namespace

bool is_tar(Bytes bytes) { return bytes.size() >= kBlock && as_text(bytes.subspan(257, 5)) == "ustar" && sum_agrees(bytes.first(kBlock)); }

std::vector<TarMember> list_tar(const Content& archive) {
  const auto fail = [&](const std::string& fact) { return data_error(archive.name, "tar archive: " + fact, kDamagedTar); };
  const std::unique_ptr<Stream> stream = archive.open();
  std::vector<TarMember> members;
  uint64_t at = 0;
  for (std::size_t count = 0;; ++count) {
    Block block{};
    const std::size_t got = stream->read(block);
    if (got == 0 || (got == kBlock && std::ranges::all_of(block, [](std::byte b) { return b == std::byte{0}; }))) break;
    if (got < kBlock) throw fail(fmt::format("ends within the header at byte {}", at));
    if (!sum_agrees(block)) throw fail(fmt::format("damaged header at byte {}", at));
    const std::optional<uint64_t> size = octal(field(block, 124, 12));
    if (!size || *size > kMostBytes - std::min(at, kMostBytes)) throw fail(fmt::format("more than 4 GiB by its header at byte {}", at));
    if (count == kMostMembers) throw fail(fmt::format("more than {} members", kMostMembers));
    at += kBlock;
    const std::string_view path = field(block, 0, 100), type = as_text(Bytes(block).subspan(156, 1));
    if (type == "0" || type == std::string_view("\0", 1)) members.push_back({std::string(path.substr(path.rfind('/') + 1)), *size, stream->copy()});
    const uint64_t padded = (*size + kBlock - 1) / kBlock * kBlock;
    if (stream->skip(padded) < padded) throw fail(fmt::format("ends within '{}'", printable(path)));
    at += padded;
  }
  return members;
}

Content content_of(const Content& archive, const TarMember& member) {
  return kept({archive.name + ": " + printable(member.file_name), member.size,
               [at = member.at, size = member.size] { return std::make_unique<Member>(at->copy(), size); }},
              std::make_shared<const Content>(archive));
}

}  // namespace graft::archive
