"""ONNX models as bytes, for make_seeds and make_bombs: a protobuf message is a list of (field number, value)."""
import struct


def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(tag, value):
    if isinstance(value, int):
        return varint(tag << 3) + varint(value)
    if isinstance(value, float):
        return varint(tag << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, str):
        value = value.encode()
    return varint(tag << 3 | 2) + varint(len(value)) + value


def message(*fields):
    return b"".join(field(tag, value) for tag, value in fields)


def attribute(name, value):
    if isinstance(value, list):
        return message((1, name), *((8, number) for number in value), (20, 7))
    if isinstance(value, bytes):
        return message((1, name), (5, value), (20, 4))
    return message((1, name), (2, value), (20, 1)) if isinstance(value, float) else message((1, name), (3, value), (20, 2))


def node(operator, inputs, output, **attributes):
    return (1, message(*((1, name) for name in inputs), (2, output), (3, "/" + output), (4, operator),
                       *((5, attribute(*item)) for item in attributes.items())))


def tensor(name, dims, raw=True):
    count = 1
    for dim in dims:
        count *= dim
    values = struct.pack(f"<{count}f", *((i * 37 % 101 - 50) / 100 for i in range(count)))
    return message(*((1, dim) for dim in dims), (2, 1), (8, name), (9 if raw else 4, values))


def whole_numbers(name, numbers):
    return message((1, len(numbers)), (2, 7), (8, name), *((7, number) for number in numbers))


def value(name, dims):
    shape = message(*((1, message((1, dim))) for dim in dims))
    return message((1, name), (2, message((1, message((1, 1), (2, shape))))))


def model(nodes, tensors, shape, out):
    graph = message(*nodes, (2, "g"), *((5, t) for t in tensors), (11, value("image", shape)), (12, value(out, [1, 2])))
    return message((1, 8), (2, "seed"), (7, graph), (8, message((1, ""), (2, 17))), (14, message((1, "graft.labels"), (2, '["a","b"]'))))
