export { type ToySizes, toyModel } from './toy-model.ts';
export { splitOf, toySplit } from './toy-split.ts';
