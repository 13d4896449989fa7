import { type Plugin, type Services, StudyError } from '@espalier/core';
import { shown } from '@espalier/study';

/** What a host gives to any plugin; the seeds are each instance's own. */
export type HostServices = Omit<Services, 'seed' | 'pairedSeed'>;

/**
 * What one instance of a plugin is given. A key states one seed: the paired one is there for plugins that declare it, and for
 * others it is an error, not a number that their results would hang on and their keys would not know.
 *
 * @param by the plugin, for the error
 */
export function pluginServices(
  services: HostServices,
  seed: number,
  { usesSeed }: Pick<Plugin, 'usesSeed'> = {},
  by = 'This node',
): Services {
  if (usesSeed === 'paired') return { ...services, seed, pairedSeed: seed };
  const own = { ...services, seed };
  // Not enumerable: copying services is no use of them.
  Object.defineProperty(own, 'pairedSeed', { get: () => fail(by, usesSeed), enumerable: false });
  return own as Services; // with what was just defined
}

function fail(by: string, usesSeed: boolean | undefined): never {
  throw new StudyError(
    'core/plugin-invalid',
    `${by} draws from services.pairedSeed, which its plugin does not declare: expected \`usesSeed: 'paired'\`, found ${shown(usesSeed)}. ` +
      'Declare it: the results are then kept under that seed, and shared by the arms that it is the same for.',
  );
}
