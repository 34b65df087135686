/** What the admin API tells, as far as the page shows it; times are RFC 3339. */

export type Effect = 'allow' | 'deny' | 'failed';

export interface Decision {
  id: string;
  service: 'check' | 'process';
  time: string;
  effect: Effect;
  status: number | null;
  reason: string | null;
  rule: string | null;
  method: string | null;
  host: string | null;
  path: string | null;
  client: string | null;
  principal: string | null;
  duration_us: number;
  shadow: boolean;
}

export interface Step {
  step: string;
  rule: string | null;
  shadow: boolean;
  verdict: 'pass' | 'abstain' | 'reject' | 'fail';
  reason: string | null;
  title: string | null;
  duration_us: number | null;
  detail: Record<string, string | number | boolean | string[]>;
}

export interface Explained extends Decision {
  title: string | null;
  user_agent: string | null;
  request_id: string | null;
  config_version: string;
  trace_id: string | null;
  trace_url: string | null;
  steps: Step[];
}

export interface Series {
  from: number;
  allow: number[];
  deny: number[];
  failed: number[];
  p50_us: (number | null)[];
  p99_us: (number | null)[];
}

export interface Finding {
  id: string;
  detector: string;
  title: string;
  subject: { kind: string; name: string };
  since: string;
  until: string | null;
  measure: { name: string; observed: number; expected: number | null };
  technique: string | null;
  action: string;
  shadow: boolean;
  targets: string[];
}

export interface Ban {
  id: string;
  /** One of both. */
  address?: string;
  principal?: string;
  tighten: number | null;
  by: string;
  why: string;
  since: string;
  until: string | null;
}

export interface State {
  now: string;
  version: string;
  config_version: string;
  ready: { missing: string[] };
  series: Series;
  denials: { reason: string; status: number; title: string; count: number }[];
  clients: { client: string; bannable: boolean; kind: string; requests: number; denied: number; failed: number }[];
  limits: {
    limit: string;
    allowed: number;
    limited: number;
    local: number;
    store_denied: number;
    store_allowed: number;
    fullest: { client: string | null; used: number; count: number; period_ms: number; resets: string }[];
  }[];
  findings: { active: Finding[]; recent: Finding[] };
  bans: { bans: Ban[]; total: number };
  loads: { time: string; outcome: 'ok' | 'refused'; version: string; trigger: string; issues: string[] }[];
  feeds: {
    name: string;
    list: string;
    format: string;
    source: string;
    entries: number;
    age_seconds: number | null;
    problem: string | null;
  }[];
  revocations: number;
  shared: boolean;
  health: { part: string; name: string; state: 'good' | 'warn' | 'bad'; facts: Record<string, number> }[];
}
