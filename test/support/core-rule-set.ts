import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goMissing, goModule } from './go-tool.ts';

/** The OWASP Core Rule Set on this machine. */
export interface CoreRuleSet {
  readonly version: string;
  /** The rules: what `crs.dir` names. */
  readonly rules: string;
  /** Its regression tests. */
  readonly tests: string;
}

const module = 'github.com/corazawaf/coraza-coreruleset/v4';
const version = 'v4.25.0';

/** Where it is, fetched as a Go module the first time; or why it cannot be had here. */
export async function coreRuleSet(): Promise<CoreRuleSet | string> {
  const missing = await goMissing();
  if (missing !== undefined) return missing;
  const failed = 'the Core Rule Set cannot be fetched as a Go module';
  const folder = await goModule(module, version).catch(() => undefined);
  if (folder === undefined) return failed;
  return { version, rules: join(folder, 'rules', '@owasp_crs'), tests: join(folder, 'tests') };
}

/** The texts of its files by their names in a directory "crs", for a build context of a test. */
export const textsOf = ({ rules }: CoreRuleSet): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(rules).map((name) => [`crs/${name}`, readFileSync(join(rules, name), 'utf8')]));
