import type { Kind, Plugin } from '@espalier/core';
import type { PluginPackage } from '@espalier/study';

/** The plugins bound in a container. */
export interface PluginRegistry {
  /** Binds the plugins of a package that are not bound yet. */
  add(found: PluginPackage): void;
  get(kind: Kind, packageName: string, plugin: string): Plugin | undefined;
}

/** A registry of its own, for processes that no host program rebinds anything in. */
export function pluginRegistry(): PluginRegistry {
  const known = new Map<string, Plugin>();
  const keyOf = (kind: string, packageName: string, plugin: string): string => `${kind} ${packageName}/${plugin}`;
  return {
    add({ name, plugins }) {
      for (const plugin of plugins.values()) {
        const key = keyOf(plugin.kind, name, plugin.name);
        if (!known.has(key)) known.set(key, plugin);
      }
    },
    get: (kind, packageName, plugin) => known.get(keyOf(kind, packageName, plugin)),
  };
}
