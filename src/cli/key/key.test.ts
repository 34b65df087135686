import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { type RedisServer, startRedis } from '../../../test/support/redis.ts';
import { keyCommand } from '../key.ts';
import { runCommandLine } from '../usage.ts';

let redis: RedisServer;
before(async () => {
  redis = await startRedis();
});
after(() => redis.stop());

async function run(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const program = new Command('portcullis').addCommand(keyCommand((text) => out.push(text)));
  const quiet = (command: Command): void => {
    command.configureOutput({ writeOut: (text) => out.push(text), writeErr: (text) => err.push(text) });
    command.commands.forEach(quiet);
  };
  quiet(program);
  const earlier = process.exitCode;
  process.exitCode = 0;
  await runCommandLine(program, ['key', ...args]);
  const code = process.exitCode;
  process.exitCode = earlier;
  return { code, out: out.join('\n'), err: err.join('') };
}

const json = async (...args: readonly string[]) => {
  const { code, out, err } = await run(...args, '--json');
  assert.equal(code, 0, err);
  return JSON.parse(out);
};

/** The options that name a place for keys. */
type Place = (context: TestContext) => Promise<readonly string[]>;

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portcullis-keys-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

function configIn(base: string, options: string, url = redis.url): string {
  const config = join(base, 'portcullis.yaml');
  writeFileSync(
    config,
    `version: 1\nredis: { url: "${url}" }\nidentity: { partners: { api_key: ${options} } }\nrules: []\n`,
  );
  return config;
}

const places: Readonly<Record<string, Place>> = {
  'a YAML file': async (context) => ['--file', join(folder(context), 'keys.yaml')],
  'a file of lines': async (context) => ['--file', join(folder(context), 'keys.ndjson')],
  'the file that a config names': async (context) => {
    const base = folder(context);
    return ['--config', configIn(base, '{ keys_file: keys.yaml }'), '--identity', 'partners'];
  },
  'the shared store': async (context) => {
    await redis.flushAll();
    return ['--config', configIn(folder(context), '{ store: shared }')];
  },
};

for (const [name, open] of Object.entries(places)) {
  suite(`keys in ${name}`, () => {
    test('are made, listed, rotated and taken back', async (context) => {
      const place = await open(context);
      const made = await json(
        'new',
        '--owner',
        'acme',
        '--roles',
        'reader',
        '--plan',
        'gold',
        '--id',
        'acme',
        ...place,
      );
      assert.match(made.key, /^pck_acme_/);
      assert.match(made.entry.created, /^\d{4}-\d\d-\d\dT/);
      await json('new', '--owner', 'press', '--scopes', 'a,b', '--addresses', '10.0.0.0/8', '--id', 'press', ...place);

      const next = await json('rotate', 'acme', '--overlap', '1d', ...place);
      assert.match(next.key, /^pck_acmev2_/);
      assert.equal((await json('revoke', 'press', ...place)).id, 'press');
      const { out } = await run('list', ...place, '--json');
      assert.ok(!out.includes('sha256') && !out.includes('pck_'));
      const { keys } = JSON.parse(out);
      const states = keys.map(({ id, owner, state, plan }: Record<string, unknown>) => [id, owner, state, plan]);
      assert.deepEqual(states.toSorted(), [
        ['acme', 'acme', 'expiring', 'gold'],
        ['acmev2', 'acme', 'active', 'gold'],
        ['press', 'press', 'revoked', undefined],
      ]);
      const table = (await run('list', ...place)).out;
      assert.match(table, /^id +owner +state +expires +roles +scopes +plan\n/);
      assert.match(table, /^press +press +revoked +never +- +a,b +-$/m);
    });

    test('made at once are all there, and an id is given once', async (context) => {
      const place = await open(context);
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) => run('new', '--owner', 'x', '--id', `k${index % 6}`, ...place)),
      );
      // The exit code is the process's own, which all of them share here.
      assert.equal(all.filter(({ out }) => out !== '').length, 6);
      assert.match(all.map(({ err }) => err).join(), /the id "k\d" is taken/);
      assert.equal((await json('list', ...place)).keys.length, 6);
    });

    test('that are not there cannot be taken back', async (context) => {
      const place = await open(context);
      await json('new', '--owner', 'x', ...place);
      for (const command of ['revoke', 'rotate']) {
        const { code, out, err } = await run(command, 'nobody', ...place);
        assert.deepEqual([code, out], [1, '']);
        assert.match(err, /no key "nobody" in .*; see `portcullis key list`/);
      }
    });
  });
}

