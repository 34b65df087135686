/** A set of characters: ASCII by code, and at 128 whether anything beyond is in it. */
export type Characters = Uint8Array;

/** What a pattern is made of, as far as it says which characters a match must have. */
export type Node =
  | { readonly kind: 'set'; readonly set: Characters }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }
  /** Matches no character, only a place: where the text begins or ends, where a word does (ASCII), or where none does. */
  | { readonly kind: 'place'; readonly place: 'begin' | 'end' | 'bound' | 'unbound' };

/** A pattern that was read. */
interface Syntax {
  readonly node: Node;
  /** Of texts in ASCII the node matches the same as the pattern; else it may match more. */
  readonly exact: boolean;
}

/** Thrown where the syntax is not followed further; caught in parsePattern. */
class Unclear extends Error {}

/** A node that matches where nothing is. */
const nothing: Node = { kind: 'all', parts: [] };

const beyond = 128;

function setOf(accepts: (code: number) => boolean, others: boolean): Characters {
  const set = new Uint8Array(beyond + 1);
  for (let code = 0; code < beyond; code += 1) set[code] = accepts(code) ? 1 : 0;
  set[beyond] = others ? 1 : 0;
  return set;
}

const within =
  (...ranges: readonly string[]) =>
  (code: number): boolean =>
    ranges.some((range) => code >= range.charCodeAt(0) && code <= range.charCodeAt(range.length - 1));

const inverted = (set: Characters): Characters => set.map((has, code) => (code === beyond ? 1 : 1 - has));

const named: Readonly<Record<string, Characters>> = {
  alnum: setOf(within('09', 'AZ', 'az'), false),
  alpha: setOf(within('AZ', 'az'), false),
  ascii: setOf(() => true, false),
  blank: setOf(within('\t', ' '), false),
  cntrl: setOf((code) => code < 0x20 || code === 0x7f, false),
  digit: setOf(within('09'), false),
  graph: setOf(within('!~'), false),
  lower: setOf(within('az'), false),
  print: setOf(within(' ~'), false),
  punct: setOf(within('!/', ':@', '[`', '{~'), false),
  space: setOf(within('\t\r', ' '), false),
  upper: setOf(within('AZ'), false),
  word: setOf(within('09', 'AZ', 'az', '_'), false),
  xdigit: setOf(within('09', 'AF', 'af'), false),
};

const escapedSets: Readonly<Record<string, Characters | undefined>> = {
  d: named['digit'],
  s: setOf(within('\t\n', '\f\r', ' '), false),
  w: named['word'],
};

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

interface Flags {
  /** i: letters in either case. */
  readonly fold: boolean;
  /** s: a dot stands for line ends too. */
  readonly dotAll: boolean;
  /** m: ^ and $ stand for lines. */
  readonly lines: boolean;
}

const foldedSets = new WeakMap<Characters, Characters>();

function folded(set: Characters, { fold }: Flags): Characters {
  if (!fold) return set;
  const known = foldedSets.get(set);
  if (known !== undefined) return known;
  const wide = Uint8Array.from(set);
  for (let code = 0x41; code <= 0x5a; code += 1) {
    const either = (set[code] ?? 0) | (set[code + 0x20] ?? 0);
    wide[code] = either;
    wide[code + 0x20] = either;
  }
  // The long s (U+017F) and the sign for kelvin (U+212A) are s and k in another case: the scan takes them for these.
  foldedSets.set(set, wide);
  return wide;
}

const singles = Array.from({ length: beyond + 1 }, (_, code) => setOf((other) => other === code, code === beyond));
const anyCharacter = setOf(() => true, true);
const anyInLine = setOf((code) => code !== 0x0a, true);

const one = (code: number): Characters => singles[Math.min(code, beyond)] ?? anyCharacter;

