import type { AgentIdentity, AgentInterfaceAddress, AgentPorts, SubnetDirectoryPort } from '../agent/ports.ts';
import { SubnetDirectory } from '../agent/subnet-directory.ts';
import { Xoshiro128 } from '../base/prng.ts';
import { defaultAgentSettings } from '../contracts/settings.ts';
import type { MakeAgent } from './agent-life.ts';
import { AgentLife } from './agent-life.ts';
import type { Computer } from './computer.ts';
import type { NotificationServer } from './notification-server.ts';
import { SharedSubnetDirectory } from './shared-subnet-directory.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SimulatedDatagrams } from './simulated-datagrams.ts';
import { SimulatedExecution } from './simulated-execution.ts';
import { SimulatedServerPort } from './simulated-server-port.ts';
import { SimulatedServing } from './simulated-serving.ts';
import { SimulatedStore } from './simulated-store.ts';
import { SimulatedTransfers } from './simulated-transfers.ts';
import type { World } from './world.ts';

export interface AgentSurroundings {
  readonly world: World;
  readonly server: NotificationServer;
  readonly seed: number;
  readonly makeAgent: MakeAgent;
  /** `own`: every agent has one of its own, and hears everything itself. */
  readonly directory: 'own' | 'shared';
}

/** Starts an agent process on the computer, with what its disk holds. None may run there. */
export function startAgent(surroundings: AgentSurroundings, computer: Computer): AgentLife {
  const { world, server } = surroundings;
  computer.lives++;
  computer.firstOnAtMs ??= world.time.nowMs;
  const life = new AgentLife(world, computer, world.random.below(2 ** 31));
  computer.life = life;
  computer.subnet.domain.setAttentive(computer, true);
  const directory =
    surroundings.directory === 'own'
      ? new SubnetDirectory()
      : SharedSubnetDirectory.viewOf(
          () => computer.subnet.domain.directory,
          (isAttentive) => {
            if (life.isAttentive === isAttentive || life.isOver) return;
            life.isAttentive = isAttentive;
            computer.subnet.domain.setAttentive(computer, isAttentive);
          },
        );
  const ports = portsOf(life, server, surroundings.seed, directory);
  life.begin(surroundings.makeAgent(ports, identityOf(life), life));
  const { disk } = computer;
  life.deliver({
    kind: 'started',
    interfaces: interfacesOf(computer),
    restored: disk.restored(),
    retired: disk.retired,
    installations: [...disk.installations.values()],
    conditions: computer.conditions,
    configuration: disk.configuration,
  });
  server.processChanged(computer);
  return life;
}

export function interfacesOf(computer: Computer): AgentInterfaceAddress[] {
  return [{ name: 'lan', address: computer.address, subnet: computer.subnet.cidr, port: computer.port }];
}

/** Ends the process without a word. */
export function endAgent({ server }: AgentSurroundings, computer: Computer): void {
  const { life } = computer;
  if (life === null) return;
  computer.life = null;
  life.end();
  computer.subnet.domain.setAttentive(computer, false);
  for (const stored of computer.disk.packages) stored.isOpen = false;
  server.processChanged(computer);
}

export function portsOf(
  life: AgentLife,
  server: NotificationServer,
  seed: number,
  subnetDirectory: SubnetDirectoryPort,
): AgentPorts {
  const { computer } = life;
  const serving = new SimulatedServing(life);
  life.serving = serving;
  return {
    clock: new SimulatedClock(life),
    random: new Xoshiro128(
      (seed ^ Math.imul(computer.index + 1, 0x9e3779b1) ^ Math.imul(computer.lives, 0x85ebca77)) >>> 0,
    ),
    datagrams: new SimulatedDatagrams(life),
    transfers: new SimulatedTransfers(life, server),
    serving,
    store: new SimulatedStore(life),
    server: new SimulatedServerPort(life, server),
    communication: {
      setAllowed: (isAllowed) => {
        life.isSilent = !isAllowed;
        computer.subnet.domain.began(computer);
        server.linksChanged([computer]);
      },
    },
    execution: new SimulatedExecution(life),
    // Nobody sits at a simulated computer: tests ask through the core's inputs.
    user: { answer: () => undefined, notify: (notice) => life.notices.push(notice) },
    persistence: { appendJournal: (entry, keepEntries) => computer.disk.appendJournal(entry, keepEntries) },
    subnetDirectory,
  };
}

function identityOf(life: AgentLife): AgentIdentity {
  const { computer, bootId } = life;
  return {
    agentId: computer.agentId,
    name: computer.name,
    bootId,
    productVersion: '0.0.0-simulated',
    platform: 'simulated',
    cpuCores: 4,
    allowsExecution: computer.allowsExecution,
    computerStartedAtMs: null,
    firstEventSequence: computer.disk.nextEventSequence,
    firstJournalSequence: computer.disk.nextJournalSequence,
    settings: defaultAgentSettings,
  };
}
