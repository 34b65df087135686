import { readFileSync } from 'node:fs';

/** A value at a time. */
export interface Point {
  /** As the file has it. */
  readonly timestamp: string;
  readonly atMs: number;
  readonly value: number;
}

/** What a file comes to. */
interface Series {
  /** In the order of time, one at each: where there are several, the last of the file. */
  readonly points: readonly Point[];
  /** Lines without a time or without a finite number: gaps. */
  readonly skipped: number;
}

/** Says what is wrong with a file, for who named it. */
export class SeriesProblem extends Error {}

const timeNames = /^(?:timestamps?|time|date|datetime|date_?time|ds|ts)$/i;
const valueNames = /^(?:values?|y|count|requests?|metric)$/i;

/** Reads a CSV: a time and a value in each line, the first two columns or those that are named so. A time without zone is UTC. */
export function readSeries(file: string): Series {
  try {
    return parseSeries(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SeriesProblem) throw new SeriesProblem(`${file}: ${error.message}`);
    throw new SeriesProblem(`${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

/** Parses the text of a CSV with commas, semicolons or tabs. Throws a SeriesProblem where nothing in it is a point. */
export function parseSeries(text: string): Series {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [first = ''] = lines;
  const separator = [',', ';', '\t'].find((one) => first.includes(one));
  if (separator === undefined) throw new SeriesProblem('has no two columns: timestamp,value is expected');
  const rows = lines.map((line) => cellsOf(line, separator));
  const names = rows[0] ?? [];
  // A line of names has neither a time nor a number.
  const hasNames = names.every((name) => Number.isNaN(numberOf(name)) && Number.isNaN(timeOf(name)));
  const column = (wanted: RegExp, other: number): number => {
    const found = hasNames ? names.findIndex((name) => wanted.test(name)) : -1;
    return found < 0 ? other : found;
  };
  const timeColumn = column(timeNames, 0);
  const valueColumn = column(valueNames, timeColumn === 0 ? 1 : 0);
  const body = hasNames ? rows.slice(1) : rows;
  const points = new Map<number, Point>();
  let skipped = 0;
  for (const row of body) {
    const timestamp = row[timeColumn] ?? '';
    const atMs = timeOf(timestamp);
    const value = numberOf(row[valueColumn] ?? '');
    if (Number.isFinite(atMs) && Number.isFinite(value)) points.set(atMs, { timestamp, atMs, value });
    else skipped += 1;
  }
  if (points.size === 0) throw new SeriesProblem(`has no line with a time and a number, of ${body.length}`);
  return { points: [...points.values()].toSorted((one, other) => one.atMs - other.atMs), skipped };
}

/** The cells of a line; quotes are taken off (RFC 4180), but no cell goes over a line. */
function cellsOf(line: string, separator: string): readonly string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const sign = line[index] ?? '';
    if (sign === '"' && isQuoted && line[index + 1] === '"') {
      cell += sign;
      index += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (sign === separator && !isQuoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += sign;
  }
  return [...cells, cell.trim()];
}

const numberOf = (text: string): number => (text === '' ? Number.NaN : Number(text));

/** Milliseconds since the epoch: seconds, milli-, micro- or nanoseconds by their size, or a date; NaN: neither. */
function timeOf(text: string): number {
  const number = numberOf(text);
  if (Number.isFinite(number)) {
    if (number < 1e11) return number * 1000;
    if (number < 1e14) return number;
    return number / (number < 1e17 ? 1e3 : 1e6);
  }
  const zoned = Date.parse(`${text.replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00').replace(' ', 'T')}Z`);
  if (!Number.isNaN(zoned)) return zoned;
  const own = Date.parse(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text} UTC`);
  return /\d/.test(text) ? own : Number.NaN;
}
