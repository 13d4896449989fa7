import { type GraphProto, type NodeProto, TensorProto_DataType } from 'onnx-buf';

/** Where an operator's result has the type of another input than the first. */
const typedBy: Readonly<Record<string, number>> = { CastLike: 1, Where: 1 };

/** The type of constants by name: that of the initialiser, or of what computes it from initialisers. */
export function typesIn({ initializer, node }: GraphProto): (name: string) => number {
  const tensors = new Map(initializer.map((tensor) => [tensor.name, tensor.dataType]));
  const makers = new Map(node.flatMap((maker) => maker.output.map((output) => [output, maker] as const)));
  return (name) => {
    let at = name;
    for (let maker = makers.get(at); maker && !tensors.has(at); maker = makers.get(at)) {
      const own = ownType(maker);
      if (own !== undefined) return own;
      at = maker.input[typedBy[maker.opType] ?? 0] ?? '';
    }
    return tensors.get(at) ?? TensorProto_DataType.FLOAT;
  };
}

/** The type that a node states itself. */
function ownType({ opType, attribute }: NodeProto): number | undefined {
  const named = (name: string) => attribute.find((each) => each.name === name);
  if (opType === 'Cast') return Number(named('to')?.i);
  return named('value')?.t?.dataType;
}
