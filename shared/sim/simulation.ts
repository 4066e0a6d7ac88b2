import { assert } from '../base/assert.ts';
import type { AgentSettings } from '../contracts/settings.ts';
import { defaultAgentSettings } from '../contracts/settings.ts';
import type { MakeAgent } from './agent-life.ts';
import type { AgentSurroundings } from './agent-start.ts';
import { startAgent } from './agent-start.ts';
import type { Computer } from './computer.ts';
import { FaultInjector } from './fault-injector.ts';
import { NotificationServer } from './notification-server.ts';
import type { CataloguePackage } from './package-catalogue.ts';
import { catalogueOf } from './package-catalogue.ts';
import { SharedSubnetDirectory } from './shared-subnet-directory.ts';
import type { Fault, SimulationPlan } from './simulation-plan.ts';
import type { World } from './world.ts';
import { buildWorld } from './world-builder.ts';

/** How often it is looked whether everybody is ready. */
const lookSpacingUs = 100_000;

/** Peer downloading on, everything else as a new server has it. */
export const simulatedSettings: AgentSettings = { ...defaultAgentSettings, peerDownloading: true };

/** A network of agents in virtual time, from its start to the moment when everybody is ready and no fault is to come. */
export class Simulation {
  readonly world: World;
  readonly server: NotificationServer;
  readonly catalogue: readonly CataloguePackage[];
  readonly faults: FaultInjector;
  readonly readyAtMs = new Map<Computer, number>();
  #starting = 0;

  constructor(subject: {
    readonly seed: number;
    readonly plan: SimulationPlan;
    readonly faults: readonly Fault[];
    readonly makeAgent: MakeAgent;
  }) {
    const { seed, plan } = subject;
    this.world = buildWorld(seed, plan);
    this.catalogue = catalogueOf(plan.packages);
    this.server = new NotificationServer(this.world, this.catalogue, { ...simulatedSettings, ...plan.settings });
    const directories = new Map(this.world.subnets.map((subnet) => [subnet, new SharedSubnetDirectory()]));
    const surroundings: AgentSurroundings = {
      world: this.world,
      server: this.server,
      seed,
      makeAgent: subject.makeAgent,
      directoryOf:
        plan.directory === 'shared'
          ? ({ subnet }) => {
              const directory = directories.get(subnet);
              assert(directory, 'every subnet has a directory');
              return directory;
            }
          : null,
    };
    this.server.onOffered = () => this.readyAtMs.clear();
    this.#planDeliveries();
    this.#planStarts(surroundings, plan);
    this.faults = new FaultInjector(surroundings, subject.faults);
    this.#look();
  }

  /** Runs to `untilMs`, or until everybody is ready, no fault is to come, and that is still so after `settleMs`. */
  run(untilMs: number, settleMs: number): void {
    const { time } = this.world;
    do {
      time.runUntil(untilMs * 1000, () => this.isDone);
      // What the server has not been told yet may be that somebody goes on.
      time.runUntil(Math.min(untilMs * 1000, time.nowUs + settleMs * 1000));
    } while (!this.isDone && time.nowMs < untilMs);
  }

  get isDone(): boolean {
    const running = this.world.computers.filter((computer) => computer.life !== null);
    return (
      this.#starting === 0 &&
      this.faults.pending === 0 &&
      this.server.deliveries.areFinished &&
      running.every((computer) => this.readyAtMs.has(computer))
    );
  }

  #planDeliveries(): void {
    this.catalogue.forEach((entry, index) => {
      const atMs = entry.plan.deliverAtMs ?? 0;
      if (atMs === 0) {
        entry.isDelivered = true;
        this.server.deliveries.begin(entry);
        return;
      }
      this.#starting++;
      this.world.time.at(atMs * 1000, () => {
        this.#starting--;
        this.server.deliver(index);
        this.readyAtMs.clear();
      });
    });
  }

  #planStarts(surroundings: AgentSurroundings, plan: SimulationPlan): void {
    for (const computer of this.world.computers) {
      const subnetPlan = plan.subnets[computer.subnet.index];
      const number = computer.subnet.computers.indexOf(computer);
      const startAtMs = subnetPlan?.special?.[number]?.startAtMs ?? subnetPlan?.startAtMs ?? 0;
      this.#starting++;
      this.world.time.at(startAtMs * 1000, () => {
        this.#starting--;
        if (computer.life === null) startAgent(surroundings, computer);
      });
    }
  }

  /** Who has become ready since the last look. */
  #look(): void {
    for (const computer of this.world.computers) {
      if (!this.readyAtMs.has(computer) && this.isReady(computer)) {
        this.readyAtMs.set(computer, this.world.time.nowMs);
      }
    }
    this.world.time.after(lookSpacingUs, () => this.#look());
  }

  /** Every package that is assigned to it is in place, or was and had to make room. */
  isReady(computer: Computer): boolean {
    return this.assignedTo(computer).every(
      ({ manifest: { key } }) => computer.disk.find(key)?.isFinished === true || computer.disk.isRetired(key),
    );
  }

  assignedTo(computer: Computer): readonly CataloguePackage[] {
    return this.catalogue.filter((entry) => this.server.isAssigned(entry, computer));
  }
}
