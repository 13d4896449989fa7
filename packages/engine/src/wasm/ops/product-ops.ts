import type { ProductOps } from '../../ops.ts';
import { productSizes } from '../../shapes/product-shapes.ts';
import type { Device } from '../device.ts';
import { matmul } from '../matmul.ts';
import { activated, endOf } from './epilogue.ts';

export function productOps(device: Device): ProductOps {
  const { heap } = device;
  return {
    matmul(a, b, transpose = {}, epilogue = {}) {
      const sizes = productSizes(a.shape, b.shape, transpose);
      const { end, activation } = endOf(device, sizes.shape, epilogue);
      const product = matmul(heap, device.buffer(a), device.buffer(b), sizes, transpose, end);
      return activated(device, sizes.shape, product, activation);
    },
    batchedMatmul(a, b, transpose = {}) {
      const sizes = productSizes(a.shape, b.shape, transpose);
      return device.own(sizes.shape, matmul(heap, device.buffer(a), device.buffer(b), sizes, transpose));
    },
  };
}
