import { decoded, isSecretParameter } from './secret-names.ts';

/** What stands where a secret was. */
export const hidden = '***';

const url = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>`]+)/gi;
const parameter = /([?&#;])([^=&#;?]+)=((?:[^&#]|#(?![^=&#]+=))*)/g;

/** `text` whose URLs have `***` in place of user and password, and of each parameter that carries a secret by its name. */
export function withoutUrlSecrets(text: string): string {
  return text.replace(url, (_, scheme: string, rest: string) => {
    const plain = withoutParameters(rest);
    const at = endOfUser(plain);
    return `${scheme}${at < 0 ? plain : `${hidden}${plain.slice(at)}`}`;
  });
}

/** The secrets that `word` carries, as they are written there and decoded; none where it is no URL, or no option with one. */
export function urlSecrets(word: string): readonly string[] {
  const [, rest] = /^(?:-{1,2}[\w-]+=|[\w.-]+=)?"?[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(word) ?? [];
  if (rest === undefined) return [];
  const found: string[] = [];
  for (const [, , name = '', value = ''] of rest.matchAll(parameter)) if (isSecretParameter(name)) found.push(value);
  const plain = withoutParameters(rest);
  const user = plain.slice(0, Math.max(0, endOfUser(plain)));
  const colon = user.indexOf(':');
  found.push(colon < 0 ? user : user.slice(colon + 1));
  return [...new Set(found.flatMap((secret) => [secret, decoded(secret)]))].filter((secret) => secret !== '');
}

function withoutParameters(text: string): string {
  return text.replace(parameter, (whole, mark: string, name: string) =>
    isSecretParameter(name) ? `${mark}${name}=${hidden}` : whole,
  );
}

/**
 * Where user and password of a URL end, by what follows its scheme: the place of the @, or -1. People forget to encode / ? # and @
 * in passwords, so what follows a colon is one up to the last @, unless the colon begins a port and the @ a scope.
 */
function endOfUser(text: string): number {
  const last = text.lastIndexOf('@');
  const authority = /^[^/?#]*/.exec(text)![0];
  if (last < 0 || authority.includes('@')) return last;
  if (!authority.includes(':')) return -1;
  return /:\d+$/.test(authority) && text[last - 1] === '/' ? -1 : last;
}
