import type { ComparedRun } from '../../runs/compared-run.ts';
import { counted } from '../../text/format.ts';
import type { Comparison } from './comparison.ts';
import {
  againstWords,
  areaNames,
  caution,
  eitherOf,
  estimateText,
  findingWords,
  measureText,
  outcomeText,
  placeWords,
  valueTexts,
} from './words.ts';

// A terminal shows what is read at once; the page and the JSON have the rest.
const [mostSettings, mostVerdicts] = [12, 12];

/** What a terminal shows of a comparison, as lines. */
export function summaryLines(comparison: Comparison): readonly string[] {
  const { a, b, settings, differing } = comparison;
  return [
    ...[sideLine('A', a), sideLine('B', b), '', outcomeText(comparison)],
    ...titled('settings that differ', settingLines(settings)),
    ...titled('verdicts that differ', verdictLines(comparison)),
    ...(differing.length > 0 ? ['', caution] : []),
  ];
}

function sideLine(letter: string, { name, run, results: { study } }: ComparedRun): string {
  const profile = study.profile === null ? '' : ` --profile ${study.profile}`;
  return [`${letter}  ${name}`, run?.startedAt, `${study.name}${profile}`, study.digest.slice(0, 12)]
    .filter((part) => part !== undefined)
    .join('  ');
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

function settingLines(settings: Comparison['settings']): readonly string[] {
  const lines = settings.slice(0, mostSettings).map(({ area, name, a, b }) => {
    const [own, other] = valueTexts(a, b, 40);
    return `  ${areaNames[area].toLowerCase()} ${name}: ${own} -> ${other}`;
  });
  return [...lines, ...moreThan(settings.length, mostSettings, 'setting')];
}

function verdictLines(comparison: Comparison): readonly string[] {
  const { differing } = comparison;
  const lines = differing.slice(0, mostVerdicts).flatMap((pair) => {
    const sides = (
      [
        ['A', pair.a!],
        ['B', pair.b!],
      ] as const
    ).map(([letter, claim]) => `    ${letter}  ${findingWords(claim)}  ${estimateText(claim)}`);
    return [
      `  ${measureText(comparison, pair)}, ${placeWords(pair)}, against ${againstWords(eitherOf(pair))}`,
      ...sides,
    ];
  });
  return [...lines, ...moreThan(differing.length, mostVerdicts, 'verdict')];
}

function moreThan(length: number, most: number, noun: string): readonly string[] {
  return length > most ? [`  and ${counted(length - most, noun)} more: on the page, and in --json`] : [];
}
