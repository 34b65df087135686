import type { CompiledProbes, Hit, Probe, ProbeTexts, RuleEngine } from '../engine.ts';

// A call of the library costs more the more rules its handle has.
const mostInHandle = 24;

/** Probes by handle, as indexes: what is no pattern in one of its own, which nearly every request asks. */
function groupsOf(probes: readonly Probe[]): readonly (readonly number[])[] {
  const indexes = [...probes.keys()];
  const isPattern = (index: number): boolean => probes[index]?.operator.kind === 'rx';
  const patterns = indexes.filter(isPattern);
  const starts = Array.from({ length: Math.ceil(patterns.length / mostInHandle) }, (_, group) => group * mostInHandle);
  const groups = starts.map((start) => patterns.slice(start, start + mostInHandle));
  return [indexes.filter((index) => !isPattern(index)), ...groups].filter((group) => group.length > 0);
}

/** Compiles probes into several handles of a library; of a run, each handle that is asked at all is asked once. */
export function compileInHandles(compile: RuleEngine['compile'], probes: readonly Probe[]): ReturnType<typeof compile> {
  const problems = new Map<number, string>();
  const places = new Map<number, { readonly handle: number; readonly probe: number }>();
  const handles = groupsOf(probes).map((group, handle) => {
    const { compiled, problems: own } = compile(group.flatMap((index) => probes[index] ?? []));
    for (const [probe, index] of group.entries()) {
      places.set(index, { handle, probe });
      const problem = own.get(probe);
      if (problem !== undefined) problems.set(index, problem);
    }
    return { group, compiled };
  });

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
