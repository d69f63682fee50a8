"""Writes tests/weights/fixtures: small files of torch.save in both formats, of safetensors, and files made to do harm.

Run with torch 2.13 and safetensors 0.8:  python tools/make_weight_fixtures.py tests/weights/fixtures
Values follow a rule, so that a test checks every bit without a second copy: element i (row-major) of the tensor `name` is
((i * 7 + crc32(name)) mod 251 - 125) / 64, which float16 and bfloat16 hold exactly; integers are the same without "/ 64"
(uint8: mod 251; bool: odd).
"""
import math
import pickle
import struct
import sys
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import safetensors.torch
import torch


def rule(name, shape, dtype=torch.float32):
    count = math.prod(shape)
    raw = (torch.arange(count, dtype=torch.int64) * 7 + zlib.crc32(name.encode())) % 251
    if dtype == torch.uint8:
        values = raw
    elif dtype == torch.bool:
        values = raw % 2 == 1
    elif dtype.is_floating_point:
        values = (raw - 125).double() / 64
    else:
        values = raw - 125
    return values.to(dtype).reshape(shape)


def state_dict(prefix="", wrap=lambda t: t):
    shapes = OrderedDict([("conv1.weight", (4, 3, 3, 3)), ("bn1.weight", (4,)), ("bn1.bias", (4,)), ("bn1.running_mean", (4,)),
                          ("bn1.running_var", (4,)), ("fc.weight", (5, 4)), ("fc.bias", (5,))])
    out = OrderedDict((prefix + n, wrap(rule(n, s))) for n, s in shapes.items())
    out[prefix + "bn1.num_batches_tracked"] = torch.tensor(17)
    return out


