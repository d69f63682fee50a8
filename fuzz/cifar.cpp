// The archive as it is downloaded, packed or not, with fine and with coarse labels.
#include "graft/convert/cifar.h"
#include "fuzz/pictures.h"
#include "graft/archive/tar.h"

namespace archive = graft::archive;
namespace convert = graft::convert;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return graft::fuzz::run(data, size, graft::fuzz::file_limit(size), [](graft::Bytes bytes) {
    const archive::Content tar = archive::content_of(bytes, "input");
    convert::CifarFiles files;
    for (const archive::TarMember& member : archive::list_tar(tar)) files.emplace(member.file_name, archive::content_of(tar, member));
    for (const auto labels : {convert::CifarLabels::fine, convert::CifarLabels::coarse}) {
      try {
        graft::fuzz::use(convert::read_cifar(files, "input", labels));
      } catch (const graft::Error&) {  // labels of one kind may be right where those of the other are not
      }
    }
  });
}
