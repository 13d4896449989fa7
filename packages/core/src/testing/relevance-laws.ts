import { expect } from 'vitest';
import { rows } from '../array.ts';
import { relevanceRules } from '../networks/relevance-composites.ts';
import { expectClose, expectRefusal, held, norm } from './law-expectations.ts';
import { images } from './law-inputs.ts';
import type { ModelMaker } from './model-maker.ts';

/** What every model promises of what its logits hand back. */
export const relevanceLaws = {
  async 'hands a logit back to the image by rules, and tells where the rest of it is'({ create }) {
    using model = held(await create());
    const batch = images(model, 2);
    const rules = relevanceRules({ composite: 'epsilon-plus', epsilon: 0.01, gamma: 0, stabilizer: 1e-6 });
    const found = await model.inputRelevance(batch, [0, 1], rules);
    const logits = await model.predict(batch);
    const alone = await model.inputRelevance(rows(batch, 1, 2), [1], rules);
    expectClose(rows(found.values, 1, 2), alone.values);
    for (const n of [0, 1]) {
      const { data } = rows(found.values, n, n + 1);
      const sum = data.reduce((total, value) => total + value, 0) + found.absorbed[n]! + found.withheld[n]!;
      const scale = Math.max(1, ...[found.absorbed[n]!, found.withheld[n]!].map(Math.abs)) + norm(data);
      expect(Math.abs(found.start[n]! - logits.data[n * model.classes.length + n]!)).toBeLessThan(0.02 * scale);
      expect(Math.abs(sum - found.start[n]!), 'relevance that is nowhere').toBeLessThan(0.01 * scale);
    }
    const kernels = await model.kernelRelevance(batch, [0, 1], rules);
    expect([...kernels.keys()]).toEqual(
      model.parameters.filter(({ role }) => role === 'kernel').map(({ name }) => name),
    );
    const layer = model.layers.findLast(({ isComplete }) => isComplete);
    if (layer)
      expect((await model.activationRelevance(batch, layer.name, [0, 1], rules)).data.some(Boolean)).toBe(true);
    const none = { start: 'one', entries: [] } as const;
    await expectRefusal('core/rule-missing', () => model.inputRelevance(batch, [0, 1], none));
  },
} satisfies Readonly<Record<string, (maker: ModelMaker) => Promise<void>>>;
