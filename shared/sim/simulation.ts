import type { AgentSettings } from '../contracts/settings.ts';
import { defaultAgentSettings } from '../contracts/settings.ts';
import type { MakeAgent } from './agent-life.ts';
import type { AgentSurroundings } from './agent-start.ts';
import { startAgent } from './agent-start.ts';
import type { Computer } from './computer.ts';
import { ComputerHours } from './computer-hours.ts';
import { FaultInjector } from './fault-injector.ts';
import { NotificationServer } from './notification-server.ts';
import type { CataloguePackage } from './package-catalogue.ts';
import { catalogueOf } from './package-catalogue.ts';
import { hasLimits } from './planned-limits.ts';
import type { Fault, SimulationPlan } from './simulation-plan.ts';
import type { World } from './world.ts';
import { buildWorld } from './world-builder.ts';

/** Who has become ready is looked for at multiples of this time, and only when there is somebody to look at. */
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
  readonly #hours: ComputerHours | null;
  /** Run or will be switched on, and are not ready as far as is known. */
  readonly #awaited = new Set<Computer>();
  /** May have become ready since the last look. */
  readonly #changed = new Set<Computer>();
  #isLookDue = false;
  #starting = 0;

  constructor(subject: {
    readonly seed: number;
    readonly plan: SimulationPlan;
    readonly faults: readonly Fault[];
    readonly makeAgent: MakeAgent;
  }) {
    const { seed, plan } = subject;
    this.world = buildWorld(seed, plan);
    this.world.hasLimits = hasLimits(plan, subject.faults);
    this.catalogue = catalogueOf(plan.packages);
    this.server = new NotificationServer(this.world, this.catalogue, { ...simulatedSettings, ...plan.settings });
    const surroundings: AgentSurroundings = {
      world: this.world,
      server: this.server,
      seed,
      makeAgent: subject.makeAgent,
      directory: plan.directory ?? 'own',
    };
    this.server.onOffered = () => this.#forgetWhoIsReady();
    this.server.onAssignmentsChanged = () => this.#lookAtAllSoon();
    this.server.onProcessChanged = (computer) => this.#countAwaited(computer);
    this.world.onDiskChanged = (computer) => this.#lookSoon(computer);
    this.world.onMoved = (computer) => this.#moved(computer);
    this.#planDeliveries();
    if (plan.records === 'summary') this.#keepNoRecords();
    this.#hours = plan.onlineHours === undefined ? null : new ComputerHours(surroundings, plan.onlineHours);
    this.#planStarts(surroundings, plan);
    this.faults = new FaultInjector(surroundings, subject.faults);
    for (const computer of this.world.computers) this.#countAwaited(computer);
    for (const computer of this.world.computers) this.#changed.add(computer);
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
    return this.isEverybodyReady && this.faults.pending === 0;
  }

  /** Faults to come can take from nobody what it has. */
  get isEverybodyReady(): boolean {
    return (
      this.#starting === 0 &&
      this.#awaited.size === 0 &&
      this.faults.comingBack === 0 &&
      this.server.deliveries.areFinished
    );
  }

  #keepNoRecords(): void {
    const { world, server } = this;
    server.onCommitted = () => undefined;
    world.window = null;
    for (const { disk } of world.computers) disk.keepsJournal = false;
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
        this.#forgetWhoIsReady();
      });
    });
  }

  #planStarts(surroundings: AgentSurroundings, plan: SimulationPlan): void {
    for (const { index, computers } of this.world.subnets) {
      const subnetPlan = plan.subnets[index];
      computers.forEach((computer, number) => {
        if (plan.onlineHours?.isOnAt(computer.index, 0) === false) return;
        const startAtMs = subnetPlan?.special?.[number]?.startAtMs ?? subnetPlan?.startAtMs ?? 0;
        this.#starting++;
        this.world.time.at(startAtMs * 1000, () => {
          this.#starting--;
          if (computer.life === null) startAgent(surroundings, computer);
        });
      });
    }
  }

  #forgetWhoIsReady(): void {
    this.readyAtMs.clear();
    for (const computer of this.world.computers) {
      computer.disk.forgetFetchedAgain();
      this.#countAwaited(computer);
    }
    this.#lookAtAllSoon();
  }

  /** In another site it is told other things, and may have other packages to get. */
  #moved(computer: Computer): void {
    computer.disk.configurationVersion = 0;
    if (computer.isPackageServer) this.server.packageServerMoved();
    const placeMatters = this.catalogue.some(({ plan }) => plan.subnets !== undefined || plan.delivery !== undefined);
    if (!placeMatters) return;
    this.readyAtMs.delete(computer);
    this.#countAwaited(computer);
    this.#lookSoon(computer);
  }

  #countAwaited(computer: Computer): void {
    const isOn = computer.life !== null || this.#hours?.isComing(computer) === true;
    if (isOn && !this.readyAtMs.has(computer)) this.#awaited.add(computer);
    else this.#awaited.delete(computer);
  }

  #lookAtAllSoon(): void {
    for (const computer of this.world.computers) this.#lookSoon(computer);
  }

  #lookSoon(computer: Computer): void {
    this.#changed.add(computer);
    if (this.#isLookDue) return;
    this.#isLookDue = true;
    const { time } = this.world;
    time.at((Math.floor(time.nowUs / lookSpacingUs) + 1) * lookSpacingUs, () => this.#look());
  }

  /** Who has become ready since the last look, and who is not any more: what was deleted may have been delivered again. */
  #look(): void {
    this.#isLookDue = false;
    for (const computer of this.#changed) {
      const isReady = this.isReady(computer);
      if (isReady === this.readyAtMs.has(computer)) continue;
      if (isReady) this.readyAtMs.set(computer, this.world.time.nowMs);
      else this.readyAtMs.delete(computer);
      this.#countAwaited(computer);
    }
    this.#changed.clear();
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
