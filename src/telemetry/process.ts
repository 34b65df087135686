import type { Probe } from './cells.ts';

/** Memory, processor time and the load of the event loop, looked at when metrics are asked for. */
export const probeProcess: Probe = (cells) => {
  const { user, system } = process.cpuUsage();
  cells.set('processStart', [], performance.timeOrigin / 1000);
  cells.set('processMemory', [], process.memoryUsage.rss());
  cells.set('processCpu', [], (user + system) / 1e6);
  cells.set('eventLoopActive', [], performance.eventLoopUtilization().active / 1000);
};
