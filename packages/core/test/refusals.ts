import { expect } from 'vitest';

type Laws<Subject> = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

/** What the first law that refuses for a broken promise says. */
export async function refusalOf<Subject>(laws: Laws<Subject>, subject: Subject): Promise<string> {
  for (const law of Object.values(laws)) {
    const error: unknown = await law(subject).catch((reason: unknown) => reason);
    if (error instanceof Error && error.message.includes('does not keep the promises of its port'))
      return error.message;
  }
  return 'no law refuses it';
}

/** Expects that using `my/plugin` fails for a broken promise. */
export async function expectRefused(use: () => unknown, found: string): Promise<void> {
  const error: unknown = await Promise.resolve()
    .then(use)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'core/plugin-invalid' });
  expect(String(error)).toContain('my/plugin does not keep the promises of its port');
  expect(String(error)).toContain(found);
}

/** What the plugin `my/plugin` declares. */
export const plugin = { files: ['report.txt'] };
