import type { AttackRule } from '../rule.ts';
import { codeRules } from './code.ts';
import { commandRules } from './commands.ts';
import { inclusionRules, traversalRules } from './files.ts';
import { protocolRules, scannerRules, sessionRules, ssrfRules, xxeRules } from './requests.ts';
import { sqliRules } from './sqli.ts';
import { lookupRules, templateRules } from './templates.ts';
import { xssRules } from './xss.ts';

/** The house's own rules, of all classes and levels. */
export const embeddedRules: readonly AttackRule[] = Object.freeze([
  ...sqliRules,
  ...xssRules,
  ...traversalRules,
  ...inclusionRules,
  ...commandRules,
  ...templateRules,
  ...lookupRules,
  ...codeRules,
  ...ssrfRules,
  ...xxeRules,
  ...scannerRules,
  ...protocolRules,
  ...sessionRules,
]);
