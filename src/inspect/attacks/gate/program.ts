import { type Characters, type Node, parsePattern } from './syntax.ts';

/** One step of a program; next and the like are the indexes of other steps. */
type Step =
  | { readonly kind: 'set'; readonly set: Characters; readonly next: number }
  | { readonly kind: 'fork'; readonly ways: readonly number[] }
  | { readonly kind: 'place'; readonly place: Extract<Node, { kind: 'place' }>['place']; readonly next: number }
  | { readonly kind: 'match' };

/** A pattern as steps that are taken side by side (Thompson, 1968). */
export interface Program {
  readonly steps: readonly Step[];
  readonly first: number;
  /** Of texts in ASCII it matches the same as the pattern; else it may match more. */
  readonly exact: boolean;
}

// A part that is repeated more often counts as repeated without end: copies make states, and the engine knows better.
const mostCopies = 16;
const mostSteps = 50_000;

/** Thrown where a pattern is too long to follow; caught in programOf. */
class TooLong extends Error {}

/** Writes a program from its end to its beginning. */
class Writer {
  readonly steps: Step[] = [];
  exact: boolean;

  constructor(exact: boolean) {
    this.exact = exact;
  }

  add(step: Step): number {
    if (this.steps.length >= mostSteps) throw new TooLong();
    return this.steps.push(step) - 1;
  }

  /** Writes a part that goes on to a step; gives where it begins. */
  node(node: Node, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.add({ kind: 'set', set: node.set, next });
      case 'place':
        return this.add({ kind: 'place', place: node.place, next });
      case 'all':
        return node.parts.reduceRight((after, part) => this.node(part, after), next);
      case 'any':
        return this.add({ kind: 'fork', ways: node.parts.map((part) => this.node(part, next)) });
      case 'repeat':
        return this.#repeat(node, next);
      default:
        return node satisfies never;
    }
  }

  #repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    const must = Math.min(least, mostCopies);
    const bounded = most <= mostCopies;
    if (must < least || (!bounded && most !== Number.POSITIVE_INFINITY)) this.exact = false;
    let at = next;
    if (bounded) for (let copy = must; copy < most; copy += 1) at = this.#fork([this.node(part, at), next]);
    else {
      const ways: number[] = [];
      at = this.#fork(ways);
      ways.push(this.node(part, at), next);
    }
    for (let copy = 0; copy < must; copy += 1) at = this.node(part, at);
    return at;
  }

  #fork(ways: readonly number[]): number {
    return this.add({ kind: 'fork', ways });
  }
}

/** A pattern in RE2's syntax as a program; undefined where it is not understood or too long. */
export function programOf(pattern: string): Program | undefined {
  const syntax = parsePattern(pattern);
  if (syntax === undefined) return undefined;
  const writer = new Writer(syntax.exact);
  try {
    const first = writer.node(syntax.node, writer.add({ kind: 'match' }));
    return { steps: writer.steps, first, exact: writer.exact };
  } catch (error) {
    if (error instanceof TooLong || error instanceof RangeError) return undefined;
    throw error;
  }
}
