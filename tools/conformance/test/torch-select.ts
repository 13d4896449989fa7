import { type Masks, type Model, removals } from '@espalier/core';

/**
 * What `torch.nn.utils.prune.global_unstructured` (L1) removes from a model without masks, weight by weight: all kernels in one
 * array, then one selection. Our own pruner differs in which of several equal weights goes.
 */
export async function torchMasks(model: Model, sparsity: number): Promise<Masks> {
  const [removal] = await removals(model, { sparsity, scope: 'global', exclude: [] });
  const { kernels, count } = removal!;
  const values = new Float32Array(kernels.reduce((sum, kernel) => sum + kernel.values.length, 0));
  let at = 0;
  const places = kernels.map((kernel) => {
    values.set(kernel.values, at);
    at += kernel.values.length;
    return at - kernel.values.length;
  });
  const keep = torchSmallest(values, count);
  return new Map(kernels.map(({ name, kept }, k) => [name, keep.slice(places[k], places[k]! + kept.length)]));
}

/**
 * Marks the same `count` weights as `torch.topk(|w|, count, largest=False)` of PyTorch's Linux CPU builds.
 *
 * Among equal magnitudes PyTorch keeps no order: what goes depends on how `std::nth_element` (libstdc++'s
 * introselect) shuffles the array. Half-precision weights tie by the thousand, so counts per kernel can only
 * agree with PyTorch's by taking the same steps. `selectSmallest` has the same threshold and total.
 *
 * @param values finite weights, removed ones left out
 * @param count whole number, at most the number of values
 * @returns one byte per value: 1 keeps, 0 removes
 */
export function torchSmallest(values: Float32Array, count: number): Uint8Array {
  const keep = new Uint8Array(values.length).fill(1);
  if (count === 0) return keep;
  const selection = { magnitudes: new Float32Array(values.length), indices: new Uint32Array(values.length) };
  for (let i = 0; i < values.length; i++) {
    selection.magnitudes[i] = Math.abs(values[i]!);
    selection.indices[i] = i;
  }
  // ATen sorts a heap when few are asked of many, and selects otherwise.
  if (count * 64 <= values.length) heapSelect(selection, 0, count, values.length);
  else introselect(selection, count - 1);
  for (let i = 0; i < count; i++) keep[selection.indices[i]!] = 0;
  return keep;
}

/** Magnitudes and where they came from, moved together. */
interface Selection {
  readonly magnitudes: Float32Array;
  readonly indices: Uint32Array;
}

/** `std::__introselect`: afterwards the entries before `nth` are at most, those behind at least, entry `nth`. */
function introselect(selection: Selection, nth: number): void {
  let first = 0;
  let last = selection.magnitudes.length;
  for (let depth = 2 * Math.floor(Math.log2(last)); last - first > 3; depth--) {
    if (depth === 0) {
      heapSelect(selection, first, nth + 1, last);
      swap(selection, first, nth);
      return;
    }
    const cut = partition(selection, first, last);
    if (cut <= nth) first = cut;
    else last = cut;
  }
  insertionSort(selection, first, last);
}

/** `std::__unguarded_partition_pivot`: splits at the median of three, which it moves to `first`. */
function partition(selection: Selection, first: number, last: number): number {
  const { magnitudes } = selection;
  moveMedianToFirst(selection, first, first + 1, first + Math.floor((last - first) / 2), last - 1);
  const pivot = magnitudes[first]!;
  let low = first + 1;
  let high = last;
  for (;;) {
    while (magnitudes[low]! < pivot) low++;
    high--;
    while (pivot < magnitudes[high]!) high--;
    if (low >= high) return low;
    swap(selection, low, high);
    low++;
  }
}

/** `std::__move_median_to_first`, comparison by comparison, because ties decide what it picks. */
function moveMedianToFirst(selection: Selection, result: number, a: number, b: number, c: number): void {
  const less = (x: number, y: number) => selection.magnitudes[x]! < selection.magnitudes[y]!;
  if (less(a, b)) swap(selection, result, less(b, c) ? b : less(a, c) ? c : a);
  else swap(selection, result, less(a, c) ? a : less(b, c) ? c : b);
}

/** `std::__insertion_sort` of at most three entries; stable. */
function insertionSort(selection: Selection, first: number, last: number): void {
  for (let i = first + 1; i < last; i++) {
    for (let j = i; j > first && selection.magnitudes[j]! < selection.magnitudes[j - 1]!; j--)
      swap(selection, j, j - 1);
  }
}

/** `std::__heap_select`: a max-heap of the first `middle - first` entries takes in every smaller one behind it. */
function heapSelect(selection: Selection, first: number, middle: number, last: number): void {
  const { magnitudes, indices } = selection;
  const length = middle - first;
  for (let parent = Math.floor((length - 2) / 2); parent >= 0; parent--) {
    adjustHeap(selection, first, parent, length, magnitudes[first + parent]!, indices[first + parent]!);
  }
  for (let i = middle; i < last; i++) {
    if (magnitudes[i]! >= magnitudes[first]!) continue;
    const [magnitude, index] = [magnitudes[i]!, indices[i]!];
    magnitudes[i] = magnitudes[first]!;
    indices[i] = indices[first]!;
    adjustHeap(selection, first, 0, length, magnitude, index);
  }
}

/** `std::__adjust_heap`: sinks the hole to a leaf, then lifts the value to its place. */
function adjustHeap(
  { magnitudes, indices }: Selection,
  first: number,
  top: number,
  length: number,
  magnitude: number,
  index: number,
): void {
  const put = (at: number, from: number) => {
    magnitudes[first + at] = magnitudes[first + from]!;
    indices[first + at] = indices[first + from]!;
  };
  let hole = top;
  let child = top;
  while (child < Math.floor((length - 1) / 2)) {
    child = 2 * (child + 1);
    if (magnitudes[first + child]! < magnitudes[first + child - 1]!) child--;
    put(hole, child);
    hole = child;
  }
  if (length % 2 === 0 && child === Math.floor((length - 2) / 2)) {
    child = 2 * (child + 1);
    put(hole, child - 1);
    hole = child - 1;
  }
  for (let parent = Math.floor((hole - 1) / 2); hole > top && magnitudes[first + parent]! < magnitude; ) {
    put(hole, parent);
    hole = parent;
    parent = Math.floor((hole - 1) / 2);
  }
  magnitudes[first + hole] = magnitude;
  indices[first + hole] = index;
}

function swap({ magnitudes, indices }: Selection, i: number, j: number): void {
  const magnitude = magnitudes[i]!;
  const index = indices[i]!;
  magnitudes[i] = magnitudes[j]!;
  indices[i] = indices[j]!;
  magnitudes[j] = magnitude;
  indices[j] = index;
}
