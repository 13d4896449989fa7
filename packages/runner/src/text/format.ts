import type { Progress } from '@espalier/core';

/** `950 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
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
