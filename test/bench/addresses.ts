// Lists of addresses: what a lookup costs by the size of the list, what building one costs and takes, and how long the event loop
// is held up while a list of a million prefixes is read on its thread and swapped in. `node test/bench/addresses.ts`
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Address, formatAddress, parseAddress } from '../../src/core/address.ts';
import { buffersOf, openAddressTable, type PackedAddresses, packAddresses } from '../../src/core/address-table.ts';
import { openPrefixColumns } from '../../src/core/prefix-columns.ts';
import { readFeedsOnThread } from '../../src/guard/feeds/on-thread.ts';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '1000,100000,1000000' } } });

type Family = 4 | 6;
interface Range {
  readonly address: Address;
  readonly length: number;
}

let state = 42;
/** 32 bits that are the same in every run. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const anAddress = (family: Family): Address => ({
  family,
  // IPv6 as it is given out: few first words, then anything.
  words: family === 4 ? [random()] : [0x2a00_0000 + (random() % 0x200_0000), random(), random(), random()],
});

/** Mostly single hosts and /64s, as lists of clients are, and some networks. */
function aRange(family: Family): Range {
  const { words } = anAddress(family);
  if (family === 6) return { address: { family, words: [words[0] ?? 0, words[1] ?? 0, 0, 0] }, length: 64 };
  const length = random() % 8 === 0 ? 16 + (random() % 16) : 32;
  return { address: { family, words: [((words[0] ?? 0) & (0xffff_ffff << (32 - length))) >>> 0] }, length };
}

const batch = 1024;
/** Nanoseconds of one of many, in the best of many rounds: others share this machine. */
function best(one: (at: number) => number, rounds = 2000): number {
  let least = Number.POSITIVE_INFINITY;
  let sink = 0;
  for (let round = 0; round < rounds; round++) {
    const from = (round * batch) % lookups;
    const start = process.hrtime.bigint();
    for (let at = from; at < from + batch; at++) sink += one(at);
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  if (Number.isNaN(sink)) throw new Error('nothing was looked up');
  return least / batch;
}
const lookups = 64 * batch;

function build(ranges: readonly Range[]): { readonly packed: PackedAddresses; readonly buildMs: number } {
  const start = performance.now();
  const columns = openPrefixColumns();
  for (const range of ranges) columns.add(range, 0);
  const packed = packAddresses(columns);
  return { packed, buildMs: performance.now() - start };
}

function measure(family: Family, size: number): void {
  const ranges = Array.from({ length: size }, () => aRange(family));
  const { packed, buildMs } = build(ranges);
  const table = openAddressTable(packed);
  // One in two is on the list.
  const asked = Array.from({ length: lookups }, (_, at) =>
    at % 2 === 0 ? anAddress(family) : (ranges[random() % size]?.address ?? anAddress(family)),
  );
  const texts = asked.map(formatAddress);
  // Side by side: thousands of small objects would be what takes the time.
  const words = Uint32Array.from(asked.flatMap((address) => address.words));
  const width = family === 4 ? 1 : 4;
  const addressAt = (at: number): Address => {
    const from = at * width;
    const word = (place: number): number => words[from + place] ?? 0;
    return { family, words: family === 4 ? [word(0)] : [word(0), word(1), word(2), word(3)] };
  };
  const find = (address: Address | undefined): number => (address === undefined ? 0 : table.find(address));
  const bytes = buffersOf(packed).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const cells = [
    `IPv${family}`,
    String(size),
    `${best((at) => find(addressAt(at))).toFixed(0)} ns`,
    `${best((at) => find(parseAddress(texts[at] ?? ''))).toFixed(0)} ns`,
    `${buildMs.toFixed(0)} ms`,
    `${(bytes / 1e6).toFixed(1)} MB`,
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** Reads a list on the thread, as a feed does, and says what became of the event loop meanwhile. */
async function swap(size: number): Promise<void> {
  const line = (): string => {
    const { address, length } = aRange(4);
    return length === 32 ? formatAddress(address) : `${formatAddress(address)}/${length}`;
  };
  const text = Array.from({ length: size }, line).join('\n');
  const chunks = Array.from(
    { length: Math.ceil(text.length / 65_536) },
    (_, at) => new Uint8Array(Buffer.from(text.slice(at * 65_536, (at + 1) * 65_536))),
  );
  const reader = readFeedsOnThread();
  // The thread alone keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  const limits = { maxEntries: 10_000_000, keepSpecial: false };
  // The thread is there, as it is at every refresh but the first.
  await reader.read({ kind: 'document', format: 'plain', limits, floor: 0, chunks: [], cache: undefined });
  const start = performance.now();
  const [reading, worstMs] = await watched(() =>
    reader.read({ kind: 'document', format: 'plain', limits, floor: 0, chunks, cache: undefined }),
  );
  const readMs = performance.now() - start;
  const opening = performance.now();
  const table = reading.ok && reading.packed !== undefined ? openAddressTable(reading.packed) : undefined;
  const openedMs = performance.now() - opening;
  // What others on this machine do to an event loop that has nothing to do.
  const [, idleMs] = await watched(() => new Promise((resolve) => setTimeout(resolve, readMs)));
  await reader.close();
  clearInterval(alive);
  if (!reading.ok || table === undefined) throw new Error('the list was not read');
  process.stdout.write(
    `${reading.entries} entries of ${(text.length / 1e6).toFixed(1)} MB: read in ${readMs.toFixed(0)} ms on the thread, ` +
      `opened in ${openedMs.toFixed(3)} ms; longest pause of the event loop ${worstMs.toFixed(1)} ms, idle ${idleMs.toFixed(1)} ms\n`,
  );
}

/** What something came to, and the longest pause of the event loop meanwhile, in milliseconds. */
async function watched<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const result = await run();
  await new Promise((resolve) => setTimeout(resolve, 20));
  delays.disable();
  return [result, Math.max(0, delays.max / 1e6 - 1)];
}

process.stdout.write('| | prefixes | address | text | build | size |\n|---|---|---|---|---|---|\n');
const sizes = values.sizes.split(',').map(Number);
for (const family of [4, 6] as const) for (const size of sizes) measure(family, size);
process.stdout.write('\n');
await swap(Math.max(...sizes));
