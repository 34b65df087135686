import type { Path, Report } from '../../../core/build.ts';

/** One segment of a template: fixed, or a parameter between fixed ends. */
type Segment =
  | { readonly literal: string }
  | { readonly name: string; readonly before: string; readonly after: string };

/** A path template of a contract. */
export interface Template {
  readonly segments: readonly Segment[];
  /** The names of its parameters. */
  readonly names: readonly string[];
}

function parseSegment(text: string): Segment | string {
  const opened = text.split('{').length - 1;
  if (opened === 0 && !text.includes('}')) return { literal: decoded(text) };
  const match = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/.exec(text);
  if (match === null || opened !== 1) return `"${text}" is more than one parameter in a segment, or is not closed`;
  const [, before = '', name = '', after = ''] = match;
  return { name, before: decoded(before), after: decoded(after) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A template such as /orders/{id}.json, compared segment by segment with decoded ones; undefined with the issue reported. */
export function parseTemplate(text: string, place: Path, report: Report): Template | undefined {
  const segments: Segment[] = [];
  const names: string[] = [];
  for (const part of text.slice(1).split('/')) {
    const segment = parseSegment(part);
    if (typeof segment === 'string') {
      report(place, segment);
      return undefined;
    }
    if ('name' in segment) names.push(segment.name);
    segments.push(segment);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return { segments, names };
  report(place, `has the parameter {${twice}} twice`);
  return undefined;
}

/** The parameters with which decoded segments match a template, by name with the index of their segment; undefined when they do not. */
export function matchTemplate(
  { segments }: Template,
  given: readonly string[],
): ReadonlyMap<string, { readonly text: string; readonly index: number }> | undefined {
  if (given.length !== segments.length) return undefined;
  const parameters = new Map<string, { readonly text: string; readonly index: number }>();
  for (const [index, segment] of segments.entries()) {
    const text = given[index] ?? '';
    if ('literal' in segment) {
      if (text !== segment.literal) return undefined;
      continue;
    }
    const { name, before, after } = segment;
    const fits = text.length > before.length + after.length && text.startsWith(before) && text.endsWith(after);
    if (!fits) return undefined;
    parameters.set(name, { text: text.slice(before.length, text.length - after.length), index });
  }
  return parameters;
}

const rank = (segment: Segment | undefined): number => {
  if (segment === undefined || 'literal' in segment) return 0;
  return segment.before.length + segment.after.length > 0 ? 1 : 2;
};

/** Orders templates as they are tried: what is fixed before what is not, from the first segment on. */
export function moreConcrete(a: Template, b: Template): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index += 1) {
    const order = rank(a.segments[index]) - rank(b.segments[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** What two templates that take the same paths have in common. */
export const templateKey = ({ segments }: Template): string =>
  JSON.stringify(segments.map((segment) => ('literal' in segment ? segment : [segment.before, segment.after])));
