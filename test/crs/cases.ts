import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a test of the Core Rule Set sends (the format of go-ftw). */
export interface Input {
  readonly method?: string;
  readonly uri?: string;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly data?: string;
  /** A whole request in base64, in place of all of the above. */
  readonly encoded_request?: string;
  /** Default: true. */
  readonly autocomplete_headers?: boolean;
}

/** What it expects of the log. */
interface Output {
  readonly log?: {
    readonly expect_ids?: readonly number[];
    readonly no_expect_ids?: readonly number[];
    readonly match_regex?: string;
    readonly no_match_regex?: string;
  };
  readonly status?: number;
}

/** One request of one test. */
export interface Case {
  /** The file's folder, like REQUEST-942-APPLICATION-ATTACK-SQLI. */
  readonly group: string;
  /** Rule, number of the test and of the stage, like 942100-3. */
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  readonly fires: readonly string[];
  readonly silent: readonly string[];
  /** It asks of the server's status or of words in its log, not of rules. */
  readonly asksOtherThings: boolean;
}

interface Stage {
  readonly input: Input;
  readonly output: Output;
}

interface TestFile {
  readonly rule_id: number;
  readonly tests: readonly {
    readonly test_id?: number;
    readonly desc?: string;
    readonly stages: readonly Stage[];
  }[];
}

const ids = (list: readonly number[] | undefined): readonly string[] => (list ?? []).map(String);

function casesOf(group: string, { rule_id: rule, tests }: TestFile): readonly Case[] {
  return tests.flatMap(({ test_id: id, desc, stages }, index) =>
    stages.map(({ input, output }, stage): Case => {
      const { expect_ids: fires, no_expect_ids: silent } = output.log ?? {};
      return {
        group,
        name: `${rule}-${id ?? index + 1}${stage === 0 ? '' : `.${stage + 1}`}`,
        description: (desc ?? '').trim().split('\n')[0] ?? '',
        input,
        fires: ids(fires),
        silent: ids(silent),
        asksOtherThings: fires === undefined && silent === undefined,
      };
    }),
  );
}

/** All tests below a folder of the module, in the order of their files. */
export function readCases(folder: string): readonly Case[] {
  const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups
    .map(({ name }) => name)
    .sort()
    .flatMap((group) =>
      readdirSync(join(folder, group))
        .filter((name) => name.endsWith('.yaml'))
        .sort()
        .flatMap((name) => {
          // The shape is that of the module at its pinned version.
          const file = parse(readFileSync(join(folder, group, name), 'utf8')) as TestFile | null;
          return file === null ? [] : casesOf(group, file);
        }),
    );
}
