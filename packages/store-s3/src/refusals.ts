import type { IncomingHttpHeaders } from 'node:http';
import { type ErrorCode, StudyError } from '@espalier/core';
import type { Answer } from './exchange.ts';

/** What was asked, for people: the store's URL, and for example `GET keys/ab/abc.json`. */
export interface Subject {
  readonly url: string;
  readonly what: string;
}

/** The code in the body of a refusal, for example `NoSuchKey`. */
export function codeIn({ bytes }: Answer): string | undefined {
  return /<Code>([\w.]{1,64})<\/Code>/.exec(bytes.toString('utf8'))?.[1];
}

const passingStatus: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const passingCodes: ReadonlySet<string> = new Set([
  'BadDigest', // the bytes were damaged on their way there
  'ConditionalRequestConflict', // another one is being put at this moment
  'IncompleteBody',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'XAmzContentSHA256Mismatch',
]);

/** Whether the same request may succeed later. A 404 that does not say what is missing may be a proxy's. */
export function isPassing(answer: Answer): boolean {
  const { status } = answer;
  const code = codeIn(answer) ?? '';
  if (passingStatus.has(status) || passingCodes.has(code) || status === 409) return true;
  return status === 404 && !['NoSuchBucket', 'NoSuchKey'].includes(code);
}

/** How long the server asks to wait, in milliseconds; 0 where it says nothing. */
export function retryAfterMs({ 'retry-after': text }: IncomingHttpHeaders, now: number = Date.now()): number {
  if (text === undefined) return 0;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

/** What is thrown where no answer has come. */
export function unreachable({ url, what }: Subject, cause: unknown, tries: string): StudyError {
  return new StudyError(
    'store-s3/unreachable',
    `The store ${url} cannot be reached: ${what} ended ${tries}with ${reasonOf(cause)}. ` +
      'Check the network, and AWS_ENDPOINT_URL where it is no bucket of AWS.',
    { cause, transient: true },
  );
}

// Where a name has several addresses, each has its reason, and what holds them has none.
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return [...new Set(cause.errors.map(reasonOf))].join(' and ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** What is thrown where an answer is none of those that were expected. */
export function refused({ url, what }: Subject, answer: Answer, tries: string): StudyError {
  const code = codeIn(answer);
  const [errorCode, way] = wayOut(answer, code);
  const status = `${answer.status}${code ? ` (${code})` : ''}`;
  return new StudyError(errorCode, `The store ${url} answered ${what} ${tries}with ${status}. ${way}`, {
    transient: errorCode === 'store-s3/busy',
  });
}

type WayOut = readonly [ErrorCode, string];

const waysOut: Readonly<Record<string, WayOut>> = {
  NoSuchBucket: ['store-s3/bucket-missing', 'Make the bucket, or correct --store.'],
  ExpiredToken: ['store-s3/access-denied', 'Its temporary credentials have expired: get new ones, and run again.'],
  InvalidToken: ['store-s3/access-denied', 'AWS_SESSION_TOKEN does not belong to the other credentials: get new ones.'],
  EntityTooLarge: ['core/not-supported', 'The server takes no object as large as this.'],
  QuotaExceeded: ['files/disk-full', 'Free some space there, or take another bucket with --store.'],
};

function wayOut(answer: Answer, code: string | undefined): WayOut {
  const { status, headers, bytes } = answer;
  if (code !== undefined && Object.hasOwn(waysOut, code)) return waysOut[code]!;
  if (code === 'RequestTimeTooSkewed') return ['store-s3/clocks-differ', clocksDiffer(headers.date)];
  const isElsewhere = [301, 302, 307, 308].includes(status) || code === 'AuthorizationHeaderMalformed';
  if (isElsewhere) return ['store-s3/other-region', regionOf(headers, bytes)];
  if (status === 404) {
    return ['store-s3/bucket-missing', 'Expected a bucket there: make it, or correct --store and AWS_ENDPOINT_URL.'];
  }
  if (status === 403 || status === 401) {
    return [
      'store-s3/access-denied',
      'Its credentials must allow to list the bucket, and to get, put and delete objects.',
    ];
  }
  if (status === 501) {
    return [
      'core/not-supported',
      'The server must know conditional writes (If-None-Match): take a newer version of it.',
    ];
  }
  if (status === 507) return ['files/disk-full', 'Free some space there, or take another bucket with --store.'];
  if (isPassing(answer)) return ['store-s3/busy', whenAgain(headers)];
  return ['store-s3/unexpected-answer', 'Check --store and AWS_ENDPOINT_URL: expected a server that speaks S3.'];
}

function whenAgain(headers: IncomingHttpHeaders): string {
  const seconds = Math.ceil(retryAfterMs(headers) / 1000);
  return seconds > 0 ? `It asks to wait ${seconds} s: try again then.` : 'Try again later.';
}

function clocksDiffer(date: string | undefined, now: Date = new Date()): string {
  const theirs = Date.parse(date ?? '');
  const there = Number.isNaN(theirs) ? '' : `, that of the server ${new Date(theirs).toISOString()}`;
  return `The clock of this machine says ${now.toISOString()}${there}; they may differ by 15 minutes. Set this machine's clock, for example by NTP.`;
}

function regionOf(headers: IncomingHttpHeaders, body: Buffer): string {
  const named = headers['x-amz-bucket-region'] ?? /<Region>([^<]*)<\/Region>/.exec(body.toString('utf8'))?.[1];
  const region = typeof named === 'string' && /^[a-z0-9-]{1,32}$/.test(named) ? named : undefined;
  return `It is in another region: set AWS_REGION${region === undefined ? '' : `=${region}`}.`;
}
