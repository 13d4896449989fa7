"""What the reference implementation of safetensors takes and refuses: packages/formats/test/fixtures/safetensors-cases.json.

Usage: python tools/reference/safetensors-cases.py (safetensors 0.8.0, ml_dtypes 0.6.0, NumPy 2.4.6)
A case is a header, the spaces that pad it, and how many bytes of data follow; `length` is what the first 8 bytes claim where that
is not the truth. `read` gives each tensor's type, shape and bytes where the file is taken.
`bytes` gives what each byte means in the types of one byte; what JSON cannot say is a text.
"""

import base64
import json
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors

cases = []


def case(name, header, data=0, pad=0, length=None, whole=None):
    text = header.encode("utf-8", "surrogatepass") if isinstance(header, str) else header
    payload = bytes(i % 251 for i in range(data))
    size = len(text) + pad
    file = struct.pack("<Q", size if length is None else length) + text + b" " * pad + payload
    file = file if whole is None else whole
    entry = {"name": name, "header": base64.b64encode(text).decode(), "data": data}
    entry |= {} if pad == 0 else {"pad": pad}
    entry |= {} if length is None else {"length": str(length)}
    entry |= {} if whole is None else {"whole": base64.b64encode(whole).decode()}
    try:
        read = safetensors.deserialize(file)
        entry["read"] = [[key, t["dtype"], t["shape"], base64.b64encode(bytes(t["data"])).decode()] for key, t in sorted(read, key=lambda pair: pair[0])]
    except safetensors.SafetensorError as error:
        entry["refused"] = str(error).split(":")[0][:80]
    cases.append(entry)


def tensor(dtype="F32", shape="[1]", offsets="[0,4]"):
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


# The first 8 bytes.
for size in range(9):
    case(f"{size} zero bytes", "", whole=bytes(size))
case("an empty object", "{}")
case("an empty object and nothing before it", "", whole=b"{}")
case("no header, only a length of 0", "")
for claimed in [1, 3, 100_000_000, 100_000_001, 2**32, 2**53, 2**63, 2**64 - 1, 2**64 - 8]:
    case(f"a claimed length of {claimed}", "{}", length=claimed)
case("a length that takes data in", "{}", data=4, length=6)
case("the longest header", "{}", pad=99_999_998)
case("a header longer than the longest", "{}", pad=99_999_999)

# Padding and text.
for name, text in {
    "spaces after": "{}      ",
    "spaces before": "   {}",
    "other white space around": "\t\r\n{}\n\r\t",
    "NUL after": "{}\0\0",
    "form feed after": "{}\f",
    "no-break space after": "{}\u00a0",
    "a byte order mark": "\ufeff{}",
    "a comment": "{/* */}",
    "a comma too many": '{"x":' + tensor() + ",}",
    "a comma missing": '{"x":' + tensor() + ' "y":' + tensor(shape="[0]", offsets="[4,4]") + "}",
    "two objects": "{}{}",
    "a list": "[]",
    "a pair of lists": "[{},{}]",
    "null": "null",
    "a text": '"x"',
    "a number": "1",
    "true": "true",
    "cut": '{"x":',
    "single quotes": "{'x':1}",
    "a bare word": "{x:1}",
    "nothing but space": "    ",
    "nothing": "",
}.items():
    case(f"header: {name}", text, data=4 if "dtype" in text else 0)
case("header: not UTF-8", b'{"\xff":' + tensor().encode() + b"}", data=4)
case("header: an overlong UTF-8 sequence", b'{"\xc0\xaf":' + tensor().encode() + b"}", data=4)
case("header: UTF-8 of a surrogate", b'{"\xed\xa0\x80":' + tensor().encode() + b"}", data=4)
case("header: UTF-16", "{}".encode("utf-16"))

# Names.
for name, text in {
    "an empty one": "",
    "a word of JavaScript": "__proto__",
    "another": "constructor",
    "digits": "10",
    "Latin and Greek": "é Ω",
    "beyond the first plane": "😀",
    "escaped": "a\\u0041\\n\\/\\\\\\\"",
    "an escaped pair": "\\ud83d\\ude00",
    "half a pair": "\\ud83d",
    "the other half": "\\ude00",
    "halves in the wrong order": "\\ude00\\ud83d",
    "half a pair and a letter": "\\ud83da",
    "half a pair and an escape": "\\ud83d\\n",
    "half a pair and no half": "\\ud83d\\u0041",
    "an escaped NUL": "\\u0000",
    "a raw NUL": "\0",
    "a raw tab": "\t",
    "a raw line end": "\n",
    "DEL": "\x7f",
    "an escape unknown to JSON": "\\x41",
    "a short escape": "\\u12",
    "a signed escape": "\\u+123",
    "capital digits": "\\u00E9",
    "a capital U": "\\U0041",
}.items():
    case(f"name: {name}", '{"' + text + '":' + tensor() + "}", data=4)

