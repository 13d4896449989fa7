// In a query, a name that may be a secret's costs nothing to hide.
const inQuery =
  /pass|pwd|token|secret|credential|signature|^sig$|^s?auth$|oauth|authori[sz]ation|key$|^key|jwt|bearer|session|^xamz|^xgoog|^sas$|private/;

const anywhere =
  /(password|passwd|passphrase|secret)$|^(.*[^a-z0-9])?(pwd|token|authorization|credentials?|(api|access|secret|private|auth)[_-]?key)([_-]id)?$/i;

/** Whether a parameter of a URL carries a secret, by its name: `password`, `X-Amz-Signature`, `api_key`. */
export function isSecretParameter(name: string): boolean {
  return inQuery.test(
    decoded(name)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, ''),
  );
}

/** Whether a value is a secret by its name, where names such as `key` are ordinary: in options, and in texts. */
export function isSecretName(name: string): boolean {
  return anywhere.test(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2'));
}

/** `text` without percent-encoding, or as it is where that is broken. */
export function decoded(text: string): string {
  return orItself(decodeURIComponent, text);
}

/** What `change` makes of `text`, or `text` where it cannot. */
export function orItself(change: (text: string) => string, text: string): string {
  try {
    return change(text);
  } catch {
    return text;
  }
}
