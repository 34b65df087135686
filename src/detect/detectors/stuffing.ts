import type { FindingSubject } from '../../core/finding.ts';
import { openBuckets } from '../buckets.ts';
import { type Detector, type DetectorDeps, detectorKind, type Sight, type Sign } from '../detector.ts';
import { openDistinct } from '../distinct.ts';
import { openFailing } from '../failing.ts';
import { openLately } from '../lately.ts';
import { countSchema, durationSchema, numberSchema, openThresholds } from '../options.ts';
import { openSpread } from '../spread.ts';
import { openTries } from '../tries.ts';

interface StuffingOptions {
  readonly guesses: number;
  readonly leakMs: number;
  readonly share: number;
  readonly spread: number;
  readonly ratio: number;
  readonly fromNetworks: number;
  readonly principals: number;
  readonly networksOfOne: number;
  readonly networks: number;
}

/** Credentials that are guessed: by one network, or by many that try a few each; and principals that come from too many networks. */
export const stuffing = detectorKind<StuffingOptions>({
  description: 'Guessing of keys, tokens and passwords: from one network, or from many with few tries each.',
  learns: false,
  schema: {
    guesses: countSchema(
      'More different refused credentials of one network than so many, but for those that have leaked, are guesses. Default: 5.',
      1,
      200,
    ),
    leak: durationSchema('One refused credential is forgotten in such a time. Default: 10s.'),
    share: numberSchema(
      'At least such a share of what a network shows must be refused, even if luck was against it. Default: 0.5.',
      0,
      1,
    ),
    spread: countSchema(
      'Fewer new refused credentials of all networks than so many in a minute are never told of. Default: 30.',
      2,
    ),
    ratio: numberSchema('How many times as many as usual in a minute are unusual. Default: 4.', 1.5),
    from_networks: countSchema('From fewer networks it is the affair of each of them. Default: 10.', 2, 1000),
    principals: countSchema(
      'More principals of one network in ten minutes than so many are unusual. Default: 100.',
      2,
      170,
    ),
    networks_of_principal: countSchema(
      'More networks of one principal in ten minutes than so many are unusual. Default: 50.',
      2,
      170,
    ),
    networks: countSchema('Networks, and principals, that are told apart. Default: 50000.', 100),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return {
      guesses: read.number('guesses', 5),
      leakMs: read.durationMs('leak', '10s', 1000),
      share: read.number('share', 0.5),
      spread: read.number('spread', 30),
      ratio: read.number('ratio', 4),
      fromNetworks: read.number('from_networks', 10),
      principals: read.number('principals', 100),
      networksOfOne: read.number('networks_of_principal', 50),
      networks: read.number('networks', 50_000),
    };
  },
  open: (options, deps) => {
    const parts = [openGuessing(options, deps), openSpreading(options, deps), openSharing(options, deps)];
    return {
      take: (sight) => {
        const { observation, network } = sight;
        if (observation.stage !== 'decided' || network.high === 0) return;
        // Who is nobody, and shows nothing, does not guess.
        if (observation.guess === undefined && observation.principal === undefined) return;
        for (const part of parts) part.take(sight);
      },
      tick: (nowMs) => {
        for (const part of parts) part.tick(nowMs);
      },
    };
  },
});

const technique = 'T1110.004';

/** One network that shows one credential after the other. */
function openGuessing({ guesses, leakMs, share, networks }: StuffingOptions, { raise }: DetectorDeps): Detector {
  const buckets = openBuckets({ keys: networks, capacity: guesses, leakMs, remembered: Math.max(16, guesses) });
  const tries = openTries(networks, leakMs);
  return {
    take: ({ observation, network, principal: who }) => {
      const { guess, atMs, principal, network: name } = observation;
      if (guess === undefined) {
        if (principal !== undefined) tries.succeeded(network, who, atMs);
        return;
      }
      tries.failed(network, atMs);
      const count = buckets.pour(network, guess, atMs);
      if (count === 0 || tries.leastShare(network) < share) return;
      raise({
        subject: { kind: 'network', name },
        title: `${count} different credentials were refused`,
        measure: { name: 'refused_credentials', observed: count, expected: undefined },
        technique,
        blame: [{ kind: 'address', prefix: name }],
        sinceMs: atMs,
        atMs,
      });
    },
    tick: () => {},
  };
}

