import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { Readable } from 'node:stream';

/** One request, made once. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Most bytes of an answer that is no refusal. */
  readonly most: number;
  /** It is given up when in so many milliseconds not a byte for each of them has moved. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty where `isCut`. */
  readonly bytes: Buffer;
  /** Whether it has more bytes than were asked for, as it says itself. */
  readonly isCut: boolean;
}

// A record may name thousands of blobs; a machine has room for some dozen connections.
const pool = { keepAlive: true, maxSockets: 32 };
const agents = { plain: new PlainAgent(pool), secure: new SecureAgent(pool) };

const mostOfRefusal = 65_536;
// What says nothing of its length may have no end.
const mostUnannounced = 67_108_864;
const mostPeriodsUnannounced = 10;
const sliceBytes = 65_536;

/**
 * Sends a request and reads its whole answer.
 *
 * @throws Error where the connection breaks before the end, where nothing moves for a while or there is no end, and what
 *   `signal` says
 */
export function exchange(asked: Asked): Promise<Answer> {
  const { method, url, body = new Uint8Array(), patienceMs, signal } = asked;
  const headers = { ...asked.headers, 'content-length': String(body.length) };
  const sent =
    url.protocol === 'https:'
      ? secureRequest(url, { method, headers, signal, agent: agents.secure })
      : request(url, { method, headers, signal, agent: agents.plain });
  const watch = watchProgress(sent, patienceMs);
  const answered = new Promise<Answer>((resolve, reject) => {
    let hasAnswered = false;
    sent.on('error', (error) => {
      if (!hasAnswered) reject(error); // else the reading of the answer fails, or has all it needs
    });
    sent.on('response', (response) => {
      hasAnswered = true;
      readAnswer(response, asked.most, watch).then(resolve, reject);
    });
    Readable.from(slices(body, watch.moved), { highWaterMark: 1 }).pipe(sent);
  });
  return answered
    .catch((error) => {
      throw watch.late() ?? error; // where it was ended, that is why it broke
    })
    .finally(() => {
      watch.stop();
      if (!sent.writableFinished) sent.destroy();
    });
}

async function readAnswer(response: IncomingMessage, most: number, watch: Watch): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const announced = headers['content-length'];
  const isRefusal = status < 200 || status >= 300;
  const limit = isRefusal ? mostOfRefusal : announced === undefined ? Math.min(most, mostUnannounced) : most;
  if (announced === undefined) watch.endAfter(mostPeriodsUnannounced);
  const chunks: Buffer[] = [];
  let length = Number(announced ?? 0) > limit ? Number.POSITIVE_INFINITY : 0;
  if (length === 0) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watch.moved(chunk.length);
      length += chunk.length;
      if (length > limit) break;
      chunks.push(chunk);
    }
  }
  const isCut = length > limit;
  if (isCut) response.destroy();
  if (isCut && announced === undefined) throw new Error(`an answer of more than ${limit} bytes`);
  return { status, headers, bytes: isCut ? Buffer.alloc(0) : Buffer.concat(chunks), isCut };
}

function* slices(bytes: Uint8Array, moved: (bytes: number) => void): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    const slice = bytes.subarray(at, at + sliceBytes);
    moved(slice.length);
    yield slice;
  }
}

interface Watch {
  moved(bytes: number): void;
  /** However much moves, it is over after so many periods more. */
  endAfter(periods: number): void;
  /** Why it was ended, if it was. */
  late(): Error | undefined;
  stop(): void;
}

/** Ends a request that stands still, from when it has a connection or begins to make one. */
function watchProgress(sent: ClientRequest, patienceMs: number): Watch {
  let bytes = 0;
  let left = Number.POSITIVE_INFINITY;
  let isOver = false;
  let late: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    if (isOver) return;
    left--;
    if (bytes < patienceMs || left === 0) {
      late = new Error(left === 0 ? 'an answer without an end' : `no answer in ${patienceMs / 1000} s`);
      sent.destroy(late);
    }
    bytes = 0;
  };
  sent.once('socket', () => {
    // Where this process was busy, what has arrived meanwhile is read before it is judged.
    if (!isOver) timer = setInterval(() => setImmediate(check), patienceMs);
  });
  return {
    moved(more) {
      bytes += more;
    },
    endAfter(periods) {
      left = periods;
    },
    late: () => late,
    stop() {
      isOver = true;
      clearInterval(timer);
    },
  };
}
