// What file managers, archivers and network drives leave in folders, in lower case.
const leftBehind = new Set([
  '__macosx',
  '@eadir',
  '$recycle.bin',
  'desktop.ini',
  'ehthumbs.db',
  'icon\r',
  'lost+found',
  'system volume information',
  'thumbs.db',
]);

/** Whether a name is hidden, or that of something which a system or a program left behind. */
export function isClutter(name: string): boolean {
  return name.startsWith('.') || leftBehind.has(name.toLowerCase());
}
