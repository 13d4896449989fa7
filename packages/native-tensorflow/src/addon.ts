/** TensorFlow's DataType numbers (types.proto) that this package uses; bfloat16 has no name in tfjs but the addon carries it. */
export const dataTypes = { float32: 1, int32: 3, uint8: 4, int64: 9, bool: 10, bfloat16: 14 } as const;

/** A tensor in the native library, by its number. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An attribute of an operation, typed as TensorFlow types it. */
export interface OpAttribute {
  readonly name: string;
  /** One of the binding's `TF_ATTR_*` numbers. */
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** The N-API addon of tfjs-node 4.22 (binding/tfjs_binding.cc): TensorFlow's eager ops on tensors named by id. */
export interface TensorFlowBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  /** The id of a new tensor. It shares memory with `values`, which must not change while the tensor lives. */
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  /** A copy of the tensor's values; throws for bfloat16, cast first. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorHandle[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}
