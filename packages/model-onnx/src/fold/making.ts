import { sizeOf } from '@espalier/core';
import { TensorProto_DataType } from 'onnx-buf';
import { computed, integersOf, scalarOf } from '../constants/constant.ts';
import { heldConstant, typeOf } from '../constants/tensor.ts';
import { limits } from '../decode/limits.ts';
import { unsupported } from '../decode/model-error.ts';
import { floatOf, intOf, intsOf, tensorOf } from '../decode/onnx-node.ts';
import { commonShape, repeated } from './elementwise.ts';
import { type Fold, needed } from './folding.ts';

/** Operators that make constants of nothing, or of others of another shape or type. */
export const making: Readonly<Record<string, Fold>> = {
  Constant({ node, place }) {
    const name = node.outputs[0]!;
    const tensor = tensorOf(node, 'value');
    if (tensor) return [heldConstant(tensor, name, place)];
    const [ints, floats] = [intsOf(node, 'value_ints'), node.attributes.get('value_floats')?.floats];
    if (ints) return [computed(name, 'integer', [ints.length], Float64Array.from(ints))];
    if (floats) return [computed(name, 'float', [floats.length], Float32Array.from(floats))];
    if (node.attributes.has('value_int'))
      return [computed(name, 'integer', [], Float64Array.of(intOf(node, 'value_int', 0)))];
    if (node.attributes.has('value_float'))
      return [computed(name, 'float', [], Float32Array.of(floatOf(node, 'value_float', 0)))];
    throw unsupported(
      place.name,
      `the node "${node.name}" (Constant) holds text or a sparse tensor, which is not supported.`,
    );
  },
  ConstantOfShape(folding) {
    const { node, place, budget } = folding;
    const shape = integersOf(needed(folding, 0));
    budget.take(shape);
    const tensor = tensorOf(node, 'value');
    const value = tensor ? heldConstant(tensor, node.name, place) : undefined;
    const type = value?.type ?? 'float';
    const values = type === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
    return [computed(node.outputs[0]!, type, shape, values.fill(value?.values()[0] ?? 0))];
  },
  Range(folding) {
    const [start, limit, step] = [0, 1, 2].map((index) => scalarOf(needed(folding, index)) ?? Number.NaN) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, Math.ceil((limit - start) / step));
    if (!(count <= limits.foldedValues))
      throw unsupported(
        folding.place.name,
        `the node "${folding.node.name}" (Range) makes ${count} values; at most ${limits.foldedValues} are computed.`,
      );
    const { type } = needed(folding, 0);
    const values = Array.from({ length: count }, (_, i) => start + i * step);
    return [
      computed(
        folding.node.outputs[0]!,
        type,
        [count],
        type === 'float' ? Float32Array.from(values) : Float64Array.from(values),
      ),
    ];
  },
  Expand(folding) {
    const { node, budget } = folding;
    const x = needed(folding, 0);
    const shape = commonShape(folding, [x, { shape: integersOf(needed(folding, 1)) }]);
    budget.take(shape);
    return [computed(node.outputs[0]!, x.type, shape, repeated(x, shape))];
  },
  Cast(folding) {
    const { node, place } = folding;
    const to = intOf(node, 'to', 0);
    const type = typeOf(to);
    if (!type)
      throw unsupported(
        place.name,
        `the node "${node.name}" (Cast) makes values of the type ${TensorProto_DataType[to] ?? to}, which is not supported.`,
      );
    const x = needed(folding, 0);
    const values = x.values();
    if (type === 'float') return [computed(node.outputs[0]!, type, x.shape, Float32Array.from(values))];
    const whole = Float64Array.from(values, (value) =>
      type === 'boolean' ? (value === 0 ? 0 : 1) : Math.trunc(value),
    );
    return [computed(node.outputs[0]!, type, x.shape, whole)];
  },
};
