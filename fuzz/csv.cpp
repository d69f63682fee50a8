#include "graft/data/csv.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, 128 * size + graft::fuzz::file_limit(0), [](graft::Bytes bytes) {
    const std::string_view text = graft::as_text(bytes);
    for (const graft::data::CsvRow& row : graft::data::parse_csv(text, graft::data::csv_separator(text, "input.csv"), "input.csv"))
      for (const std::string& field : row.fields) graft::fuzz::touch(field);
  });
}
