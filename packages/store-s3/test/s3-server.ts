import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export const secret = 'a secret';
export const bucket = 'studies';

/** What goes wrong with one request. */
export type Fault =
  /** An answer instead of doing anything. */
  | number
  | { readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Hung up before anything is done. */
  | null
  /** Done, then hung up. */
  | 'reply lost'
  /** Done, then 500. */
  | 'failed after'
  /** Never answered. */
  | 'silence'
  /** Hung up in the middle of the answer. */
  | 'truncated'
  /** An answer of zeros that never ends. */
  | 'endless'
  /** A byte now and then, for ever. */
  | 'drip'
  /** The right number of bytes, one of them flipped. */
  | 'flipped';

/** A server that speaks as much S3 as a store uses, and believes nobody without a signature. */
export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** When objects were put; what a test has laid there itself is as old as can be. */
  readonly putAt: Map<string, Date>;
  readonly asked: string[];
  /** Faults of the next requests, one each. */
  readonly failures: Fault[];
  /** The fault of a request such as `GET lab/id`, where there is one. */
  fault: (request: string) => Fault | undefined;
  /** What a listing answers instead, where a test says so. */
  listing: ((token: string | null) => string) | undefined;
}

const pageSize = 3;

/** @param finished of the test at hand, where several run at once */
export async function s3Server(finished: typeof onTestFinished = onTestFinished): Promise<S3Server> {
  const state: S3Server = {
    endpoint: '',
    objects: new Map(),
    putAt: new Map(),
    asked: [],
    failures: [],
    fault: () => undefined,
    listing: undefined,
  };
  const server: Server = createServer((request, response) => void answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  finished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return Object.assign(state, { endpoint: `http://127.0.0.1:${address.port}` });
}

async function answer(state: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url!, 'http://server');
  const name = decodeURIComponent(url.pathname.slice(`/${bucket}/`.length));
  state.asked.push(`${request.method} ${name}`);
  const fault = state.failures.length > 0 ? state.failures.shift() : state.fault(`${request.method} ${name}`);
  if (fault === null) return void request.socket.destroy();
  if (fault === 'silence') return;
  if (typeof fault === 'number') return send(response, { status: fault });
  if (typeof fault === 'object') {
    const { status, code, headers } = fault;
    return send(response, { status, body: code ? error(code) : '', ...(headers && { headers }) });
  }
  const found = answerTo(state, request, { url, name, body: Buffer.concat(chunks) });
  if (fault === 'reply lost') return void request.socket.destroy();
  if (fault === 'failed after') return send(response, { status: 500, body: error('InternalError') });
  if (fault === undefined) return send(response, found);
  mistreat(response, found, fault);
}

interface Reply {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, body = '', headers }: Reply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}

function error(code: string): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
}

const zeros = Buffer.alloc(2 ** 20);

function mistreat(
  response: ServerResponse,
  { status, body = '', headers }: Reply,
  fault: 'truncated' | 'endless' | 'drip' | 'flipped',
): void {
  const bytes = Buffer.from(body);
  if (fault === 'flipped') {
    if (bytes.length > 0) bytes[bytes.length >> 1]! ^= 1;
    send(response, { status, body: bytes, ...(headers && { headers }) });
    return;
  }
  if (fault === 'truncated') {
    response.writeHead(status, { ...headers, 'content-length': bytes.length + 1 });
    response.write(bytes, () => response.socket?.destroy());
    return;
  }
  response.writeHead(status === 204 ? 200 : status, headers); // a 204 has no body
  if (fault === 'drip') {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
    return;
  }
  // No faster: other tests in this process would wait for it, and take their servers for silent.
  const timer = setInterval(() => response.writableNeedDrain || response.write(zeros), 10);
  response.on('close', () => clearInterval(timer));
}

interface Request {
  readonly url: URL;
  readonly name: string;
  readonly body: Buffer;
}

function answerTo(
  { objects, putAt, listing }: S3Server,
  message: IncomingMessage,
  { url, name, body }: Request,
): Reply {
  const { method, headers } = message;
  if (!isSigned(message, url)) return { status: 403, body: error('SignatureDoesNotMatch') };
  if (!url.pathname.startsWith(`/${bucket}/`)) return { status: 404, body: error('NoSuchBucket') };
  if (method === 'PUT') {
    if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) {
      return { status: 400, body: error('XAmzContentSHA256Mismatch') };
    }
    if (headers['if-none-match'] === '*' && objects.has(name)) return { status: 412 };
    objects.set(name, body);
    putAt.set(name, new Date());
    return { status: 200 };
  }
  if (method === 'DELETE') {
    objects.delete(name);
    return { status: 204 };
  }
  if (url.searchParams.get('list-type') === '2') {
    const body = listing
      ? listing(url.searchParams.get('continuation-token'))
      : pageOf({ objects, putAt }, url.searchParams);
    return { status: 200, body };
  }
  const found = objects.get(name);
  if (!found) return { status: 404, body: error('NoSuchKey') };
  if (headers.range === undefined) return { status: 200, body: found };
  if (found.length === 0) return { status: 416, body: error('InvalidRange') };
  return { status: 206, body: found.subarray(0, 1), headers: { 'content-range': `bytes 0-0/${found.length}` } };
}

function pageOf({ objects, putAt }: Pick<S3Server, 'objects' | 'putAt'>, query: URLSearchParams): string {
  const names = [...objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '')).sort();
  const from = Number(query.get('continuation-token') ?? 0);
  const next = from + pageSize < names.length ? String(from + pageSize) : undefined;
  const entries = names.slice(from, from + pageSize).map((name) => ({
    name,
    bytes: objects.get(name)!.length,
    at: putAt.get(name) ?? new Date(0),
  }));
  return page(entries, next);
}

interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly at: Date;
}

/** A page of a listing, and where it leads. */
export function page(entries: readonly Entry[], next: string | undefined, isCut = next !== undefined): string {
  const keys = entries
    .map(({ name, bytes, at }) => {
      const key = name.replaceAll('&', '&amp;');
      return `<Contents><Key>${key}</Key><LastModified>${at.toISOString()}</LastModified><Size>${bytes}</Size></Contents>`;
    })
    .join('');
  const token = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isCut}</IsTruncated>${keys}${token}</ListBucketResult>`;
}

/** Signature Version 4 as AWS describes it, https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function isSigned(request: IncomingMessage, url: URL): boolean {
  const header = request.headers.authorization ?? '';
  const [, scope, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=me\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(header) ?? [];
  if (!scope || !names?.split(';').includes('host')) return false;
  const query = [...url.searchParams]
    .map((pair) => pair.map(encoded).join('='))
    .sort()
    .join('&');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query,
    headers.join(''),
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const time = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce((before: string | Buffer, part) => hmac(before, part), `AWS4${secret}`);
  return hmac(key, text).toString('hex') === signature;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
