/** Most pixels of one image. Decoded, they take 3 bytes each, and about 8 more while an interlaced file is read. */
export const mostPixels = 100_000_000;

/** Holds back work that would need more pixels than there is room for. */
export interface PixelBudget {
  /** Runs `work` when `pixels` fit beside those of other work, in the order of asking. */
  hold<Result>(pixels: number, work: () => Promise<Result>): Promise<Result>;
}

/** @param most pixels at once; what needs more than that runs alone */
export function pixelBudget(most: number): PixelBudget {
  let held = 0;
  const waiting: { readonly pixels: number; readonly start: () => void }[] = [];
  const startNext = (): void => {
    while (waiting.length > 0 && (held === 0 || held + waiting[0]!.pixels <= most)) {
      const { pixels, start } = waiting.shift()!;
      held += pixels;
      start();
    }
  };
  return {
    async hold(pixels, work) {
      await new Promise<void>((start) => {
        waiting.push({ pixels, start });
        startNext();
      });
      try {
        return await work();
      } finally {
        held -= pixels;
        startNext();
      }
    },
  };
}

/** Of this process, however many cores it has and datasets it opens: about 200 MB of pixels. */
export const decodingBudget: PixelBudget = pixelBudget(64_000_000);
