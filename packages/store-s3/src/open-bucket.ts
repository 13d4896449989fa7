import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, StudyError } from '@espalier/core';
import type { Bucket } from '@espalier/runner';
import { AwsClient } from 'aws4fetch';
import { namesIn } from './listing.ts';
import { locationOf } from './location.ts';

// A broken connection is tried again, 0.2 to 1.6 s apart; what the server refuses for the moment is retried by the client.
const attempts = 5;
const firstPauseMs = 200;

/**
 * Opens a bucket for stores.
 *
 * @param url `s3://bucket` or `s3://bucket/prefix`; how to reach it is in the standard variables (`AWS_ACCESS_KEY_ID`,
 *   `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`)
 * @throws StudyError `options-invalid`; later `temporary-failure` when no answer comes, `instance-failed` when access is
 *   refused or there is no such bucket
 */
export function openBucket(url: string, environment: NodeJS.ProcessEnv = process.env): Bucket {
  const { bucketUrl, prefix, ...credentials } = locationOf(url, environment);
  const client = new AwsClient({ ...credentials, service: 's3', retries: 6 });
  const objectUrl = (name: string): string => `${bucketUrl}/${prefix}${name}`;

  const ask = async (at: string, init: RequestInit, expected: readonly number[]): Promise<Response> => {
    for (let attempt = 1; ; attempt++) {
      let response: Response;
      try {
        response = await client.fetch(at, init);
      } catch (cause) {
        if (attempt === attempts) throw unreachable(url, cause);
        await pause(firstPauseMs * 2 ** (attempt - 1));
        continue;
      }
      if (expected.includes(response.status)) return response;
      throw refused(url, init.method ?? 'GET', response.status, await response.text().catch(() => ''));
    }
  };

  return {
    async get(name) {
      const response = await ask(objectUrl(name), { method: 'GET' }, [200, 404]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.status === 200 ? bytes : undefined;
    },
    async size(name) {
      const response = await ask(objectUrl(name), { method: 'HEAD' }, [200, 404]);
      return response.status === 200 ? Number(response.headers.get('content-length')) : undefined;
    },
    async put(name, bytes, ifAbsent = false) {
      const headers = ifAbsent ? { 'if-none-match': '*' } : {};
      // A copy that is no view of other memory: what is sent is exactly these bytes.
      const init = { method: 'PUT', headers, body: new Uint8Array(bytes) };
      // 409: another one is being put at this moment.
      const response = await ask(objectUrl(name), init, ifAbsent ? [200, 409, 412] : [200]);
      await response.arrayBuffer();
      return response.status === 200;
    },
    async list(start) {
      const names: string[] = [];
      let next: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix: prefix + start });
        if (next !== undefined) query.set('continuation-token', next);
        const page = namesIn(await (await ask(`${bucketUrl}/?${query}`, { method: 'GET' }, [200])).text());
        names.push(...page.names.map((name) => name.slice(prefix.length)));
        next = page.next;
      } while (next !== undefined);
      return names;
    },
    async remove(name) {
      const response = await ask(objectUrl(name), { method: 'DELETE' }, [200, 204, 404]);
      await response.arrayBuffer();
    },
  };
}

function unreachable(url: string, cause: unknown): StudyError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new StudyError(
    'temporary-failure',
    `The store ${url} cannot be reached: ${reason}. Check the network, and AWS_ENDPOINT_URL where it is no bucket of AWS.`,
    { cause },
  );
}

function refused(url: string, method: string, status: number, body: string): StudyError {
  const code = /<Code>([\w.]{1,64})<\/Code>/.exec(body)?.[1];
  const what = `answered ${method} with ${status}${code ? ` (${code})` : ''}`;
  const [errorCode, way] = wayOut(status, code);
  return new StudyError(errorCode, `The store ${url} ${what}. ${way}`);
}

function wayOut(status: number, code: string | undefined): readonly [ErrorCode, string] {
  if (code === 'NoSuchBucket' || status === 404) return ['instance-failed', 'Make the bucket, or correct --store.'];
  if (status === 403 || status === 401) {
    return ['instance-failed', 'Its credentials must allow to list the bucket, and to get, put and delete objects.'];
  }
  if (status === 301 || status === 307) return ['instance-failed', 'It is in another region: set AWS_REGION.'];
  if (status === 501) {
    return ['not-supported', 'The server must know conditional writes (If-None-Match): take a newer version of it.'];
  }
  return ['temporary-failure', 'Try again later.'];
}
