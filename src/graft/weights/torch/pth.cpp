#include "graft/weights/torch/pth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <new>
#include <span>
#include <utility>

#include "graft/archive/zip.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/thread_pool.h"
#include "graft/weights/torch/pickled_tensors.h"
#include "graft/weights/torch/unpickle.h"

namespace graft::weights {
namespace {

constexpr const char* kDamagedPth = "the file is damaged; download or save it again";

// PROTO 2, LONG1 of 10 bytes 0x1950a86a20f9469cfc6c, STOP: the first of a legacy file's pickles.
constexpr std::array<unsigned char, 15> kLegacyMagic{0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, '.'};

[[noreturn]] void refuse_other_zip(const std::vector<archive::ZipEntry>& entries, const std::string& source) {
  const auto arrays = std::ranges::count_if(entries, [](const archive::ZipEntry& entry) { return entry.name.ends_with(".npy"); });
  if (arrays > 0)
    throw data_error(
        source, fmt::format("is an archive of {} NumPy array{} (.npz), expected safetensors or a file of torch.save", arrays, arrays == 1 ? "" : "s"),
        kSaveArrays);
  if (std::ranges::any_of(entries, [](const archive::ZipEntry& entry) { return entry.name.ends_with("model.weights.h5"); }))
    throw data_error(source, "is a Keras model, expected safetensors or a file of torch.save", "convert it to safetensors");
  throw data_error(source, "is a zip archive without data.pkl, expected a file of torch.save");
}

/// PREFIX/data.pkl and PREFIX/data/KEY; the prefix is "archive" or the file's first name.
void read_zip_pth(StateDict& dict, Bytes file, std::string_view key, std::vector<std::string>& notes) {
  const std::vector<archive::ZipEntry> entries =
      archive::read_zip(file, dict.source, archive::Entries::deflated_too);  // TorchScript deflates its code, which is not read
  std::map<std::string_view, const archive::ZipEntry*> by_name;
  for (const archive::ZipEntry& entry : entries) by_name.emplace(entry.name, &entry);
  const std::string prefix = entries.empty() ? "" : entries.front().name.substr(0, entries.front().name.find('/'));
  const auto find = [&](const std::string& name) -> const archive::ZipEntry* {
    const auto found = by_name.find(prefix + "/" + name);
    if (found == by_name.end()) return nullptr;
    if (found->second->deflated)
      throw data_error(dict.source, fmt::format("zip archive: {} is compressed, torch.save stores", in_quotes(name)), kDamagedPth);
    archive::check_crc(*found->second, dict.source);
    return found->second;
  };
  const archive::ZipEntry* pickle = find("data.pkl");
  if (pickle == nullptr) refuse_other_zip(entries, dict.source);
  if (const archive::ZipEntry* order = find("byteorder"); order != nullptr && as_text(order->bytes) != "little")
    throw data_error(dict.source, "was saved on a big-endian machine, only little-endian files are read", "load and save it again with torch");

  Unpickler unpickler(pickle->bytes, dict.source);
  const auto record = [&](const Storage& storage) {
    const archive::ZipEntry* entry = find("data/" + std::string(storage.key));
    if (entry == nullptr) throw data_error(dict.source, fmt::format("zip archive: lacks the storage {}", in_quotes(storage.key)), kDamagedPth);
    return entry->bytes;
  };
  const Value root = unpickler.next();
  add_tensors(dict, root, key, unpickler.first_unknown(), notes, record, file.size());
}

/// Brings bytes of the file, from `begin` on, to memory.
using Copy = std::function<void(std::size_t begin, std::span<std::byte> to)>;

/// The file from `begin` on, so placed that begin + 8, the first element after a storage's length, is aligned.
std::pair<std::shared_ptr<const void>, Bytes> read_aligned(const Copy& copy, std::size_t begin, std::size_t size) {
  // Huge pages would halve the time of the faults, but in a virtual machine whose host has not got them ready they take ten times as long.
  const std::shared_ptr<std::byte> buffer(static_cast<std::byte*>(std::malloc(size)), std::free);
  if (buffer == nullptr && size > 0) throw std::bad_alloc();
  copy(begin, {buffer.get(), size});
  return {buffer, Bytes(buffer.get(), size)};
}

/// Each storage is an int64 count and the elements, in the order of the keys; how wide they are, the tensors told.
std::map<std::string_view, Bytes> split_storages(Bytes data, const List& keys, const std::map<std::string_view, const Storage*>& types,
                                                 const std::string& source) {
  std::map<std::string_view, Bytes> storages;
  for (const Value& value : keys.items) {
    const std::string_view* key = as<std::string_view>(value);
    const auto type = key != nullptr ? types.find(*key) : types.end();
    if (type == types.end()) throw data_error(source, "legacy file: lists a storage that it does not use", kDamagedPth);
    const std::string name = fmt::format("legacy file: storage {}", in_quotes(*key));
    const Storage& storage = *type->second;
    const std::size_t width = storage.untyped ? 1 : size_of(storage.dtype);
    if (data.size() < 8) throw data_error(source, name + " is missing, the file ends before it", kDamagedPth);
    int64_t count = 0;
    std::memcpy(&count, data.data(), 8);
    if (count != storage.count) throw data_error(source, fmt::format("{} has {} elements, expected {}", name, count, storage.count), kDamagedPth);
    data = data.subspan(8);
    if (static_cast<uint64_t>(count) > data.size() / width)
      throw data_error(source, fmt::format("{} has {} elements of {} bytes, but only {} bytes follow", name, count, width, data.size()), kDamagedPth);
    if (!storages.emplace(*key, data.first(static_cast<std::size_t>(count) * width)).second)
      throw data_error(source, name + " is listed twice", kDamagedPth);
    data = data.subspan(static_cast<std::size_t>(count) * width);
  }
  if (!data.empty()) throw data_error(source, fmt::format("legacy file: has {} bytes after the last storage", data.size()), kDamagedPth);
  return storages;
}

bool is_big_endian(const Value& system) {
  const Dict* dict = as<Dict>(system);
  if (dict == nullptr) return false;
  for (const auto& [key, value] : dict->items)
    if (const auto* name = as<std::string_view>(key); name != nullptr && *name == "little_endian")
      if (const bool* little = as<bool>(value); little != nullptr) return !*little;
  return false;
}

/// Magic, protocol version, facts on the machine, the object, the storage keys: five pickles; then the storages.
void read_legacy_pth(StateDict& dict, Bytes file, std::string_view key, std::vector<std::string>& notes, const Copy& copy) {
  Unpickler unpickler(file, dict.source);
  unpickler.skip(kLegacyMagic.size());
  const Value protocol = unpickler.next();
  if (const int64_t* version = as<int64_t>(protocol); version == nullptr || *version != 1001)
    throw data_error(dict.source, "legacy file: has a protocol other than 1001", kDamagedPth);
  if (is_big_endian(unpickler.next()))
    throw data_error(dict.source, "was saved on a big-endian machine, only little-endian files are read", "load and save it again with torch");
  const Value root = unpickler.next();
  const std::string unknown = unpickler.first_unknown();
  const std::map<std::string_view, const Storage*> types = unpickler.storages();
  const Value listed = unpickler.next();
  const List* keys = as<List>(listed);
  if (keys == nullptr) throw data_error(dict.source, "legacy file: has no list of storages", kDamagedPth);

  const auto [owner, data] = read_aligned(copy, unpickler.position(), file.size() - unpickler.position());
  dict.owner = owner;
  const std::map<std::string_view, Bytes> storages = split_storages(data, *keys, types, dict.source);
  const auto record = [&](const Storage& storage) {
    const auto found = storages.find(storage.key);
    if (found == storages.end()) throw data_error(dict.source, fmt::format("legacy file: lacks the storage {}", in_quotes(storage.key)), kDamagedPth);
    return found->second;
  };
  add_tensors(dict, root, key, unknown, notes, record, file.size());
}

/// By two threads when it is long, as new memory's page faults take longer than the reading. Reads and does not copy from the map, whose pages are not
/// there yet: that would take twice the time.
void read_part(const std::filesystem::path& path, const std::string& name, std::size_t begin, std::span<std::byte> to) {
  constexpr std::size_t kSlice = 8 << 20;
  const std::size_t slices = (to.size() + kSlice - 1) / kSlice;
  ThreadPool pool(slices > 1 ? std::min(2, available_cpus()) : 1);
  pool.parallel_for(slices, [&](std::size_t i) {
    const std::span<std::byte> part = to.subspan(i * kSlice, std::min(kSlice, to.size() - i * kSlice));
    std::ifstream stream(path, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(begin + i * kSlice));
    stream.read(reinterpret_cast<char*>(part.data()), static_cast<std::streamsize>(part.size()));
    if (!stream) throw data_error(name, "cannot read: the file changed in the meantime");
  });
}

StateDict read_any(Bytes file, std::string name, std::string_view key, std::vector<std::string>* notes, const Copy& copy) {
  std::vector<std::string> unread;
  StateDict dict{.source = std::move(name), .owner = {}, .tensors = {}, .metadata = {}};
  if (is_legacy_pth(file)) read_legacy_pth(dict, file, key, notes != nullptr ? *notes : unread, copy);
  else read_zip_pth(dict, file, key, notes != nullptr ? *notes : unread);
  strip_wrapper_prefixes(dict);
  return dict;
}

}  // namespace

bool is_legacy_pth(Bytes bytes) {
  return bytes.size() >= kLegacyMagic.size() && std::memcmp(bytes.data(), kLegacyMagic.data(), kLegacyMagic.size()) == 0;
}

StateDict read_pth(const std::filesystem::path& path, std::string_view key, std::vector<std::string>* notes) {
  auto file = std::make_shared<MappedFile>(path);
  const std::string name = printable(path.string());
  StateDict dict = read_any(file->bytes(), name, key, notes, [&](std::size_t begin, std::span<std::byte> to) { read_part(path, name, begin, to); });
  if (!dict.owner) dict.owner = std::move(file);
  return dict;
}

StateDict read_pth(Bytes file, std::string name, std::string_view key, std::vector<std::string>* notes) {
  return read_any(file, std::move(name), key, notes,
                  [&](std::size_t begin, std::span<std::byte> to) { std::ranges::copy(file.subspan(begin), to.begin()); });
}

}  // namespace graft::weights
