// Files made to do harm, cut files and changed files: always an Error or a sound StateDict, whatever the bytes.
#include <rapidcheck.h>

#include <array>
#include <string>

#include "graft/weights/load.h"
#include "graft/weights/torch/pth.h"
#include "graft/weights/torch/unpickle.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

std::string pickle_error(const std::string& pickle) {
  return error_of("f", [&] { Unpickler(as_bytes(pickle), "f").next(); });
}

std::string repeat(std::size_t count, std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

struct Attack {
  const char* name;
  const char* message;  // up to the hint
};

constexpr std::array kAttacks{Attack{"os_system", "needs os.system, which is not part of a tensor; not loaded"},
                              Attack{"posix_system", "needs posix.system, which is not part of a tensor; not loaded"},
                              Attack{"builtins_eval", "needs builtins.eval, which is not part of a tensor; not loaded"},
                              Attack{"reduce_getattr", "needs __builtin__.getattr, which is not part of a tensor; not loaded"},
                              Attack{"global_with_escape", "needs os\\x1b[31m.system, which is not part of a tensor; not loaded"},
                              Attack{"newobj_subprocess", "needs subprocess.Popen, which is not part of a tensor; not loaded"},
                              Attack{"storage_complex", "needs torch.ComplexFloatStorage, which is not part of a tensor; not loaded"},
                              Attack{"call_a_tensor", "pickle calls what cannot be called (byte 160 of the pickle)"},
                              Attack{"call_a_storage_class", "pickle calls torch.FloatStorage (byte 23 of the pickle)"},
                              Attack{"build_on_tensor", "pickle sets attributes of what is not a dict (byte 175 of the pickle)"},
                              Attack{"persistent_id_is_text", "persistent id is not a storage (byte 14 of the pickle)"},
                              Attack{"self_reference_list", "pickle has a container that holds itself (byte 8 of the pickle)"},
                              Attack{"self_reference_dict", "pickle has a container that holds itself (byte 23 of the pickle)"},
                              Attack{"self_reference_tuple", "pickle has a container that holds itself (byte 13 of the pickle)"},
                              Attack{"memo_unknown", "pickle recalls value 7 which it never remembered (byte 2 of the pickle)"},
                              Attack{"memo_far", "holds no dict of named tensors"},
                              Attack{"laughs", "holds no dict of named tensors"},
                              Attack{"string_beyond", "pickle ends in the middle (byte 2 of the pickle)"},
                              Attack{"stack_empty", "pickle takes a value that is not there (byte 2 of the pickle)"},
                              Attack{"mark_missing", "pickle takes a mark that is not there (byte 2 of the pickle)"},
                              Attack{"append_to_dict", "pickle appends to what is not a list (byte 5 of the pickle)"},
                              Attack{"setitem_of_list", "pickle sets items of what is not a dict (byte 11 of the pickle)"},
                              Attack{"odd_setitems", "pickle sets a key without a value (byte 10 of the pickle)"},
                              Attack{"strides_2_31", "fc.weight (2x2) reaches element 2147483649 of a storage of 4"},
                              Attack{"strides_overflow", "fc.weight (3x3) has more elements than a number can hold"},
                              Attack{"strides_negative", "tensor whose stride is not made of numbers from 0 to 2^63 (byte 173 of the pickle)"},
                              Attack{"offset_negative", "tensor whose offset is not made of numbers from 0 to 2^63 (byte 173 of the pickle)"},
                              Attack{"offset_beyond", "fc.weight (4) reaches element 4 of a storage of 4"},
                              Attack{"shape_negative", "tensor whose shape is not made of numbers from 0 to 2^63 (byte 173 of the pickle)"},
                              Attack{"shape_overflow", "fc.weight (1099511627776x1099511627776) has more elements than a number can hold"},
                              Attack{"shape_huge", "fc.weight is 1099511627776, far too large for a file of 534 B"},
                              Attack{"rank_mismatch", "tensor with another number of strides than dimensions (byte 183 of the pickle)"},
                              Attack{"rank_65", "tensor whose shape is not a tuple of at most 64 (byte 1453 of the pickle)"},
                              Attack{"storage_longer_than_file", "fc.weight needs a storage of 5 float32, the file has 16 bytes"},
                              Attack{"storage_overflow", "fc.weight needs a storage of 4611686018427387904 float32, the file has 16 bytes"},
                              Attack{"storage_negative", "storage without a size (byte 109 of the pickle)"},
                              Attack{"storage_missing", "zip archive: lacks the storage '../version'"}};

TEST(Hostile, pickle_attacks_are_refused_and_named) {
  for (const Attack& attack : kAttacks) {
    const auto file = fixture(std::string("attack_") + attack.name + ".pth");
    const std::string error = error_of(file, [&] { read(file); });
    EXPECT_TRUE(error.starts_with(std::string(attack.message) + "; ")) << attack.name << ": " << error;
  }
  EXPECT_FALSE(std::filesystem::exists("owned"));
}

TEST(Hostile, no_attack_file_is_without_its_test) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture("")))
    files += entry.path().filename().string().starts_with("attack_") ? 1U : 0U;
  EXPECT_EQ(files, kAttacks.size());
}

