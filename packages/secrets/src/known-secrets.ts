import { decoded, isSecretName, orItself } from './secret-names.ts';
import { urlSecrets } from './url-secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const learned = new Set<string>();

// By how it ends: PWD is the working folder, TOKEN_FILE names a file, MAX_TOKENS is a number.
const secretVariable =
  /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_KEY(_ID)?|PRIVATE_KEY|REDISCLI_AUTH)$/i;

// Shorter ones are no secrets, and are parts of many words.
const shortest = 4;

/**
 * Learns the secrets in what this process was given on its command line, or by its host: in URLs, and in `name=value` where
 * the name says so.
 */
export function learnSecrets(words: readonly string[]): void {
  for (const word of words) {
    for (const secret of urlSecrets(word)) learned.add(secret);
    const [, name, value = ''] = /^(?:-{1,2}[\w-]+=)?([\w.-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || !isSecretName(name)) continue;
    learned.add(value);
    learned.add(value.replaceAll(/^"|"$/g, ''));
  }
}

/** The secrets that this process knows: learned ones, and those of its environment. */
export function knownSecrets(environment: Environment = process.env): readonly string[] {
  const found = new Set(learned);
  for (const [name, value = ''] of Object.entries(environment)) {
    if (secretVariable.test(name)) found.add(value);
    if (value.includes('://')) for (const secret of urlSecrets(value)) found.add(secret);
  }
  return [...found].filter((secret) => secret.trim().length >= shortest);
}

/** `secret` as it may stand in texts: as it is, and as URLs and JSON write it. */
export function formsOf(secret: string): readonly string[] {
  const encoded = orItself(encodeURIComponent, secret);
  const forms = [
    secret,
    decoded(secret),
    encoded,
    encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encoded.replaceAll('%20', '+'),
    orItself(encodeURI, secret),
    inUser(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)].filter((form) => form.length >= shortest);
}

// What URL makes of a password: it encodes less than encodeURIComponent.
function inUser(secret: string): string {
  const url = new URL('http://host');
  url.password = secret;
  return url.password;
}

/** Whether a secret is an ordinary word or number, which also occurs where it is none. */
export function isPlainWord(secret: string): boolean {
  return /^(?:[a-z]+|[A-Z][a-z]*|[A-Z]+|\d+)$/.test(secret);
}
