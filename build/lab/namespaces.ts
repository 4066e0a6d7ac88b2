/**
 * Network namespaces of this process. Their names hold its id, so that runs side by side do not meet and what a killed run
 * left behind is found by the next one. Linux, root, iproute2.
 */
import { execFileSync } from 'node:child_process';

const prefix = 'fanout-lab';
const namePattern = /^fanout-lab-(\d+)-/;

/** A namespace that is gone takes its cards, bridges and queues along; removing is a matter of milliseconds. */
const commandWithinMs = 20_000;

let made = 0;

/** Why this computer can make no network namespaces, or null where it can. */
export function namespaceProblem(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux';
  try {
    run('tc', ['-V']);
    removeNamespace(addNamespace('probe'));
    return null;
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Returns its name; `label` is for people who read `ip netns`. */
export function addNamespace(label: string): string {
  made++;
  const name = `${prefix}-${process.pid}-${made}-${label}`;
  run('ip', ['netns', 'add', name]);
  run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  return name;
}

/** Ends what still runs in it; what was plugged in goes with it. */
export function removeNamespace(name: string): void {
  for (const pid of run('ip', ['netns', 'pids', name]).split('\n')) if (pid !== '') endProcess(Number(pid));
  run('ip', ['netns', 'del', name]);
}

/** Takes down what runs left behind that were killed before they could do it themselves. */
export function removeLeftovers(): void {
  for (const line of run('ip', ['netns', 'list']).split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const owner = Number(namePattern.exec(name)?.[1]);
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    try {
      removeNamespace(name);
    } catch {
      // Another run takes it down at the same time, or the next one will.
    }
  }
}

/** Runs the lines of one tool in a namespace, in order, in one process. Throws with what the tool said. */
export function configure(namespace: string, tool: 'ip' | 'tc', lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    run(tool, ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  } catch (error) {
    throw new Error(`${tool} in ${namespace} refused one of:\n${lines.join('\n')}\n${String(error)}`);
  }
}

/** What `ip -j` prints in a namespace. */
export function inspect(namespace: string, words: readonly string[]): unknown {
  return JSON.parse(run('ip', ['-n', namespace, '-j', ...words]));
}

/** A kernel setting of the namespace alone, such as `net/ipv4/ip_forward`. */
export function setKernel(namespace: string, setting: string, value: string): void {
  run('ip', ['netns', 'exec', namespace, 'sh', '-c', `echo ${value} > /proc/sys/${setting}`]);
}

function run(program: string, words: readonly string[], input = ''): string {
  return execFileSync(program, words, {
    input,
    encoding: 'utf8',
    timeout: commandWithinMs,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH; root may signal everybody
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
