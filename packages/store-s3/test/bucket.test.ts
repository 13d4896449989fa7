import { describeBucket } from '@espalier/store/testing';
import { openBucket } from '@espalier/store-s3';
import { describe, expect, test } from 'vitest';
import { bucket, type S3Server, s3Server, secret } from './s3-server.ts';

const variables = (endpoint: string, more = {}) => ({
  AWS_ACCESS_KEY_ID: 'me',
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_ENDPOINT_URL: endpoint,
  ...more,
});
const open = ({ endpoint }: S3Server, prefix = '/lab/a', more = {}) =>
  openBucket(`s3://${bucket}${prefix}`, variables(endpoint, more));
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

const servers = new Map<string, Promise<S3Server>>();
describeBucket('a bucket of S3', async (place) => {
  const server = servers.get(place) ?? s3Server();
  servers.set(place, server);
  return open(await server, `/${place}`);
});

describe('objects', () => {
  test.each(['', '/lab/a', '/lab/a/'])(
    'are put, read, measured, listed and removed under s3://studies%s',
    async (prefix) => {
      const server = await s3Server();
      const store = open(server, prefix);
      const names = ['a/1', 'a/2', 'a/3', 'a/4', 'b/1'];
      for (const name of names) expect(await store.put(name, Buffer.from(`the bytes of ${name}`))).toBe(true);
      expect([...server.objects.keys()].every((name) => name.startsWith(prefix === '' ? '' : 'lab/a/'))).toBe(true);
      expect(text(await store.get('a/3'))).toBe('the bytes of a/3');
      expect(await store.size('a/3')).toBe(16);
      expect(await store.list('a/')).toEqual(names.slice(0, 4)); // more than one page
      await store.remove('a/3');
      await store.remove('a/3');
      expect([await store.get('a/3'), await store.size('a/3')]).toEqual([undefined, undefined]);
    },
  );

  test('are put only where there is none, if that is asked', async () => {
    const store = open(await s3Server());
    const puts = await Promise.all(['x', 'y', 'z'].map((bytes) => store.put('lease', Buffer.from(bytes), true)));
    expect(puts.filter(Boolean)).toHaveLength(1);
    expect(text(await store.get('lease'))).toBe('xyz'[puts.indexOf(true)]);
  });

  test('a view of larger memory is put as what it shows', async () => {
    const store = open(await s3Server());
    await store.put('view', new Uint8Array(Buffer.from('..seen..')).subarray(2, 6));
    expect(text(await store.get('view'))).toBe('seen');
  });

  test('temporary credentials are signed, too', async () => {
    const store = open(await s3Server(), '', { AWS_SESSION_TOKEN: 'for an hour', AWS_REGION: 'eu-north-1' });
    expect(await store.put('a', Buffer.from('b'))).toBe(true);
  });
});

describe('what goes wrong', () => {
  test('a broken connection and a busy server are tried again', async () => {
    const server = await s3Server();
    server.failures.push(null, 503, null);
    expect(await open(server).put('a', Buffer.from('b'))).toBe(true);
    expect(server.asked).toHaveLength(4);
  });

  const message = (what: Promise<unknown> | (() => unknown)) =>
    Promise.resolve()
      .then(() => (typeof what === 'function' ? what() : what))
      .then(
        () => 'nothing was thrown',
        (error) => `${error.code}: ${error.message}`,
      );

  test('each error says what to do, and none the secret', async () => {
    const server = await s3Server();
    const wrong = openBucket('s3://studies', {
      ...variables(server.endpoint),
      AWS_SECRET_ACCESS_KEY: 'a wrong secret',
    });
    expect(await message(wrong.get('a'))).toBe(
      'store-s3/access-denied: The store s3://studies answered GET a with 403 (SignatureDoesNotMatch). ' +
        'Its credentials must allow to list the bucket, and to get, put and delete objects.',
    );
    expect(await message(openBucket('s3://others', variables(server.endpoint)).put('a', Buffer.from('b')))).toBe(
      'store-s3/bucket-missing: The store s3://others answered PUT a with 404 (NoSuchBucket). Make the bucket, or correct --store.',
    );
    server.failures.push(501);
    expect(await message(open(server, '').put('a', Buffer.from('b'), true))).toContain(
      'conditional writes (If-None-Match)',
    );
    expect(await message(openBucket('s3://studies', variables('http://127.0.0.1:2')).get('a'))).toMatch(
      /^store-s3\/unreachable: The store s3:\/\/studies cannot be reached: GET a ended 6 times with .*ECONNREFUSED.* Check the network, and AWS_ENDPOINT_URL/,
    );
    expect(await message(() => openBucket('s3://studies', {}))).toBe(
      'core/options-invalid: The store s3://studies needs credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if they are temporary). ' +
        'From a profile of the AWS command line:  eval "$(aws configure export-credentials --format env)"',
    );
  });

  test.each(['s3://', 's3://A', 's3://studies/../others', 's3://studies/a b', 's3://me:secret@studies'])(
    '%s is no store',
    async (url) => {
      expect(await message(() => openBucket(url, variables('http://127.0.0.1')))).toMatch(
        /^core\/options-invalid: Expected a store such as s3:\/\/my-bucket\/studies, found/,
      );
    },
  );
});
