// What detection finds and costs. node --expose-gc test/bench/detect/main.ts [--clients N] [--days N] [--seed N]; --series FILE.csv prints what is found in a series.
import { parseArgs } from 'node:util';
import { measureCost } from './cost.ts';
import { findGuessing } from './guessing.ts';
import { findInSeries, seriesDefaults } from './series.ts';
import { readSeries, SeriesProblem } from './series-csv.ts';
import { scoreSurges } from './surges.ts';

const { values } = parseArgs({
  options: {
    series: { type: 'string' },
    scales: { type: 'string', default: String(seriesDefaults.scales) },
    refractory: { type: 'string', default: String(seriesDefaults.refractory) },
    clients: { type: 'string', default: '200' },
    days: { type: 'string', default: '14' },
    seed: { type: 'string', default: '1' },
  },
});

if (values.series === undefined) {
  const seed = Number(values.seed);
  const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  const cost = measureCost();
  process.stdout.write(
    `cost: ${cost.requestUs.toFixed(2)} us a request (decided and over), ${cost.observationUs.toFixed(2)} an observation; ${mib(cost.bytesAt100k)} at 100,000 addresses, ${mib(cost.bytesAt1M)} at 1,000,000\n`,
  );
  const guessing = findGuessing(seed, 50, 24);
  process.stdout.write(
    `guessing, one try a second from 50 addresses: found after ${guessing.seconds} s; ${guessing.falseAlerts} false alerts in the day before\n`,
  );
  const score = scoreSurges(seed, Number(values.clients), Number(values.days));
  process.stdout.write(
    `surges: ${score.found} of ${score.surges} found, recall ${score.recall.toFixed(3)}; delay p95 ${score.delay95.toFixed(1)} s; ` +
      `${score.falsePerClientWeek.toFixed(2)} false alerts a client and week\n`,
  );
} else {
  try {
    const options = {
      ...seriesDefaults,
      scales: positive('scales', values.scales),
      refractory: positive('refractory', values.refractory),
    };
    const { points, skipped } = readSeries(values.series);
    if (skipped > 0) process.stderr.write(`${skipped} lines without a time or a number are gaps\n`);
    process.stdout.write('timestamp,value,usual,kind\n');
    for (const { timestamp, value, usual, kind } of findInSeries(points, options)) {
      const cell = timestamp.includes(',') ? `"${timestamp}"` : timestamp;
      process.stdout.write(`${cell},${value},${usual.toPrecision(6)},${kind}\n`);
    }
  } catch (error) {
    if (!(error instanceof SeriesProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new SeriesProblem(`--${name} must be a number above 0`);
  return number;
}
