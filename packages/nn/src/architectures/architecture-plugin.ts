import { createHash } from 'node:crypto';
import type { OptionFinding, PlanKnowledge, Plugin, Services } from '@espalier/core';
import { type Architecture, usual } from './architecture.ts';
import { memoryOf } from './memory.ts';
import { outlineOf } from './outline.ts';
import type { StartOptions } from './start-options.ts';
import { startFindings } from './weights-findings.ts';

/**
 * The plugin of an architecture: random weights by its rule, or those of a file, with its head or a new one.
 *
 * @example
 * export const resnet18 = architecturePlugin({ name: 'resnet18', cacheVersion: '1', source, options, images: atLeast(32, 'A ResNet'), network, initial });
 */
export function architecturePlugin<Options extends StartOptions>(
  architecture: Architecture<Options>,
): Plugin<'model', Options> {
  const { name, cacheVersion, source, options, images, network } = architecture;
  /** For images of a size that it takes, and as many classes; those of ImageNet where they are not known. */
  const networkFor = (parsed: Options, height = usual.height, width = usual.width, classes = usual.classes) => {
    const size = images.fit(height, width) ? { height, width } : { height: usual.height, width: usual.width };
    return { network: network(parsed, { ...size, classes }), size };
  };
  return {
    kind: 'model',
    name,
    cacheVersion,
    source,
    options,
    memory(parsed, use) {
      const made = networkFor(parsed, use.height, use.width);
      return memoryOf(made.network, { ...use, ...made.size });
    },
    check: (parsed, known) => [...sizeFindings(images, known), ...startFindings(architecture, parsed, known)],
    drawsNothing: ({ weights, head }) => weights !== null && head === 'weights',
    modelOutline(parsed, known) {
      const made = networkFor(parsed, known?.height, known?.width, known?.classes.length);
      return outlineOf(made.network, made.size);
    },
    fingerprint: (parsed, services) => fingerprintOf(architecture, parsed, services),
    async create(parsed, services) {
      // Only who computes loads what computes: a plan knows a plugin by its name and options.
      const { architectureFactory } = await import('./architecture-factory.ts');
      return architectureFactory(architecture, parsed, services);
    },
  };
}

/** A digest of the weights, which are looked at before: what no network could start from is found before anything runs. */
async function fingerprintOf<Options extends StartOptions>(
  architecture: Architecture<Options>,
  options: Options,
  services: Services,
): Promise<string> {
  const path = options.weights;
  if (path === null) return 'random';
  const [{ readWeightsFile }, { weightsIn }] = await Promise.all([
    import('./weights-file.ts'),
    import('./weights-in.ts'),
  ]);
  const bytes = await readWeightsFile(path, architecture, options, services);
  weightsIn({ path, bytes, architecture, options, log: () => {} });
  return createHash('sha256').update(bytes).digest('hex');
}

function sizeFindings(
  { family, which, fit, advice }: Architecture<never>['images'],
  { images }: PlanKnowledge,
): readonly OptionFinding[] {
  if (!images || fit(images.height, images.width)) return [];
  const text = `${family} takes ${which}; found ${images.height} x ${images.width}. ${advice}`;
  return [{ path: [], text }];
}
