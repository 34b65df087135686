import type { SourceFile } from '../../core/build.ts';
import type { Descriptor, DescriptorLimit, DescriptorMatch, DescriptorPolicy } from '../../core/descriptor.ts';
import { keyPart } from '../key-part.ts';
import { buildDomain } from './build.ts';
import { descend, type Level, type NodeLimit } from './tree.ts';
import { unitMs } from './units.ts';

/**
 * Compiles the files of a config directory in the grammar of envoyproxy/ratelimit: one domain a file. Every issue is
 * reported at its place in its file; a policy with issues is not to be used.
 */
export function buildDescriptors(files: readonly SourceFile[]): DescriptorPolicy {
  const domains = new Map<string, { readonly top: Level; readonly file: string }>();
  for (const file of files) {
    const domain = buildDomain(file);
    if (domain === undefined) continue;
    const other = domains.get(domain.name);
    if (other !== undefined) file.issue(['domain'], `duplicate domain "${domain.name}": ${other.file} has it too`);
    domains.set(domain.name, { top: domain.top, file: file.name });
  }
  return (domain, descriptor) => {
    const top = domains.get(domain)?.top;
    return top === undefined ? undefined : match(top, domain, descriptor);
  };
}

/** Entry by entry down the tree; a limit applies only where the last entry ends, and the way taken is never left. */
function match(top: Level, domain: string, descriptor: Descriptor): DescriptorMatch {
  let level = top;
  let limit: NodeLimit | undefined;
  for (const { key, value } of descriptor.entries) {
    const node = descend(level, key, value);
    if (node === undefined) return undefined;
    level = node.below;
    limit = node.limit;
  }
  if (limit === undefined) return undefined;
  return limit.kind === 'unlimited' ? 'unlimited' : limitOf(limit, domain, descriptor);
}

function limitOf(
  { name, unit, requestsPerUnit }: NodeLimit & { kind: 'limited' },
  domain: string,
  { entries }: Descriptor,
): DescriptorLimit {
  let key = `d|${keyPart(domain)}|${requestsPerUnit}/${unit}`;
  for (const entry of entries) key += `|${keyPart(entry.key)}|${keyPart(entry.value)}`;
  const rule = { count: requestsPerUnit, periodMs: unitMs[unit], burst: requestsPerUnit };
  return { name, requestsPerUnit, unit, rule, algorithm: 'fixed_window', key };
}
