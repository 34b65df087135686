import { formatOf } from '../../src/config/shape/formats.ts';
import type { JsonSchema } from '../../src/core/build.ts';

/** One key of the config, as the reference page lists it. */
export interface KeyRow {
  /** Like `rules[].match.path` or `roles.NAME.inherits`. */
  readonly path: string;
  readonly value: string;
  readonly fallback: string;
  readonly text: string;
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const typeWords: ReadonlyMap<unknown, string> = new Map([
  ['string', 'a string'],
  ['integer', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
]);

function range({ minimum, maximum }: Node): string {
  if (minimum === undefined && maximum === undefined) return '';
  if (maximum === undefined) return ` from ${minimum}`;
  return minimum === undefined ? ` to ${maximum}` : ` from ${minimum} to ${maximum}`;
}

function scalarWords(node: Node, type: unknown): string {
  const format = type === 'string' ? formatOf(String(node['format'])) : undefined;
  // The page explains them once, with their examples.
  if (format !== undefined) return format.says.split(/ like | of /)[0] ?? '';
  const words = typeWords.get(type) ?? 'anything';
  if (type !== 'array') return `${words}${range(node)}`;
  const items = isNode(node['items']) ? valueWords(node['items']) : '';
  return items === '' || items === 'an object' ? words : `${words}, each ${items}`;
}

/** What a key takes, in words. */
function valueWords(node: Node): string {
  if ('const' in node) return code(node['const']);
  if ('enum' in node) {
    const allowed = list(node['enum']).map(code);
    // Reason codes, or names of fields, which have dots.
    const others = allowed[0]?.includes('.') ? 'another field' : 'a reason code';
    return allowed.length > 12 ? `${allowed.slice(0, 9).join(', ')} or ${others}` : allowed.join(', ');
  }
  if (typeof node['$ref'] === 'string') return 'a requirement';
  const forms = [...list(node['anyOf']), ...list(node['oneOf'])].filter(isNode);
  if (forms.length > 0) return forms.map(valueWords).join(', or ');
  const types = Array.isArray(node['type']) ? node['type'] : [node['type']];
  return types.map((type) => scalarWords(node, type)).join(', or ');
}

const defaultSentence = /(?:^|\s)Default:? (.+?)\.(?=\s|$)/s;

function row(path: string, node: Node, required: boolean): KeyRow {
  const text = typeof node['description'] === 'string' ? node['description'] : '';
  const fallback = defaultSentence.exec(text)?.[1];
  const rest = text.replace(defaultSentence, '').replace('Required, unique.', 'Unique.').replace('Required.', '');
  return { path, value: valueWords(node), fallback: required ? 'required' : (fallback ?? 'none'), text: rest.trim() };
}

function rowsBelow(path: string, node: Node): readonly KeyRow[] {
  const required = list(node['required']);
  const members = isNode(node['properties']) ? Object.entries(node['properties']) : [];
  const named = members.flatMap(([name, member]) => {
    if (!isNode(member)) return [];
    const place = path === '' ? name : `${path}.${name}`;
    return [row(place, member, required.includes(name)), ...rowsBelow(place, member)];
  });
  const others = isNode(node['additionalProperties']) ? rowsBelow(`${path}.NAME`, node['additionalProperties']) : [];
  const items = isNode(node['items']) ? rowsBelow(`${path}[]`, node['items']) : [];
  const forms = [...list(node['anyOf']), ...list(node['oneOf'])].filter(isNode);
  return [...named, ...others, ...items, ...forms.flatMap((form) => rowsBelow(path, form))];
}

/** Every key of the config's schema; those of a requirement, which may stand in itself, are listed once. */
export function keyRows(schema: JsonSchema): readonly KeyRow[] {
  const { $defs } = schema;
  const requirement = isNode($defs) && isNode($defs['requirement']) ? $defs['requirement'] : {};
  return [...rowsBelow('', schema), ...rowsBelow('rules[].require', requirement)];
}

const plainDefaults: ReadonlySet<string> = new Set(['none', 'required', 'nowhere']);
const shownDefault = (text: string): string => (/\s/.test(text) || plainDefaults.has(text) ? text : code(text));
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(rows: readonly KeyRow[]): string {
  const lines = rows.map(({ path, value, fallback, text }) =>
    `| \`${path}\` | ${[value, shownDefault(fallback), text].map(cell).join(' | ')} |`.replaceAll(/ {2,}/g, ' '),
  );
  return ['| Key | Takes | Default | |', '|---|---|---|---|', ...lines].join('\n');
}

const marker = /<!-- keys (\S+) -->\n[\s\S]*?<!-- end -->/g;
const covers = (section: string, path: string): boolean =>
  path === section || (path.startsWith(section) && /^[.[]/.test(path.slice(section.length)));

/** The page with its tables of keys filled in, and the keys that no table took. */
export function fillReference(
  page: string,
  rows: readonly KeyRow[],
): { readonly page: string; readonly missing: readonly string[] } {
  const sections = [...page.matchAll(marker)].map(([, section = '']) => section);
  // A key belongs to the narrowest table that covers it.
  const home = ({ path }: KeyRow): string | undefined =>
    sections.filter((section) => covers(section, path)).toSorted((a, b) => b.length - a.length)[0];
  const filled = page.replace(marker, (_, section: string) => {
    const own = rows.filter((one) => home(one) === section);
    return `<!-- keys ${section} -->\n${table(own)}\n<!-- end -->`;
  });
  return { page: filled, missing: rows.filter((one) => home(one) === undefined).map(({ path }) => path) };
}