test('for people the key stands alone, and where its entry is', async (context) => {
  const file = join(folder(context), 'keys.yaml');
  const { out } = await run('new', '--owner', 'acme', '--id', 'a', '--file', file);
  assert.match(out, /^# Shown once and kept nowhere:\nkey: pck_a_\S+\n\n# a is in .*keys\.yaml$/);
  assert.match((await run('rotate', 'a', '--file', file)).out, /key: pck_av2_.*\n# a is good until \d{4}/s);
  assert.match((await run('revoke', 'av2', '--file', file)).out, /^av2 is revoked since /);
  const secret = /pck_\w+/.exec(out)?.[0] ?? '';
  assert.ok(!readFileSync(file, 'utf8').includes(secret));
});

test('a role that the config does not have is refused, with what was meant', async (context) => {
  const base = folder(context);
  const config = join(base, 'portcullis.yaml');
  const place = ['--config', config];
  writeFileSync(
    config,
    'version: 1\nidentity: { partners: { api_key: { keys_file: keys.yaml } } }\nroles: { reader: {}, editor: {} }\nrules: []\n',
  );
  const { code, out, err } = await run('new', '--owner', 'acme', '--roles', 'editor,raeder', ...place);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /unknown role "raeder"; did you mean "reader"\?; known are reader, editor/);
  assert.ok(!existsSync(join(base, 'keys.yaml')));
  await json('new', '--owner', 'acme', '--roles', 'reader,editor', ...place);
  assert.match(readFileSync(join(base, 'keys.yaml'), 'utf8'), /reader/);
});

test('without a place the entry is printed, with when it was made', async () => {
  const { out } = await run('new', '--owner', 'acme', '--id', 'a');
  assert.match(out, /# For the keys file:\nkeys:\n {2}- id: "a"\n/);
  assert.match(out, /^ {4}created: "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"$/m);
  assert.match((await json('new', '--owner', 'acme')).entry.created, /^\d{4}-/);
});

test('what cannot be done has a message and exit code 1', async (context) => {
  const base = folder(context);
  const broken = join(base, 'broken.yaml');
  writeFileSync(broken, 'keys:\n- id: a\n');
  const memory = configIn(base, '{ store: shared }', '');
  for (const [args, message] of [
    [['list', '--file', join(base, 'none.yaml')], /cannot read .*: it does not exist/],
    [['revoke', 'a', '--file', broken], /mend them first\n.*broken\.yaml:2:3 keys\[0\]\.hash is required/],
    [['list', '--config', memory], /has no redis\.url/],
    [['list', '--config', join(base, 'none.yaml')], /cannot read the file/],
  ] as const) {
    const { code, err } = await run(...args);
    assert.equal(code, 1, err);
    assert.match(err, message);
  }
  assert.ok(!existsSync(`${broken}.lock`));
});

test('what cannot be meant has a message and exit code 2', async (context) => {
  const base = folder(context);
  const config = configIn(base, '{ keys_file: keys.yaml }');
  const file = join(base, 'keys.yaml');
  await run('new', '--owner', 'x', '--id', 'a', '--file', file);
  for (const [args, message] of [
    [['list'], /say where the keys are/],
    [['list', '--file', file, '--config', config], /either --file or --config/],
    [['list', '--identity', 'partners'], /goes with --config/],
    [['list', '--config', config, '--identity', 'users'], /known are partners/],
    [['rotate', 'a', '--file', file, '--overlap', 'soon'], /a duration like/],
    [['rotate', 'a', '--file', file, '--expires', '2020-01-31'], /would be over already/],
    [['new', '--owner', 'x', '--addresses', '10.0.0.1/8'], /an address is/],
    [['new', '--owner', 'x', '--scopes', 'a,'], /a scope is/],
  ] as const) {
    const { code, err } = await run(...args);
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
});