# Duplicates.
x = '"x":' + tensor()
case("twice the same tensor", "{" + x + "," + x + "}", data=4)
case("twice a name, other places", "{" + x + ',"x":' + tensor(offsets="[4,8]") + "}", data=8)
case("twice a name, the last one fits", '{"x":' + tensor(offsets="[4,8]") + "," + x + "}", data=4)
case("twice a name, the first one fits", "{" + x + ',"x":' + tensor(offsets="[4,8]") + "}", data=4)
case("twice a name, once escaped", "{" + x + ',"\\u0078":' + tensor() + "}", data=4)
case("twice a name, the first is no tensor", '{"x":1,' + x + "}", data=4)
case("twice metadata", '{"__metadata__":{},"__metadata__":{},' + x + "}", data=4)
case("twice metadata, null first", '{"__metadata__":null,"__metadata__":{}}')
case("metadata with a name twice", '{"__metadata__":{"a":"1","a":"2"}}')
case("metadata escaped", '{"__metadat\\u0061__":{"a":"1"}}')
case("metadata escaped, and not text", '{"__metadat\\u0061__":{"a":1}}')
case("twice dtype", '{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', data=4)
case("twice shape", '{"x":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', data=4)
case("twice offsets", '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}', data=4)
case("twice a field that nobody knows", '{"x":{"a":1,"a":2,"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', data=4)

# Metadata.
for text in ["null", "{}", '{"a":"b"}', '{"a":1}', '{"a":null}', '{"a":["b"]}', '{"a":{"b":"c"}}', '{"a":true}', "[]", '["a"]', '"a"', "1", "false", '{"__metadata__":"x"}', tensor()]:
    case(f"metadata {text}", '{"__metadata__":' + text + "}", data=4 if "F32" in text else 0)
case("metadata as another name", '{"__metadata__x":' + tensor() + "}", data=4)

# What a tensor's entry is.
for text in [
    "null", "1", '"F32"', "[]", "{}", '["F32",[1],[0,4]]', '["F32",[1]]', '["F32",[1],[0,4],1]',
    '{"shape":[1],"data_offsets":[0,4]}', '{"dtype":"F32","data_offsets":[0,4]}', '{"dtype":"F32","shape":[1]}',
    '{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":{"a":[null,1.5e3,true]}}',
    '{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}',
    '{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}',
    '{"dtyp\\u0065":"F32","shape":[1],"data_offsets":[0,4]}',
    '{"dtype":null,"shape":[1],"data_offsets":[0,4]}', '{"dtype":4,"shape":[1],"data_offsets":[0,4]}',
    '{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}', '{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}',
    '{"dtype":{"F32":[]},"shape":[1],"data_offsets":[0,4]}', '{"dtype":{"F32":{}},"shape":[1],"data_offsets":[0,4]}',
    '{"dtype":{"F32":null,"F32":null},"shape":[1],"data_offsets":[0,4]}', '{"dtype":{},"shape":[1],"data_offsets":[0,4]}',
    '{"dtype":"F\\u00332","shape":[1],"data_offsets":[0,4]}',
]:
    case(f"entry {text}", '{"x":' + text + "}", data=4)
for deep in [100, 120, 124, 125, 126, 127, 128, 200, 5000]:
    case(f"a field nested {deep} deep", '{"x":{"more":' + "[" * deep + "]" * deep + ',"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', data=4)
for number in ["1e400", "-1e400", "1e-400", "01", "-", "-0", "+1", ".5", "1.", "1e", "1e+", "0x10", "NaN", "Infinity", "1" * 400, "-" + "1" * 30, "1.5e3", "1E5"]:
    case(f"a field {number[:20]}", '{"x":{"more":' + number + ',"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', data=4)

# Types. The two F4 and F6 pack more than one value in a byte.
for dtype, size in {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "F8_E4M3FNUZ": 1, "F8_E5M2FNUZ": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8, "C64": 8, "C128": 16, "F4": 1, "F6_E2M3": 3, "F6_E3M2": 3,
    "f32": 4, "F32 ": 4, "": 1, "float32": 4, "F128": 16, "I4": 1, "constructor": 1, "__proto__": 1,
}.items():
    count = {"F4": 2, "F6_E2M3": 4, "F6_E3M2": 4}.get(dtype, 1)
    case(f'type "{dtype}"', '{"x":' + tensor(dtype, f"[{count}]", f"[0,{size}]") + "}", data=size)
for dtype, count, size in [("F4", 1, 1), ("F4", 3, 2), ("F4", 4, 2), ("F4", 1, 0), ("F6_E2M3", 1, 1), ("F6_E2M3", 2, 2), ("F6_E3M2", 8, 6), ("F4", 0, 0)]:
    case(f"{count} values of {dtype} in {size} bytes", '{"x":' + tensor(dtype, f"[{count}]", f"[0,{size}]") + "}", data=size)

