import { StudyError } from '@espalier/core';
import { type NetworkPasses, networkPasses } from '@espalier/study';
import type { OpenedStudy } from '../opening/opened-study.ts';
import { type NetworkSpeed, networkSpeed } from './network-speed.ts';
import type { InstanceForecast } from './plan-study.ts';

/** How long the networks of a plan compute, at the speed that they have on this machine now. */
export interface TimeEstimate {
  /** Of one process, with all the cores that its engine takes. */
  readonly ms: number;
  /** Images, by what is done with them. */
  readonly training: number;
  readonly forward: number;
  readonly gradient: number;
  /** `wasm` computes on one core. */
  readonly engines: readonly string[];
  /** Nodes whose questions to the network are not in it, since nobody can say how many they are. */
  readonly uncounted: readonly string[];
  /** Why a network is not in it: it could not be made. */
  readonly problems: readonly string[];
}

/**
 * Makes each network of a plan, measures it for a moment, and multiplies by what would run. What is computed beside networks, such as the
 * factorisation of activations or a report, is not in it.
 */
export async function timeEstimate(
  opened: Pick<OpenedStudy, 'plan' | 'home'>,
  instances: readonly InstanceForecast[],
): Promise<TimeEstimate> {
  const toRun = new Set(instances.filter(({ status }) => status === 'run').map(({ id }) => id));
  const { networks, uncounted } = networkPasses(opened.plan, ({ id }) => toRun.has(id));
  const problems: string[] = [];
  const measured: { readonly network: NetworkPasses; readonly speed: NetworkSpeed }[] = [];
  for (const network of networks) {
    try {
      measured.push({ network, speed: await networkSpeed(network, opened) });
    } catch (error) {
      if (!StudyError.is(error)) throw error;
      problems.push(`${network.maker.type.use} could not be measured: ${error.message}`);
    }
  }
  const sum = (of: (one: (typeof measured)[number]) => number) => measured.reduce((total, one) => total + of(one), 0);
  return {
    ms: sum(({ network, speed }) => uses.reduce((ms, use) => ms + network[use] * speed[use], 0)),
    training: sum(({ network }) => network.training),
    forward: sum(({ network }) => network.forward),
    gradient: sum(({ network }) => network.gradient),
    engines: [...new Set(measured.map(({ speed }) => speed.engine))],
    uncounted,
    problems,
  };
}

const uses = ['training', 'forward', 'gradient'] as const;
