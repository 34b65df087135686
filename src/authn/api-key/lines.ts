import type { Json } from '../../core/json.ts';
import { parseStrictJson, type StrictJsonProblem } from '../../core/strict-json.ts';

/** One line of a file in JSON Lines. */
interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly value: Json | undefined;
  /** Undefined when the value is there. */
  readonly problem: StrictJsonProblem | undefined;
}

const newline = 0x0a;
const maxLineBytes = 64 * 1024;

/** The values of JSON Lines (a strict JSON value on each line, blank lines left out), read as they are asked for. */
export function* readLines(bytes: Uint8Array): Generator<Line> {
  let start = 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    const parsed = parseStrictJson(bytes.subarray(start, end), { maxBytes: maxLineBytes });
    start = end + 1;
    if (parsed.ok) yield { number, value: parsed.value, problem: undefined };
    else if (parsed.problem !== 'empty') yield { number, value: undefined, problem: parsed.problem };
  }
}
