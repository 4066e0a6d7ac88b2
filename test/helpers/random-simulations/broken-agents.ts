import { Agent } from '../../../shared/agent/agent.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import type { AgentPorts, CommandId, TransferPort } from '../../../shared/agent/ports.ts';
import { BlockSet } from '../../../shared/base/block-set.ts';
import { formatCidr } from '../../../shared/base/ipv4.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import type { AgentLife, MakeAgent } from '../../../shared/sim/agent-life.ts';
import type { CheckName } from '../../../shared/sim/violations.ts';

type FetchCommand = Parameters<TransferPort['fetchBlock']>[0];

/** What is broken: ports that do something else than asked, inputs that say something else than happened. */
interface Break {
  readonly ports?: (ports: AgentPorts) => Partial<AgentPorts>;
  /** Null: the core never learns of it. */
  readonly input?: (input: AgentInput) => AgentInput | null;
}

/** An agent that breaks one rule, and the check that has to notice. */
export interface BrokenAgent {
  readonly does: string;
  readonly check: CheckName;
  readonly makeAgent: MakeAgent;
}

function broken(does: string, check: CheckName, breaking: (life: AgentLife) => Break): BrokenAgent {
  return {
    does,
    check,
    makeAgent: (ports, identity, life) => {
      const { ports: changedPorts, input: changedInput = (input) => input } = breaking(life);
      const agent = new Agent({ ...ports, ...changedPorts?.(ports) }, identity);
      return {
        handle: (input) => {
          const heard = changedInput(input);
          if (heard !== null) agent.handle(heard);
        },
      };
    },
  };
}

