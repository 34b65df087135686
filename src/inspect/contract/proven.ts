import { isCut } from '../content/collector.ts';
import type { Content, Field } from '../content/content.ts';
import type { Shape } from './shape.ts';

// A schema is held against none of these.
const unmatched: ReadonlySet<Content['format']> = new Set(['xml', 'graphql', 'grpc', 'binary']);

type Named = Pick<Field, 'in' | 'role' | 'name'>;

const segmentOf = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');

/**
 * What a schema that a body matched has proven of the body's texts: a value by the shape at its pointer, a name by its being
 * one that the schema lists. Of what stands below a pointer that was cut short nothing is proven.
 */
export function provenBy(shape: Shape, { format }: Content): (field: Named) => boolean {
  if (unmatched.has(format)) return () => false;
  return (field) => {
    if (field.in !== 'body' || (field.role !== 'value' && field.role !== 'name') || isCut(field.name)) return false;
    const segments = field.name
      .split('/')
      .slice(format === 'ndjson' ? 2 : 1)
      .map(segmentOf);
    let at = shape;
    let named = false;
    for (const segment of segments) {
      named = at.names.includes(segment);
      at = at.types.has('array') && /^\d+$/.test(segment) ? at.item(Number(segment)) : at.property(segment);
    }
    return field.role === 'name' ? named && at.scalar : at.proven;
  };
}
