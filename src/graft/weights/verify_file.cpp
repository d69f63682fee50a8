#include "graft/weights/verify_file.h"

#include <algorithm>
#include <cstring>

#include "graft/archive/zip.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/models/registry.h"

namespace graft::weights {
namespace {

/// A float is no number when its exponent is all ones: an infinity without fraction, a NaN with one.
template <class Bits>
void count(Bytes values, Bits exponent, Bits fraction, NonFinite& found) {
  for (; values.size() >= sizeof(Bits); values = values.subspan(sizeof(Bits))) {
    Bits bits;
    std::memcpy(&bits, values.data(), sizeof bits);
    if ((bits & exponent) != exponent) continue;
    ++((bits & fraction) != 0 ? found.nans : found.infinities);
  }
}

NonFinite count_in(const std::string& name, const HostTensor& tensor) {
  NonFinite found{name};
  RowMajor row_major;
  const Bytes values = row_major.bytes_of(tensor);
  switch (tensor.dtype) {
    case Dtype::f64: count<uint64_t>(values, 0x7FF0000000000000, 0x000FFFFFFFFFFFFF, found); break;
    case Dtype::f32: count<uint32_t>(values, 0x7F800000, 0x007FFFFF, found); break;
    case Dtype::f16: count<uint16_t>(values, 0x7C00, 0x03FF, found); break;
    case Dtype::bf16: count<uint16_t>(values, 0x7F80, 0x007F, found); break;
    case Dtype::i64:
    case Dtype::i32:
    case Dtype::i16:
    case Dtype::i8:
    case Dtype::u8:
    case Dtype::boolean: break;
  }
  return found;
}

bool reads_as_date(std::string_view digits) {
  if (digits.size() != 8 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return false;
  const int date = std::stoi(std::string(digits)), year = date / 10000, month = date / 100 % 100, day = date % 100;
  return year >= 1990 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

}  // namespace

std::vector<NonFinite> non_finite(const StateDict& dict) {
  std::vector<NonFinite> list;
  for (const auto& [name, tensor] : dict.tensors)
    if (NonFinite found = count_in(name, tensor); found.nans + found.infinities > 0) list.push_back(std::move(found));
  return list;
}

std::string hash_in_name(std::string_view file_name) {
  const std::string_view stem = file_name.substr(0, file_name.rfind('.'));
  const std::size_t dash = stem.rfind('-');
  const std::string_view digits = dash == std::string_view::npos ? "" : stem.substr(dash + 1);
  const bool is_hex = std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return is_hex && digits.size() >= 8 && digits.size() <= 64 && !reads_as_date(digits) ? std::string(digits) : "";
}

FileCheck verify_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  const std::string source = printable(path.string());
  FileCheck check{.format = format_of(file.bytes(), source), .bytes = file.bytes().size()};
  if (check.format == FileFormat::torch_zip)
    for (const archive::ZipEntry& entry : archive::read_zip(file.bytes(), source, archive::Entries::deflated_too))  // TorchScript's code is deflated
      if (!entry.deflated) archive::check_crc(entry, source);                                                       // also those that no tensor uses
  const StateDict dict = read(path);
  check.tensors = dict.tensors.size();
  check.non_finite = non_finite(dict);
  check.sha256 = sha256_hex(file.bytes());
  check.named_hash = hash_in_name(path.filename().string());
  check.name_agrees = !check.named_hash.empty() && check.sha256.starts_with(check.named_hash);
  for (const models::Backbone& row : models::all())
    for (const models::Source& known : row.sources)
      if (check.published.empty() && !known.sha256.empty() && check.sha256.starts_with(known.sha256)) {
        check.published = known.file;
        check.network = models::Network{&row, &known}.name();
      }
  return check;
}

}  // namespace graft::weights
