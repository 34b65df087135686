import type { AccessReport } from './access-report.ts';

const width = 100;
const gap = 2;
const longestLabel = 30;
const longestHeading = 18;

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`.trimEnd())];

/** A report for people, at most 100 columns wide, but for what is longer by itself. */
export function formatReport(report: AccessReport): string {
  const { columns, permissions, rules, deny } = report;
  const headings = columns.map(({ name }) => name);
  const shadow = (id: string, mode: string): string => (mode === 'shadow' ? `${id} (shadow)` : id);
  return [
    ...(report.principal === undefined ? roleLines(report) : holderLines(report)),
    ...section(
      'permissions',
      table(
        headings,
        permissions.map(({ name, granted }) => [name, granted]),
      ),
    ),
    ...section(
      'rules: open to',
      table(
        headings,
        rules.map(({ id, mode, open }) => [shadow(id, mode), open]),
      ),
    ),
    ...section(
      'denied, or * where it may be, by deny rules',
      pairs(rules.flatMap(({ id, deniedBy }) => (deniedBy.length === 0 ? [] : [[id, deniedBy.join(', ')] as const]))),
    ),
    ...section('what rules ask for', pairs(rules.map(rulePair))),
    ...section(
      'deny rules: hold for',
      table(
        headings,
        deny.map(({ id, mode, holds }) => [shadow(id, mode), holds]),
      ),
    ),
    ...section(
      'what deny rules are about',
      pairs(deny.map(({ id, match, asks }) => [id, asks === '' ? match : `${match}, when ${asks}`])),
    ),
    ...bindingLines(report),
  ].join('\n');
}

type Pair = readonly [label: string, text: string];

/** Labels and texts beside each other; a text that is too long goes on below its beginning. */
function pairs(all: readonly Pair[]): readonly string[] {
  const label = Math.min(longestLabel, Math.max(...all.map(([text]) => text.length)));
  return all.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, width - label - 2 * gap);
    const indent = ' '.repeat(label + gap);
    return [`${name.padEnd(label)}${' '.repeat(gap)}${first}`, ...rest.map((part) => indent + part)];
  });
}

/** The text in lines of whole words. */
function wrap(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

const roleLines = ({ roles }: AccessReport): readonly string[] =>
  section(
    'roles',
    pairs(
      roles.map(({ name, inherits, grants }) => {
        const more = inherits.length === 0 ? [] : [`all of ${inherits.join(', ')}`];
        return [name, [...grants, ...more].join(', ') || 'nothing'];
      }),
    ),
  );

const holderLines = ({ principal = '', columns }: AccessReport): readonly string[] =>
  section(
    `principal ${principal} holds`,
    pairs(columns.map(({ name, holds }) => [name, holds.join(', ') || 'no role'])),
  );

const bindingLines = ({ bindings, principal }: AccessReport): readonly string[] => {
  if (principal !== undefined) return [];
  const where = (tenant: string | undefined): string => (tenant === undefined ? '' : ` in ${tenant}`);
  return section(
    'bindings',
    pairs(bindings.map(({ subject, roles, tenant }) => [subject, `${roles.join(', ')}${where(tenant)}`])),
  );
};

function rulePair({ id, match, identities, optional, asks }: AccessReport['rules'][number]): Pair {
  const who = identities.length === 0 ? 'anyone' : `${identities.join(', ')}${optional ? ' or nobody' : ''}`;
  return [id, `${match}: ${who}${asks === '' ? '' : ` with ${asks}`}`];
}

/** A table in as many blocks as its columns need. */
function table(
  headings: readonly string[],
  rows: readonly (readonly [label: string, cells: Readonly<Record<string, string>>])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const label = Math.min(longestLabel, Math.max(...rows.map(([text]) => text.length)));
  const columns = headings.map((heading): TableColumn => {
    const cells = rows.map(([, row]) => row[heading] ?? '');
    const longest = Math.max(4, ...cells.map(({ length }) => length), Math.min(heading.length, longestHeading));
    return { heading: cut(heading, longestHeading), cells, width: longest };
  });
  return blocksOf(columns, width - label - 2 * gap).flatMap((block, index) => [
    ...(index === 0 ? [] : ['']),
    line('', block, ({ heading }) => heading, label),
    ...rows.map(([text], at) => line(cut(text, label), block, ({ cells }) => cells[at] ?? '', label)),
  ]);
}

interface TableColumn {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly width: number;
}

const line = (
  text: string,
  block: readonly TableColumn[],
  cell: (column: TableColumn) => string,
  label: number,
): string =>
  [text.padEnd(label), ...block.map((column) => cell(column).padEnd(column.width))].join(' '.repeat(gap)).trimEnd();

function blocksOf(columns: readonly TableColumn[], room: number): readonly (readonly TableColumn[])[] {
  const blocks: TableColumn[][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = column.width + gap;
    const block = blocks.at(-1);
    if (block === undefined || left < needed) {
      blocks.push([column]);
      left = room - needed;
    } else {
      block.push(column);
      left -= needed;
    }
  }
  return blocks;
}
