import type { BuildContext } from '../../core/build.ts';
import { parseBytes } from '../../core/units.ts';
import { compilePattern } from '../pattern.ts';
import type { LeakKind, Window } from './detector.ts';
import { type LeakAction, type LeakPolicyOptions, usualKinds, usualTypes } from './options.ts';
import { type OwnPattern, scanOwn } from './own-patterns.ts';
import type { Match } from './places.ts';
import { typeList } from './readable.ts';
import { compileScan } from './scan.ts';

/** One compiled policy. */
export interface LeakPolicy {
  readonly takes: (type: string | undefined) => boolean;
  readonly actionOf: (kind: string) => LeakAction;
  /** Whether something may be blocked, or hidden: then the body is held as a whole, or changed. */
  readonly blocks: boolean;
  readonly masks: boolean;
  readonly atLeast: number;
  readonly maxBytes: number;
  readonly denyUnreadable: boolean;
  readonly headers: boolean;
  readonly shadow: boolean;
  /** All matches in the window from a place on, in their order, and where the bytes begin that must wait for more. */
  readonly search: (window: Window, from: number) => { readonly matches: readonly Match[]; readonly cut: number };
}

const minSize = 1;

function compileOwn(options: LeakPolicyOptions, context: BuildContext): readonly OwnPattern[] {
  return Object.entries(options.patterns ?? {}).flatMap(([name, { pattern: source, max_length: maxLength = 128 }]) => {
    const compiled = compilePattern(source);
    if ('pattern' in compiled) return [{ name, pattern: compiled.pattern, maxLength }];
    context.issue(['patterns', name, 'pattern'], `not a pattern for the linear-time engine: ${compiled.problem}`);
    return [];
  });
}

function searchFor(kinds: readonly LeakKind[], own: readonly OwnPattern[]): LeakPolicy['search'] {
  const scan = compileScan(kinds);
  const scanPatterns = own.length === 0 ? undefined : scanOwn(own);
  return (window, from) => {
    const matches: Match[] = [];
    const take = (match: Match): void => {
      matches.push(match);
    };
    const cut = scan(window, from, take);
    const ownCut = scanPatterns?.(window, from, take) ?? cut;
    const earliest = Math.min(cut, ownCut);
    // What reaches over the cut is found again, and whole, once more has come.
    const sure = matches.filter(({ end }) => end <= earliest);
    const open = matches.filter(({ start, end }) => end > earliest && start < earliest);
    return { matches: sure, cut: Math.min(earliest, ...open.map(({ start }) => start)) };
  };
}

/** Compiles a policy; issues go to the context, which is the policy's. */
export function buildPolicy(options: LeakPolicyOptions, context: BuildContext): LeakPolicy {
  const { action = 'mask', actions = {}, patterns = {}, mode = 'enforce' } = options;
  const kinds = options.detectors ?? usualKinds;
  for (const kind of Object.keys(actions)) {
    if (!kinds.some((one) => one === kind)) context.issue(['actions', kind], 'is not among the detectors');
  }
  for (const name of Object.keys(patterns)) {
    if (kinds.some((kind) => kind === name)) context.issue(['patterns', name], 'is the name of a detector');
  }
  const maxBytes = parseBytes(options.max_bytes ?? '1MiB') ?? 0;
  if (maxBytes < minSize) context.issue(['max_bytes'], 'not a size of at least 1 byte, such as 1MiB');
  const own = compileOwn(options, context);
  const configured = new Map<string, LeakAction>([
    ...kinds.map((kind) => [kind, actions[kind] ?? action] as const),
    ...Object.entries(patterns).map(([name, pattern]) => [name, pattern.action ?? action] as const),
  ]);
  const all = [...configured.values()];
  const shadow = mode === 'shadow';
  const acts = !shadow && all.some((one) => one !== 'detect');
  return {
    takes: typeList(options.content_types ?? usualTypes),
    actionOf: (kind) => configured.get(kind) ?? action,
    blocks: !shadow && all.includes('block'),
    masks: acts,
    atLeast: options.at_least ?? 1,
    maxBytes,
    denyUnreadable: !shadow && (options.on_unreadable ?? (acts ? 'deny' : 'allow')) === 'deny',
    headers: options.headers ?? true,
    shadow,
    search: searchFor(kinds, own),
  };
}
