import { type Address, formatAddress, type Prefix, parsePrefix } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import { notPrefix, readPrefixes } from '../core/prefix-list.ts';
import { type Reject, reject } from '../core/verdict.ts';

/** Who is refused by address, and who never is. */
export interface AddressesOptions {
  readonly deny?: readonly string[];
  readonly deny_files?: readonly string[];
  readonly allow?: readonly string[];
  readonly allow_files?: readonly string[];
}

const prefixes = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', format: 'prefix' },
  description: `${description} Default: none.`,
});
const files = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', minLength: 1 },
  description: `${description}, one address or prefix a line; a comment begins with # or ;. Default: none.`,
});

/** The schema of the key addresses. */
export const addressesSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Client addresses that are refused before any rule is looked at. While something is denied, a client whose address nobody knows is refused too. Default: nobody is.',
  additionalProperties: false,
  properties: {
    deny: prefixes('Addresses and prefixes to refuse.'),
    deny_files: files('Files of addresses and prefixes to refuse'),
    allow: prefixes('Exceptions: addresses and prefixes that are never refused. They grant nothing else.'),
    allow_files: files('Files of exceptions'),
  },
  examples: [{ deny: ['198.51.100.0/24'], deny_files: ['drop.txt'], allow: ['198.51.100.7'] }],
});

/** The refusal of a blocked client; undefined lets it on. */
type AddressGate = (client: Address | undefined) => Reject | undefined;

interface Listed {
  readonly prefix: Prefix;
  readonly list: string;
}

const shownBadLines = 20;

const fromList = (list: string, texts: readonly string[] = [], context: BuildContext): readonly Listed[] =>
  readPrefixes(texts, context).map((prefix) => ({ prefix, list }));

function fromFile(name: string, context: BuildContext): readonly Listed[] {
  const file = context.file(name);
  if (file === undefined) return [];
  const found: Listed[] = [];
  const bad: number[] = [];
  for (const [index, line] of file.text.split('\n').entries()) {
    const text = line.replace(/[#;].*$/s, '').trim();
    if (text === '') continue;
    const prefix = parsePrefix(text);
    if (prefix === undefined) bad.push(index + 1);
    else found.push({ prefix, list: name });
  }
  for (const line of bad.slice(0, shownBadLines)) file.issueAt(line, notPrefix);
  const more = bad.slice(shownBadLines);
  if (more[0] !== undefined) file.issueAt(more[0], `${more.length} more lines are like this: ${notPrefix}`);
  return found;
}

const fromFiles = (names: readonly string[] = [], context: BuildContext): readonly Listed[] =>
  names.flatMap((name, index) => fromFile(name, context.at(index)));

/** Compiles the key addresses. An exception wins over any denial, whatever their lengths. */
export function buildAddressGate(options: AddressesOptions | undefined, context: BuildContext): AddressGate {
  if (options === undefined) return () => undefined;
  const denied = [
    ...fromList('addresses.deny', options.deny, context.at('deny')),
    ...fromFiles(options.deny_files, context.at('deny_files')),
  ];
  const allowed = [
    ...fromList('addresses.allow', options.allow, context.at('allow')),
    ...fromFiles(options.allow_files, context.at('allow_files')),
  ];
  const denies = (options.deny?.length ?? 0) + (options.deny_files?.length ?? 0) > 0;
  const allows = (options.allow?.length ?? 0) + (options.allow_files?.length ?? 0) > 0;
  if (allows && !denies) {
    context.issue(
      allowKey(options),
      'excepts from nothing: no deny list is set. To admit only some, require an address',
    );
  }
  if (!denies) return () => undefined;
  return gate(createAddressSet(denied), createAddressSet(allowed));
}

const allowKey = (options: AddressesOptions): readonly string[] =>
  (options.allow?.length ?? 0) > 0 ? ['allow'] : ['allow_files'];

type ListedSet = ReturnType<typeof createAddressSet<Listed>>;

function gate(denied: ListedSet, allowed: ListedSet): AddressGate {
  return (client) => {
    if (client === undefined) return reject('address_blocked', { problem: 'the client address is not known' });
    const hit = denied.find(client);
    if (hit === undefined || allowed.find(client) !== undefined) return undefined;
    const { list, prefix } = hit;
    return reject('address_blocked', { client_address: formatAddress(client), list, prefix: prefix.text });
  };
}
