import { type ConceptBank, type Split, StudyError } from '@espalier/core';

/** The bank of the same class; `role` names the others in the error. @throws StudyError `core/inputs-mismatch` without one */
export function bankOfClass(
  banks: readonly ConceptBank[],
  { classIndex }: Pick<ConceptBank, 'classIndex'>,
  role: string,
): ConceptBank {
  const found = banks.find((bank) => bank.classIndex === classIndex);
  if (found) return found;
  throw new StudyError(
    'core/inputs-mismatch',
    `Concepts are compared class by class: expected class ${classIndex} among the ${role}, found the classes ` +
      `${banks.map((bank) => bank.classIndex).join(', ') || 'of no bank'}. Give both extractors the same "classes".`,
  );
}

/** The banks of a null that are of the same class, one for each draw. @throws StudyError `core/inputs-mismatch` without one */
export function nullBanksOf(
  nulls: readonly ConceptBank[],
  bank: Pick<ConceptBank, 'classIndex'>,
): readonly ConceptBank[] {
  bankOfClass(nulls, bank, 'nullConcepts');
  return nulls.filter(({ classIndex }) => classIndex === bank.classIndex);
}

/** The name of the bank's class: the id of a sample that is a class. */
export function classNameOf(
  { classIndex }: Pick<ConceptBank, 'classIndex'>,
  { classes }: Pick<Split, 'classes'>,
): string {
  return classes[classIndex] ?? `class ${classIndex}`;
}
