import type { Progress } from '@espalier/core';
import prettyMilliseconds from 'pretty-ms';

/** `950ms`, `12.3s`, `4m 10s`, `2h 5m` */
export function duration(ms: number): string {
  if (ms < 60_000) return prettyMilliseconds(ms < 1000 ? Math.round(ms) : ms, { keepDecimalsOnWholeSeconds: true });
  return prettyMilliseconds(Math.round(ms / 1000) * 1000, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** `12s left`: what an estimate says, in whole seconds. */
export function leftText(ms: number): string {
  return `${duration(Math.ceil(ms / 1000) * 1000)} left`;
}

/** `512 MiB`, `1.2 GiB` */
export function memory(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1000 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** `12/60 images`; `12.4/60 images` where part of one is done. */
export function advance({ done, total, unit }: Progress): string {
  // Cut, not rounded: what is not done does not look done.
  const shown = Number.isInteger(done) ? `${done}` : (Math.floor(10 * done) / 10).toFixed(1);
  return `${shown}/${total} ${unit}`;
}

/** `1 instance`, `3 instances` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The node of an instance. */
export function nodeOf(instance: string): string {
  return instance.split('[')[0]!;
}
