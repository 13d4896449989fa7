import { gini } from '@espalier/metrics';
import { expect, test } from 'vitest';

test('its Gini index is that of Quantus image by image: its batches of 8 move the index by less than 1e-4', () => {
  const map = Array.from({ length: 3136 }, (_, i) => ((i * 7919) % 3136) ** 4 / 3136 ** 4); // heavy-tailed, as gradients are
  const most = Math.max(...map);
  // Quantus divides by the largest value of the batch: a mate's may be 100 times larger.
  const [alone, beside] = [1, 100].map((times) =>
    gini(Float64Array.from(map, (value) => value / (times * most) + 1e-7)),
  );
  expect(Math.abs(alone! - beside!)).toBeLessThan(1e-4);
});
