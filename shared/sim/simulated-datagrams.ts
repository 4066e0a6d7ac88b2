import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { DatagramPort } from '../agent/ports.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentLife } from './agent-life.ts';
import type { Computer, SimulatedSubnet } from './computer.ts';
import { hears } from './peer-route.ts';
import { HeardWord, noComputers } from './subnet-broadcasts.ts';

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
    if (receiver !== null) this.#transmit(receiver, message);
  }

  /** A switch floods a broadcast to every port at once. */
  broadcast(interfaceAddress: Ipv4, message: DatagramMessage): void {
    if (!this.#hasInterface(interfaceAddress)) return;
    const { computer, world, bootId } = this.#life;
    this.#life.speak(message.kind);
    const { subnet } = computer;
    const missedBy = this.#missedBy(subnet);
    if (missedBy.size >= subnet.computers.length - 1) return;
    subnet.domain.broadcasts.send(world, subnet, { from: computer, bootId, message, missedBy });
  }

  #transmit(receiver: Computer, message: DatagramMessage): void {
    const { computer, world, bootId } = this.#life;
    this.#life.speak(message.kind);
    if (!computer.reaches(receiver) || this.#isLost()) return;
    world.time.after(world.lanDelayUs(), () => {
      const word = new HeardWord(world, { from: computer, bootId, message, missedBy: noComputers });
      word.tell(receiver);
    });
  }

  /** Of the subnet, beside the computer itself. */
  #missedBy({ computers, domain }: SimulatedSubnet): ReadonlySet<Computer> {
    const { computer, world } = this.#life;
    if (world.network.lossPercent === 0 && domain.isWhole(computers)) return noComputers;
    return new Set(computers.filter((other) => other !== computer && (!computer.reaches(other) || this.#isLost())));
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
