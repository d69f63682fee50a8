#include "graft/search/npy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "folder.h"
#include "graft/archive/npy_header.h"
#include "graft/base/error.h"

namespace graft::search {
namespace {

/// As NumPy 1.0 files begin, around a dictionary of the test's own.
std::string npy(const std::string& dictionary, std::size_t data, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {static_cast<char>(version), '\0', static_cast<char>(dictionary.size() & 255), static_cast<char>(dictionary.size() >> 8)};
  if (version > 1) bytes += {'\0', '\0'};
  return bytes + dictionary + std::string(data, '\0');
}

std::string error_of(const std::string& bytes) {
  try {
    read_npy(as_bytes(bytes), "x.npy");
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Npy, HeaderIsNumPysOwnToTheByte) {
  // python3 -c "import numpy; numpy.save('x', numpy.zeros((3, 4), 'float32')); print(open('x.npy', 'rb').read()[:128])"
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
  const std::string expected = std::string("\x93NUMPY\x01\0v\0", 10) + dictionary + std::string(117 - dictionary.size(), ' ') + "\n";
  EXPECT_EQ(archive::npy_header("<f4", 3, 4), expected);
  EXPECT_EQ(archive::npy_header("<f4", 3, 4).size(), 128U);
}

TEST(Npy, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check([] {
    const auto rows = *rc::gen::inRange<std::size_t>(1, 20), width = *rc::gen::inRange<std::size_t>(1, 20);
    const auto values = *rc::gen::container<std::vector<float>>(
        rows * width, rc::gen::map(rc::gen::inRange(-9999, 9999), [](int i) { return static_cast<float>(i) / 7; }));
    std::string bytes = archive::npy_header("<f4", rows, width) + std::string(as_text(std::as_bytes(std::span(values))));
    RC_ASSERT(archive::npy_header("<f4", rows, width).size() % 64 == 0);
    const Table table = read_npy(as_bytes(bytes), "x.npy");
    RC_ASSERT(table.rows == rows && table.width == width);
    RC_ASSERT(std::equal(values.begin(), values.end(), table.values.begin(), table.values.end()));
  }));
}

TEST(Npy, ReadsDoublesAndLaterVersionsAndOddPlaces) {
  const double values[] = {1.5, -2.25, 1e-3};
  const std::string data(as_text(std::as_bytes(std::span(values))));
  for (const int version : {1, 2, 3}) {
    const std::string bytes = npy("{\"shape\":(1,3),'fortran_order' : False,'descr':'<f8'}\n", 0, version) + data;
    const Table table = read_npy(as_bytes(bytes), "x.npy");
    ASSERT_EQ(table.width, 3U);
    EXPECT_EQ(table.values[1], -2.25F);
    EXPECT_EQ(table.values[2], 1e-3F);
  }
  for (std::size_t pad = 0; pad < 4; ++pad) {  // one of these does not begin at a multiple of four
    const float value = 0.75F;
    const std::string bytes = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}" + std::string(pad, ' '), 0) +
                              std::string(as_text(std::as_bytes(std::span(&value, 1))));
    EXPECT_EQ(read_npy(as_bytes(bytes), "x.npy").values[0], 0.75F);
  }
}

TEST(Npy, AFileStaysMapped) {
  const TestFolder folder;
  const float values[] = {1, 2, 3, 4, 5, 6};
  write_file(folder / "x.npy", archive::npy_header("<f4", 2, 3) + std::string(as_text(std::as_bytes(std::span(values)))));
  const Table table = read_npy(folder / "x.npy");
  EXPECT_EQ(table.row(1)[2], 6.F);
}

TEST(Npy, HostileHeaders) {
  const std::string damaged = "; the file is damaged; write it again";
  EXPECT_EQ(error_of("PK\x03\x04"), "x.npy: not a NumPy file: it does not begin with \\x93NUMPY; expected the .npy of `graft embed`");
  EXPECT_EQ(error_of("\x93NUMPY\x01"), "x.npy: ends after 7 bytes, within its header" + damaged);
  EXPECT_EQ(error_of(std::string("\x93NUMPY\x02\0\x10\0", 10)), "x.npy: ends after 10 bytes, within its header" + damaged);
  EXPECT_EQ(error_of(npy("", 0, 9)), "x.npy: NumPy format 9.0, expected 1.0 to 3.0");
  EXPECT_EQ(error_of(std::string("\x93NUMPY\x01\0\xFF\xFF{}", 12)), "x.npy: a header of 65535 bytes, but 2 follow" + damaged);
  EXPECT_EQ(error_of(std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF{}", 14)), "x.npy: a header of 4294967295 bytes, but 2 follow" + damaged);
  for (const char* dictionary :
       {"", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)", "{'descr': '<f4", "[1, 2]",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1)}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 1)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} + 1"})
    EXPECT_EQ(error_of(npy(dictionary, 4)), "x.npy: its header is not a dictionary of descr, fortran_order and shape" + damaged) << dictionary;
  const auto of = [](const std::string& descr, const std::string& fortran, const std::string& shape, std::size_t data) {
    return error_of(npy("{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + "}", data));
  };
  EXPECT_EQ(of(">f4", "False", "(1, 1)", 4), "x.npy: values of type '>f4', expected '<f4' or '<f8'; save array.astype('float32') with numpy.save");
  EXPECT_EQ(of("|O\x1b", "False", "(1, 1)", 4),
            "x.npy: values of type '|O\\x1b', expected '<f4' or '<f8'; save array.astype('float32') with numpy.save");
  EXPECT_EQ(of("<f4", "True", "(1, 1)", 4), "x.npy: in Fortran order, expected C order; save numpy.ascontiguousarray(array)");
  EXPECT_EQ(of("<f4", "False", "(4,)", 16), "x.npy: an array of 1 dimension, expected 2: rows and features");
  EXPECT_EQ(of("<f4", "False", "()", 4), "x.npy: an array of 0 dimensions, expected 2: rows and features");
  EXPECT_EQ(of("<f4", "False", "(0, 4)", 0), "x.npy: 0 rows of 4 features, expected at least one of each");
  EXPECT_EQ(of("<f4", "False", "(2, 3)", 23), "x.npy: 2 rows of 3 features, which do not fill the 23 bytes after its header" + damaged);
  EXPECT_EQ(of("<f4", "False", "(2, 3)", 25), "x.npy: 2 rows of 3 features, which do not fill the 25 bytes after its header" + damaged);
  EXPECT_EQ(of("<f8", "False", "(2, 3)", 24), "x.npy: 2 rows of 3 features, which do not fill the 24 bytes after its header" + damaged);
  EXPECT_EQ(of("<f4", "False", "(4611686018427387905, 4)", 16),
            "x.npy: 4611686018427387905 rows of 4 features, which do not fill the 16 bytes after its header" + damaged);
}

TEST(Npy, AnyBytesGiveATableOrAnError) {
  const std::string whole = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24);
  EXPECT_TRUE(rc::check([&] {
    std::string bytes = whole;
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
    try {
      RC_ASSERT(read_npy(as_bytes(bytes), "x").values.size_bytes() <= bytes.size());
    } catch (const Error&) {}
  }));
}

}  // namespace
}  // namespace graft::search
