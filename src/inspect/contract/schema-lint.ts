import type { Path, Report } from '../../core/build.ts';
import { compilePattern } from '../pattern.ts';
import { walkSchema } from './schema-walk.ts';

/** Reports every `pattern` and every name under `patternProperties` that the linear-time engine cannot take. */
export function checkPatterns(schema: unknown, report: Report): void {
  for (const { node, path } of walkSchema(schema)) {
    const { pattern, patternProperties } = node;
    const sources: (readonly [source: string, place: Path])[] = [];
    if (typeof pattern === 'string') sources.push([pattern, [...path, 'pattern']]);
    for (const name of Object.keys(Object(patternProperties)))
      sources.push([name, [...path, 'patternProperties', name]]);
    for (const [source, place] of sources) {
      const compiled = compilePattern(source);
      if ('problem' in compiled) report(place, `not a pattern for the linear-time engine: ${compiled.problem}`);
    }
  }
}

/** The ids that a reference in this schema may name: its own, as they stand and from the root's id on. */
function knownIds(schema: unknown, dialects: readonly string[]): ReadonlySet<string> {
  const known = new Set(dialects);
  let root: string | undefined;
  for (const { node } of walkSchema(schema)) {
    const { $id: id } = node;
    if (typeof id !== 'string') continue;
    root ??= id;
    for (const name of [id, URL.parse(id, root)?.href ?? id]) known.add(name.replace(/#.*$/s, ''));
  }
  return known;
}

/** Reports every reference to another document, for nothing is fetched, and `$async`, which makes a promise of a verdict. */
export function checkReferences(schema: unknown, dialects: readonly string[], report: Report): void {
  const known = knownIds(schema, dialects);
  for (const { node, path } of walkSchema(schema)) {
    if ('$async' in node) report([...path, '$async'], '$async is not supported');
    for (const keyword of ['$ref', '$dynamicRef']) {
      const reference = node[keyword];
      if (typeof reference !== 'string' || !/^[a-z][a-z0-9+.-]*:/i.test(reference)) continue;
      if (!known.has(reference.replace(/#.*$/s, ''))) {
        report([...path, keyword], `${reference} is not in this schema and nothing is fetched: put it under $defs`);
      }
    }
  }
}
