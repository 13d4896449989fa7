/** Hears which part of some work is done, in (0, 1]. */
export type Told = (part: number) => void;

/** Hears the same of one of several steps, which count alike. */
export function ofStep(told: Told, step: number, steps: number): Told {
  return (part) => told((step + part) / steps);
}
