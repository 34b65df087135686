// npm test: everything but what is for the night, with the coverage gate. npm test -- GROUP…: those groups alone, without it.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { prepare } from './support/prepare.ts';

const groups = {
  house: ['test/house/*.test.ts'],
  unit: ['src/**/*.test.ts'],
  config: ['test/config/*.test.ts'],
  cases: ['test/cases/*.test.ts'],
  contract: ['test/contract/*.test.ts'],
  deploy: ['test/deploy/*.test.ts'],
  attacks: ['test/attacks/*.test.ts'],
  e2e: ['test/e2e/*.test.ts'],
  nightly: ['test/nightly/*.test.ts'],
} as const satisfies Record<string, readonly string[]>;
type Group = keyof typeof groups;
/** What every change is held against, and covers the code. */
const covering = ['house', 'unit', 'config', 'cases', 'contract', 'attacks'] as const satisfies readonly Group[];
/** What every change is held against too, as whole processes: what these run has been counted by then. */
const whole = ['deploy', 'e2e'] as const satisfies readonly Group[];

const isGroup = (name: string): name is Group => Object.hasOwn(groups, name);

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Processes that start often read the code as it was compiled before. Coverage would be counted less exactly with it. */
const compiled: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: resolve('.cache/compiled') };
// On one core too, most of what a test does is to wait.
const atOnce = Math.max(2, availableParallelism());

function runGroups(names: readonly Group[], env: NodeJS.ProcessEnv): void {
  const files = names.flatMap((name) => groups[name]);
  // A provider that others wrote takes its time to start.
  const timeoutMs = names.includes('nightly') ? 900_000 : 120_000;
  run(process.execPath, ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${timeoutMs}`, ...files], env);
}

/** Files without anything that runs: they are never loaded, and nothing in them can be covered. */
function typeOnly(): readonly string[] {
  return globSync('src/**/*.ts').filter(
    (path) =>
      !/^(export )?(async |default )?(const|let|function|class|import (?!type )|await)\b/m.test(
        readFileSync(path, 'utf8'),
      ),
  );
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isGroup(name));
if (unknown.length > 0) {
  console.error(`unknown test group ${unknown.join(', ')}; known: ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}

try {
  await prepare(asked.length > 0 ? asked : [...covering, ...whole]);
} catch (error) {
  // It says what to install or to set; where in the code it was noticed helps nobody.
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
if (asked.length > 0) {
  runGroups(asked.filter(isGroup), compiled);
} else {
  const raw = 'coverage/raw';
  rmSync('coverage', { recursive: true, force: true });
  runGroups(covering, { ...process.env, NODE_V8_COVERAGE: raw });
  runGroups(whole, compiled);
  const left = ['src/wire/gen/**', '**/*.test.ts', 'test/**', ...typeOnly()].flatMap((glob) => ['--exclude', glob]);
  const report = ['report', '--temp-directory', raw, '--all', '--src', 'src', ...left, '--check-coverage'];
  run('c8', [...report, '--include', 'src/**', '--lines', '95', '--branches', '90', '--reporter', 'text']);
  const page = ['--include', 'src/core/**', '--include', 'src/flow/**', '--reporter', 'text'];
  run('c8', [...report, ...page, '--lines', '100', '--branches', '100']);
}
