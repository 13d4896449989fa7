import 'reflect-metadata';
import type { Store } from '@espalier/store';
import { Container } from 'inversify';
import { packageLoader } from '../plugins/plugin-packages.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { Executor } from '../tasks/task.ts';
import { workbench } from '../tasks/workbench.ts';
import { inProcessExecutor } from '../workers/in-process-executor.ts';
import { localExecutor } from '../workers/local-executor.ts';
import { thisMachine } from '../workers/machine.ts';
import { startWorker } from '../workers/worker-process.ts';
import { pluginToken, type Token, tokens } from './tokens.ts';

export type { Container } from 'inversify';

/** What a host gives to the container, beside what the runner binds. */
export interface ContainerOptions {
  readonly store: Store;
  /** Plugin modules that the host has imported itself, by package name. */
  readonly packages?: ReadonlyMap<string, unknown> | undefined;
  /** Most instances at once; by default as many as the machine's cores allow. */
  readonly jobs?: number | undefined;
  /** Most bytes of open artifacts that this process keeps for later tasks. */
  readonly liveBytes?: number | undefined;
  /** Called last: binds services of the host in place of the runner's, for example `container.rebind(tokens.clock)`. */
  readonly bind?: ((container: Container) => void) | undefined;
}

/** Every service of the runner, each made when it is first asked for, and once. */
export function createContainer({ store, packages, jobs, liveBytes, bind }: ContainerOptions): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  const get = <Service>(token: Token<Service>): Service => container.get<Service>(token);
  container
    .bind(tokens.loader)
    .toDynamicValue(() => packageLoader(packages))
    .inSingletonScope();
  container.bind(tokens.store).toConstantValue(store);
  container.bind(tokens.clock).toConstantValue({ now: () => new Date() });
  container.bind(tokens.listener).toConstantValue(() => {});
  container.bind(tokens.compute).toConstantValue({});
  container
    .bind(tokens.workbench)
    .toDynamicValue(() => workbench(get(tokens.store), get(tokens.loader), registryOf(container), liveBytes))
    .inSingletonScope();
  container
    .bind(tokens.executor)
    .toDynamicValue(() =>
      // Modules that the host has imported itself are in no other process.
      packages
        ? inProcessExecutor(get(tokens.workbench), get(tokens.clock))
        : thisMachinesExecutor(get(tokens.store), jobs),
    )
    .inSingletonScope();
  bind?.(container);
  return container;
}

/** Runs tasks in other processes of this machine. */
export function thisMachinesExecutor({ location }: Store, jobs: number | undefined): Executor {
  return localExecutor({ storeAt: location, machine: thisMachine(), jobs, startWorker });
}

/** The service bound to `token`. */
export function service<Service>(container: Container, token: Token<Service>): Service {
  return container.get<Service>(token);
}

/** The plugins bound in `container`. */
export function registryOf(container: Container): PluginRegistry {
  return {
    add({ name, plugins }) {
      for (const plugin of plugins.values()) {
        const options = { name: `${name}/${plugin.name}` };
        if (container.isBound(pluginToken(plugin.kind), options)) continue;
        container.bind(pluginToken(plugin.kind)).toConstantValue(plugin).whenNamed(options.name);
      }
    },
    get(kind, packageName, plugin) {
      const options = { name: `${packageName}/${plugin}` };
      return container.isBound(pluginToken(kind), options) ? container.get(pluginToken(kind), options) : undefined;
    },
  };
}
