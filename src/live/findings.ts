import type { Finding, FindingListener } from '../core/finding.ts';
import { short } from '../core/redact.ts';
import { openRing } from './ring.ts';
import { timeText } from './shown.ts';

const activeMax = 200;
const recentMax = 50;

/** What detectors have found: what holds on, and what is over. */
interface Findings extends FindingListener {
  list(): { readonly active: readonly ShownFinding[]; readonly recent: readonly ShownFinding[] };
}

type ShownFinding = ReturnType<typeof shown>;

/** Opens the list: beyond its bounds the oldest findings are forgotten. */
export function openFindings(): Findings {
  const active = new Map<string, Finding>();
  const recent = openRing<Finding>(recentMax);
  return {
    found: (finding) => {
      active.delete(finding.id);
      if (finding.phase === 'ends') {
        recent.push(finding);
        return;
      }
      active.set(finding.id, finding);
      const [oldest] = active.keys();
      if (active.size > activeMax && oldest !== undefined) active.delete(oldest);
    },
    list: () => ({
      active: [...active.values()].toReversed().map(shown),
      recent: [...recent.latest()].map(([, finding]) => shown(finding)),
    }),
  };
}

const shown = ({ id, detector, phase, title, subject, sinceMs, atMs, measure, action, targets, ...more }: Finding) => ({
  id,
  detector,
  title: short(title),
  subject: { kind: subject.kind, name: short(subject.name) },
  since: timeText(sinceMs),
  until: phase === 'ends' ? timeText(atMs) : null,
  measure: { name: measure.name, observed: measure.observed, expected: measure.expected ?? null },
  technique: more.technique ?? null,
  action,
  shadow: more.shadow,
  targets: targets.map((target) => short(target.kind === 'address' ? target.prefix : target.key)),
});