/** Reads RE2's syntax. */
class Reader {
  readonly #text: string;
  #at = 0;
  #exact = true;
  readonly #sets = new Map<string, Characters>();

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Syntax {
    const node = this.#alternatives({ fold: false, dotAll: false, lines: false });
    if (this.#at < this.#text.length) throw new Unclear();
    return { node, exact: this.#exact };
  }

  #peek(ahead = 0): string {
    return this.#text.charAt(this.#at + ahead);
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #alternatives(given: Flags): Node {
    let flags = given;
    const branches: Node[] = [];
    let parts: Node[] = [];
    for (;;) {
      if (this.#peek() === '' || this.#peek() === ')') break;
      if (this.#take('|')) {
        branches.push({ kind: 'all', parts });
        parts = [];
        continue;
      }
      const set = this.#match(/\(\?([imsU]*)(?:-([imsU]+))?\)/y);
      if (set !== undefined) {
        flags = flagged(flags, set[1] ?? '', set[2] ?? '');
        continue;
      }
      parts.push(this.#repeated(this.#atom(flags)));
    }
    branches.push({ kind: 'all', parts });
    const [first = nothing] = branches;
    return branches.length === 1 ? first : { kind: 'any', parts: branches };
  }

  #repeated(given: Node): Node {
    let part = given;
    for (;;) {
      const match = this.#match(/(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y);
      if (match === undefined) return part;
      const [, sign, least, comma, most] = match;
      if (sign !== undefined)
        part = { kind: 'repeat', part, ...signs[sign as keyof typeof signs] }; // one of the three
      else {
        const atLeast = Number(least);
        const atMost = comma === '' ? atLeast : most === '' ? Number.POSITIVE_INFINITY : Number(most);
        part = { kind: 'repeat', part, least: atLeast, most: atMost };
      }
    }
  }

  #atom(flags: Flags): Node {
    if (this.#take('(')) return this.#group(flags);
    if (this.#peek() === '[') return { kind: 'set', set: this.#set(flags) };
    if (this.#take('^')) return this.#place('begin', flags);
    if (this.#take('$')) return this.#place('end', flags);
    if (this.#take('.')) return { kind: 'set', set: flags.dotAll ? anyCharacter : anyInLine };
    if (this.#peek() === '\\') return this.#escape(flags);
    if (/^[*+?]$/.test(this.#peek())) throw new Unclear();
    return { kind: 'set', set: folded(one(this.#code()), flags) };
  }

  #place(place: 'begin' | 'end', { lines }: Flags): Node {
    if (!lines) return { kind: 'place', place };
    this.#exact = false;
    return nothing;
  }

  #code(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new Unclear();
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #group(flags: Flags): Node {
    const own = this.#match(/\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|([imsU]*)(?:-([imsU]+))?:)/y);
    if (own === undefined && this.#peek() === '?') throw new Unclear();
    const node = this.#alternatives(flagged(flags, own?.[1] ?? '', own?.[2] ?? ''));
    if (!this.#take(')')) throw new Unclear();
    return node;
  }

  #escape(flags: Flags): Node {
    const place = this.#match(/\\[AzbB]/y)?.[0];
    if (place !== undefined) return { kind: 'place', place: places[place as keyof typeof places] }; // one of the four
    const quoted = this.#match(/\\Q(.*?)(?:\\E|$)/sy);
    if (quoted !== undefined) {
      // A sign of repetition behind it is about its last character alone.
      if (/^[*+?{]$/.test(this.#peek())) throw new Unclear();
      const parts = Array.from(quoted[1] ?? '', (sign) => one(sign.codePointAt(0) ?? 0));
      return { kind: 'all', parts: parts.map((set) => ({ kind: 'set', set: folded(set, flags) })) };
    }
    return { kind: 'set', set: folded(this.#escaped(), flags) };
  }

  /** What one escape stands for, in a set or out of it. */
  #escaped(): Characters {
    const number = this.#match(/\\(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]+)\}|([0-7]{1,3}))/y);
    if (number !== undefined) {
      const [, two, braced, octal] = number;
      return one(octal === undefined ? Number.parseInt(two ?? braced ?? '', 16) : Number.parseInt(octal, 8));
    }
    // Classes of Unicode hold too much to be told here.
    if (this.#match(/\\[pP](?:\{[^}]*\}|.)/y) !== undefined) {
      this.#exact = false;
      return anyCharacter;
    }
    if (!this.#take('\\')) throw new Unclear();
    const letter = this.#peek();
    this.#at += 1;
    const control = controls[letter];
    if (control !== undefined) return one(control);
    const set = escapedSets[letter.toLowerCase()];
    if (set !== undefined) return letter === letter.toLowerCase() ? set : inverted(set);
    if (letter === '' || /^[A-Za-z0-9]$/.test(letter)) throw new Unclear();
    return one(letter.codePointAt(0) ?? 0);
  }

  #set(flags: Flags): Characters {
    this.#take('[');
    const negated = this.#take('^');
    const set = new Uint8Array(beyond + 1);
    const add = (other: Characters): void => {
      for (const [code, has] of other.entries()) if (has === 1) set[code] = 1;
    };
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === '') throw new Unclear();
      const posix = this.#match(/\[:(\^?)([a-z]+):\]/y);
      if (posix !== undefined) {
        const known = named[posix[2] ?? ''];
        if (known === undefined) throw new Unclear();
        // What a class of letters in one case is in either case, engines may see differently.
        if (flags.fold && /^(?:upper|lower)$/.test(posix[2] ?? '')) throw new Unclear();
        add(posix[1] === '^' ? inverted(known) : known);
        continue;
      }
      add(this.#range());
    }
    this.#take(']');
    const either = folded(set, flags);
    return this.#known(negated ? inverted(either) : either);
  }

  /** The same set for the same characters: patterns repeat theirs many times. */
  #known(set: Characters): Characters {
    const key = String.fromCharCode(...set);
    const known = this.#sets.get(key) ?? set;
    this.#sets.set(key, known);
    return known;
  }

  #range(): Characters {
    const low = this.#member();
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === '') return low;
    this.#take('-');
    const high = this.#member();
    const [from, to] = [low.indexOf(1), high.lastIndexOf(1)];
    return setOf((code) => code >= from && code <= to, to === beyond);
  }

  #member(): Characters {
    return this.#peek() === '\\' ? this.#escaped() : one(this.#code());
  }
}

const signs = {
  '*': { least: 0, most: Number.POSITIVE_INFINITY },
  '+': { least: 1, most: Number.POSITIVE_INFINITY },
  '?': { least: 0, most: 1 },
} as const;

const places = { '\\A': 'begin', '\\z': 'end', '\\b': 'bound', '\\B': 'unbound' } as const;

const flagged = ({ fold, dotAll, lines }: Flags, on: string, off: string): Flags => ({
  fold: (fold || on.includes('i')) && !off.includes('i'),
  dotAll: (dotAll || on.includes('s')) && !off.includes('s'),
  lines: (lines || on.includes('m')) && !off.includes('m'),
});

/** Reads a pattern in RE2's syntax; undefined where it is not understood, and then nothing may be concluded from it. */
export function parsePattern(pattern: string): Syntax | undefined {
  try {
    return new Reader(pattern).whole();
  } catch (error) {
    if (error instanceof Unclear || error instanceof RangeError) return undefined;
    throw error;
  }
}
