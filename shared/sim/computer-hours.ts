import type { AgentSurroundings } from './agent-start.ts';
import { endAgent, startAgent } from './agent-start.ts';
import type { Computer } from './computer.ts';
import type { HoursChange, OnlineHoursPlan } from './simulation-plan.ts';

/** From `stopRequested` to the end of the process, as when a service is stopped. */
const stopGraceUs = 500_000;
/** Of the addresses of a subnet some stay free: who would be carried into a full one stays where it is. */
const fullSubnetAgents = 950;

/** Switches computers on and off by plan: one waiting event per computer, however long the run is. */
export class ComputerHours {
  readonly #surroundings: AgentSurroundings;
  readonly #plan: OnlineHoursPlan;
  /** By the computers' indexes: is off, and will be switched on. */
  readonly #isComing: Uint8Array;

  constructor(surroundings: AgentSurroundings, plan: OnlineHoursPlan) {
    this.#surroundings = surroundings;
    this.#plan = plan;
    const { computers } = surroundings.world;
    this.#isComing = new Uint8Array(computers.length);
    for (const computer of computers) this.#planNext(computer);
  }

  isComing({ index }: Computer): boolean {
    return this.#isComing[index] === 1;
  }

  #planNext(computer: Computer): void {
    const { time } = this.#surroundings.world;
    const change = this.#plan.nextChange(computer.index, time.nowMs);
    this.#isComing[computer.index] = change?.isOn === true ? 1 : 0;
    if (change === null) return;
    time.at(change.atMs * 1000, () => {
      if (change.isOn) this.#switchOn(computer, change);
      else this.#switchOff(computer);
      this.#planNext(computer);
    });
  }

  #switchOn(computer: Computer, { subnet }: HoursChange): void {
    const { world } = this.#surroundings;
    if (computer.life !== null) return;
    const place = world.subnets[subnet ?? computer.subnet.index];
    const canGoThere = place !== undefined && place.computers.length < fullSubnetAgents;
    if (place !== computer.subnet && canGoThere) world.moveComputer(computer, place);
    startAgent(this.#surroundings, computer);
  }

  #switchOff(computer: Computer): void {
    const { life } = computer;
    if (life === null) return;
    life.deliver({ kind: 'stopRequested' });
    this.#surroundings.world.time.after(stopGraceUs, () => {
      if (computer.life === life) endAgent(this.#surroundings, computer);
    });
  }
}
