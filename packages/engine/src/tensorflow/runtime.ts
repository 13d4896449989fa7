import { dataTypes, type OpAttribute, type TensorFlowBinding, type TensorHandle } from '@espalier/native-tensorflow';
import type { DType, Tensor, Variable } from '../ops.ts';
import { Scopes } from '../scopes.ts';

/** A tensor of TensorFlow, by the id that the addon gave it. */
export interface NativeTensor extends Tensor {
  readonly id: number;
}

/** A resource variable: `id` names the handle, the value lives in TensorFlow. */
export interface NativeVariable extends Variable {
  readonly id: number;
}

/** Runs TensorFlow's eager ops by name and gives their results to the open scope. */
export class Runtime {
  readonly binding: TensorFlowBinding;
  readonly scopes: Scopes<NativeTensor | NativeVariable>;
  readonly #constants = new Map<string, NativeTensor>();

  constructor(binding: TensorFlowBinding) {
    this.binding = binding;
    this.scopes = new Scopes(({ id }) => binding.deleteTensor(id));
  }

  /** The only result of an op, owned by the open scope. */
  run(name: string, attributes: readonly OpAttribute[], inputs: readonly NativeTensor[]): NativeTensor {
    return this.runMany(name, attributes, inputs, 1)[0]!;
  }

  runMany(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (NativeTensor | NativeVariable)[],
    outputs: number,
  ): NativeTensor[] {
    return this.execute(name, attributes, inputs, outputs).map((handle) => this.own(handle));
  }

  /** The raw handles of an op's results; nobody owns them yet. */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (NativeTensor | NativeVariable)[],
    outputs: number,
  ): TensorHandle[] {
    return this.binding.executeOp(name, attributes, inputs.map(idOf), outputs);
  }

  own({ id, shape, dtype }: TensorHandle): NativeTensor {
    return this.scopes.own({ id, shape, dtype: dtype === dataTypes.bfloat16 ? 'bfloat16' : 'float32' });
  }

  /** An int32 tensor made once and kept for the life of the process: shapes, paddings, axes. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): NativeTensor {
    return this.#constant(`int32 ${shape} ${values}`, shape, () => {
      return this.binding.createTensor(shape, dataTypes.int32, Int32Array.from(values));
    });
  }

  /** A float32 scalar for an optimizer or a fill value, owned by the open scope: learning rates are too many to keep. */
  scalar(value: number): NativeTensor {
    const id = this.binding.createTensor([], dataTypes.float32, Float32Array.of(value));
    return this.scopes.own({ id, shape: [], dtype: 'float32' });
  }

  string(name: string, value: string): OpAttribute {
    return { name, type: this.binding.TF_ATTR_STRING, value };
  }

  /** A list of strings, in the form that native/attribute-lists.h reads. */
  strings(name: string, values: readonly string[]): OpAttribute {
    return this.string(name, `list(string):${values.join()}`);
  }

  /** A list of types, in the form that native/attribute-lists.h reads. */
  types(name: string, values: readonly DType[]): OpAttribute {
    return this.string(name, `list(type):${values.map((value) => dataTypes[value]).join()}`);
  }

  int(name: string, value: number | readonly number[]): OpAttribute {
    return { name, type: this.binding.TF_ATTR_INT, value };
  }

  float(name: string, value: number): OpAttribute {
    return { name, type: this.binding.TF_ATTR_FLOAT, value };
  }

  bool(name: string, value: boolean): OpAttribute {
    return { name, type: this.binding.TF_ATTR_BOOL, value };
  }

  type(name: string, value: DType | keyof typeof dataTypes): OpAttribute {
    return { name, type: this.binding.TF_ATTR_TYPE, value: dataTypes[value] };
  }

  shape(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.binding.TF_ATTR_SHAPE, value };
  }

  #constant(key: string, shape: readonly number[], create: () => number): NativeTensor {
    const known = this.#constants.get(key);
    if (known) return known;
    const made: NativeTensor = { id: create(), shape, dtype: 'float32' };
    this.#constants.set(key, made);
    return made;
  }
}

const idOf = ({ id }: NativeTensor | NativeVariable): number => id;

/** The engine's own view of a tensor that a caller hands in. */
export function native(tensor: Tensor): NativeTensor {
  return tensor as NativeTensor; // `Ops` promises that callers only pass tensors of the same engine
}