TEST(Hostile, pickle_bombs_meet_a_limit) {
  const std::string hint = "; the file is damaged or malicious; it was not loaded";
  EXPECT_EQ(pickle_error(repeat(2000000, "N0")),
            "pickle has opcode 0x30 (byte 1), which torch.save does not write with protocol 2; save the state_dict alone by "
            "torch.save without pickle_protocol, or convert it to safetensors");
  EXPECT_EQ(pickle_error(repeat(2000000, "N")), "pickle stacks more than 131072 values (byte 131072 of the pickle)" + hint);
  EXPECT_EQ(pickle_error("]" + repeat(2000000, "Na")), "pickle takes more than 524288 steps (byte 524288 of the pickle)" + hint);
  EXPECT_EQ(pickle_error("]" + repeat(2000000, "]a")), "pickle makes more than 131072 objects (byte 262143 of the pickle)" + hint);
  EXPECT_EQ(pickle_error(repeat(2000000, "(")), "pickle takes more than 524288 steps (byte 524288 of the pickle)" + hint);
  std::string memo = "N";
  for (uint32_t i = 0; i < 200000; ++i) {
    memo += 'r';
    append(memo, i * 21473U);
  }
  EXPECT_EQ(pickle_error(memo), "pickle remembers more than 131072 values (byte 655361 of the pickle)" + hint);
  // A list of 1000 pairs, made into a dict again and again: copies are counted.
  const std::string pairs = "](" + repeat(1000, "](NNe") + "eq\x01";
  EXPECT_EQ(pickle_error(pairs + "0"),
            "pickle has opcode 0x30 (byte 5005), which torch.save does not write with protocol 2; save the state_dict alone by torch.save "
            "without pickle_protocol, or convert it to safetensors");
  EXPECT_TRUE(pickle_error(pairs + repeat(50000, "ccollections\nOrderedDict\nh\x01\x85R")).starts_with("pickle takes more than 524288 steps"));
}

TEST(Hostile, deep_nesting_costs_no_stack) {
  EXPECT_EQ(pickle_error(repeat(100000, "]") + repeat(99999, "a") + "."), "no error");
  EXPECT_EQ(pickle_error(repeat(100000, "(") + repeat(100000, "t") + "."), "no error");
}

/// Everything a reader promised: each element can be reached.
void touch_all(const StateDict& dict) {
  for (const auto& [name, tensor] : dict.tensors) to_floats(tensor);
}

TEST(Hostile, a_file_cut_anywhere_is_an_error) {
  const TemporaryFolder folder;
  for (const char* name : {"plain.safetensors", "plain_zip.pth", "plain_legacy.pth", "views_legacy.pth"}) {
    const auto file = folder.write(name, content_of(fixture(name)));
    for (auto size = std::filesystem::file_size(file); size-- > 0;) {
      std::filesystem::resize_file(file, size);
      EXPECT_THROW(read(file), Error) << name << " cut to " << size;
    }
  }
}

TEST(Hostile, a_file_with_one_changed_byte_is_an_error_or_sound) {
  const TemporaryFolder folder;
  std::size_t read_well = 0, refused = 0;
  for (const char* name : {"plain.safetensors", "views_zip.pth", "views_legacy.pth"}) {
    const std::string whole = content_of(fixture(name));
    const auto file = folder.write(name, whole);
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);  // changed in place: truncating a file waits for the disk
    const auto put = [&](std::size_t at, int flip) {
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.put(static_cast<char>(whole[at] ^ flip)).flush();
    };
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const int flip : {0x01, 0x80, 0xFF, 0x00}) {
        put(at, flip);
        try {
          touch_all(read(file));
          ++read_well;
        } catch (const Error&) {
          ++refused;
        }
      }
  }
  EXPECT_GT(read_well, refused / 4);  // every fourth is the file unchanged
  EXPECT_GT(refused, 1000U);
}

TEST(Hostile, pickles_with_parts_changed_moved_and_doubled) {
  const std::string whole = content_of(fixture("views_legacy.pth")).substr(15);  // after the magic
  EXPECT_TRUE(rc::check([&] {
    std::string pickle = whole;
    const auto edits = *rc::gen::inRange(1, 8);
    for (int i = 0; i < edits; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, pickle.size()), from = *rc::gen::inRange<std::size_t>(0, pickle.size());
      const auto count = *rc::gen::inRange<std::size_t>(0, 40);
      if (*rc::gen::arbitrary<bool>()) pickle.insert(at, std::string(pickle.substr(from, count)));
      else pickle[at] = *rc::gen::arbitrary<char>();
    }
    try {
      Unpickler unpickler(as_bytes(pickle), "f");
      for (int i = 0; i < 4; ++i) unpickler.next();
    } catch (const Error&) {}
  }));
}

}  // namespace
}  // namespace graft::weights
