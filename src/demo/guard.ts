import { spawn } from 'node:child_process';

/** Ends processes when we die without a chance to do it ourselves. */
interface OrphanGuard {
  /** From now on this process does not outlive us. */
  watch(pid: number): void;
  /** We end in good order: nothing is left to do. */
  dismiss(): void;
}

// Its input closes with our death, however we die. Its own group keeps the terminal's Ctrl-C away from it.
const script = 'pids=; while read -r pid; do pids="$pids $pid"; done; kill -9 $pids 2>/dev/null';

/** Starts the guard: a shell that waits for our end. */
export function startOrphanGuard(): OrphanGuard {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without it the demo still works; only kill -9 would leave something behind.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  return {
    watch: (pid) => {
      shell.stdin.write(`${pid}\n`);
    },
    dismiss: () => {
      shell.kill('SIGKILL');
    },
  };
}
