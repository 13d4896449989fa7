export { usableCores } from './usable-cores.ts';
