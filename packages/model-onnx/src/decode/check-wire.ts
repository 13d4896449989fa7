import { invalid } from './model-error.ts';

/** Fields of a message that hold a message, by their numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
interface Message {
  readonly [field: number]: Message;
}

const tensor: Message = {};
const attribute: Message = { 5: tensor, 10: tensor };
const node: Message = { 5: attribute, 9: {} };
const graph: Message = { 1: node, 5: tensor, 11: {}, 12: {}, 13: {} };
const model: Message = { 7: graph, 8: {}, 14: {} };

/** Bytes and fields that become objects when they are decoded, many times as large. */
const most = { bytes: 2 ** 27, fields: 2 ** 22 } as const;

/** Fields of a tensor, or of an attribute, that list values one by one; decoded, each takes up to 30 times as much memory. */
const rawData = 9;

/**
 * Looks at an ONNX file's outline before it is decoded: that it does not end early, and that little in it would grow.
 *
 * @throws StudyError `model-onnx/invalid`, with the place
 */
export function checkWire(bytes: Uint8Array, name: string): void {
  const counts = { fields: 0, bytes: 0 };
  walk({ bytes, name, counts }, model, 0, bytes.length);
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly counts: { fields: number; bytes: number };
}

function walk(at: Walk, message: Message, start: number, end: number): void {
  let place = start;
  while (place < end) {
    const tag = varint(at, place, end);
    const [field, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    const content = contentOf(at, wire, tag.next, end);
    count(at, message, field, content);
    const inner = wire === 2 ? message[field] : undefined;
    if (inner) walk(at, inner, content.start, content.end);
    place = content.end;
  }
}

function count(
  { counts, name }: Walk,
  message: Message,
  field: number,
  { start, end }: { start: number; end: number },
): void {
  counts.fields++;
  const grows = (message === tensor && field !== rawData) || message === attribute;
  if (grows && !message[field]) counts.bytes += end - start;
  if (counts.fields <= most.fields && counts.bytes <= most.bytes) return;
  throw invalid(
    name,
    `it lists more than ${counts.fields > most.fields ? most.fields : most.bytes} parts one by one, which no network of images does. Save its tensors as raw data.`,
  );
}

/** Where what follows a tag begins and ends, by how it is written. */
function contentOf(
  at: Walk,
  wire: number,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  if (wire === 0) return { start, end: varint(at, start, end).next };
  if (wire === 1 || wire === 5) return within(at, start, wire === 1 ? 8 : 4, end);
  if (wire !== 2)
    throw invalid(
      at.name,
      `expected an ONNX model; found no field of one at byte ${start}. Export or download it again.`,
    );
  const length = varint(at, start, end);
  return within(at, length.next, length.value, end);
}

function within(at: Walk, start: number, length: number, end: number) {
  if (start + length <= end) return { start, end: start + length };
  const missing = start + length - end;
  if (end < at.bytes.length)
    throw invalid(
      at.name,
      `a part at byte ${start} is ${missing} bytes longer than what holds it. Export or download the file again.`,
    );
  throw invalid(
    at.name,
    `the file ends ${missing} bytes too early: it was cut at ${at.bytes.length} bytes. Export, copy or download it again.`,
  );
}

function varint({ bytes, name }: Walk, start: number, end: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 10 && start + i < end; i++) {
    const byte = bytes[start + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  if (start + 10 <= end)
    throw invalid(name, `expected an ONNX model; found no number at byte ${start}. Export or download it again.`);
  throw invalid(name, `the file ends too early, at byte ${end}. Export, copy or download it again.`);
}
