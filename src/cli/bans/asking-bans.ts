import { isObject } from '../../core/json.ts';
import { visible } from '../../core/printable.ts';
import { type AdminAnswer, deleteAdmin, getAdmin, postAdmin } from '../admin-client.ts';
import { aloneNote, askSidecar, type SidecarFlags, type Voice } from '../asking.ts';
import { duration, time } from '../revoke-request.ts';
import { UsageProblem } from '../usage-problem.ts';

/** The options of `bans remove`. */
export interface TargetFlags extends SidecarFlags {
  readonly address?: string;
  readonly principal?: string;
  readonly id?: string;
}

/** The options of `bans add`. */
export interface AddFlags extends Omit<TargetFlags, 'id'> {
  readonly for?: string;
  readonly until?: string;
  readonly tighten?: string;
  readonly why?: string;
  readonly force?: boolean;
}

/** The options of `bans list`. */
export interface ListFlags extends Omit<TargetFlags, 'id'> {
  readonly by?: string;
}

type Body = AdminAnswer['body'];

/** Asks a sidecar to ban. Resolves with the exit code, as askSidecar says. */
export const addBan = (file: string | undefined, flags: AddFlags, voice: Voice): Promise<number> =>
  askSidecar(file, flags, voice, {
    ask: async ({ target, token }) => postAdmin(target, '/bans', token, addRequest(flags)),
    story: (body) => `banned: ${lineOf(body)}${aloneNote(body)}`,
    not: 'not banned',
  });

/** Asks a sidecar to end bans. */
export const removeBans = (file: string | undefined, flags: TargetFlags, voice: Voice): Promise<number> =>
  askSidecar(file, flags, voice, {
    ask: async ({ target, token }) => deleteAdmin(target, `/bans?${new URLSearchParams(targetOf(flags))}`, token),
    story: (body) =>
      `${listOf(body, 'lifted')
        .map((one) => `no longer banned: ${lineOf(one)}`)
        .join('\n')}${aloneNote(body)}`,
    not: 'nothing removed',
  });

/** Asks a sidecar who is banned. */
export const listBans = (file: string | undefined, flags: ListFlags, voice: Voice): Promise<number> =>
  askSidecar(file, flags, voice, {
    ask: async ({ target, token }) => getAdmin(target, `/bans?${new URLSearchParams(listQuery(flags))}`, token),
    story: (body) => {
      const bans = listOf(body, 'bans');
      const left = Number(body['total']) - bans.length;
      const more = left > 0 ? [`and ${left} more`] : [];
      return bans.length === 0 ? 'nobody is banned' : [...bans.map(lineOf), ...more].join('\n');
    },
    not: 'not listed',
  });

const texts = (named: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(named).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));

function targetOf({ address, principal, id }: TargetFlags): Record<string, string> {
  const named = texts({ address, principal, id });
  if (Object.keys(named).length === 1) return named;
  const options = ['--address', '--principal', '--id'];
  throw new UsageProblem(`say who is meant with exactly one of ${options.join(', ')}`);
}

function addRequest(flags: AddFlags): Readonly<Record<string, unknown>> {
  const { address, principal, tighten, why, force } = flags;
  if ((address === undefined) === (principal === undefined)) {
    throw new UsageProblem('say who is meant with exactly one of --address and --principal');
  }
  if (flags.for !== undefined && flags.until !== undefined) throw new UsageProblem('give --for or --until, not both');
  if (tighten !== undefined && !/^[1-9]\d{0,5}$/.test(tighten))
    throw new UsageProblem('--tighten takes a whole number like 5');
  return {
    ...texts({ address, principal, why }),
    ...(flags.for === undefined ? {} : { for: duration(flags.for) }),
    ...(flags.until === undefined ? {} : { until: time('--until', flags.until) }),
    ...(tighten === undefined ? {} : { tighten: Number(tighten) }),
    ...(force === true ? { force } : {}),
  };
}

const listQuery = ({ address, principal, by }: ListFlags): Record<string, string> => texts({ address, principal, by });

const listOf = (body: Body, name: string): readonly Body[] => {
  const list = body[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
};

/** A ban in a line: whom, what, until when, by whom and why. */
function lineOf(ban: Body): string {
  const whom = ban['address'] ?? ban['principal'];
  const what = ban['effect'] === 'tighten' ? `counts ${ban['tighten']} times` : 'refused';
  const end = ban['until'] === null ? 'until it is removed' : `until ${ban['until']}`;
  return visible(`${whom} ${what} ${end}, by ${ban['by']}: ${ban['why']} (${ban['id']})`);
}
