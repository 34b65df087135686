import { SpoolError } from '../audit/index.ts';
import { createKeyFiles } from '../authn/index.ts';
import { readOnThread } from '../config/keys/aside.ts';
import { openConfig } from '../config/open.ts';
import { feedsAtHand } from '../guard/index.ts';
import { ListenError } from '../server/listen.ts';
import { compileOffline } from './offline.ts';
import { placeholderIssues } from './placeholders.ts';
import { refuseIssues } from './print.ts';
import { startSidecar } from './sidecar.ts';

/** Serves a config until a signal ends it. Resolves with the exit code: 0 ended, 1 could not listen, 2 the config has issues. */
export async function serve(file: string): Promise<number> {
  const opening = openConfig(file);
  // Here nobody waits for an answer, but what the reading of many keys leaves behind would stay in our heap.
  const keyFiles = createKeyFiles();
  const { signal } = new AbortController();
  await opening.readAhead({
    keyFiles,
    readAside: readOnThread(),
    checkAside: undefined,
    compileAside: undefined,
    signal,
  });
  // Feeds are looked at once it runs: a file that somebody else writes may come later.
  const feeds = feedsAtHand({ files: false, cache: false });
  let checked = compileOffline(opening, { keyFiles, feeds });
  const { settings } = opening;
  const issues = [...opening.issues(), ...placeholderIssues(opening.files())];
  if (settings === undefined || issues.length > 0) {
    checked?.close();
    return refuseIssues(issues, false, (line) => process.stderr.write(`${line}\n`));
  }
  // From the start on: whoever sees us listening may send a signal at once.
  const ended = Promise.withResolvers<void>();
  const stop = (): void => ended.resolve();
  let reload = (): void => {};
  process
    .once('SIGTERM', stop)
    .once('SIGINT', stop)
    .on('SIGHUP', () => reload());
  try {
    const sidecar = await startSidecar({ file, settings, env: process.env, keyFiles });
    // Contracts that were compiled for the check had to be held until the plan has them; from now on it alone does.
    checked?.close();
    checked = undefined;
    reload = sidecar.reload;
    await ended.promise;
    reload = () => {};
    await sidecar.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof ListenError || error instanceof SpoolError)) throw error;
    process.stderr.write(`portcullis: ${error.message}\n`);
    return 1;
  } finally {
    checked?.close();
  }
}
