import { createHash } from 'node:crypto';
import { StudyError } from '@espalier/core';
import type { Bucket, BucketEntry } from '@espalier/store';
import { AwsV4Signer } from 'aws4fetch';
import { asker, type Question, type Sign } from './asker.ts';
import type { Answer } from './exchange.ts';
import { allEntries } from './listing.ts';
import { type Location, locationOf } from './location.ts';
import { codeIn } from './refusals.ts';

// What a server takes in one request.
const mostBytes = 5 * 2 ** 30;
const mostPageBytes = 2 ** 24;
// What is said of an object that was put or removed.
const mostWordsBytes = 2 ** 16;

/**
 * Opens a bucket for stores.
 *
 * @param url `s3://bucket` or `s3://bucket/prefix`; how to reach it is in the standard variables (`AWS_ACCESS_KEY_ID`,
 *   `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`), and in `ESPALIER_S3_TIMEOUT` for how
 *   many seconds a request may stand still
 * @throws StudyError `core/options-invalid`; later `store-s3/unreachable` when no answer comes, `store/corrupt` when an object is
 *   larger than asked for or a listing has no end, others of `store-s3` for what the server refuses
 */
export function openBucket(url: string, environment: NodeJS.ProcessEnv = process.env): Bucket {
  const location = locationOf(url, environment);
  const { bucketUrl, prefix } = location;
  const { ask, hurry } = asker(url, signer(location), patienceOf(environment));
  const askFor = (method: Question['method'], name: string, more: Pick<Question, 'isAnswer'> & Partial<Question>) =>
    ask({ what: `${method} ${name}`, method, at: `${bucketUrl}/${prefix}${name}`, most: mostWordsBytes, ...more });

  const entries = async (start: string): Promise<readonly BucketEntry[]> => {
    const what = start === '' ? 'the list of all objects' : `the list of ${start}`;
    const found = await allEntries(prefix + start, `${url} ${what}`, async (token) => {
      const query = new URLSearchParams({ 'list-type': '2', prefix: prefix + start });
      if (token !== undefined) query.set('continuation-token', token);
      const at = `${bucketUrl}/?${query}`;
      const page = await ask({ what, method: 'GET', at, most: mostPageBytes, isAnswer: isFine });
      return page.bytes.toString('utf8'); // of a page that is too long, nothing: it is told as no listing
    });
    return found.map((entry) => ({ ...entry, name: entry.name.slice(prefix.length) }));
  };

  return {
    at: `${bucketUrl}/${prefix}`,
    hurry,
    async get(name, most = mostBytes) {
      const answer = await askFor('GET', name, { most, isAnswer: (found) => isFine(found) || isGone(found) });
      if (answer.isCut) throw tooLarge(`${url}/${name}`, answer, most);
      return isGone(answer) ? undefined : answer.bytes;
    },
    async size(name) {
      // Not HEAD, whose refusals do not say whether it is the object or the bucket that is missing.
      const answer = await askFor('GET', name, {
        headers: { range: 'bytes=0-0' },
        most: 1,
        isAnswer: (found) => isFine(found) || isGone(found) || isEmpty(found),
      });
      return isGone(answer) ? undefined : sizeIn(answer, `${url}/${name}`);
    },
    async put(name, bytes, ifAbsent = false) {
      const isAnswer = (found: Answer): boolean => isFine(found) || (ifAbsent && found.status === 412);
      const headers = {
        // What is damaged on its way is refused by the server.
        'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
        ...(ifAbsent && { 'if-none-match': '*' }),
      };
      return isFine(await askFor('PUT', name, { headers, body: bytes, isAnswer }));
    },
    list: async (start) => (await entries(start)).map(({ name }) => name),
    entries,
    async remove(name) {
      await askFor('DELETE', name, { isAnswer: (found) => isFine(found) || isGone(found) });
    },
  };
}

function signer({ region, accessKeyId, secretAccessKey, sessionToken }: Location): Sign {
  const credentials = { region, accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const cache = new Map<string, ArrayBuffer>();
  return async ({ method, at, headers = {} }) => {
    try {
      const signed = await new AwsV4Signer({ ...credentials, service: 's3', cache, method, url: at, headers }).sign();
      return { url: signed.url, headers: Object.fromEntries(signed.headers) };
    } catch {
      // The reason would show what could not be sent.
      throw new StudyError(
        'core/options-invalid',
        'The credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN hold characters that no request can. Copy them anew.',
      );
    }
  };
}

function isFine({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

// A 404 of anything else is none of this object.
function isGone(answer: Answer): boolean {
  return answer.status === 404 && codeIn(answer) === 'NoSuchKey';
}

function isEmpty({ status }: Answer): boolean {
  return status === 416; // no first byte
}

function sizeIn(answer: Answer, name: string): number {
  if (isEmpty(answer)) return 0;
  const { 'content-range': range, 'content-length': length } = answer.headers;
  const size = answer.status === 206 ? /\/(\d+)$/.exec(range ?? '')?.[1] : length;
  if (size !== undefined) return Number(size);
  throw new StudyError(
    'core/not-supported',
    `The server does not say how many bytes ${name} has. Take a newer version of it.`,
  );
}

function tooLarge(name: string, { headers }: Answer, most: number): StudyError {
  const found = headers['content-length'];
  return new StudyError(
    'store/corrupt',
    `The object ${name} has ${found} bytes, expected at most ${most}: something else is in its place. Look at what it is, and remove it.`,
  );
}

const variable = 'ESPALIER_S3_TIMEOUT';
const usualMs = 30_000;
const mostSeconds = 3600;

/** Milliseconds that a request may stand still before it is made again. @throws StudyError `core/options-invalid` for no number */
function patienceOf(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment[variable];
  if (!text) return usualMs;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0.05 && seconds <= mostSeconds) return 1000 * seconds;
  throw new StudyError(
    'core/options-invalid',
    `Expected in ${variable} a number of seconds from 0.05 to ${mostSeconds}, found ${JSON.stringify(text.slice(0, 64))}.`,
  );
}
