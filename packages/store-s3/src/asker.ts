import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, exchange } from './exchange.ts';
import { isPassing, refused, retryAfterMs, type Subject, unreachable } from './refusals.ts';

/** A request that may be made several times: doing it twice is as good as once. */
export interface Question {
  /** For people: the method and the object. */
  readonly what: string;
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly at: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Most bytes of an answer. */
  readonly most: number;
  /** Whether an answer is one, or a refusal. */
  isAnswer(answer: Answer): boolean;
}

export interface Asker {
  /** @throws StudyError that names the store and what was asked of it */
  ask(question: Question): Promise<Answer>;
  /** From when `signal` is aborted, nothing is waited for longer than some seconds, or tried again. */
  hurry(signal: AbortSignal): void;
}

/** Signs a request as it is at this moment: each attempt anew, since signatures age. */
export type Sign = (
  question: Question,
) => Promise<{ readonly url: URL; readonly headers: Readonly<Record<string, string>> }>;

const mostAttempts = 6;
// Large objects take their time; a connection that broke then is worth another.
const leastAttempts = 3;
// Of the patience: 0.2 to 5 s where it is 30 s.
const firstPause = 1 / 150;
const longestPause = 1 / 6;
const hurriedMs = 2000;

/**
 * Asks until there is an answer, within bounds: no more than six attempts, none that stands still for `patienceMs`, and
 * after the third none that begins later than four times `patienceMs` after the first.
 */
export function asker(url: string, sign: Sign, patienceMs: number): Asker {
  let cut: AbortSignal | undefined;
  let hurried: AbortSignal | undefined;
  const once = async (question: Question): Promise<Answer | Error> => {
    const { method, body, most } = question;
    const limits = hurried?.aborted ? { patienceMs: Math.min(patienceMs, hurriedMs) } : { patienceMs, signal: cut };
    const signed = await sign(question);
    try {
      return await exchange({ method, body, most, ...signed, ...limits });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  return {
    async ask(question) {
      const subject = { url, what: question.what };
      const started = performance.now();
      for (let attempt = 1; ; attempt++) {
        const found = await once(question);
        const isTransient = found instanceof Error || (isPassing(found) && !question.isAnswer(found));
        if (!isTransient) return answerOf(found, question, subject);
        const waitMs = Math.max(backoff(attempt, patienceMs), found instanceof Error ? 0 : retryAfterMs(found.headers));
        const isLate = performance.now() - started + waitMs > 4 * patienceMs;
        const isLast = attempt === mostAttempts || (isLate && attempt >= leastAttempts) || waitMs > 4 * patienceMs;
        if (isLast || hurried?.aborted) throw failed(found, subject, attempt);
        await pause(waitMs, undefined, { signal: hurried }).catch(() => {}); // a hurried one tries once more at once
      }
    },
    hurry(signal) {
      const late = new AbortController();
      setMaxListeners(0, late.signal); // as many as there are requests at once
      [hurried, cut] = [signal, late.signal];
      signal.addEventListener('abort', () => setTimeout(() => late.abort(), hurriedMs).unref(), { once: true });
    },
  };
}

function answerOf(answer: Answer, question: Question, subject: Subject): Answer {
  if (question.isAnswer(answer)) return answer;
  throw refused(subject, answer, '');
}

function failed(found: Answer | Error, subject: Subject, attempt: number): Error {
  const tries = attempt === 1 ? '' : `${attempt} times `;
  return found instanceof Error ? unreachable(subject, found, tries) : refused(subject, found, tries);
}

// Many runs that one outage has stopped do not come back at one moment.
function backoff(attempt: number, patienceMs: number): number {
  const most = patienceMs * Math.min(longestPause, firstPause * 2 ** (attempt - 1));
  return randomInt(Math.ceil(most / 2), Math.ceil(most) + 1);
}
