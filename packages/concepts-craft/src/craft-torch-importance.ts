import { type Head, type ImageCodes, logitsOfMasks, type Matrix } from '@espalier/concept-activations';

/** Points of the design in Craft's PyTorch code. */
const craftPoints = 32;

/**
 * The first `points` points of the unscrambled Halton sequence: coordinate j of point i is i written in the j-th prime,
 * mirrored behind the point. SciPy's `qmc.Halton(dimensions, scramble=False)`; the first point is the origin.
 *
 * @returns `[points, dimensions]`, in [0, 1)
 */
export function haltonPoints(points: number, dimensions: number): Float64Array {
  const bases = firstPrimes(dimensions);
  return Float64Array.from({ length: points * dimensions }, (_, i) =>
    mirrored(Math.floor(i / dimensions), bases[i % dimensions]!),
  );
}

/**
 * Total Sobol indices as Craft's PyTorch code measures them in one image (`craft_torch.py`, `estimate_importance`): masks
 * from 32 unscrambled Halton points in twice as many dimensions as there are concepts, the first half A, the second B.
 *
 * Biased: neighbouring dimensions of so few points move together, so ten equal concepts get 0.033 to 0.055 instead
 * of 0.1, the first one most. It is here to reproduce numbers; no error can be stated.
 *
 * @param directions V = W', d r
 * @returns one index per concept, about in [0, 1]
 */
export async function craftTorchImportance(head: Head, image: ImageCodes, directions: Matrix): Promise<Float64Array> {
  const inputs = directions.columns;
  const set = haltonPoints(craftPoints, 2 * inputs);
  const A = set.filter((_, i) => i % (2 * inputs) < inputs);
  const B = set.filter((_, i) => i % (2 * inputs) >= inputs);
  return plainJansen(await logitsOfMasks(head, image, directions, { inputs, A, B }), inputs);
}

/**
 * Jansen's estimator as it stands: sum((y(A) - y(C_i))^2) / (2 n variance(y(A))), the variance with n - 1. All 0 where y(A)
 * does not change, where Craft divides zero by zero.
 *
 * @param outputs n (k + 1): for each point the output at A, then at A with each column from B
 */
export function plainJansen(outputs: Float64Array, inputs: number): Float64Array {
  const points = outputs.length / (inputs + 1);
  const at = (point: number, column: number) => outputs[point * (inputs + 1) + column]!;
  let mean = 0;
  for (let point = 0; point < points; point++) mean += at(point, 0) / points;
  let squares = 0;
  for (let point = 0; point < points; point++) squares += (at(point, 0) - mean) ** 2;
  const variance = squares / (points - 1);
  return Float64Array.from({ length: inputs }, (_, i) => {
    let sum = 0;
    for (let point = 0; point < points; point++) sum += (at(point, 0) - at(point, 1 + i)) ** 2;
    return variance === 0 ? 0 : sum / (2 * points * variance);
  });
}

function mirrored(number: number, base: number): number {
  let [value, place] = [0, 1 / base];
  for (let rest = number; rest > 0; rest = Math.floor(rest / base), place /= base) value += (rest % base) * place;
  return value;
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}
