/** The nearest whole number to `value` >= 0, halves to the even one: Python's `round`, by which PyTorch counts. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
