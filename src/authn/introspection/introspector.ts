import { hash } from 'node:crypto';
import { unlessAborted } from '../../core/patience.ts';
import { type Answer, unavailable } from './answer.ts';
import { type MemoryOptions, openMemory } from './memory.ts';
import { openQuestions, type ProviderToAsk, type QuestionDeps } from './questions.ts';
import type { Signed } from './signed-answer.ts';

/** What is known of a token, and who knew it; nobody: the provider was not asked, for it is left alone for a while. */
export interface Finding {
  readonly answer: Answer;
  readonly from: 'cache' | 'stale' | 'provider' | 'nobody';
}

/** Knows what tokens are: asks their provider once, however many callers wait, and remembers what it said. */
export interface Introspector {
  /**
   * What a token is; at once where it is remembered. signed: how the plan at hand checks signed answers. The signal ends
   * the waiting, not the question, whose answer others may need. Never rejects.
   */
  find(token: string, signed: Signed | undefined, signal: AbortSignal): Finding | Promise<Finding>;
  /** Whether it is known where to ask. */
  ready(): boolean;
}

/** A question that is under way, and the calls that wait for its answer. */
interface Flight {
  readonly answer: Promise<Answer>;
  readonly waiting: AbortSignal[];
}

// An opaque token may be as short as a provider likes, and is remembered without being kept.
const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** Opens it with an empty memory; it asks nobody before it is asked itself. */
export function openIntrospector(provider: ProviderToAsk, options: MemoryOptions, deps: QuestionDeps): Introspector {
  const { clock, signals } = deps;
  const memory = openMemory(options, clock);
  const questions = openQuestions(provider, deps);
  const flights = new Map<string, Flight>();

  const fly = (digest: string, token: string, signed: Signed | undefined): Flight => {
    const waiting: AbortSignal[] = [];
    const ask = async (): Promise<Answer> => {
      const askedMs = clock.monotonicMs();
      const answer = await questions.ask(token, signed, () => waiting.some(({ aborted }) => !aborted));
      if (answer.kind !== 'unavailable') memory.keep(digest, answer, askedMs);
      flights.delete(digest);
      return answer;
    };
    const flight = { answer: ask(), waiting };
    flights.set(digest, flight);
    return flight;
  };

  const wait = async (digest: string, { answer: asked, waiting }: Flight, signal: AbortSignal): Promise<Finding> => {
    waiting.push(signal);
    const answer = await unlessAborted(asked, signal, unavailable('timeout', 'the call ended first'));
    if (answer.kind !== 'unavailable') return { answer, from: 'provider' };
    // Looked up anew: it may have come to its end while we waited.
    const stale = memory.find(digest);
    if (stale !== undefined) return { answer: stale.answer, from: 'stale' };
    return { answer, from: answer.cause === 'unasked' ? 'nobody' : 'provider' };
  };

  const told = (finding: Finding): Finding => {
    signals.introspected(provider.identity, finding.from, finding.answer.kind);
    return finding;
  };

  return {
    find: (token, signed, signal) => {
      const digest = digestOf(token);
      const remembered = memory.find(digest);
      if (remembered?.fresh) return told({ answer: remembered.answer, from: 'cache' });
      const flight = flights.get(digest) ?? fly(digest, token, signed);
      return wait(digest, flight, signal).then(told);
    },
    ready: questions.ready,
  };
}
