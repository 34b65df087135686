import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { reasonCodes, reasons } from '../../src/core/reason.ts';
import type { MetricSpec } from '../../src/telemetry/metric-spec.ts';
import { metrics } from '../../src/telemetry/names.ts';
import { promtool } from '../support/promtool.ts';

const run = promisify(execFile);
const rulesFile = 'deploy/prometheus/alerts.yaml';
const testsFile = 'deploy/prometheus/alerts.test.yaml';
const boardFile = 'deploy/grafana/portcullis.json';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const readRules = async (): Promise<readonly Rule[]> =>
  parse(await readFile(rulesFile, 'utf8')).groups.flatMap(({ rules }: { readonly rules: readonly Rule[] }) => rules);

const specs = new Map(Object.values<MetricSpec>(metrics).map((spec) => [spec.name as string, spec]));
/** The metric that a series belongs to: a histogram has three. */
const specOf = (series: string): MetricSpec | undefined => {
  const histogram = specs.get(series.replace(/_(?:bucket|sum|count)$/, ''));
  return specs.get(series) ?? (histogram?.type === 'histogram' ? histogram : undefined);
};

/** What is wrong with the metrics and labels that an expression names. */
function faultsOf(expr: string): readonly string[] {
  const named = [...expr.matchAll(/(?<![\w:])(portcullis_\w+)(\{[^}]*\})?/g)];
  return named.flatMap(([, series = '', selector = '']) => {
    const spec = specOf(series);
    if (spec === undefined) return [`there is no ${series}`];
    const known = ['job', 'instance', ...spec.labels];
    return [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
      .filter(([, label = '']) => !known.includes(label))
      .map(([, label]) => `${series} has no label ${label}`);
  });
}

test('promtool takes the rules, and they do what their tests say', async () => {
  await run(promtool(), ['check', 'rules', rulesFile]);
  await run(promtool(), ['test', 'rules', testsFile]);
});

test('rules name metrics and labels that there are, and records that they make', async () => {
  const rules = await readRules();
  const records = new Set(rules.flatMap(({ record }) => record ?? []));
  assert.deepEqual(
    rules.flatMap(({ expr }) => faultsOf(expr)),
    [],
  );
  const used = rules.flatMap(({ expr }) => expr.match(/portcullis:[\w:]+/g) ?? []);
  assert.deepEqual(
    used.filter((name) => !records.has(name)),
    [],
  );
});

test('each alert says what is wrong, how much it matters, and where it is written what to do', async () => {
  const pages = (await readFile('docs/operations.md', 'utf8')).split('\n');
  const tests = await readFile(testsFile, 'utf8');
  for (const { alert, labels, annotations } of await readRules()) {
    if (alert === undefined) continue;
    assert.ok(['critical', 'warning', 'info'].includes(labels?.['severity'] ?? ''), alert);
    for (const name of ['summary', 'description'])
      assert.ok((annotations?.[name] ?? '').length > 10, `${alert} ${name}`);
    assert.equal(annotations?.['runbook_url'], `docs/operations.md#${alert.toLowerCase()}`);
    assert.ok(pages.includes(`### ${alert}`), `docs/operations.md has no heading for ${alert}`);
    assert.ok(tests.includes(alert), `${alert} has no test`);
  }
});

test('the failures that an alert names are those that are ours', async () => {
  const rule = (await readRules()).find(({ alert }) => alert === 'PortcullisOwnFailures');
  const named = /reason=~"([^"]+)"/.exec(rule?.expr ?? '')?.[1]?.split('|') ?? [];
  const ours = reasonCodes.filter((code) => reasons[code].kind === 'fail' && reasons[code].status === 503);
  assert.deepEqual(named.toSorted(), ours.toSorted());
});

