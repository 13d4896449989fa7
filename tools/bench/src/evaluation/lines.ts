import type { Contender, EvaluationReport } from './evaluation.ts';
import { parts } from './ours.ts';

/** The lines that `npm run bench -- --only evaluation` prints: seconds per image, and how many times faster than Python. */
export function evaluationLines(report: EvaluationReport): readonly string[] {
  const { machine, engine, python, images, seconds, differences, peakMiB } = report;
  const contenders = Object.keys(seconds) as Contender[]; // the record's own keys
  const rival = seconds.python;
  const versions = typeof python === 'string' ? `no Python stack: ${python}` : Object.entries(python).flat().join(' ');
  const rows = [...parts, 'all' as const].map((part) => {
    const cells = contenders.map((name) => {
      const value = seconds[name]![part];
      const ratio = rival && name !== 'python' ? ` (${(rival[part] / value).toFixed(1)}x)` : '';
      return `${value.toFixed(3)}${ratio}`;
    });
    return [part, ...cells];
  });
  const table = [['s per image', ...contenders], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    `ResNet-18, ${images} images of one class, ${machine.cores} cores (${machine.flags.join(' ') || 'flags unknown'}), ${engine}; ${versions}`,
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
    `refined: a trapezoid whose points are doubled until the delta is at most 0.1 logits. Bars: all 10x (float32 4.5x), craft 6x, road 20x`,
    ...(rival
      ? [
          `largest differences in float32: ${Object.entries(differences)
            .map(([part, value]) => `${part} ${value.toExponential(1)}`)
            .join(', ')}`,
        ]
      : []),
    `peak of memory: ours ${peakMiB.ours.toFixed(0)} MiB (all contenders but Python)${peakMiB.python ? `, Python ${peakMiB.python.toFixed(0)} MiB` : ''}`,
  ];
}
