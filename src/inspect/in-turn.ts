import type { BodyProcessor, HeadMutation, HeadStep, MessageHead, ProcessMessage } from '../core/processing.ts';

type Reading = Extract<HeadStep, { readonly kind: 'read' }>;

/** What both do with a message, the second with what the first makes of it. */
export function inTurn(
  first: ProcessMessage | undefined,
  second: ProcessMessage | undefined,
): ProcessMessage | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (head, subject) => {
    const one = first(head, subject);
    if (one.kind === 'refuse') return one;
    const other = second(changedHead(head, one.head), subject);
    if (other.kind === 'refuse') return other;
    const both = joined(one.head, other.head);
    if (one.kind === 'read' && other.kind === 'read') return { ...readByBoth(one, other), head: both };
    if (one.kind === 'read') return { ...one, head: both };
    if (other.kind === 'read') return { ...other, head: both };
    return { kind: 'skip', head: both, detail: { ...one.detail, ...other.detail } };
  };
}

function changedHead(head: MessageHead, { set, remove }: HeadMutation): MessageHead {
  if (set.length === 0 && remove.length === 0) return head;
  const headers = new Map(head.headers);
  for (const name of remove) headers.delete(name);
  for (const { name, value } of set) headers.set(name, [value]);
  return { ...head, headers };
}

function joined(one: HeadMutation, other: HeadMutation): HeadMutation {
  const names = new Set(other.set.map(({ name }) => name));
  const path = other.path ?? one.path;
  return {
    set: [...one.set.filter(({ name }) => !names.has(name)), ...other.set],
    remove: [...new Set([...one.remove, ...other.remove])],
    ...(path === undefined ? {} : { path }),
  };
}

function readByBoth(one: Reading, other: Reading): Reading {
  const narrow = one.maxBytes <= other.maxBytes ? one : other;
  return {
    ...one,
    how: one.how === 'whole' || other.how === 'whole' ? 'whole' : 'stream',
    mayChange: one.mayChange || other.mayChange,
    maxBytes: narrow.maxBytes,
    tooLarge: narrow.tooLarge,
    body: piped(one.body, other.body),
  };
}

function piped(one: BodyProcessor, other: BodyProcessor): BodyProcessor {
  return {
    push: async (piece, last) => {
      const step = await one.push(piece, last);
      return step.kind === 'refuse' ? step : other.push(step.bytes, last);
    },
    detail: () => ({ ...one.detail(), ...other.detail() }),
  };
}
