import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Subject } from '../../src/core/plan.ts';
import { goModule } from '../support/go-tool.ts';
import type { Asked, Item } from './corpus.ts';
import { subjectOf } from './judge.ts';

/** The folders of others' data, from the cache of Go modules; what they hold never becomes part of this repository. */
export const crsModule = (): Promise<string> => goModule('github.com/corazawaf/coraza-coreruleset/v4', 'v4.25.0');
const libinjectionModule = (): Promise<string> => goModule('github.com/corazawaf/libinjection-go', 'v0.3.5');

interface Stage {
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly encoded_request?: string;
}

interface RegressionTest {
  readonly test_id: number;
  readonly stages: readonly {
    readonly input: Stage;
    readonly output: { readonly log?: Readonly<Record<string, unknown>> };
  }[];
}

function requestOf({ method = 'GET', uri = '/', headers = {}, data }: Stage): Subject {
  const mark = uri.indexOf('?');
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const hasBody = data !== undefined && data !== '';
  const type =
    hasBody && named['content-type'] === undefined ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  return subjectOf({
    method,
    path: (mark < 0 ? uri : uri.slice(0, mark)) || '/',
    query: mark < 0 ? '' : (uri.slice(mark + 1).split('#')[0] ?? ''),
    headers: { ...named, ...type },
    ...(hasBody ? { body: data } : {}),
  });
}

function levelsOf(rules: string): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const file of readdirSync(rules).filter((name) => name.endsWith('.conf'))) {
    const text = readFileSync(join(rules, file), 'utf8');
    for (const [, id = '', level = ''] of text.matchAll(/id:(\d{6}),[^"]*?paranoia-level\/(\d)/g))
      levels.set(id, Number(level));
  }
  return levels;
}

/** The requests in which the Core Rule Set's own tests expect a rule of attacks (913 to 944) up to a level to match. */
export async function crsAttacks(paranoia: number): Promise<readonly Asked[]> {
  const folder = await crsModule();
  const levels = levelsOf(join(folder, 'rules', '@owasp_crs'));
  return globSync(join(folder, 'tests', 'REQUEST-9[1-4]*', '*.yaml')).flatMap((path) => {
    const id = basename(path, '.yaml');
    if (!/^9(?:13|2[12]|3|4)/.test(id) || (levels.get(id) ?? 9) > paranoia) return [];
    // The shape of the suite's files.
    const { tests } = parse(readFileSync(path, 'utf8')) as { readonly tests: readonly RegressionTest[] };
    return tests.flatMap(({ test_id: test, stages: [stage] }): readonly Asked[] => {
      const expected = stage?.output.log?.['expect_ids'];
      if (stage === undefined || !Array.isArray(expected) || stage.input.encoded_request !== undefined) return [];
      return [{ kind: `crs ${id.slice(0, 3)}`, title: `${id}-${test}`, subject: requestOf(stage.input) }];
    });
  });
}

/** The inputs that libinjection's own tests expect to be found. */
export async function libinjectionAttacks(): Promise<readonly Item[]> {
  const folder = join(await libinjectionModule(), 'tests');
  return readdirSync(folder).flatMap((file) => {
    const kind = /^test-(sqli|xss)/.exec(file)?.[1];
    if (kind === undefined) return [];
    const [, input = '', expected = ''] =
      /--INPUT--\n([\s\S]*?)\n?--EXPECTED--\n?([\s\S]*)/.exec(readFileSync(join(folder, file), 'latin1')) ?? [];
    return /^\s*(?:0\s*)?$/.test(expected) ? [] : [{ kind: `libinjection ${kind}`, text: input.trimEnd() }];
  });
}

/** Lines of files like libinjection's data folder: sqli-*.txt and xss-*.txt, percent-encoded, "#" for remarks. */
export function linesOfFolder(folder: string): readonly Item[] {
  const texts = new Map<string, Item>();
  for (const file of readdirSync(folder)) {
    const kind = /^(sqli|xss)-.*\.txt$/.exec(file)?.[1];
    if (kind === undefined) continue;
    for (const line of readFileSync(join(folder, file), 'latin1').split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const text = line
        .replaceAll('+', ' ')
        .replace(/%([0-9a-f]{2})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      texts.set(text, { kind: `lines ${kind}`, text });
    }
  }
  return [...texts.values()];
}
