import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, bucketStore, folderStore, type KeyRecord, type Store } from '@espalier/store';
import { openBucket } from '@espalier/store-s3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bucketParts } from '../../store/src/bucket/bucket-parts.ts';
import { collectGarbage } from '../../store/src/care/garbage.ts';
import { storeUse } from '../../store/src/care/use.ts';
import { verifyStore } from '../../store/src/care/verify.ts';
import { quickDisk } from '../../store/test/temporary-folder.ts';
import { allEntries } from '../src/listing.ts';
import { type Fault, page, type S3Server, s3Server, secret } from './s3-server.ts';

const location = 's3://studies/lab';

function opened({ endpoint }: S3Server): Bucket {
  return openBucket(location, {
    AWS_ACCESS_KEY_ID: 'me',
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_ENDPOINT_URL: endpoint,
    ESPALIER_S3_TIMEOUT: '0.4',
  });
}

/** The store as a machine sees it that has nothing yet. */
function machine(server: S3Server, finished: typeof onTestFinished = onTestFinished): Store {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-s3-'));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  return bucketStore(opened(server), folderStore(folder, quickDisk), location);
}

const method = 'a'.repeat(64);
const [key, other] = [`${method}-${'b'.repeat(16)}`, `${method}-${'c'.repeat(16)}`];
const data = Buffer.from('some data');

async function put(store: Store, of = key): Promise<KeyRecord> {
  const blob = await store.putBlob(data);
  const components: Partial<KeyRecord['components']> = { type: 'toys/toy', packages: {} };
  const record: KeyRecord = {
    key: of,
    components: components as KeyRecord['components'], // no more of it is looked at
    outputs: {},
    blobs: [blob],
    madeAs: { instance: 'toy', at: '2026-01-01', ms: 1 },
  };
  await store.putRecord(record);
  return record;
}

const digestOf = ({ blobs }: KeyRecord): string => blobs[0]!.sha256;

