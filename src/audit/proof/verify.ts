import { type ChainReport, type Demands, type Fault, judgeChain } from './judge.ts';
import { type FoundLink, type Line, readLink } from './link.ts';

/** What became of all that was looked at. */
export interface Verification {
  readonly events: number;
  readonly chains: readonly ChainReport[];
  /** Lines that belong to no chain. */
  readonly faults: readonly Fault[];
}

/** Takes lines, file by file and each file's in their order; the files themselves may come in any order. */
interface Verifier {
  add(line: Line): void;
  end(demands: Demands): Verification;
}

/** Opens a verification of files in which the chains of several sinks and processes may stand. */
export function openVerifier(): Verifier {
  // Of each chain, a run of links for each file.
  const chains = new Map<string, FoundLink[][]>();
  const faults: Fault[] = [];
  let file: string | undefined;
  let torn: Line | undefined;
  let events = 0;
  const tell = ({ file, number }: Line, code: Fault['code'], message: string): void => {
    faults.push({ code, file, line: number, message });
  };
  const endTorn = (next?: Line): void => {
    // The beginning of a line that follows as a whole: the disk was full, and then was not.
    if (torn !== undefined && !(next?.file === torn.file && next.text.startsWith(torn.text))) {
      tell(torn, 'torn', 'the line is no event, or ends in its middle');
    }
    torn = undefined;
  };
  return {
    add: (line) => {
      if (line.text.trim() === '') return;
      endTorn(line);
      if (line.file !== file) for (const runs of chains.values()) runs.push([]);
      file = line.file;
      const link = readLink(line);
      if (link === 'unreadable') {
        torn = line;
        return;
      }
      events += 1;
      if (!line.ended) tell(line, 'torn', 'the file ends in the middle of a line');
      if (link === 'unchained') tell(line, 'unchained', 'the event has no place in a chain');
      else runOf(chains, link.id).push(link);
    },
    end: (demands) => {
      endTorn();
      const reports = [...chains].map(([id, runs]) => judgeChain(id, joined(runs), demands));
      return { events, chains: reports, faults };
    },
  };
}

function runOf(chains: Map<string, FoundLink[][]>, id: string): FoundLink[] {
  const runs = chains.get(id) ?? [[]];
  chains.set(id, runs);
  return runs.at(-1) ?? [];
}

/** A file that was rotated away holds the older links, whatever its name is. */
const joined = (runs: readonly (readonly FoundLink[])[]): readonly FoundLink[] =>
  runs.toSorted(([a], [b]) => (a?.sequence ?? 0) - (b?.sequence ?? 0)).flat();
