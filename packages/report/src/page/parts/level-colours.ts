import type { Level } from '@espalier/analysis';
import { colourAt, viridis } from '../../gallery/colour-maps.ts';

/** The CSS variable that holds a level's colour. */
export function levelColour(level: Level): string {
  return `var(--level-${level.index})`;
}

/** CSS declarations of the levels' colours: dark to bright on white, bright enough on black. */
export function levelVariables(count: number, theme: 'light' | 'dark'): string {
  const [from, to] = theme === 'light' ? [0, 0.8] : [0.25, 1];
  return Array.from({ length: count }, (_, i) => {
    const position = count === 1 ? from : from + ((to - from) * i) / (count - 1);
    return `--level-${i}:${colourAt(viridis, position)};`;
  }).join('');
}
