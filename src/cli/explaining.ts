import type { Settings } from '../config/compile.ts';
import { openConfig } from '../config/open.ts';
import { readRequestFile } from '../config/request-file.ts';
import { silentLog, silentSignals } from '../core/ports.ts';
import type { StateStore } from '../core/state.ts';
import { feedsAtHand } from '../guard/index.ts';
import { compileOffline } from './offline.ts';
import { print, refuseIssues } from './print.ts';
import { readOnlyState } from './read-only-state.ts';
import { openState } from './stores.ts';
import { formatStory, storyJson } from './story.ts';

/** What the gateway keeps in Redis, as it is there now; with embedded memory there is nothing to look at. */
const lookOnly = (redis: Settings['redis'] = { url: undefined, timeoutMs: 0 }): StateStore =>
  readOnlyState(openState(redis, silentSignals, silentLog));

/** Explains the decision on the request in a file. Resolves with the exit code: 0 explained, 2 issues. */
export async function explain(file: string, requestFile: string, json: boolean): Promise<number> {
  const opening = openConfig(file);
  const offline = compileOffline(opening, { openState: lookOnly, feeds: feedsAtHand({ files: true, cache: true }) });
  const described = readRequestFile(requestFile);
  if (offline === undefined || !described.ok) {
    return refuseIssues([...opening.issues(), ...(described.ok ? [] : described.issues)], json);
  }
  try {
    const story = await offline.decide(described.attributes);
    print(json ? JSON.stringify(storyJson(story), null, 2) : formatStory(story));
    return 0;
  } finally {
    offline.close();
  }
}
