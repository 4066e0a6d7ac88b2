import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { DatagramPort } from '../agent/ports.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentLife } from './agent-life.ts';
import type { Computer } from './computer.ts';
import { hears } from './peer-route.ts';

/** UDP of one agent: a broadcast reaches the subnet, datagrams get lost and overtake each other. */
export class SimulatedDatagrams implements DatagramPort {
  readonly #life: AgentLife;

  constructor(life: AgentLife) {
    this.#life = life;
  }

  send(interfaceAddress: Ipv4, to: { readonly address: Ipv4; readonly port: number }, message: DatagramMessage): void {
    const { computer, world } = this.#life;
    if (!this.#hasInterface(interfaceAddress)) return;
    world.violations.check(
      hears(this.#life, to.address),
      'isolation',
      computer.name,
      () => `${message.kind} left the subnet`,
    );
    const receiver = world.computerAt(to.address, to.port);
    if (receiver !== null) this.#transmit([receiver], message);
  }

  /** One event for all receivers: a switch floods a broadcast to every port at once. */
  broadcast(interfaceAddress: Ipv4, message: DatagramMessage): void {
    if (!this.#hasInterface(interfaceAddress)) return;
    const { computer } = this.#life;
    this.#transmit(
      computer.subnet.computers.filter((other) => other !== computer),
      message,
    );
  }

  #transmit(receivers: readonly Computer[], message: DatagramMessage): void {
    const { computer, world, bootId } = this.#life;
    this.#life.speak(message.kind);
    const { domain } = computer.subnet;
    const announcement = message.kind === 'alive' && receivers.length > 1 ? message : null;
    const reached = receivers.filter((receiver) => computer.reaches(receiver) && !this.#isLost());
    if (reached.length === 0) return;
    world.time.after(world.lanDelayUs(), () => {
      const from = { address: computer.address, port: computer.port };
      const speaker = { agentId: computer.agentId, ...from };
      const mix = world.trace.mixOf(message);
      const isSettled = announcement !== null && domain.isSettled(computer, bootId, announcement);
      if (isSettled) domain.directory.announcedAgain(computer.agentId, bootId, announcement.packages, world.time.nowMs);
      for (const receiver of reached) {
        const { life } = receiver;
        if (life === null || (isSettled && !life.isAttentive)) continue;
        life.hear(
          {
            kind: 'datagramReceived',
            interfaceAddress: receiver.address,
            from,
            sender: computer.agentId,
            bootId,
            message,
          },
          speaker,
          mix,
        );
      }
      if (announcement === null) return;
      world.trace.note(world.time.nowUs, world.time.steps, computer.index, 'announced', mix);
      if (reached.length === receivers.length) domain.settle(computer, bootId, announcement);
    });
  }

  #isLost(): boolean {
    const { network, random } = this.#life.world;
    return network.lossPercent > 0 && random.below(100_000) < network.lossPercent * 1000;
  }

  /** False for an address that the computer has no longer: the datagram is lost. */
  #hasInterface(interfaceAddress: Ipv4): boolean {
    const { computer, world } = this.#life;
    if (interfaceAddress === computer.address) return true;
    const wasOwn = interfaceAddress === computer.formerAddress;
    world.violations.check(wasOwn, 'isolation', computer.name, () => 'a datagram from an address of another computer');
    return false;
  }
}