/** The port with some of its methods exchanged. */
function changed<Port extends object>(port: Port, changes: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** It works by another policy than the one that it was given. */
function withSettings(changes: (life: AgentLife) => Partial<AgentSettings>): (life: AgentLife) => Break {
  return (life) => ({
    input: (input) => {
      if (input.kind !== 'configurationReceived' && input.kind !== 'started') return input;
      const { configuration } = input;
      if (configuration === null) return input;
      const settings = { ...configuration.settings, ...changes(life) };
      return { ...input, configuration: { ...configuration, settings } } as AgentInput;
    },
  });
}

/** Every refusal of this kind becomes a block. */
function serving(codes: readonly string[]): (life: AgentLife) => Break {
  return () => ({
    ports: ({ serving: port }) => ({
      serving: changed(port, {
        answer: (requestId, answer) => {
          const isForced = answer.kind === 'refuse' && codes.includes(answer.code);
          const rate = Number.POSITIVE_INFINITY;
          port.answer(requestId, isForced ? { kind: 'serve-block', maxBytesPerSecond: rate } : answer);
        },
      }),
    }),
  });
}

function takesDamagedBlocks({ computer }: AgentLife): Break {
  const fetching = new Map<CommandId, FetchCommand>();
  return {
    ports: ({ transfers }) => ({
      transfers: changed(transfers, {
        fetchBlock: (command) => {
          fetching.set(command.commandId, command);
          transfers.fetchBlock(command);
        },
      }),
    }),
    input: (input) => {
      if (input.kind !== 'transferFailed' || input.failure.code !== 'hash-mismatch') return input;
      const command = fetching.get(input.commandId);
      if (command === undefined) return input;
      computer.disk.find(command.key)?.blocks.add(command.block);
      return { kind: 'blockStored', commandId: input.commandId, bytes: input.receivedBytes, elapsedMs: 1 };
    },
  };
}

function runsWhatIsNotThere(life: AgentLife): Break {
  return {
    ports: ({ store }) => ({
      store: changed(store, {
        finish: (commandId) => {
          life.post(1000, { kind: 'storeFinished', commandId });
        },
      }),
    }),
    input: (input) => (input.kind === 'storeOpened' ? { ...input, blocks: BlockSet.full(input.blocks.size) } : input),
  };
}

/** It believes that whoever holds something holds all that it holds itself. */
function overratesOthers({ computer }: AgentLife): Break {
  return {
    input: (input) => {
      if (input.kind !== 'datagramReceived' || input.message.kind !== 'blocks') return input;
      const { message } = input;
      const blocks = BlockSet.fromRanges(message.blockCount, message.ranges);
      for (const [first, end] of computer.disk.find(message.key)?.blocks.ranges() ?? []) {
        for (let block = first; block < end; block++) blocks.add(block);
      }
      return { ...input, message: { ...message, ranges: blocks.ranges(), mapVersion: blocks.count } };
    },
  };
}

function isDeafTo(isHeard: (input: AgentInput) => boolean): (life: AgentLife) => Break {
  return () => ({ input: (input) => (isHeard(input) ? input : null) });
}

export const brokenAgents: readonly BrokenAgent[] = [
  broken('takes a damaged block for a good one', 'no-corrupt-block', takesDamagedBlocks),
  broken('runs a package that is not there', 'executes-verified', runsWhatIsNotThere),
  broken(
    'takes every subnet for one of its own',
    'isolation',
    withSettings(({ world }) => ({ additionalSubnets: world.subnets.map(({ cidr }) => formatCidr(cidr)) })),
  ),
  broken('takes what it gets from peers at twice the rate', 'rate-limit', () => ({
    ports: ({ transfers }) => ({
      transfers: changed(transfers, {
        fetchBlock: (command) => transfers.fetchBlock({ ...command, maxBytesPerSecond: 2 * command.maxBytesPerSecond }),
        setRate: (commandId, rate) => transfers.setRate(commandId, 2 * rate),
      }),
    }),
  })),
  broken('gives to peers at any rate', 'rate-limit', () => ({
    ports: ({ serving: port }) => ({
      serving: changed(port, {
        answer: (requestId, answer) =>
          port.answer(
            requestId,
            answer.kind === 'serve-block' ? { ...answer, maxBytesPerSecond: Number.POSITIVE_INFINITY } : answer,
          ),
        setServingRate: () => undefined,
      }),
    }),
  })),
  broken(
    'knows no blockouts',
    'blockout',
    withSettings(() => ({ blockouts: [] })),
  ),
  broken('claims without a word', 'claim-first', () => ({
    ports: ({ datagrams }) => ({
      datagrams: changed(datagrams, {
        broadcast: (interfaceAddress, message) => {
          if (message.kind !== 'claim') datagrams.broadcast(interfaceAddress, message);
        },
      }),
    }),
  })),
  broken(
    'goes on with a claim that is outbid',
    'claim-first',
    isDeafTo((input) => input.kind !== 'datagramReceived' || input.message.kind !== 'claim'),
  ),
  broken(
    'heeds nothing that others say of a package',
    'one-copy',
    isDeafTo((input) => input.kind !== 'datagramReceived' || !['want', 'claim', 'blocks'].includes(input.message.kind)),
  ),
  broken('tries a source that failed as soon as somebody else has', 'source-back-off', () => ({
    input: (input) => {
      if (input.kind !== 'datagramReceived' || input.message.kind !== 'release') return input;
      return { ...input, message: { ...input.message, retryAfterMs: 0 } };
    },
  })),
  broken('fetches ahead of all others without end', 'lane-window', overratesOthers),
  broken(
    'does not hear of a withdrawal',
    'withdrawn',
    isDeafTo((input) => {
      if (input.kind === 'feedReceived') return input.message.kind !== 'withdraw';
      return input.kind !== 'configurationReceived' || input.configuration.withdrawn.length === 0;
    }),
  ),
  broken(
    'fetches everything at once',
    'concurrent-packages',
    withSettings(() => ({ maxConcurrentPackages: 10 })),
  ),
  broken(
    'downloads from peers at any time',
    'peer-downloading-off',
    withSettings(() => ({ peerDownloading: true })),
  ),
  broken('serves whoever asks', 'serving-slots', serving(['busy', 'block-busy'])),
  broken('serves while it installs', 'installs-alone', serving(['installing', 'not-serving'])),
  broken('lets go of no request', 'deletes-at-rest', () => ({
    ports: ({ transfers }) => ({ transfers: changed(transfers, { cancel: () => undefined }) }),
  })),
  broken(
    'asks everybody',
    'peers-per-attempt',
    withSettings(() => ({ peersPerAttempt: 50 })),
  ),
  broken('announces everything twice', 'speaks-little', () => ({
    ports: ({ datagrams }) => ({
      datagrams: changed(datagrams, {
        broadcast: (interfaceAddress, message) => {
          datagrams.broadcast(interfaceAddress, message);
          if (message.kind === 'alive') datagrams.broadcast(interfaceAddress, message);
        },
      }),
    }),
  })),
  broken('asks twice under one number', 'completes-once', () => ({
    ports: ({ server }) => ({
      server: changed(server, {
        fetchSubnetHints: (commandId) => {
          server.fetchSubnetHints(commandId);
          server.fetchSubnetHints(commandId);
        },
      }),
    }),
  })),
  broken('answers twice', 'answers-once', () => ({
    ports: ({ serving: port }) => ({
      serving: changed(port, {
        answer: (requestId, answer) => {
          port.answer(requestId, answer);
          port.answer(requestId, answer);
        },
      }),
    }),
  })),
  broken('fetches before it has made room', 'package-open', (life) => ({
    ports: ({ store }) => ({
      store: changed(store, {
        open: (commandId, key) => {
          const count = life.computer.disk.find(key)?.manifest.blockCount ?? 1;
          life.post(1000, { kind: 'storeOpened', commandId, blocks: new BlockSet(count) });
        },
      }),
    }),
  })),
  broken('tells the last event first', 'event-sequence', () => ({
    ports: ({ server }) => ({
      server: changed(server, {
        sendEvents: (commandId, events) => server.sendEvents(commandId, [...events].reverse()),
      }),
    }),
  })),
  broken('writes nothing down before it runs a command', 'intent-first', (life) => ({
    ports: ({ execution }) => ({
      execution: changed(execution, {
        note: (commandId) => {
          life.post(1000, { kind: 'installationNoted', commandId, problem: null });
        },
      }),
    }),
  })),
  broken('forgets what it has run', 'no-command-twice', () => ({
    input: (input) => (input.kind === 'started' ? { ...input, installations: [] } : input),
  })),
  broken('serves what it does not hold', 'serves-only-what-it-holds', serving(['not-available'])),
  broken('calls everything installed', 'no-stage-early', () => ({
    ports: ({ server }) => ({
      server: changed(server, {
        sendEvents: (commandId, events) =>
          server.sendEvents(
            commandId,
            events.map((event) => (event.kind === 'package-state' ? { ...event, state: 'installed' } : event)),
          ),
      }),
    }),
  })),
];
