import { randomBytes, randomUUID } from 'node:crypto';
import { leakKinds } from '../../src/inspect/leaks/detector.ts';
import { usualKinds } from '../../src/inspect/leaks/options.ts';
import { compileScan } from '../../src/inspect/leaks/scan.ts';

/** How fast clean JSON passes the search for leaks: millions of bytes a second, the median and the best of 15 rounds. */
const rounds = 15;
const mebibyte = 1024 ** 2;

const order = (index: number): unknown => ({
  id: randomUUID(),
  number: 100_000 + index,
  created_at: new Date(1_700_000_000_000 + index * 61_000).toISOString(),
  updated: 1_700_000_000_000 + index * 61_000,
  customer: { name: "Zoë O'Neil", email: `zoe.${index}@example.com`, phone: '+44 20 7946 0958', city: 'São Paulo' },
  lines: Array.from({ length: 4 }, (_, line) => ({
    sku: `SKU-${index}-${line}`,
    title: 'A pot of green tea, at least as good as the one before',
    price: 12.5 + line / 8,
    quantity: line,
    url: `https://shop.example.com/items/${index}?ref=${line}&lang=en`,
  })),
  etag: randomBytes(16).toString('hex'),
  paid: true,
  note: null,
});

const bodies = {
  'JSON of orders': Buffer.from(JSON.stringify(Array.from({ length: 1500 }, (_, index) => order(index)))),
  'English prose': Buffer.from(
    'It was the best of days at the station, and nobody knew what to expect. '.repeat(20_000),
  ),
  base64: Buffer.from(randomBytes(mebibyte).toString('base64')),
  numbers: Buffer.from(JSON.stringify(Array.from({ length: 120_000 }, (_, index) => index * 7919 + 0.25))),
};

for (const [kinds, chosen] of [
  ['default detectors', usualKinds],
  ['all detectors', leakKinds],
] as const) {
  const scan = compileScan(chosen);
  for (const [what, bytes] of Object.entries(bodies)) {
    const speeds: number[] = [];
    let found = 0;
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      scan({ bytes, last: true }, 0, () => {
        found += 1;
      });
      speeds.push(bytes.length / 1e6 / ((performance.now() - start) / 1000));
    }
    speeds.sort((a, b) => a - b);
    const [median, best] = [speeds[Math.floor(rounds / 2)] ?? 0, speeds.at(-1) ?? 0];
    console.log(
      `${kinds}, ${what} (${(bytes.length / mebibyte).toFixed(1)} MiB): ${median.toFixed(0)} MB/s, best ${best.toFixed(0)}; found ${found / rounds}`,
    );
  }
}
