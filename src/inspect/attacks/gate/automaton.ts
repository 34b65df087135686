import { type Program, programOf } from './program.ts';
import { foldsIntoAscii } from './scanner.ts';
import { dead, openStates, type States } from './states.ts';
import type { Store } from './store.ts';

/** What an automaton says of a text: the pattern does not match, does, or the engine is to be asked. */
export type Word = 'no' | 'yes' | 'perhaps';

/** What may still be spent on states that are not known yet, in steps of programs; whoever looks takes off what it has spent. */
export interface Allowance {
  work: number;
}

/** Looks at a text with one pattern, in time linear in it. */
export type Automaton = (text: string, allowance: Allowance) => Word;

const beyond = 128;
// What one text may spend on states of one pattern: what takes more is the engine's.
const mostWork = 20_000;
const mostWorkAtAll = 200_000;

/** What the looks of one request may spend together: some milliseconds. */
export const openAllowance = (): Allowance => ({ work: mostWorkAtAll });

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/**
 * Compiles a pattern in RE2's syntax for a first look: what it says no of, no engine finds. All characters beyond ASCII are
 * one to it, and where it has followed the whole pattern, it is sure of texts in ASCII. States are made when a text first
 * leads to them, and kept in a store that has bounds.
 */
export function compileAutomaton(pattern: string, store: Store): Automaton {
  let states: States | undefined;
  let program: Program | undefined;
  let refused = false;
  const prepare = (): States | undefined => {
    program = programOf(pattern);
    refused = program === undefined;
    return program && openStates(program, store);
  };
  return (text, allowance) => {
    if (refused) return 'perhaps';
    states ??= prepare();
    return states === undefined ? 'perhaps' : walk(states, program?.exact === true, text, allowance);
  };
}

function walk(states: States, exact: boolean, text: string, allowance: Allowance): Word {
  const { classOf } = states;
  let work = mostWork;
  let state = states.begin();
  if (state < 0) return exact ? 'yes' : 'perhaps';
  let narrow = exact;
  let table = states.table();
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code >= beyond) {
      // These two are letters of ASCII in another case.
      if (foldsIntoAscii(code)) return 'perhaps';
      if (isHigh(code) && isLow(text.charCodeAt(at + 1))) at += 1;
      narrow = false;
      code = beyond;
    }
    const step = classOf[code] ?? 0;
    let next = table[state + step] ?? 0;
    if (next === 0) {
      if (work < 0 || allowance.work < 0) return 'perhaps';
      const made = states.make(state, step);
      work -= made.work;
      allowance.work -= made.work;
      next = made.next;
      table = states.table();
    }
    if (next < 0) return next === dead ? 'no' : narrow ? 'yes' : 'perhaps';
    state = next;
  }
  if (!states.endsIn(state)) return 'no';
  return narrow ? 'yes' : 'perhaps';
}