const routesMost = 63;
const forgetGuessMs = 600_000;

/** Many networks that try a few each: more new refused credentials than usual, of all or of a route. */
function openSpreading({ spread, ratio, fromNetworks }: StuffingOptions, { raise }: DetectorDeps): Detector {
  const open = () => openSpread({ least: spread, ratio, networks: fromNetworks });
  const lately = openLately(forgetGuessMs);
  const failing = openFailing();
  const everywhere = open();
  const routes = new Map<string, ReturnType<typeof open>>();
  const routeOf = (route: string) => {
    const known = routes.get(route);
    if (known !== undefined || routes.size >= routesMost) return known;
    const opened = open();
    routes.set(route, opened);
    return opened;
  };
  const signOf = (subject: FindingSubject, count: number, usual: number, atMs: number): Sign => ({
    subject,
    title: `${count} new credentials were refused in a minute, from many networks with few tries each`,
    measure: { name: 'refused_credentials_per_minute', observed: count, expected: Math.round(usual) },
    technique,
    blame: failing.hopeless().map((prefix) => ({ kind: 'address', prefix })),
    sinceMs: atMs - 60_000,
    atMs,
  });
  return {
    take: ({ observation: { guess, network: name, route, principal, atMs }, network }) => {
      if (guess === undefined) {
        if (principal !== undefined) failing.succeeded(network, name);
        return;
      }
      const isNew = !lately(guess, atMs);
      failing.failed(network, name, guess, atMs);
      everywhere.guess(network.low, isNew, atMs);
      routeOf(route)?.guess(network.low, isNew, atMs);
    },
    tick: (nowMs) => {
      const all = everywhere.judge(nowMs);
      if (all > 0) raise(signOf({ kind: 'global', name: '' }, all, everywhere.usual(), nowMs));
      for (const [name, route] of routes) {
        const count = route.judge(nowMs);
        // Where all are unusual, each route is only a part of it.
        if (count > 0 && all === 0) raise(signOf({ kind: 'route', name }, count, route.usual(), nowMs));
      }
    },
  };
}

const sharingMs = 600_000;

/** One network with very many principals, one principal with very many networks: credentials that were guessed, or are passed round. */
function openSharing({ principals, networksOfOne, networks }: StuffingOptions, { raise }: DetectorDeps): Detector {
  const ofNetwork = openDistinct(networks);
  const ofPrincipal = openDistinct(networks);
  const tell = (sight: Sight, subject: FindingSubject, what: string, count: number): void => {
    const { atMs } = sight.observation;
    raise({
      subject,
      title: `${count} ${what} in ten minutes`,
      measure: { name: `distinct_${what.split(' ')[0] ?? what}`, observed: count, expected: undefined },
      technique: 'T1078',
      // So many may as well be an office behind one address, or the devices of one customer.
      blame: [],
      sinceMs: atMs - (atMs % sharingMs),
      atMs,
    });
  };
  return {
    take: (sight) => {
      const { observation, network, principal } = sight;
      const { principal: name, atMs } = observation;
      if (name === undefined) return;
      const window = Math.floor(atMs / sharingMs);
      const many = ofNetwork.add(network, principal.low, window);
      if (many > principals)
        tell(sight, { kind: 'network', name: observation.network }, 'principals of one network', many);
      const far = ofPrincipal.add(principal, network.low, window);
      if (far > networksOfOne) tell(sight, { kind: 'principal', name }, 'networks of one principal', far);
    },
    tick: () => {},
  };
}
