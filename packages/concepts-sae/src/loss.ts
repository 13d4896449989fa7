import { type Matrix, zeros } from '@espalier/concept-activations';
import { type Autoencoder, decoded, type SparseCodes } from './autoencoder.ts';

/** The loss of a batch and its slopes along everything that is learned. */
export interface Slopes {
  readonly loss: number;
  readonly slopes: Autoencoder;
}

/** Latents that are dead, on their way back: what they would add to the codes. */
export interface Auxiliary {
  readonly codes: SparseCodes;
  /** What their loss counts beside the other. */
  readonly weight: number;
}

/**
 * Mean over rows and features of the squared error |x - b - z D|^2; and, times `weight`, of |e - z' D|^2, where z' are dead latents and e is what
 * the others leave of x, held still (Gao et al. 2024). Which latents stay is held still as well.
 */
export function lossAndSlopes(model: Autoencoder, batch: Matrix, codes: SparseCodes, auxiliary?: Auxiliary): Slopes {
  const slopes: Autoencoder = {
    encoder: zeros(model.encoder.rows, model.encoder.columns),
    encoderBias: new Float64Array(model.encoderBias.length),
    decoder: zeros(model.decoder.rows, model.decoder.columns),
    bias: new Float64Array(model.bias.length),
  };
  const error = decoded(model, codes);
  for (let i = 0; i < error.data.length; i++) error.data[i]! -= batch.data[i]!;
  let loss = meanSquare(error);
  const slope = scaled(error, 2);
  for (let i = 0; i < slope.data.length; i++) slopes.bias[i % model.bias.length]! += slope.data[i]!;
  addSlopes(slopes, model, { batch, codes, slope });
  if (auxiliary) {
    const missed = decoded({ ...model, bias: new Float64Array(model.bias.length) }, auxiliary.codes);
    for (let i = 0; i < missed.data.length; i++) missed.data[i]! += error.data[i]!; // e is the error's opposite
    loss += auxiliary.weight * meanSquare(missed);
    addSlopes(slopes, model, { batch, codes: auxiliary.codes, slope: scaled(missed, 2 * auxiliary.weight) });
  }
  return { loss, slopes };
}

function meanSquare({ data }: Matrix): number {
  return data.reduce((sum, value) => sum + value * value, 0) / data.length;
}

function scaled({ rows, columns, data }: Matrix, factor: number): Matrix {
  return { rows, columns, data: data.map((value) => (factor * value) / data.length) };
}

/** Adds what the slope of what is decoded means for the latents, and for the encoder behind them. */
function addSlopes(
  slopes: Autoencoder,
  { encoder, decoder, bias }: Autoencoder,
  { batch, codes, slope }: { readonly batch: Matrix; readonly codes: SparseCodes; readonly slope: Matrix },
): void {
  const features = bias.length;
  for (let n = 0; n < batch.rows; n++) {
    const from = n * features;
    for (let i = codes.starts[n]!; i < codes.starts[n + 1]!; i++) {
      const [latent, value] = [codes.latents[i]!, codes.values[i]!];
      const at = latent * features;
      let ofCode = 0;
      for (let d = 0; d < features; d++) {
        const own = slope.data[from + d]!;
        ofCode += own * decoder.data[at + d]!;
        slopes.decoder.data[at + d]! += value * own;
      }
      slopes.encoderBias[latent]! += ofCode;
      for (let d = 0; d < features; d++) {
        slopes.encoder.data[at + d]! += ofCode * (batch.data[from + d]! - bias[d]!);
        slopes.bias[d]! -= ofCode * encoder.data[at + d]!;
      }
    }
  }
}
