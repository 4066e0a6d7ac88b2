import type { AgentSurroundings } from './agent-start.ts';
import { endAgent, interfacesOf, startAgent } from './agent-start.ts';
import type { Computer } from './computer.ts';
import type { AgentChoice, Fault, FaultMoment } from './simulation-plan.ts';

/** From `stopRequested` to the end of the process. */
const stopGraceUs = 500_000;

export interface InflictedFault {
  readonly kind: Fault['kind'];
  readonly agent: string;
  readonly atMs: number;
  readonly blocksHeld: number;
}

interface Waiting {
  readonly agent: AgentChoice;
  readonly percent: number;
  readonly inflict: (computer: Computer) => void;
}

/** Carries out a fault plan. What depends on how far an agent is, is looked at with every block that is stored. */
export class FaultInjector {
  readonly #surroundings: AgentSurroundings;
  /** Wait for an agent to hold a share of the package, by the subnet that the agent is chosen from. */
  readonly #waiting = new Map<number, Waiting[]>();
  readonly inflicted: InflictedFault[] = [];
  /** How many of each kind have begun. */
  readonly counts = new Map<Fault['kind'], number>();
  #pending = 0;
  #comingBack = 0;

  constructor(surroundings: AgentSurroundings, faults: readonly Fault[]) {
    this.#surroundings = surroundings;
    surroundings.world.onBlockStored = (computer) => this.#blockStored(computer);
    for (const fault of faults) this.#plan(fault);
  }

  /** Faults that have not begun or ended yet: until then nothing is final. */
  get pending(): number {
    return this.#pending;
  }

  /** Computers that are down and will run again. */
  get comingBack(): number {
    return this.#comingBack;
  }

