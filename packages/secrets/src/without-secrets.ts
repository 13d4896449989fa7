import { formsOf, isPlainWord, knownSecrets } from './known-secrets.ts';
import { isSecretName } from './secret-names.ts';
import { hidden, withoutUrlSecrets } from './url-secrets.ts';

/**
 * `text` with `***` in place of every secret: users and passwords of URLs, their parameters that carry secrets by name,
 * `password=...` and the like, and every value that this process knows as a secret. It stands at each place where something is
 * written: terminal, records, errors and logs of instances, reports.
 */
export function withoutSecrets(text: string): string {
  return withoutThese(text, knownPattern());
}

/** {@link withoutSecrets} for many texts at once: it looks into the environment now, and not again for each. */
export function secretRemover(): (text: string) => string {
  const known = knownPattern();
  return (text) => withoutThese(text, known);
}

function withoutThese(text: string, known: RegExp | undefined): string {
  return withoutPairs(withoutUrlSecrets(known ? text.replace(known, hidden) : text));
}

/** `value`, plain JSON, without secrets in its texts. What the program itself reads again stays: names, keys, digests. */
export function cleared<Value>(value: Value): Value {
  return clearedPart(value, knownPattern()) as Value; // only texts are changed
}

// Labels and names come from a study, which may hold no secret.
const ownNames: ReadonlySet<string> = new Set(['type', 'instance', 'because', 'key', 'code', 'run', 'at', 'id']);

function clearedPart(value: unknown, known: RegExp | undefined): unknown {
  if (typeof value === 'string') return withoutThese(value, known);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => clearedPart(item, known));
  const entries = Object.entries(value).map(([key, item]) => {
    if (typeof item === 'string' && ownNames.has(key)) return [key, item];
    return [
      withoutThese(key, known),
      isSecretName(key) && typeof item === 'string' ? hidden : clearedPart(item, known),
    ];
  });
  return Object.fromEntries(entries);
}

const pair = /(^|[\s"'`(&?;])((?:-{1,2})?[\w.-]+)=(?!\*{3}[>\]}.])("[^"\n]*"|'[^'\n]*'|[^\s"'`,;&)]+)/g;
const quotedPair = /(["'`])((?:-{1,2})?[\w.-]+)=[^\n]*?\1/g;
const jsonPair = /("|')([\w.-]+)\1(\s*:\s*)"(?:[^"\\\n]|\\.)*"/g;
const header = /\b(authorization\s*:\s*(?:\w+\s+)?)[\w.~+/=-]+/gi;

function withoutPairs(text: string): string {
  if (!/[=:]/.test(text)) return text;
  return text
    .replace(quotedPair, (whole, quote: string, name: string) =>
      isSecretName(name.replace(/^-+/, '')) ? `${quote}${name}=${hidden}${quote}` : whole,
    )
    .replace(pair, (whole, before: string, name: string) =>
      isSecretName(name.replace(/^-+/, '')) ? `${before}${name}=${hidden}` : whole,
    )
    .replace(jsonPair, (whole, quote: string, name: string, colon: string) =>
      isSecretName(name) ? `${quote}${name}${quote}${colon}"${hidden}"` : whole,
    )
    .replace(header, `$1${hidden}`);
}

let made: { readonly of: string; readonly pattern: RegExp | undefined } | undefined;

/** Finds known secrets, the longest first: one may be part of another. */
function knownPattern(): RegExp | undefined {
  const known = knownSecrets();
  const of = known.join('\n');
  if (made?.of === of) return made.pattern;
  const forms = [...new Set(known.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const pattern = forms.length === 0 ? undefined : new RegExp(forms.map(patternOf).join('|'), 'g');
  made = { of, pattern };
  return pattern;
}

// A short one must not be found within a digest, nor an ordinary word within a path or another word.
function patternOf(secret: string): string {
  const text = secret.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  if (isPlainWord(secret)) return `(?<![\\w./\\\\-])${text}(?![\\w/\\\\-]|\\.\\w)`;
  if (/^[a-z0-9]+$/i.test(secret) && secret.length < 12) return `(?<![a-zA-Z0-9])${text}(?![a-zA-Z0-9])`;
  return text;
}
