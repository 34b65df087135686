import assert from 'node:assert/strict';
import type { AttackRule } from '../../src/inspect/attacks/rule.ts';
import { type CompiledCrs, compileCrs } from '../../src/inspect/attacks/seclang/crs.ts';
import { recordIssues } from './recording-context.ts';

/** What makes rules ones of the Core Rule Set. */
export const signature = 'SecComponentSignature "OWASP_CRS/4.99.0"\n';

/** A compilation, with what is not supported by file and line, and what was reported. */
export interface Compilation extends Omit<CompiledCrs, 'unsupported'> {
  readonly unsupported: readonly { readonly id: string | undefined; readonly place: string; readonly what: string }[];
  readonly issues: readonly string[];
  readonly said: readonly string[];
}

/** Compiles files of a directory, given as texts by their names. */
export function compileFiles(files: Readonly<Record<string, string>>): Compilation {
  const named = Object.entries(files).map(([name, text]) => [`crs/${name}`, text] as const);
  const { context, issues } = recordIssues(Object.fromEntries(named));
  const said: string[] = [];
  const compiled = compileCrs(context.directory('crs') ?? [], (message) => said.push(message));
  const unsupported = compiled.unsupported.map(({ id, place, what }) => ({
    id,
    place: `${place.file.name}:${place.line}`,
    what,
  }));
  return { ...compiled, unsupported, issues, said };
}

/** Compiles a single file. */
export const compileText = (text: string): Compilation => compileFiles({ 'a.conf': signature + text });

/** The one rule of a compilation. */
export function only({ rules }: Compilation): AttackRule {
  const [rule, ...more] = rules;
  assert.ok(rule !== undefined && more.length === 0, JSON.stringify(rules));
  return rule;
}
