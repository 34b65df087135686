import type { Compilation, CompiledProbes, Hit, Probe, ProbeTexts } from '../engine.ts';

// A call of the library costs more the more rules its handle has, and making a handle takes as long as its patterns.
const mostInHandle = 24;
const mostLength = 4096;

/** Probes by handle, as indexes: what is no pattern in one of its own, which nearly every request asks. */
function groupsOf(probes: readonly Probe[]): readonly (readonly number[])[] {
  const indexes = [...probes.keys()];
  const isPattern = (index: number): boolean => probes[index]?.operator.kind === 'rx';
  const patterns = indexes.filter(isPattern);
  const groups: number[][] = [];
  let length = 0;
  for (const index of patterns) {
    const own = lengthOf(probes[index]);
    const last = groups.at(-1);
    const full = last === undefined || last.length === mostInHandle || length + own > mostLength;
    if (full) groups.push([index]);
    else last.push(index);
    length = full ? own : length + own;
  }
  return [indexes.filter((index) => !isPattern(index)), ...groups].filter((group) => group.length > 0);
}

const lengthOf = (probe: Probe | undefined): number =>
  probe?.operator.kind === 'rx' ? probe.operator.pattern.length : 0;

/** Compiles probes into several handles of a library; of a run, each handle that is asked at all is asked once. A step is a handle. */
export function* compileInHandles(
  compile: (probes: readonly Probe[]) => Compilation,
  probes: readonly Probe[],
): Generator<void, Compilation> {
  const problems = new Map<number, string>();
  const places = new Map<number, { readonly handle: number; readonly probe: number }>();
  const handles: { readonly group: readonly number[]; readonly compiled: CompiledProbes }[] = [];
  for (const [handle, group] of groupsOf(probes).entries()) {
    const { compiled, problems: own } = compile(group.flatMap((index) => probes[index] ?? []));
    for (const [probe, index] of group.entries()) {
      places.set(index, { handle, probe });
      const problem = own.get(probe);
      if (problem !== undefined) problems.set(index, problem);
    }
    handles.push({ group, compiled });
    yield;
  }

  const run: CompiledProbes['run'] = (texts, looks, budgetMs) => {
    const endMs = performance.now() + budgetMs;
    const byHandle = new Map<number, ProbeTexts[]>();
    for (const { probe: index, texts: seen } of looks) {
      const { handle = 0, probe = 0 } = places.get(index) ?? {};
      const asked = byHandle.get(handle);
      if (asked === undefined) byHandle.set(handle, [{ probe, texts: seen }]);
      else asked.push({ probe, texts: seen });
    }
    const hits: Hit[] = [];
    for (const [handle, asked] of byHandle) {
      const { compiled, group = [] } = handles[handle] ?? {};
      const found = compiled?.run(texts, asked, endMs - performance.now());
      for (const { probe, text } of found?.hits ?? []) hits.push({ probe: group[probe] ?? 0, text });
      if (found?.complete !== true) return { hits, complete: false };
    }
    return { hits, complete: true };
  };
  const close = (): void => {
    for (const { compiled } of handles) compiled.close();
  };
  return { compiled: { run, close }, problems };
}
