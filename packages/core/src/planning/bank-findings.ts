import { type BankForm, bankForm } from '../concept-extractor.ts';
import type { OptionFinding, PlanKnowledge } from './plan-knowledge.ts';

/** What a form lacks, and what to do about it, by the part of a form and its value. */
const lacks = {
  codes: { 'non-negative': 'codes that are never negative', signed: 'signed codes' },
  rebuilds: { true: 'concepts that rebuild the activations', false: 'directions that each stand by themselves' },
  isNamed: { true: 'concepts that have names', false: 'concepts without names' },
  hasDraws: { true: 'directions that were learned from several draws', false: 'directions that were learned once' },
} as const;

/** What is wrong with banks on an input for a method that needs others; undefined where nothing is. */
export function bankMisfit(
  needed: Partial<BankForm>,
  form: Partial<BankForm> | undefined,
  { port, use }: { readonly port: string; readonly use: string },
): string | undefined {
  const found = bankForm(form);
  for (const [part, texts] of Object.entries(lacks)) {
    const [wanted, has] = [needed[part as keyof BankForm], found[part as keyof BankForm]]; // the record's own keys
    if (wanted === undefined || wanted === has) continue;
    const text = (value: unknown) => (texts as Readonly<Record<string, string>>)[String(value)];
    return `${use} needs ${text(wanted)}; those on the input "${port}" are ${text(has)}. Connect another extractor, or use another metric.`;
  }
  return undefined;
}

/** What is wrong with the banks on the inputs of a metric, a sentence each; nothing of those that are not known yet. */
export function bankFindings(
  needed: Partial<BankForm> | undefined,
  { banks = {} }: Pick<PlanKnowledge, 'banks'>,
  use: string,
): readonly OptionFinding[] {
  return Object.entries(banks).flatMap(([port, form]) => {
    const text = bankMisfit(needed ?? {}, form, { port, use });
    return text === undefined ? [] : [{ path: [], text }];
  });
}
