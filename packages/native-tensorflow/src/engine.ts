import type { Engine } from '@espalier/core';
import { inspectEngine } from './inspect.ts';
import { installNative } from './install/install.ts';

/** What `espalier doctor` and `espalier native install` call. */
export const engine: Engine = { inspect: inspectEngine, install: installNative };
