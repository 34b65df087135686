import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Watcher, type WatchOptions, watchFiles } from './watch.ts';

interface Scene {
  readonly folder: string;
  readonly watcher: Watcher;
  /** Resolves after the content of the file was this at a change. */
  readonly sees: (content: string | undefined) => Promise<void>;
}

const contentOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

async function scene(
  context: TestContext,
  file: string,
  prepare: (folder: string) => void,
  options: WatchOptions = { quietMs: 1, pollMs: 3_600_000 },
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  prepare(folder);
  const path = join(folder, file);
  let waiting: (() => void) | undefined;
  const watcher = await watchFiles([path], () => waiting?.(), options);
  context.after(() => {
    watcher.close();
    rmSync(folder, { recursive: true, force: true });
  });
  // The watcher keeps no process alive, so the test has to.
  const alive = setInterval(() => {}, 60_000);
  context.after(() => clearInterval(alive));
  const sees = (content: string | undefined): Promise<void> =>
    new Promise((resolve) => {
      waiting = () => {
        if (contentOf(path) === content) resolve();
      };
    });
  return { folder, watcher, sees };
}

test('a file that is written in place, renamed over, removed and back again is seen each time', async (context) => {
  const { folder, sees } = await scene(context, 'a.yaml', (folder) => writeFileSync(join(folder, 'a.yaml'), '1'));
  const file = join(folder, 'a.yaml');
  let seen = sees('22');
  writeFileSync(file, '22');
  await seen;
  seen = sees('333');
  writeFileSync(join(folder, '.a.tmp'), '333');
  renameSync(join(folder, '.a.tmp'), file);
  await seen;
  seen = sees(undefined);
  rmSync(file);
  await seen;
  seen = sees('4');
  writeFileSync(file, '4');
  await seen;
});

test('the swap of a link to the directory that holds the data is seen, twice in a row', async (context) => {
  const { folder, sees } = await scene(context, 'a.yaml', (folder) => {
    for (const [name, text] of [
      ['..v1', 'one'],
      ['..v2', 'two'],
      ['..v3', 'three'],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'a.yaml'), text);
    }
    symlinkSync('..v1', join(folder, '..data'));
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
  });
  for (const [name, text] of [
    ['..v2', 'two'],
    ['..v3', 'three'],
  ] as const) {
    const seen = sees(text);
    symlinkSync(name, join(folder, '..new'));
    renameSync(join(folder, '..new'), join(folder, '..data'));
    await seen;
  }
});

test('a file behind a link into another directory is seen when it is written there', async (context) => {
  const { folder, sees } = await scene(context, 'etc/a.yaml', (folder) => {
    mkdirSync(join(folder, 'etc'));
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real/a.yaml'), 'one');
    symlinkSync('../real/a.yaml', join(folder, 'etc/a.yaml'));
  });
  const seen = sees('other');
  writeFileSync(join(folder, 'real/a.yaml'), 'other');
  await seen;
});

test('a new file in a watched directory is seen, and one with a dot is not', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a'), '');
  let calls = 0;
  const changed = Promise.withResolvers<void>();
  const look = Promise.withResolvers<() => void>();
  const watcher = await watchFiles(
    [folder],
    () => {
      calls += 1;
      changed.resolve();
    },
    {
      quietMs: 1,
      pollMs: 5,
      subscribe: () => {
        look.resolve(() => {});
        return { stop: () => {} };
      },
    },
  );
  context.after(() => watcher.close());
  const alive = setInterval(() => {}, 60_000);
  context.after(() => clearInterval(alive));
  await look.promise;
  writeFileSync(join(folder, '.swap'), '');
  await watcher.update([folder]);
  assert.equal(calls, 0);
  writeFileSync(join(folder, 'b'), '');
  await changed.promise;
});

test('the slow look finds a change of which the system said nothing', async (context) => {
  const { folder, sees } = await scene(context, 'a', (folder) => writeFileSync(join(folder, 'a'), '1'), {
    pollMs: 5,
    subscribe: () => {
      throw new Error('no more watches');
    },
  });
  const seen = sees('12');
  writeFileSync(join(folder, 'a'), '12');
  await seen;
});

test('an update keeps the last seen state of old paths and takes new ones', async (context) => {
  const events: (() => void)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  writeFileSync(a, '1');
  writeFileSync(b, '1');
  let changed = Promise.withResolvers<void>();
  let calls = 0;
  const watcher = await watchFiles(
    [a],
    () => {
      calls += 1;
      changed.resolve();
    },
    {
      quietMs: 1,
      pollMs: 3_600_000,
      subscribe: (_, onEvent) => {
        events.push(onEvent);
        return { stop: () => {} };
      },
    },
  );
  context.after(() => watcher.close());
  const alive = setInterval(() => {}, 60_000);
  context.after(() => clearInterval(alive));
  writeFileSync(a, '22');
  await watcher.update([a, b]);
  assert.equal(calls, 0);
  events.at(-1)?.();
  await changed.promise;
  changed = Promise.withResolvers();
  writeFileSync(b, '22');
  events.at(-1)?.();
  await changed.promise;
  assert.equal(calls, 2);
});

test('a closed watcher stops its subscriptions and stays silent', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  let stopped = 0;
  let event = (): void => {};
  const watcher = await watchFiles([join(folder, 'a')], () => assert.fail('called back'), {
    quietMs: 1,
    pollMs: 1,
    subscribe: (_, onEvent) => {
      event = onEvent;
      return {
        stop: () => {
          stopped += 1;
        },
      };
    },
  });
  watcher.close();
  assert.equal(stopped, 1);
  writeFileSync(join(folder, 'a'), '1');
  event();
  await watcher.update([join(folder, 'a')]);
});
