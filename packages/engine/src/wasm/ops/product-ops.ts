import type { ProductOps } from '../../ops.ts';
import { productSizes } from '../../shapes/product-shapes.ts';
import type { Device } from '../device.ts';
import { matmul } from '../matmul.ts';

export function productOps(device: Device): ProductOps {
  const batchedMatmul: ProductOps['batchedMatmul'] = (a, b, transpose = {}) => {
    const sizes = productSizes(a.shape, b.shape, transpose);
    return device.own(sizes.shape, matmul(device.heap, device.buffer(a), device.buffer(b), sizes, transpose));
  };
  return { matmul: batchedMatmul, batchedMatmul };
}
