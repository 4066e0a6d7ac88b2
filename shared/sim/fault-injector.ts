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

/** Carries out a fault plan. What depends on how far an agent is, is looked at with every block that is stored. */
export class FaultInjector {
  readonly #surroundings: AgentSurroundings;
  /** Wait for an agent to hold a share of the package. */
  readonly #waiting: {
    readonly agent: AgentChoice;
    readonly percent: number;
    readonly inflict: (computer: Computer) => void;
  }[] = [];
  readonly inflicted: InflictedFault[] = [];
  #pending = 0;

  constructor(surroundings: AgentSurroundings, faults: readonly Fault[]) {
    this.#surroundings = surroundings;
    surroundings.world.onBlockStored = (computer) => this.#blockStored(computer);
    for (const fault of faults) this.#plan(fault);
  }

  /** Faults that have not begun or ended yet: until then nothing is final. */
  get pending(): number {
    return this.#pending;
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
        });
        return;
      case 'conditions':
        this.#when(fault.agent, fault.when, (computer) => {
          this.#note(fault.kind, computer);
          computer.conditions = { ...computer.conditions, ...fault.conditions };
          computer.life?.deliver({ kind: 'conditionsChanged', conditions: computer.conditions });
        });
        return;
      case 'fill-disk':
        this.#flag(fault, (computer, isOn) => {
          computer.disk.foreignBytes = isOn ? computer.disk.facts.freeBytes : 0;
        });
        return;
      case 'corrupt':
        this.#flag(fault, (computer, isOn) => {
          computer.isCorrupting = isOn;
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
          if (subnet !== undefined) subnet.isWanCut = isOn;
        });
        break;
      case 'partition':
        this.#partition(fault);
        break;
      case 'server-down':
        this.#span(fault, (isOn) => server.setDown(isOn));
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
      if (isOn) cutOff = fault.agents.flatMap((number) => computers[number] ?? []);
      for (const computer of cutOff) computer.side = isOn ? 1 : 0;
    });
  }

  #unplug(computer: Computer, isUnplugged: boolean): void {
    computer.isUnplugged = isUnplugged;
    this.#surroundings.world.reachabilityChanged();
    this.#surroundings.server.linksChanged();
  }

  #move(computer: Computer, toSubnet: number): void {
    const { world, server } = this.#surroundings;
    const subnet = world.subnets[toSubnet];
    if (subnet === undefined) return;
    world.moveComputer(computer, subnet);
    server.moved(computer);
    this.#unplug(computer, false);
    computer.life?.deliver({ kind: 'interfacesChanged', interfaces: interfacesOf(computer) });
  }

  #end(computer: Computer, restartAfterMs: number | null): void {
    if (computer.life === null) return;
    endAgent(this.#surroundings, computer);
    if (restartAfterMs === null) return;
    this.#later(restartAfterMs * 1000, () => {
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
      if (chosen === null) return;
      if (isOn) this.#note(fault.kind, chosen);
      set(chosen, isOn);
    });
  }

  #span(
    { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
    set: (isOn: boolean) => void,
  ): void {
    const change = (isOn: boolean): void => {
      set(isOn);
      this.#surroundings.world.reachabilityChanged();
      this.#surroundings.server.linksChanged();
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
    this.#waiting.push({ agent, percent: moment.blocksHeldPercent, inflict });
  }

  #blockStored(computer: Computer): void {
    for (const waiting of [...this.#waiting]) {
      if (this.#choose(waiting.agent) !== computer || heldPercent(computer) < waiting.percent) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#pending--;
      this.#later(0, () => waiting.inflict(computer));
    }
  }

  #choose(agent: AgentChoice): Computer | null {
    const { world, server } = this.#surroundings;
    if ('firstDownloaderOf' in agent) return server.ledger.requesters(agent.firstDownloaderOf)[0] ?? null;
    return world.subnets[agent.subnet]?.computers[agent.agent] ?? null;
  }

  #later(delayUs: number, run: () => void): void {
    this.#pending++;
    this.#surroundings.world.time.after(delayUs, () => {
      this.#pending--;
      run();
    });
  }

  #note(kind: Fault['kind'], computer: Computer): void {
    const { time } = this.#surroundings.world;
    const blocksHeld = computer.disk.packages[0]?.blocks.count ?? 0;
    this.inflicted.push({ kind, agent: computer.name, atMs: time.nowMs, blocksHeld });
  }
}

function heldPercent(computer: Computer): number {
  const blocks = computer.disk.packages[0]?.blocks;
  return blocks === undefined ? 0 : (blocks.count * 100) / blocks.size;
}
