import { RE2JS } from 're2js';
import { type Collection, collections, type NameMatch, type Target } from '../rule.ts';

/** A list of variables as SecLang writes it, taken apart: what to look at, and what to leave out. */
interface TargetList {
  readonly targets: readonly Target[];
  readonly exclusions: readonly Exclusion[];
  /** What of it cannot be looked at, in words. */
  readonly problems: readonly string[];
}

/** `!COLLECTION` or `!COLLECTION:name`. */
interface Exclusion {
  readonly collection: Collection;
  /** Absent: the whole collection. */
  readonly name?: NameMatch;
}

const known: ReadonlyMap<string, Collection> = new Map<string, Collection>([
  ...collections.map((name) => [name, name] as const),
  ['reqbody_processor', 'request_body_processor'],
]);

/** One variable: mark, name and selector; a selector in slashes or quotation marks may hold anything. */
const variable = /^([!&]?)\s*([A-Za-z0-9_]+)(?::(?:'([^']*)'|(?<!XML:)(\/.+?\/)(?=[|,]|$)|([^|,]*)))?\s*(?:[|,]\s*|$)/i;

function nameMatch(selector: string): NameMatch | string {
  if (selector.length < 2 || !selector.startsWith('/') || !selector.endsWith('/')) {
    return { exact: selector.toLowerCase() };
  }
  const pattern = `(?i)${selector.slice(1, -1)}`;
  try {
    RE2JS.compile(pattern);
    return { pattern };
  } catch {
    return `the selector ${selector} is no pattern of the linear-time engine`;
  }
}

/** XML has two selectors: all texts of elements, and all values of attributes. */
const xmlSelectors: ReadonlyMap<string, Collection> = new Map([
  ['/*', 'xml'],
  ['//@*', 'xml_attributes'],
]);

/** A variable's collection and the name that it selects; a text says what is not supported. */
function locate(name: string, selector: string | undefined): Exclusion | string {
  const collection = known.get(name.toLowerCase());
  if (collection === undefined) return `the variable ${name.toUpperCase()}`;
  if (collection === 'xml') {
    const part = xmlSelectors.get(selector ?? '/*');
    return part === undefined ? `the variable XML:${selector}` : { collection: part };
  }
  if (selector === undefined || selector === '') return { collection };
  const match = nameMatch(selector);
  return typeof match === 'string' ? match : { collection, name: match };
}

/** Reads a list of variables: `ARGS|!ARGS:id|&REQUEST_HEADERS:Host|TX:/^a/`. */
export function readTargets(text: string): TargetList {
  const targets: Target[] = [];
  const exclusions: Exclusion[] = [];
  const problems: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [whole, mark, name = '', quoted, slashed, plain] = variable.exec(rest) ?? [];
    if (whole === undefined) return { targets, exclusions, problems: [...problems, `the variables ${text}`] };
    rest = rest.slice(whole.length);
    const place = locate(name, quoted ?? slashed ?? plain);
    if (typeof place === 'string') problems.push(place);
    else if (mark === '!') exclusions.push(place);
    else {
      const only = place.name === undefined ? [] : [place.name];
      targets.push({ collection: place.collection, only, except: [], counted: mark === '&' });
    }
  }
  return { targets: exclusions.reduce<readonly Target[]>(exclude, targets), exclusions, problems };
}

const sameName = (one: NameMatch, other: NameMatch): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The targets without what the exclusion names. */
export function exclude(targets: readonly Target[], { collection, name }: Exclusion): readonly Target[] {
  return targets.flatMap((target) => {
    if (target.collection !== collection) return target;
    if (name === undefined || target.only.some((only) => sameName(only, name))) return [];
    return { ...target, except: [...target.except, name] };
  });
}
