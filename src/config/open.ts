import type { Path } from '../core/build.ts';
import { isObject, type Json, own } from '../core/json.ts';
import {
  type CompilableConfig,
  type CompileDeps,
  type Compiled,
  compile,
  compileSettings,
  type Settings,
} from './compile.ts';
import { type Config, configSchema } from './config.ts';
import { type ContractsAhead, readContractsAhead } from './contracts/ahead.ts';
import { fileReader, type Reader } from './files/reader.ts';
import type { Issue, Note } from './issue.ts';
import { type KeysAhead, readKeysAhead } from './keys/ahead.ts';
import { type Loaded, load } from './load.ts';
import { maskSecrets } from './mask.ts';
import type { ReadableRule } from './rule.ts';
import { compileRulesAhead, type RulesAhead } from './rule-sets/ahead.ts';
import { shapeOf } from './shape/schema.ts';
import type { Environment } from './yaml/environment.ts';

/** What reading ahead goes by, and who gives up on it. */
export type Ahead = KeysAhead & ContractsAhead & RulesAhead;

/** A config file that was read: what it sets up, and how it compiles. */
export interface Opening {
  /** Undefined when the shape of the file is bad. */
  readonly settings: Settings | undefined;
  /** The tests that the config carries; empty when its shape is bad. */
  readonly tests: NonNullable<Config['tests']>;
  /** Like "4 rules", for people. */
  readonly summary: string;
  /**
   * Reads large keys files, contracts and rules against attacks away from the event loop, so that compile finds them ready;
   * rejects only when it is told to end.
   */
  readonly readAhead: (ahead: Ahead) => Promise<void>;
  /** Compiles the plan; undefined when there are issues, and then all of them are known. */
  readonly compile: (deps: CompileDeps) => Compiled | undefined;
  readonly issues: () => readonly Issue[];
  /** What is worth knowing and no issue, complete after compile: rules of others that are not supported. */
  readonly notes: () => readonly Note[];
  /** Absolute paths of all that was read or looked for: what to watch. */
  readonly files: () => readonly string[];
  /** The config after substitution, secrets masked. */
  readonly masked: () => Json;
}

const shape = shapeOf(configSchema);

/** Reads a config file, through the file system by default; never throws for what stands in it. */
export function openConfig(file: string, env: Environment = process.env, reader: Reader = fileReader): Opening {
  const loaded = load(file, { shape, env, reader });
  // The schema has just been held against it, or only its sound parts are looked at below.
  const config = (loaded.ok ? loaded.config : soundParts(loaded)) as CompilableConfig;
  const { context, issues, notes, files, fingerprint, release } = loaded;
  const settings = compileSettings(config, context);
  return {
    settings: loaded.ok ? settings : undefined,
    tests: loaded.ok ? (config.tests ?? []) : [],
    summary: config.rules.length === 1 ? '1 rule' : `${config.rules.length} rules`,
    readAhead: async (ahead) => {
      const options = Object.values(config.identity ?? {}).map((named) => named?.['api_key']);
      await readKeysAhead(options, loaded.sources, ahead);
      await readContractsAhead(config.rules, loaded.sources, ahead);
      await compileRulesAhead(config, loaded.sources, ahead);
    },
    compile: (deps) => {
      const compiled = compile(config, context, deps, fingerprint);
      release();
      // An address whose shape is bad is one all the same.
      const served = settings.listen.public !== undefined || !loaded.sound(['listen']);
      for (const place of served ? [] : compiled.needPublic) context.issue(place, pagesNeeded);
      return issues().length === 0 ? compiled : undefined;
    },
    issues,
    notes,
    files,
    masked: () => maskSecrets(loaded.config),
  };
}

const pagesNeeded =
  'has pages below /.portcullis/: set listen.public to an address, and let Envoy route that path to it';

const alone = [
  'bindings',
  'listen',
  'redis',
  'revocation',
  'telemetry',
  'audit',
  'access_log',
  'client_address',
  'client_certificate',
  'addresses',
  'ratelimit',
  'signing',
  'inspection',
  'bans',
] as const;
const referred = ['identity', 'roles', 'limits'] as const;
/** Without these it is not known whom a rule takes. */
const callers = ['allow', 'identity'] as const;

/**
 * What can still be built of a config whose shape is bad, so that its other issues are told at once too. What rules refer
 * to keeps its name, as undefined: that it is not there would be none of their fault.
 */
function soundParts({ config, sound }: Loaded): Partial<CompilableConfig> {
  const parts: Record<string, unknown> = { version: 1 };
  for (const key of alone) {
    if (sound([key])) parts[key] = member(config, key);
  }
  parts['protect'] = soundProtect(member(config, 'protect'), ['protect'], sound);
  // It is there all the same, and rules that sign have what they need.
  if (!sound(['signing'])) parts['signing'] = null;
  for (const key of referred) {
    const named = Object.entries(member(config, key) ?? {});
    parts[key] = Object.fromEntries(named.map(([name, value]) => [name, sound([key, name]) ? value : undefined]));
  }
  const [rules, deny] = [member(config, 'rules'), member(config, 'deny')];
  parts['rules'] = Array.isArray(rules) ? rules.map((rule, index) => soundRule(rule, ['rules', index], sound)) : [];
  parts['deny'] = Array.isArray(deny) ? deny.map((entry, index) => (sound(['deny', index]) ? entry : undefined)) : [];
  return parts;
}

function soundRule(rule: unknown, path: Path, sound: Loaded['sound']): ReadableRule | undefined {
  if (!isObject(rule)) return undefined;
  const protect = soundProtect(member(rule, 'protect'), [...path, 'protect'], sound);
  return {
    ...soundMembers(rule, path, sound),
    ...(protect && { protect }),
    callersUnread: callers.some((key) => !sound([...path, key])),
  };
}

/** `protect` without what is bad in it: none of its members needs another, and only crs needs its dir. */
function soundProtect(protect: object | undefined, path: Path, sound: Loaded['sound']): object | undefined {
  if (protect === undefined || Array.isArray(protect)) return undefined;
  const kept = soundMembers(protect, path, sound);
  if (!Object.hasOwn(protect, 'crs')) return kept;
  const crs = member(protect, 'crs') ?? {};
  const whole = Object.hasOwn(crs, 'dir') && sound([...path, 'crs', 'dir']);
  // As undefined where it is bad: that of the whole config is not this one.
  return { ...kept, crs: whole ? soundMembers(crs, [...path, 'crs'], sound) : undefined };
}

const soundMembers = (value: object, path: Path, sound: Loaded['sound']): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => sound([...path, key])));

function member(value: unknown, key: string): object | undefined {
  const found = isObject(value) ? own(value, key) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}
