// Preloaded into a process under test: at SIGUSR2 it says on standard error how long its event loop was held up at most since
// it was last asked, and how large the process is.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const resolution = 1;
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  process.on('SIGUSR2', () => {
    const stallMs = Math.max(0, delays.max / 1e6 - resolution);
    const { rss } = process.memoryUsage();
    process.stderr.write(`probe ${JSON.stringify({ stallMs, rssMiB: rss / 1024 ** 2 })}\n`);
    delays.reset();
  });
}
