/** Computers of a LAN as network namespaces: a bridge, an address each, and the kernel's own broadcasts. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

const stopWithinMs = 15_000;

export interface LabComputer {
  readonly namespace: string;
  readonly address: string;
  /** Its network card. */
  readonly card: string;
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Why this computer can make no network namespaces, or null where it can. */
export function namespaceProblem(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux';
  const probe = `fanout-${process.pid}-probe`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return null;
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One switched LAN, /24, with the computers `<network>.11`, `.12` …; everything goes with `remove`. */
export class LabLan {
  readonly computers: readonly LabComputer[];
  readonly #bridge: string;
  readonly #children = new Set<ChildProcess>();

  constructor(network: string, computers: number) {
    const prefix = `fanout-${process.pid}`;
    this.#bridge = `${prefix}-lan`;
    ip('netns', 'add', this.#bridge);
    ip('-n', this.#bridge, 'link', 'add', 'lan', 'type', 'bridge');
    ip('-n', this.#bridge, 'link', 'set', 'lan', 'up');
    this.computers = Array.from({ length: computers }, (_, index) => {
      const computer = { namespace: `${prefix}-${index}`, address: `${network}.${11 + index}`, card: 'card0' };
      this.#plugIn(computer, `port${index}`);
      return computer;
    });
  }

  /** Starts a program on a computer; it is stopped by `remove` at the latest. */
  start(computer: LabComputer, program: string, words: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', computer.namespace, program, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Runs a program to its end and gives its standard output; throws where it fails. */
  run(computer: LabComputer, program: string, words: readonly string[], withinMs: number): string {
    return execFileSync('ip', ['netns', 'exec', computer.namespace, program, ...words], {
      encoding: 'utf8',
      timeout: withinMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Stops every program, the last started first, and takes the LAN down. */
  async remove(): Promise<void> {
    for (const child of [...this.#children].reverse()) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await exited;
      clearTimeout(timer);
    }
    for (const { namespace } of this.computers) ip('netns', 'del', namespace);
    ip('netns', 'del', this.#bridge);
  }

  #plugIn({ namespace, address, card }: LabComputer, port: string): void {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'link', 'add', card, 'type', 'veth', 'peer', 'name', port, 'netns', this.#bridge);
    ip('-n', this.#bridge, 'link', 'set', port, 'master', 'lan', 'up');
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'broadcast', '+', 'dev', card);
    ip('-n', namespace, 'link', 'set', card, 'up');
  }
}
