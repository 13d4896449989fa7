import { type Component, JpegFault, type ScanHeader } from './jpeg-segments.ts';

/**
 * What the scans of a progressive JPEG have given so far: of each coefficient, how many of its bits are still to come.
 *
 * A file that ends between two scans is drawn without complaint, with less detail than it was written with.
 */
export class Progression {
  readonly #missing = new Map<Component, Uint8Array>();

  add({ parts, from, to, low }: ScanHeader): void {
    for (const { component } of parts) {
      const bits = this.#missing.get(component) ?? new Uint8Array(64).fill(255);
      this.#missing.set(component, bits.fill(low, from, to + 1));
    }
  }

  /** @throws JpegFault where a scan was announced by those before it and has not come */
  expectWhole(): void {
    for (const bits of this.#missing.values())
      if (bits.some((count) => count > 0)) throw new JpegFault('the scans that add its last detail are missing');
  }
}