test('the board has panels that say what they show, of metrics that there are', async () => {
  const board = JSON.parse(await readFile(boardFile, 'utf8'));
  assert.ok(Number.isInteger(board.schemaVersion) && board.schemaVersion >= 36);
  assert.equal(board.uid, 'portcullis');
  // An id would overwrite whatever board has it where this one is imported.
  assert.ok(!('id' in board));
  const variables = board.templating.list.map(({ name }: { readonly name: string }) => name);
  assert.deepEqual(variables, ['datasource', 'job', 'instance', 'rule']);
  for (const { definition = '' } of board.templating.list) assert.deepEqual(faultsOf(definition), []);
  const ids = new Set<number>();
  const taken = new Map<string, string>();
  for (const panel of board.panels) {
    assert.ok(!ids.has(panel.id), `two panels have the id ${panel.id}`);
    ids.add(panel.id);
    assert.ok(panel.title.length > 0);
    const { x, y, w, h } = panel.gridPos;
    assert.ok(x + w <= 24, panel.title);
    for (let column = x; column < x + w; column += 1) {
      for (let line = y; line < y + h; line += 1) {
        const place = `${column} ${line}`;
        assert.equal(taken.get(place), undefined, `${panel.title} lies on ${taken.get(place)}`);
        taken.set(place, panel.title);
      }
    }
    if (panel.type === 'row') continue;
    assert.ok(panel.description.length > 0 && panel.fieldConfig.defaults.unit.length > 0, panel.title);
    assert.equal(panel.datasource.uid, `\${datasource}`);
    assert.ok(panel.targets.length > 0, panel.title);
    for (const { expr } of panel.targets) assert.deepEqual(faultsOf(expr), [], panel.title);
  }
});

test('Prometheus would take every expression of the board', async () => {
  const board = JSON.parse(await readFile(boardFile, 'utf8'));
  const expressions: readonly string[] = board.panels.flatMap(
    ({ targets = [] }: { readonly targets?: readonly { readonly expr: string }[] }) => targets.map(({ expr }) => expr),
  );
  const rules = expressions.map((expr, index) => ({
    record: `board:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-board-'));
  try {
    await writeFile(`${folder}/rules.yaml`, JSON.stringify({ groups: [{ name: 'board', rules }] }));
    await run(promtool(), ['check', 'rules', `${folder}/rules.yaml`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the compose example scrapes, judges and shows with the files that we ship', async () => {
  const folder = 'deploy/compose';
  const { services } = parse(await readFile(join(folder, 'compose.yaml'), 'utf8'));
  const mounts = [...services.prometheus.volumes, ...services.grafana.volumes].map((text: string) => text.split(':'));
  for (const [source = ''] of mounts) await stat(join(folder, source));
  const placeOf = (target: string): string => {
    const mount = mounts.find(([, folderThere = '']) => target.startsWith(folderThere));
    return join(folder, mount?.[0] ?? '', target.slice(mount?.[1]?.length));
  };
  const config = parse(await readFile(placeOf('/etc/prometheus/prometheus.yml'), 'utf8'));
  const [scraped] = config.scrape_configs;
  assert.equal(scraped.job_name, 'portcullis');
  const { listen } = parse(await readFile(join(folder, 'portcullis.yaml'), 'utf8'));
  const port = listen.admin.split(':').at(-1);
  assert.deepEqual(scraped.static_configs, [{ targets: [`portcullis:${port}`] }]);
  assert.deepEqual(config.rule_files.map(placeOf), [rulesFile]);
  const { providers } = parse(await readFile(placeOf('/etc/grafana/provisioning/dashboards/portcullis.yaml'), 'utf8'));
  assert.equal(join(placeOf(providers[0].options.path), 'portcullis.json'), boardFile);
  const sources = parse(await readFile(placeOf('/etc/grafana/provisioning/datasources/portcullis.yaml'), 'utf8'));
  assert.ok(sources.datasources.some(({ type }: { readonly type: string }) => type === 'prometheus'));
  // Whoever may look at it may look at everything: only this machine does.
  for (const name of ['prometheus', 'grafana']) {
    for (const published of services[name].ports) assert.match(published, /^127\.0\.0\.1:/);
  }
  const given = join(folder, 'prometheus.yml');
  await run(promtool(), ['check', 'config', '--syntax-only', given]);
});