interface Operation {
  /** What happens to an untouched store, given what another machine has put; what is right of it. */
  run(store: Store, made: KeyRecord, bucket: Bucket): Promise<unknown>;
  readonly right: (made: KeyRecord) => unknown;
  /** The object that errors name. */
  readonly object: (made: KeyRecord) => string;
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

const operations: Readonly<Record<string, Operation>> = {
  'a blob is read': {
    run: async (store, made) => text(await store.blob(digestOf(made))),
    right: () => 'some data',
    object: (made) => `cas/sha256/${digestOf(made).slice(0, 2)}/${digestOf(made)}`,
  },
  'a record is read': {
    run: (store) => store.record(key),
    right: (made) => made,
    object: () => `keys/aa/${key}.json`,
  },
  'a blob and a record are put': {
    run: async (store) => {
      const made = await put(store, other);
      return [text(await store.blob(digestOf(made))), await store.record(other)];
    },
    right: (made) => ['some data', { ...made, key: other }],
    object: (made) => `cas/sha256/${digestOf(made).slice(0, 2)}/${digestOf(made)}`,
  },
  'a record is put that is there': {
    run: (store) => put(store),
    right: (made) => made,
    object: () => 'cas/',
  },
  'a lease is taken and given up': {
    run: async (store) => {
      const lease = await store.leases.take(key);
      if (lease.heldBy === null) await lease.release();
      return lease.heldBy;
    },
    right: () => null,
    object: () => `leases/${key}`,
  },
  'the id is made': {
    run: async (store) => /^[0-9a-f]{16}$/.test(await store.id()),
    right: () => true,
    object: () => 'id',
  },
  'a checkpoint is written, read and cleared': {
    run: async (store) => {
      const checkpoint = store.checkpoint(key);
      await checkpoint.write(data);
      const read = text(await checkpoint.read());
      await checkpoint.clear();
      return [read, await checkpoint.read()];
    },
    right: () => ['some data', undefined],
    object: () => `checkpoints/${key}.safetensors`,
  },
  'results of other code are listed': {
    run: (store) => store.recordsOfOtherCode(other),
    right: (made) => [made],
    object: () => `keys/aa/${method}-`,
  },
  'the store is verified': {
    run: (_, __, bucket) => verifyStore(bucketParts(bucket, location)),
    right: () => ({ damages: [], strange: [] }),
    object: () => 'the list of all objects',
  },
  'garbage is collected': {
    run: async (_, __, bucket) => {
      const options = { unusedForMs: null, dry: false, nowMs: Date.now() + 1e12 };
      return (await collectGarbage(bucketParts(bucket, location), options)).garbage;
    },
    right: () => [],
    object: () => 'the list of all objects',
  },
  'room is measured': {
    run: async (_, __, bucket) => (await storeUse(bucketParts(bucket, location))).map(({ results }) => results),
    right: () => [1],
    object: () => 'the list of all objects',
  },
};

const faults: readonly (readonly [string, Fault])[] = [
  ['a lost reply', 'reply lost'],
  ['500 after it was done', 'failed after'],
  ['a broken connection', null],
  ['silence', 'silence'],
  ['half an answer', 'truncated'],
  ['an answer without an end', 'endless'],
  ['an answer that drips', 'drip'],
  ['503', { status: 503, code: 'SlowDown', headers: { 'retry-after': '0' } }],
  ['a conflict', { status: 409, code: 'ConditionalRequestConflict' }],
  ['bytes damaged on their way there', { status: 400, code: 'XAmzContentSHA256Mismatch' }],
];

// Most of them wait most of the time, so all uses of one fault are tried at once.
const onEach = (attempt: (name: string, operation: Operation) => Promise<void>): Promise<unknown> =>
  Promise.all(Object.entries(operations).map(([name, operation]) => attempt(name, operation)));

describe('one fault', { concurrent: true }, () => {
  test.for(faults)(
    '%s costs nothing, whichever request of whatever it is',
    async ([, fault], { onTestFinished: finished }) => {
      await onEach(async (name, { run, right }) => {
        const original = await s3Server(finished);
        const made = await put(machine(original, finished));
        for (let at = 0; ; at++) {
          const server = await s3Server(finished);
          for (const [object, bytes] of original.objects) server.objects.set(object, bytes);
          let [count, hasFailed] = [0, false];
          server.fault = () => {
            hasFailed ||= count === at;
            return count++ === at ? fault : undefined;
          };
          const result = await run(machine(server, finished), made, opened(server));
          expect(result, `${name}, request ${at}`).toEqual(right(made));
          server.fault = () => undefined;
          const later = machine(server, finished);
          expect(text(await later.blob(digestOf(made))), name).toBe('some data');
          expect(await later.record(key), name).toEqual(made);
          expect([...server.objects.keys()].filter((each) => /leases|checkpoints/.test(each))).toEqual([]);
          if (!hasFailed) return;
          expect(at).toBeLessThan(20);
        }
      });
    },
  );
});

describe('a fault that stays', { concurrent: true }, () => {
  test.for(faults)(
    '%s ends whatever it is in an error that names the object',
    async ([, fault], { onTestFinished: finished }) => {
      await onEach(async (name, { run, right, object }) => {
        const server = await s3Server(finished);
        const made = await put(machine(server, finished));
        const before = new Map(server.objects);
        server.fault = () => fault;
        const started = performance.now();
        const failure = await run(machine(server, finished), made, opened(server)).catch((error: unknown) => error);
        expect(failure, name).toMatchObject({ transient: true });
        expect(String(failure)).toContain(location);
        expect(String(failure)).toContain(object(made));
        expect(performance.now() - started).toBeLessThan(30_000); // with all of them at once
        server.fault = () => undefined;
        for (const [object, bytes] of before) expect(server.objects.get(object), object).toEqual(bytes);
        expect(await run(machine(server, finished), made, opened(server)), name).toEqual(right(made));
      });
    },
  );
});

const message = (what: Promise<unknown>): Promise<string> =>
  what.then(
    (value) => `no error, but ${JSON.stringify(value)}`,
    (error) => `${error.code}: ${error.message}`,
  );

describe('what the server refuses', () => {
  const cases: readonly (readonly [Fault, RegExp])[] = [
    [
      { status: 403, code: 'RequestTimeTooSkewed', headers: { date: 'Thu, 01 Jan 2015 00:00:00 GMT' } },
      /^store-s3\/clocks-differ: .* answered GET checkpoints\/k\.safetensors with 403 \(RequestTimeTooSkewed\)\. The clock of this machine says \d{4}-.*Z, that of the server 2015-01-01T00:00:00\.000Z; they may differ by 15 minutes\. Set this machine's clock/,
    ],
    [
      { status: 403, code: 'AccessDenied' },
      /^store-s3\/access-denied: .* Its credentials must allow to list the bucket/,
    ],
    [{ status: 400, code: 'ExpiredToken' }, /^store-s3\/access-denied: .* Its temporary credentials have expired/],
    [{ status: 404, code: 'NoSuchBucket' }, /^store-s3\/bucket-missing: .* Make the bucket, or correct --store\.$/],
    [404, /^store-s3\/bucket-missing: .* with 404\. Expected a bucket there/],
    [
      {
        status: 301,
        code: 'PermanentRedirect',
        headers: { 'x-amz-bucket-region': 'eu-north-1', location: 'http://127.0.0.1:1/' },
      },
      /^store-s3\/other-region: .* It is in another region: set AWS_REGION=eu-north-1\.$/,
    ],
    [
      { status: 400, code: 'AuthorizationHeaderMalformed' },
      /^store-s3\/other-region: .* another region: set AWS_REGION\.$/,
    ],
    [{ status: 507 }, /^files\/disk-full: /],
    [418, /^store-s3\/unexpected-answer: .* expected a server that speaks S3\.$/],
    [
      { status: 503, code: 'SlowDown', headers: { 'retry-after': '3600' } },
      /^store-s3\/busy: .* answered GET checkpoints\/k\.safetensors with 503 \(SlowDown\)\. It asks to wait 3600 s: try again then\.$/,
    ],
  ];
  test.each(cases)('%j is told with what to do', async (fault, expected) => {
    const server = await s3Server();
    server.fault = () => fault;
    expect(await message(machine(server).checkpoint('k').read())).toMatch(expected);
    expect(server.asked.length).toBeLessThanOrEqual(6);
  });
});

describe('listings', () => {
  const cases: readonly (readonly [string, (token: string | null) => string, string])[] = [
    ['leads back', (token) => page([], token === 'a' ? 'b' : 'a'), 'a page that leads back to an earlier one'],
    ['leads nowhere', () => page([], undefined, true), 'a page that is not the last one and does not lead on'],
    ['is cut off', () => page([], undefined).slice(0, -4), 'a page without its end'],
    ['is something else', () => '<html>Log in</html>', 'something else'],
    [
      'is of others',
      () => page([{ name: 'others/1', bytes: 1, at: new Date() }], undefined),
      'a page with "others/1", which was not asked for',
    ],
  ];
  test.each(cases)('one that %s is refused, and nothing removed', async (_, listing, found) => {
    const server = await s3Server();
    await put(machine(server));
    const before = server.objects.size;
    server.listing = listing;
    expect(await message(machine(server).forget(key))).toMatch(
      new RegExp(`^store/corrupt: The store answered s3://studies/lab the list of .* with ${found}; expected pages`),
    );
    expect(server.objects.size).toBe(before);
  });
});

test('a listing without an end is given up', async () => {
  let pages = 0;
  const listed = allEntries('keys/', 's3://studies the list of keys/', async () => page([], String(++pages)));
  expect(await message(listed)).toMatch(/^store\/corrupt: .* with 10000 pages and no end; expected pages/);
});

describe('what is in the place of others', () => {
  const large = Buffer.alloc(2 ** 25);

  test('a lease: it is taken', async () => {
    const server = await s3Server();
    server.objects.set(`lab/leases/${key}`, large);
    const lease = await machine(server).leases.take(key);
    expect(lease.heldBy).toBeNull();
    expect(server.objects.get(`lab/leases/${key}`)!.length).toBeLessThan(4096);
  });

  test('a record: it is told, and replaced', async () => {
    const server = await s3Server();
    server.objects.set(`lab/keys/aa/${key}.json`, large);
    expect(await machine(server).record(key)).toBeUndefined();
    expect(await machine(server).damage(key)).toBe(`its record ${location}/keys/aa/${key}.json is damaged`);
    const made = await put(machine(server));
    expect(await machine(server).record(key)).toEqual(made);
  });

  test('an id: it is told', async () => {
    const server = await s3Server();
    server.objects.set('lab/id', large);
    expect(await message(machine(server).id())).toMatch(
      /^store\/corrupt: s3:\/\/studies\/lab\/id does not hold 16 digits/,
    );
  });

  test.each([
    ['larger', large],
    ['smaller', Buffer.from('x')],
    ['empty', Buffer.alloc(0)],
    ['the same size', Buffer.from('sOme data')],
  ])('a blob, %s: the data are put again', async (_, bytes) => {
    const server = await s3Server();
    const made = await put(machine(server));
    const name = [...server.objects.keys()].find((each) => each.endsWith(digestOf(made)))!;
    server.objects.set(name, bytes);
    expect(await message(machine(server).blob(digestOf(made)))).toMatch(
      /^store\/corrupt: .* does not hold what its name says/,
    );
    expect(server.objects.get(name)).toBe(bytes);
    await put(machine(server));
    expect(text(await machine(server).blob(digestOf(made)))).toBe('some data');
  });
});

describe('what one reader sees', () => {
  test('is read again, and never removed', async () => {
    const server = await s3Server();
    const made = await put(machine(server));
    server.failures.push('flipped');
    expect(text(await machine(server).blob(digestOf(made)))).toBe('some data');
    server.failures.push('flipped');
    expect(await machine(server).record(key)).toEqual(made);
    const before = new Map(server.objects);
    server.fault = (request) => (request.startsWith('GET') ? 'flipped' : undefined);
    const reader = machine(server);
    expect(await message(reader.blob(digestOf(made)))).toMatch(/^store\/corrupt: .* read twice\./);
    expect(await reader.record(key)).toBeUndefined();
    expect(server.objects).toEqual(before);
    server.fault = () => undefined;
    expect(await reader.record(key)).toEqual(made); // looked at again
  });
});