  #plan(fault: Fault): void {
    switch (fault.kind) {
      case 'kill':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          this.#end(computer, fault.restartAfterMs);
        });
        return;
      case 'stop':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          computer.life?.deliver({ kind: 'stopRequested' });
          this.#later(stopGraceUs, () => this.#end(computer, fault.restartAfterMs));
        });
        return;
      case 'slow-wan':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          this.#surroundings.world.flows.setCapacity(computer.wanDownlink, fault.bytesPerSecond);
        });
        return;
      case 'roam':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          this.#unplug(computer, true);
          this.#later(fault.noticedAfterMs * 1000, () => this.#move(computer, fault.toSubnet));
        });
        return;
      case 'unplug':
        this.#flag(fault, (computer, isOn) => {
          computer.isUnplugged = isOn;
        });
        return;
      case 'stall':
        this.#flag(fault, (computer, isOn) => {
          computer.isStalling = isOn;
          computer.hasMisbehaved = true;
        });
        return;
      case 'conditions':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          computer.conditions = { ...computer.conditions, ...fault.conditions };
          if (!computer.conditions.installing) computer.installingSinceMs = null;
          else computer.installingSinceMs ??= this.#surroundings.world.time.nowMs;
          computer.life?.deliver({ kind: 'conditionsChanged', conditions: computer.conditions });
        });
        return;
      case 'fill-disk':
        this.#flag(fault, (computer, isOn) => {
          computer.disk.foreignBytes = isOn ? computer.disk.facts.freeBytes : 0;
        });
        return;
      case 'damage-disk':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          const lost = computer.disk.damage(fault.everyNthBlock);
          for (const { key, blocks } of lost) this.#surroundings.world.blocksLost(computer, key, blocks);
        });
        return;
      case 'corrupt':
        this.#flag(fault, (computer, isOn) => {
          computer.isCorrupting = isOn;
          computer.hasMisbehaved = true;
        });
        return;
      default:
        this.#planForAll(fault);
    }
  }

  #planForAll(
    fault: Extract<
      Fault,
      {
        readonly kind:
          | 'cut-wan'
          | 'partition'
          | 'server-down'
          | 'withdraw'
          | 'cancel'
          | 'deliver'
          | 'steer-delivery'
          | 'settings';
      }
    >,
  ): void {
    const { world, server } = this.#surroundings;
    switch (fault.kind) {
      case 'cut-wan':
        this.#span(fault, (isOn) => {
          const subnet = world.subnets[fault.subnet];
          if (subnet === undefined) return [];
          if (isOn) this.#count(fault.kind);
          subnet.isWanCut = isOn;
          return subnet.computers;
        });
        break;
      case 'partition':
        this.#partition(fault);
        break;
      case 'server-down':
        this.#span(fault, (isOn) => {
          if (isOn) this.#count(fault.kind);
          server.setDown(isOn);
          return [];
        });
        break;
      case 'withdraw':
        this.#later(fault.atMs * 1000, () => server.withdraw(fault.package));
        break;
      case 'cancel':
        this.#later(fault.atMs * 1000, () => server.cancel(fault.package));
        break;
      case 'deliver':
        this.#later(fault.atMs * 1000, () => server.deliver(fault.package));
        break;
      case 'steer-delivery':
        this.#later(fault.atMs * 1000, () => server.steer(fault.package, fault.action));
        break;
      case 'settings':
        this.#later(fault.atMs * 1000, () => server.changeSettings(fault.settings));
    }
  }

  #partition(fault: Extract<Fault, { readonly kind: 'partition' }>): void {
    let cutOff: readonly Computer[] = [];
    this.#span(fault, (isOn) => {
      const computers = this.#surroundings.world.subnets[fault.subnet]?.computers ?? [];
      // Computers move in and out meanwhile: it ends for those for whom it began.
      if (isOn) {
        this.#count(fault.kind);
        cutOff = fault.agents.flatMap((number) => computers[number] ?? []);
      }
      for (const computer of cutOff) computer.side = isOn ? 1 : 0;
      return cutOff;
    });
  }

  #unplug(computer: Computer, isUnplugged: boolean): void {
    computer.isUnplugged = isUnplugged;
    this.#surroundings.world.reachabilityChanged();
    this.#surroundings.server.linksChanged([computer]);
  }

  #move(computer: Computer, toSubnet: number): void {
    const { world } = this.#surroundings;
    const subnet = world.subnets[toSubnet];
    if (subnet === undefined) return;
    world.moveComputer(computer, subnet);
    this.#unplug(computer, false);
    computer.life?.deliver({ kind: 'interfacesChanged', interfaces: interfacesOf(computer) });
  }

  #end(computer: Computer, restartAfterMs: number | null): void {
    if (computer.life === null) return;
    endAgent(this.#surroundings, computer);
    if (restartAfterMs === null) return;
    this.#comingBack++;
    this.#later(restartAfterMs * 1000, () => {
      this.#comingBack--;
      if (computer.life === null) startAgent(this.#surroundings, computer);
    });
  }

  #flag(
    fault: {
      readonly kind: Fault['kind'];
      readonly agent: AgentChoice;
      readonly fromMs: number;
      readonly untilMs: number;
    },
    set: (computer: Computer, isOn: boolean) => void,
  ): void {
    let chosen: Computer | null = null;
    this.#span(fault, (isOn) => {
      // Whoever it was when the fault began, it is the same one when it ends.
      chosen ??= this.#choose(fault.agent);
      if (chosen === null) return [];
      if (isOn) this.#note(fault.kind, chosen);
      set(chosen, isOn);
      return [chosen];
    });
  }

  /** `set` returns whose links it has touched. */
  #span(
    { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
    set: (isOn: boolean) => readonly Computer[],
  ): void {
    const change = (isOn: boolean): void => {
      const touched = set(isOn);
      this.#surroundings.world.reachabilityChanged();
      this.#surroundings.server.linksChanged(touched);
    };
    this.#later(fromMs * 1000, () => change(true));
    if (untilMs !== Number.POSITIVE_INFINITY) this.#later(untilMs * 1000, () => change(false));
  }

  #when(agent: AgentChoice, moment: FaultMoment, inflict: (computer: Computer) => void): void {
    if ('atMs' in moment) {
      this.#later(moment.atMs * 1000, () => {
        const computer = this.#choose(agent);
        if (computer !== null) inflict(computer);
      });
      return;
    }
    this.#pending++;
    const subnet = subnetOf(agent);
    const waiting = this.#waiting.get(subnet) ?? [];
    this.#waiting.set(subnet, waiting);
    waiting.push({ agent, percent: moment.blocksHeldPercent, inflict });
  }

  #blockStored(computer: Computer): void {
    if (computer.formerAddress === null) this.#storedBy(computer, computer.subnet.index);
    // Carried elsewhere, it is still who it was.
    else for (const subnet of [...this.#waiting.keys()]) this.#storedBy(computer, subnet);
  }

  #storedBy(computer: Computer, subnet: number): void {
    for (const waiting of this.#waiting.get(subnet) ?? []) {
      if (this.#choose(waiting.agent) !== computer || heldPercent(computer) < waiting.percent) continue;
      const left = this.#waiting.get(subnet)?.filter((other) => other !== waiting) ?? [];
      if (left.length > 0) this.#waiting.set(subnet, left);
      else this.#waiting.delete(subnet);
      this.#pending--;
      this.#later(0, () => waiting.inflict(computer));
    }
  }

  #choose(agent: AgentChoice): Computer | null {
    const { world, server } = this.#surroundings;
    if ('firstDownloaderOf' in agent) {
      const { firstDownloaderOf: subnet, ofAnyServer = false } = agent;
      return ofAnyServer ? server.ledger.firstOverWan(subnet) : (server.ledger.requesters(subnet)[0] ?? null);
    }
    return world.subnets[agent.subnet]?.computers[agent.agent] ?? null;
  }

  #later(delayUs: number, run: () => void): void {
    this.#pending++;
    this.#surroundings.world.time.after(delayUs, () => {
      this.#pending--;
      run();
    });
  }

  #count(kind: Fault['kind']): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  #note(kind: Fault['kind'], computer: Computer): void {
    const { time } = this.#surroundings.world;
    const blocksHeld = computer.disk.packages[0]?.blocks.count ?? 0;
    this.inflicted.push({ kind, agent: computer.name, atMs: time.nowMs, blocksHeld });
    this.#count(kind);
  }
}

function subnetOf(agent: AgentChoice): number {
  return 'firstDownloaderOf' in agent ? agent.firstDownloaderOf : agent.subnet;
}

function heldPercent(computer: Computer): number {
  const blocks = computer.disk.packages[0]?.blocks;
  return blocks === undefined ? 0 : (blocks.count * 100) / blocks.size;
}
