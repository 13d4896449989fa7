import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { onTestFinished } from 'vitest';

export const secret = 'a secret';
export const bucket = 'studies';

/** A server that speaks as much S3 as a store uses, and believes nobody without a signature. */
export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly asked: string[];
  /** Answers to give instead, one request each: a status, or null to hang up. */
  readonly failures: (number | null)[];
}

const pageSize = 3;

export async function s3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const failures: (number | null)[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url!, 'http://server');
    const name = decodeURIComponent(url.pathname.slice(`/${bucket}/`.length));
    asked.push(`${request.method} ${name}`);
    const say = (status: number, text: string | Buffer = ''): void => {
      const content = request.method === 'HEAD' ? objects.get(name) : text;
      response.writeHead(status, { 'content-length': status === 200 && content ? content.length : text.length });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const failure = failures.shift();
    if (failure === null) return void request.socket.destroy();
    if (failure !== undefined) return say(failure);
    if (!isSigned(request, url)) return say(403, '<Error><Code>SignatureDoesNotMatch</Code></Error>');
    if (!url.pathname.startsWith(`/${bucket}/`)) return say(404, '<Error><Code>NoSuchBucket</Code></Error>');
    if (request.method === 'PUT') {
      if (request.headers['if-none-match'] === '*' && objects.has(name)) return say(412);
      objects.set(name, body);
      return say(200);
    }
    if (request.method === 'DELETE') {
      objects.delete(name);
      return say(204);
    }
    if (url.searchParams.get('list-type') === '2') return say(200, listing(objects, url.searchParams));
    const found = objects.get(name);
    if (found) return say(200, found);
    return say(404, '<Error><Code>NoSuchKey</Code></Error>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return { endpoint: `http://127.0.0.1:${address.port}`, objects, asked, failures };
}

function listing(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const names = [...objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '')).sort();
  const from = Number(query.get('continuation-token') ?? 0);
  const page = names.slice(from, from + pageSize);
  const isCut = from + pageSize < names.length;
  const keys = page
    .map((name) => `<Contents><Key>${name.replaceAll('&', '&amp;')}</Key><Size>1</Size></Contents>`)
    .join('');
  const next = isCut ? `<NextContinuationToken>${from + pageSize}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isCut}</IsTruncated>${keys}${next}</ListBucketResult>`;
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