# Shapes.
for shape, size in [
    ("[]", 4), ("[]", 0), ("[1,1,1,1,1,1,1,1,1]", 4), ("[0]", 0), ("[0]", 4), ("[2,0,3]", 0), ("[0,9007199254740993]", 0),
    ("[18446744073709551615,0]", 0), ("[0,18446744073709551615,18446744073709551615]", 0), ("[18446744073709551615,18446744073709551615,0]", 0),
    ("[18446744073709551616,0]", 0), ("[4294967296,4294967296]", 0), ("[4294967296,4294967296,0]", 0), ("[4611686018427387905]", 4),
    ("[4611686018427387904]", 0), ("[2305843009213693952]", 0), ("[9007199254740992,512]", 0), ("[3037000500,3037000500]", 4),
    ("[-1]", 4), ("[-0]", 0), ("[1.0]", 4), ("[1e0]", 4), ("[1.5]", 4), ("[\"1\"]", 4), ("[null]", 4), ("[true]", 4), ("[[1]]", 4), ("1", 4),
    ("null", 4), ("{}", 4), ('{"0":1}', 4), ('"1"', 4), ("[1,]", 4), ("[01]", 4), ("[2]", 4), ("[1]", 8), ("[1]", 3), ("[1]", 5), ("[2,3]", 24), ("[3,2]", 24), ("[2,3]", 20),
]:
    case(f"shape {shape} in {size} bytes", '{"x":' + tensor(shape=shape, offsets=f"[0,{size}]") + "}", data=size)

# Offsets of one tensor.
for offsets, data in [
    ("[0,4]", 4), ("[0,4]", 3), ("[0,4]", 0), ("[0,4]", 5), ("[0,4]", 8), ("[4,8]", 8), ("[1,5]", 5), ("[4,0]", 4), ("[-4,0]", 4), ("[0,-4]", 4), ("[0,0]", 0), ("[0,0]", 4),
    ("[0]", 4), ("[]", 4), ("[0,4,4]", 4), ("4", 4), ("null", 4), ('{"0":0,"1":4}', 4), ("[0.0,4.0]", 4), ("[0,4.0]", 4), ("[-0,4]", 4), ("[0,4e0]", 4), ('["0","4"]', 4), ("[null,4]", 4),
    ("[18446744073709551612,18446744073709551616]", 4), ("[18446744073709551611,18446744073709551615]", 4), ("[0,18446744073709551615]", 4), ("[0,9007199254740993]", 4),
]:
    case(f"offsets {offsets} of {data} bytes", '{"x":' + tensor(offsets=offsets) + "}", data=data)

# Offsets of several.
def several(name, parts, data):
    text = ",".join(f'"{key}":' + tensor(dtype, shape, offsets) for key, dtype, shape, offsets in parts)
    case(f"several: {name}", "{" + text + "}", data=data)


several("one after the other", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[4,8]")], 8)
several("not in the header's order", [("a", "F32", "[1]", "[4,8]"), ("b", "F32", "[1]", "[0,4]")], 8)
several("a hole", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[8,12]")], 12)
several("a hole at the start", [("a", "F32", "[1]", "[4,8]"), ("b", "F32", "[1]", "[8,12]")], 12)
several("a hole at the end", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[4,8]")], 12)
several("an overlap", [("a", "F32", "[2]", "[0,8]"), ("b", "F32", "[1]", "[4,8]")], 8)
several("the same place twice", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[0,4]")], 4)
several("one inside the other", [("a", "F32", "[3]", "[0,12]"), ("b", "F32", "[1]", "[4,8]")], 12)
several("misaligned", [("a", "U8", "[1]", "[0,1]"), ("b", "F32", "[1]", "[1,5]")], 5)
several("misaligned by three", [("a", "BOOL", "[3]", "[0,3]"), ("b", "F64", "[1]", "[3,11]")], 11)
several("an empty one first", [("a", "F32", "[0]", "[0,0]"), ("b", "F32", "[1]", "[0,4]")], 4)
several("an empty one between", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[0]", "[4,4]"), ("c", "F32", "[1]", "[4,8]")], 8)
several("an empty one last", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[0]", "[4,4]")], 4)
several("an empty one beyond the end", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[0]", "[8,8]")], 4)
several("an empty one inside another", [("a", "F32", "[2]", "[0,8]"), ("b", "F32", "[0]", "[4,4]")], 8)
several("empty ones only", [("a", "F32", "[0]", "[0,0]"), ("b", "I64", "[0,2]", "[0,0]")], 0)
several("an empty one said after the one at its place", [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[0]", "[0,0]")], 4)

small = {
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "F8_E4M3FNUZ": ml_dtypes.float8_e4m3fnuz,
    "F8_E5M2FNUZ": ml_dtypes.float8_e5m2fnuz,
    "F8_E8M0": ml_dtypes.float8_e8m0fnu,
}
values = {name: np.arange(256, dtype=np.uint8).view(dtype).astype(np.float64) for name, dtype in small.items()}
meanings = {name: [value if np.isfinite(value) and str(value) != "-0.0" else str(value) for value in all_of.tolist()] for name, all_of in values.items()}

target = Path(__file__).parents[2] / "packages/formats/test/fixtures/safetensors-cases.json"
lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
target.write_text(f'{{"safetensors":"{safetensors.__version__}","bytes":{json.dumps(meanings, separators=(",", ":"))},"cases":[\n{lines}\n]}}\n')
