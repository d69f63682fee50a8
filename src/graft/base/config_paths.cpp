#include "graft/base/config_paths.h"

#include <algorithm>

#include "graft/base/paths.h"
#include "graft/base/text.h"

namespace graft {
namespace fs = std::filesystem;
namespace {

/// Empty where the option has none.
std::string name_in(const Field& field) {
  const OptionValue value = field.value();
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

}  // namespace

bool names_file(const Field& field) {
  if (field.kind() == OptionKind::path) return true;
  const std::string text = name_in(field);
  return field.kind() == OptionKind::text && (text.ends_with(".onnx") || text.ends_with(".toml"));
}

void take_path(const Field& field, const fs::path& folder) {
  const std::string name = name_in(field);
  if (!names_file(field) || name.empty()) return;
  const fs::path found = PathsIn(folder).path_of(name);
  std::error_code code;
  if (fs::exists(found, code) || !fs::exists(name, code)) field.assign(found.string());
}

void take_paths(const std::vector<Field>& fields, const Origins& given, const fs::path& folder) {
  for (const Field& field : fields)
    if (origin_of(given, field.name).source != Source::flag) take_path(field, folder);
}

void write_paths(const std::vector<Field>& fields, const fs::path& folder) {
  const PathsIn there(folder);
  for (const Field& field : fields)
    if (const std::string name = name_in(field); names_file(field) && !name.empty()) field.assign(there.name_of(name).string());
}

std::string moved_toml(const std::vector<Field>& fields, std::string_view text, const fs::path& from, const fs::path& to) {
  const PathsIn before(from), now(to);
  std::string moved;
  for (const std::string& line : split(text.substr(0, text.find_last_not_of('\n') + 1), '\n')) {
    const Field* field = find_field(fields, std::string_view(line).substr(0, line.find(' ')));
    if (field == nullptr || line.find(" = \"") != field->name.size()) {
      moved += line + "\n";
      continue;
    }
    const std::string value = toml_sections(line, "config.toml").front().entries.front().second, old = toml_line(field->name, value);
    const bool file = !value.empty() && !field->assign_text(value) && names_file(*field) && name_in(*field) == value && line.starts_with(old);
    moved += (file ? toml_line(field->name, now.name_of(before.path_of(value)).string()) + line.substr(old.size()) : line) + "\n";
  }
  return moved;
}

}  // namespace graft
