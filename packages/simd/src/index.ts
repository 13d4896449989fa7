export {
  assemble,
  type Expression,
  expression,
  FunctionBody,
  type FunctionDefinition,
  i32,
  type Local,
  memoryArgument,
  unsigned,
  type ValueType,
} from './assembler.ts';
export { exponential, hyperbolicTangent, normalShare, sigmoid } from './functions.ts';
export { four, type Lanes, lane, one, spread } from './lanes.ts';
export { pair } from './pair.ts';
export { instantiate, memoryOf, type WebAssemblyMemory } from './web-assembly.ts';
