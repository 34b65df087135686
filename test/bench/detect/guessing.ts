import { silentContext } from '../../../src/core/build.ts';
import type { Sign } from '../../../src/detect/detector.ts';
import { stuffing } from '../../../src/detect/detectors/stuffing.ts';
import { openHash, openKeying } from '../../../src/detect/hash.ts';
import { observationOf } from '../../support/observations.ts';
import { openRandom } from './random.ts';

/** Seconds until guesses from many addresses are told of, one a second in all, beside people who mistype theirs; NaN: never. */
export function findGuessing(
  seed: number,
  addresses: number,
  quietHours: number,
): { readonly seconds: number; readonly falseAlerts: number } {
  const random = openRandom(seed);
  const hash = openHash(seed);
  const keying = openKeying(seed);
  const sight = { network: { low: 0, high: 0 }, principal: { low: 0, high: 0 }, route: 1 };
  const signs: Sign[] = [];
  const detector = stuffing.prepare({}, silentContext).open({ hash, raise: (sign) => void signs.push(sign) });
  let atMs = Date.UTC(2026, 0, 15);
  const look = (network: string, principal: string | undefined, guess: number | undefined): void => {
    const observation = observationOf({
      atMs,
      network,
      principal,
      guess,
      reason: guess === undefined ? 'ok' : 'api_key_unknown',
    });
    keying(network, sight.network);
    if (principal === undefined) sight.principal.high = 0;
    else keying(principal, sight.principal);
    detector.take({ ...sight, observation });
  };
  const second = (attack: boolean): void => {
    for (let each = random.poisson(20); each > 0; each -= 1) {
      const user = Math.floor(random.uniform() * 2000);
      // One in four hundred shows what is refused: a slip, or a key that has gone.
      const slips = random.uniform() < 0.0025;
      look(
        `198.51.${user >> 8}.${user & 255}`,
        slips ? undefined : `idp/${user}`,
        slips ? Math.floor(random.uniform() * 1e9) : undefined,
      );
    }
    if (attack)
      look(`203.0.113.${Math.floor(random.uniform() * addresses)}`, undefined, Math.floor(random.uniform() * 2 ** 40));
    atMs += 1000;
    detector.tick(atMs);
  };
  for (let passed = 0; passed < quietHours * 3600; passed += 1) second(false);
  const falseAlerts = signs.length;
  for (let passed = 1; passed <= 600; passed += 1) {
    second(true);
    if (signs.length > falseAlerts) return { seconds: passed, falseAlerts };
  }
  return { seconds: Number.NaN, falseAlerts };
}
