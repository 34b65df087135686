import type { Path, SourceFile } from '../../core/build.ts';
import { type Mapping, member, readMapping, readText } from './grammar.ts';
import type { Level, Node, NodeLimit } from './tree.ts';
import { parseUnit, unitMs } from './units.ts';

/** The greatest requests_per_unit (uint32). */
const maxRequests = 4_294_967_295;

/** A domain and its descriptors. */
interface Domain {
  readonly name: string;
  readonly top: Level;
}

/** Reads one file of the config directory; undefined, with issues reported, when it has no domain. */
export function buildDomain(file: SourceFile): Domain | undefined {
  const document = file.document();
  if (document === undefined) return undefined;
  const mapping = readMapping(document, 'file', [], file);
  if (mapping === undefined) return undefined;
  const name = readText(mapping, 'domain', [], file);
  if (name === '') file.issue(['domain'], 'domain must not be empty');
  const top = buildLevel(member(mapping, 'descriptors'), ['descriptors'], file);
  return name === undefined || name === '' ? undefined : { name, top };
}

function buildLevel(value: unknown, path: Path, file: SourceFile): Level {
  const exact = new Map<string, Map<string, Node>>();
  const byKey = new Map<string, Node>();
  if (value !== undefined && !Array.isArray(value)) file.issue(path, 'descriptors must be a list');
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  items.forEach((item, index) => {
    const place = [...path, index];
    const mapping = readMapping(item, 'descriptor', place, file);
    if (mapping === undefined) return;
    const [key, wanted] = readEntry(mapping, place, file);
    const node: Node = {
      limit: buildLimit(mapping, [...place, 'rate_limit'], file),
      below: buildLevel(member(mapping, 'descriptors'), [...place, 'descriptors'], file),
    };
    if (key === undefined || wanted === undefined) return;
    const siblings = wanted === '' ? byKey : (exact.get(key) ?? new Map<string, Node>());
    const name = wanted === '' ? key : wanted;
    if (siblings.has(name)) {
      file.issue(place, `duplicate descriptor: key "${key}"${wanted === '' ? '' : ` with value "${wanted}"`}`);
    }
    siblings.set(name, node);
    if (wanted !== '') exact.set(key, siblings);
  });
  return { exact, byKey };
}

/** Key and value of a descriptor, each undefined when it is bad; an empty value stands for any. */
function readEntry(
  mapping: Mapping,
  path: Path,
  file: SourceFile,
): readonly [key: string | undefined, value: string | undefined] {
  const key = readText(mapping, 'key', path, file);
  const value = readText(mapping, 'value', path, file);
  if (key === '') file.issue([...path, 'key'], 'key must not be empty');
  if (value?.includes('*')) file.issue([...path, 'value'], 'wildcards ("*") in value are not supported yet');
  return [key === '' ? undefined : key, value];
}

function buildLimit(descriptor: Mapping, path: Path, file: SourceFile): NodeLimit | undefined {
  const value = member(descriptor, 'rate_limit');
  if (value === undefined) return undefined;
  const mapping = readMapping(value, 'rate_limit', path, file);
  if (mapping === undefined) return undefined;
  const name = readText(mapping, 'name', path, file) ?? '';
  const unit = readText(mapping, 'unit', path, file);
  const unlimited = member(mapping, 'unlimited') ?? false;
  if (typeof unlimited !== 'boolean') file.issue([...path, 'unlimited'], 'unlimited must be true or false');
  const requests = readRequests(mapping, unlimited !== false, path, file);
  if (unlimited !== false) {
    if (unit !== '') file.issue([...path, 'unit'], 'unit and unlimited exclude each other');
    return { kind: 'unlimited' };
  }
  const known = unit === undefined ? undefined : parseUnit(unit);
  if (unit !== undefined && known === undefined) {
    file.issue([...path, 'unit'], `unknown unit "${unit}"; known: ${Object.keys(unitMs).join(', ')}`);
  }
  return known === undefined || requests === undefined
    ? undefined
    : { kind: 'limited', name, unit: known, requestsPerUnit: requests };
}

function readRequests(mapping: Mapping, optional: boolean, path: Path, file: SourceFile): number | undefined {
  const value = member(mapping, 'requests_per_unit');
  if (value === undefined && optional) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxRequests) return value;
  file.issue([...path, 'requests_per_unit'], `requests_per_unit must be a whole number from 0 to ${maxRequests}`);
  return undefined;
}
