import type { RuleEngine } from '../engine.ts';
import { nativeEngine } from './native.ts';
import { scriptEngine } from './script.ts';

/** Every engine, the fast one first. */
export const engines = Object.freeze({
  native: nativeEngine,
  script: scriptEngine,
} as const satisfies Record<RuleEngine['name'], RuleEngine>);

/** An engine by its name, or the first that runs here. */
export type EngineChoice = RuleEngine['name'] | 'auto';

/** The engine that was asked for; throws, with the reason for people, when it cannot run here. */
export function openEngine(choice: EngineChoice): RuleEngine {
  if (choice === 'auto') return engines.native.unavailable() === undefined ? engines.native : engines.script;
  const engine = engines[choice];
  const reason = engine.unavailable();
  if (reason === undefined) return engine;
  throw new Error(`the ${choice} engine cannot run here: ${reason}; the script engine runs everywhere`);
}
