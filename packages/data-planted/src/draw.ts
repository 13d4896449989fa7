import { grainSize, type Part, type Scene } from './scene.ts';

/** The pixels of a scene at `size` x `size`: row-major `h w c` bytes. */
export function drawPixels(scene: Scene, size: number): Uint8Array {
  const canvas = new Float32Array(size * size * 3);
  drawBackground(canvas, scene, size);
  for (const part of scene.clutter) drawPart(canvas, part, size, 0.45);
  for (const part of scene.distractors) drawPart(canvas, part, size, 1);
  for (const { part } of scene.planted) drawPart(canvas, part, size, 1);
  const pixels = new Uint8Array(canvas.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(255, Math.max(0, canvas[i]! + 0.5));
  return pixels;
}

/** One byte per pixel, `h w`: 1 where at least half of the pixel shows the part. */
export function drawMask(part: Part, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  coverPixels(part, size, (pixel, coverage) => {
    mask[pixel] = coverage >= 0.5 ? 1 : 0;
  });
  return mask;
}

function drawBackground(canvas: Float32Array, { corners, grain }: Scene, size: number): void {
  for (let row = 0; row < size; row++) {
    const y = (row + 0.5) / size;
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size;
      const light = 14 * latticeAt(grain, x, y);
      const at = (row * size + column) * 3;
      for (let c = 0; c < 3; c++) {
        const upper = corners[0][c]! + (corners[1][c]! - corners[0][c]!) * x;
        const lower = corners[2][c]! + (corners[3][c]! - corners[2][c]!) * x;
        canvas[at + c] = upper + (lower - upper) * y + light;
      }
    }
  }
}

/** The lattice's value at (`x`, `y`) in [0, 1), smoothly interpolated. */
function latticeAt(lattice: Float64Array, x: number, y: number): number {
  const [gx, gy] = [x * (grainSize - 1), y * (grainSize - 1)];
  const [left, top] = [Math.floor(gx), Math.floor(gy)];
  const [u, v] = [smooth(gx - left), smooth(gy - top)];
  const at = top * grainSize + left;
  const upper = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * u;
  const lower = lattice[at + grainSize]! + (lattice[at + grainSize + 1]! - lattice[at + grainSize]!) * u;
  return upper + (lower - upper) * v;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

function drawPart(canvas: Float32Array, part: Part, size: number, opacity: number): void {
  const { texture, base, accent } = part.look;
  const soft = 1 / (size * part.radius);
  coverPixels(part, size, (pixel, coverage, x, y) => {
    const share = texture(x, y, soft);
    const light = 12 * (-x - y); // lit from the top left
    const alpha = coverage * opacity;
    for (let c = 0; c < 3; c++) {
      const colour = base[c]! + (accent[c]! - base[c]!) * share + light;
      canvas[3 * pixel + c]! += (colour - canvas[3 * pixel + c]!) * alpha;
    }
  });
}

/** Visits the pixels that a part covers: how much of each (0 to 1), and where in the part, in units of its radius. */
function coverPixels(
  part: Part,
  size: number,
  visit: (pixel: number, coverage: number, x: number, y: number) => void,
): void {
  const reach = part.reach + 1 / size;
  const [top, bottom] = pixelRange(part.y, reach, size);
  const [left, right] = pixelRange(part.x, reach, size);
  const sharpness = part.radius * size;
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) {
      const dx = ((column + 0.5) / size - part.x) / part.radius;
      const dy = ((row + 0.5) / size - part.y) / part.radius;
      const x = part.cosine * dx + part.sine * dy;
      const y = part.cosine * dy - part.sine * dx;
      const coverage = 0.5 - part.shape(x, y) * sharpness;
      if (coverage > 0) visit(row * size + column, Math.min(1, coverage), x, y);
    }
}

function pixelRange(centre: number, reach: number, size: number): readonly [number, number] {
  return [Math.max(0, Math.floor((centre - reach) * size)), Math.min(size, Math.ceil((centre + reach) * size))];
}
