import type { Cell, Family } from './cells.ts';
import { boundsOf, type MetricSpec } from './metric-spec.ts';

/** The media type of the text below. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

const escapeHelp = (text: string): string => text.replace(/[\\\n]/g, (c) => (c === '\n' ? '\\n' : '\\\\'));
const escapeValue = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** Metrics as Prometheus text (exposition format 0.0.4); metrics without label sets are left out. */
export function expose(families: readonly Family[]): string {
  return families
    .filter(({ cells }) => cells.length > 0)
    .map(({ spec, cells }) => {
      const head = [`# HELP ${spec.name} ${escapeHelp(spec.help)}`, `# TYPE ${spec.name} ${spec.type}`];
      const lines = cells.flatMap((cell) => {
        const labels = spec.labels.map((name, index) => `${name}="${escapeValue(cell.labels[index] ?? '')}"`);
        return spec.type === 'histogram'
          ? histogram(spec, labels, cell)
          : [`${spec.name}${braced(labels)} ${cell.value}`];
      });
      return `${[...head, ...lines].join('\n')}\n`;
    })
    .join('');
}

const braced = (labels: readonly string[]): string => (labels.length === 0 ? '' : `{${labels.join(',')}}`);

function histogram(spec: MetricSpec, labels: readonly string[], cell: Cell): readonly string[] {
  const { name } = spec;
  const bounds = boundsOf(spec);
  let total = 0;
  const buckets = [...cell.counts].map((count, index) => {
    total += count;
    return `${name}_bucket${braced([...labels, `le="${bounds[index] ?? '+Inf'}"`])} ${total}`;
  });
  return [...buckets, `${name}_sum${braced(labels)} ${cell.value}`, `${name}_count${braced(labels)} ${total}`];
}
