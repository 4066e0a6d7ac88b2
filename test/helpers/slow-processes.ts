import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import type { AgentCore } from '../../shared/sim/agent-life.ts';
import type { World } from '../../shared/sim/world.ts';

/** What a datagram, a request or a block costs an agent of a core to itself, rounded up from profiles. Milliseconds. */
const costs = {
  datagramIn: 0.06,
  datagramOut: 0.05,
  handshake: 2.5,
  request: 0.5,
  blockIn: 6,
  blockOut: 3,
  timer: 0.05,
};

/**
 * Processes of several agents that share too few cores: an input waits until the process has handled those before it, as
 * datagrams wait in a socket. Everything an agent does takes `slowness` times as long as it would on a core of its own.
 */
export class SlowProcesses {
  /** None costs anything before this. */
  readonly #fromMs: number;
  readonly #agentsPerProcess: number;
  readonly #slowness: number;
  readonly #freeAtUs: number[] = [];
  #agents = 0;
  /** Inputs that had to wait: by how much at most. */
  largestLagMs = 0;

  constructor(options: { readonly fromMs: number; readonly agentsPerProcess: number; readonly slowness: number }) {
    this.#fromMs = options.fromMs;
    this.#agentsPerProcess = options.agentsPerProcess;
    this.#slowness = options.slowness;
  }

  /** `world` is asked for when the first input comes. */
  run(ports: AgentPorts, world: () => World, makeCore: (ports: AgentPorts) => AgentCore): AgentCore {
    const process = Math.floor(this.#agents++ / this.#agentsPerProcess);
    const connected = new Set<string>();
    const isSlow = () => ports.clock.nowMs() >= this.#fromMs;
    const take = (costMs: number): void => {
      if (!isSlow()) return;
      const sinceUs = Math.max(this.#freeAtUs[process] ?? 0, world().time.nowUs);
      this.#freeAtUs[process] = sinceUs + costMs * 1000 * this.#slowness;
    };
    const exchange = (peer: string): void => {
      take(connected.has(peer) ? costs.request : costs.request + costs.handshake);
      connected.add(peer);
    };
    const core = makeCore(withCosts(ports, take, exchange));
    return {
      handle: (input) => {
        if (input.kind === 'started' || !isSlow()) {
          core.handle(input);
          return;
        }
        if (input.kind === 'servingRequested') exchange(input.peer);
        else take(costOf(input));
        const { time } = world();
        const delayUs = Math.round(Math.max(0, (this.#freeAtUs[process] ?? 0) - time.nowUs));
        this.largestLagMs = Math.max(this.largestLagMs, delayUs / 1000);
        time.after(delayUs, () => core.handle(input));
      },
    };
  }
}

function costOf(input: AgentInput): number {
  switch (input.kind) {
    case 'datagramReceived':
      return costs.datagramIn;
    case 'blockStored':
      return costs.blockIn;
    case 'servingEnded':
      return costs.blockOut;
    case 'timer':
      return costs.timer;
    default:
      return costs.request;
  }
}

function withCosts(ports: AgentPorts, take: (costMs: number) => void, exchange: (peer: string) => void): AgentPorts {
  const { datagrams, transfers } = ports;
  return {
    ...ports,
    datagrams: {
      send: (through, to, message) => {
        take(costs.datagramOut);
        datagrams.send(through, to, message);
      },
      broadcast: (through, message) => {
        take(costs.datagramOut);
        datagrams.broadcast(through, message);
      },
    },
    transfers: {
      fetchBlock: (command) => {
        if (command.source.kind === 'peer') exchange(command.source.peer.agentId);
        transfers.fetchBlock(command);
      },
      fetchBlockMap: (command) => {
        exchange(command.peer.agentId);
        transfers.fetchBlockMap(command);
      },
      hello: (command) => {
        exchange(command.peer.agentId ?? 'a stranger');
        transfers.hello(command);
      },
      setRate: (commandId, rate) => transfers.setRate(commandId, rate),
      cancel: (commandId, unlessHalfDone) => transfers.cancel(commandId, unlessHalfDone),
    },
  };
}
