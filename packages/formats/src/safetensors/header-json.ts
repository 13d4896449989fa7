/** JSON as a safetensors header may hold it: objects keep the order of their keys, numbers their digits. */
export type HeaderJson = null | boolean | string | HeaderNumber | readonly HeaderJson[] | HeaderObject;

/** A number as it is written: sizes go up to 2^64, beyond what a double holds. */
export class HeaderNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HeaderObject = ReadonlyMap<string, HeaderJson>;

/** What is wrong with a text that is not JSON, in words that follow "its header must be JSON". */
export class HeaderSyntaxError extends Error {}

// Of serde_json, which the reference implementation reads headers with: the 128th opening is refused.
const deepest = 127;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const literals: ReadonlyMap<string, null | boolean> = new Map([
  ['null', null],
  ['true', true],
  ['false', false],
]);

/**
 * Parses JSON as strictly as serde_json does, and more strictly in one point: no key may occur twice in an object. The format
 * forbids it ("duplicate keys are disallowed"), and a reader that takes the last one would guess.
 *
 * @throws HeaderSyntaxError
 */
export function parseHeaderJson(text: string): HeaderJson {
  const reader = new HeaderReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class HeaderReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): HeaderJson {
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (next === '{' || next === '[') {
      if (depth >= deepest) throw new HeaderSyntaxError(`it is nested more than ${deepest} deep`);
      return next === '{' ? this.#object(depth + 1) : this.#list(depth + 1);
    }
    if (next === '"') return this.#string();
    for (const [word, value] of literals) if (this.#take(word)) return value;
    return this.#number();
  }

  /** Only white space may follow. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #object(depth: number): HeaderObject {
    const object = new Map<string, HeaderJson>();
    this.#entries('{', '}', () => {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in quotes');
      const key = this.#string();
      if (object.has(key)) throw new HeaderSyntaxError(`the key ${JSON.stringify(key)} occurs twice`);
      this.#skipSpace();
      if (!this.#take(':')) throw this.#unexpected('":"');
      object.set(key, this.value(depth));
    });
    return object;
  }

  #list(depth: number): readonly HeaderJson[] {
    const list: HeaderJson[] = [];
    this.#entries('[', ']', () => list.push(this.value(depth)));
    return list;
  }

  #entries(open: string, close: string, entry: () => void): void {
    this.#take(open);
    this.#skipSpace();
    if (this.#take(close)) return;
    do {
      entry();
      this.#skipSpace();
    } while (this.#take(','));
    if (!this.#take(close)) throw this.#unexpected(`"," or "${close}"`);
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (end > 0 && isEscaped(this.#text, end));
    if (end < 0) throw this.#unexpected('the end of a text in quotes');
    this.#at = end + 1;
    const value = decoded(this.#text.slice(start, this.#at));
    if (value !== undefined && !/\p{Surrogate}/u.test(value)) return value;
    this.#at = start;
    throw this.#unexpected('a text whose escapes are valid');
  }

  #number(): HeaderNumber {
    number.lastIndex = this.#at;
    const digits = number.exec(this.#text)?.[0];
    if (digits === undefined || !Number.isFinite(Number(digits))) throw this.#unexpected('a value');
    this.#at += digits.length;
    return new HeaderNumber(digits);
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #unexpected(wanted: string): HeaderSyntaxError {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 20)) : 'its end';
    return new HeaderSyntaxError(`expected ${wanted} at character ${this.#at}, found ${found}`);
  }
}

/** JSON's four: space, tab, line feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text[start - 1] === '\\') start--;
  return (at - start) % 2 === 1;
}

function decoded(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string; // JSON that begins with a quote is a text
  } catch {
    return undefined;
  }
}