def dtypes():
    kinds = [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
    return {str(d).removeprefix("torch."): rule(str(d).removeprefix("torch."), (3, 5), d) for d in kinds}


def views():
    base = rule("base", (6, 8))
    cube = rule("cube", (2, 3, 4))
    return {
        "base": base,
        "transposed": base.t(),
        "slice": base[1:4, 2:7],
        "stepped": base[::2, ::3],
        "permuted": cube.permute(2, 0, 1),
        "row": base[3],
        "expanded": rule("expanded", (3, 1)).expand(3, 4),
        "scalar": rule("scalar", ()),
        "empty": torch.empty(0, 3),
    }


def write_torch(folder):
    checkpoint = {"epoch": 3, "best_acc1": torch.tensor(0.5), "lr": 0.1, "arch": "tiny", "done": False, "none": None, "big": 2**100, "negative": -5,
                  "history": [1, 2.5, ("a", 300, 70000)], "state_dict": state_dict("module.")}
    optimizer = torch.optim.SGD([torch.nn.Parameter(rule("p", (3,)))], lr=0.1, momentum=0.9)
    files = {
        "plain": state_dict(),
        "parameters": state_dict(wrap=torch.nn.Parameter),
        "module": state_dict("module."),
        "compiled": state_dict("_orig_mod.module."),
        "nested_state_dict": checkpoint,
        "nested_model": {"model": state_dict(), "optimizer": optimizer.state_dict(), "device": torch.device("cpu"), "size": torch.Size([1, 2])},
        "nested_twice": {"model_state_dict": {"net": dict(state_dict())}},
        "dtypes": dtypes(),
        "views": views(),
    }
    for name, content in files.items():
        torch.save(content, folder / f"{name}_zip.pth")
        torch.save(content, folder / f"{name}_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), folder / "whole_module.pth")
    torch.save([rule("a", (2,))], folder / "list.pth")
    torch.save({"epoch": 1, "optimizer": {}}, folder / "no_tensors.pth")
    torch.save(state_dict(), folder / "protocol4.pth", pickle_protocol=4)
    torch.save({"wide": rule("wide", (1,)).expand(2000, 2000)}, folder / "expanded_too_far.pth")


def write_safetensors(folder):
    safetensors.torch.save_file(dict(state_dict()), folder / "plain.safetensors", metadata={"format": "pt", "note": "tiny"})
    more = dtypes() | {"scalar": rule("scalar", ()), "empty": torch.empty(0, 3)}
    safetensors.torch.save_file(more, folder / "dtypes.safetensors")


# ---- pickles made by hand, in a zip as torch.save would write it ----

def text(s):
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def name(module, attribute):
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def integer(i):
    return b"\x8a\x08" + struct.pack("<q", i)


def numbers(values):
    return b"(" + b"".join(integer(v) for v in values) + b"t"


def storage(key="0", count=4, kind="FloatStorage"):
    return b"(" + text("storage") + name("torch", kind) + text(key) + text("cpu") + integer(count) + b"tQ"


def tensor(shape, strides, offset=0, count=4, kind="FloatStorage"):
    return (name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage(count=count, kind=kind) + integer(offset) + numbers(shape) + numbers(strides)
            + b"\x89" + name("collections", "OrderedDict") + b")Rt" + b"R")


def zip_of(path, body, data=struct.pack("<4f", 1, 2, 3, 4)):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in (("archive/data.pkl", b"\x80\x02" + body + b"."), ("archive/version", b"3\n"), ("archive/data/0", data)):
            archive.writestr(zipfile.ZipInfo(entry), content)


def entry(value):
    return b"}" + text("fc.weight") + value + b"s"


def write_pickle_attacks(folder):
    class Reduce:
        def __reduce__(self):
            import os
            return os.system, ("touch owned",)

    class Nested:
        def __reduce__(self):
            return getattr, (OrderedDict, "fromkeys")

    attacks = {
        "os_system": name("os", "system") + b"(" + text("touch owned") + b"tR",
        "posix_system": pickle.dumps({"fc.weight": Reduce()}, 2)[2:-1],
        "builtins_eval": name("builtins", "eval") + b"(" + text("1") + b"tR",
        "reduce_getattr": pickle.dumps({"fc.weight": Nested()}, 2)[2:-1],
        "global_with_escape": name("os\x1b[31m", "system") + b"(tR",
        "newobj_subprocess": name("subprocess", "Popen") + b"(" + text("ls") + b"t\x81",
        "call_a_tensor": tensor([4], [1]) + b")R",
        "call_a_storage_class": name("torch", "FloatStorage") + b")R",
        "build_on_tensor": entry(tensor([4], [1]) + b"}b"),
        "persistent_id_is_text": text("storage") + b"Q",
        "self_reference_list": b"]q\x00h\x00a",
        "self_reference_dict": b"}q\x00" + text("state_dict") + b"h\x00s",
        "self_reference_tuple": b"]q\x00h\x00\x85q\x01ah\x01",
        "memo_far": b"]r\xff\xff\xff\xff",
        "memo_unknown": b"h\x07",
        "laughs": b"]q\x00" + b"".join(b"](" + b"h" + bytes([i]) + (b"h" + bytes([i])) * 19 + b"eq" + bytes([i + 1]) for i in range(40)),
        "string_beyond": b"X\xff\xff\xff\x7fabc",
        "stack_empty": b"R",
        "mark_missing": b"t",
        "append_to_dict": b"}K\x01a",
        "setitem_of_list": b"]" + text("a") + b"K\x01s",
        "odd_setitems": b"}(" + text("a") + b"u",
        "strides_2_31": entry(tensor([2, 2], [2**31, 1])),
        "strides_overflow": entry(tensor([3, 3], [2**62, 2**62])),
        "strides_negative": entry(tensor([4], [-1])),
        "offset_negative": entry(tensor([4], [1], offset=-1)),
        "offset_beyond": entry(tensor([4], [1], offset=1)),
        "shape_negative": entry(tensor([-4], [1])),
        "shape_overflow": entry(tensor([2**40, 2**40], [0, 0])),
        "shape_huge": entry(tensor([2**40], [0])),
        "rank_mismatch": entry(tensor([4], [1, 1])),
        "rank_65": entry(tensor([1] * 65, [1] * 65)),
        "storage_longer_than_file": entry(tensor([4], [1], count=5)),
        "storage_overflow": entry(tensor([4], [1], count=2**62)),
        "storage_negative": entry(tensor([4], [1], count=-1)),
        "storage_missing": entry(name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage(key="../version") + integer(0) + numbers([4]) + numbers([1]) + b"tR"),
        "storage_complex": entry(tensor([2], [1], count=2, kind="ComplexFloatStorage")),
    }
    for attack, body in attacks.items():
        zip_of(folder / f"attack_{attack}.pth", body)
    untyped = b"(" + text("storage") + name("torch.storage", "UntypedStorage") + text("0") + text("cpu") + integer(16) + b"tQ"
    zip_of(folder / "untyped_v3.pth", entry(name("torch._utils", "_rebuild_tensor_v3") + b"(" + untyped + integer(1) + numbers([3]) + numbers([1]) + b"\x89"
                                            + name("collections", "OrderedDict") + b")R" + name("torch", "float32") + b"tR"))
    python2 = (name("collections", "OrderedDict") + b"(](" + b"](U\x09fc.weight" + name("torch._utils", "_rebuild_tensor") + b"(" + storage() + integer(0)
               + numbers([2, 2]) + numbers([2, 1]) + b"tRe" + b"etR")
    zip_of(folder / "python2_2017.pth", python2)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    torch.manual_seed(0)
    write_torch(folder)
    write_safetensors(folder)
    write_pickle_attacks(folder)
    sizes = {p.name: p.stat().st_size for p in folder.iterdir()}
    for file, size in sorted(sizes.items(), key=lambda item: -item[1])[:12]:
        print(size, file)
    print(len(sizes), "files,", sum(sizes.values()), "bytes")


if __name__ == "__main__":
    main()
