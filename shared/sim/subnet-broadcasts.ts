import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { PeerEndpoint } from '../agent/ports.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { Computer, SimulatedSubnet } from './computer.ts';
import type { World } from './world.ts';

/** Computers read what has come this often: broadcasts of one subnet within this time are heard together. */
const readingUs = 1000;

export const noComputers: ReadonlySet<Computer> = new Set();

export interface SpokenWord {
  readonly from: Computer;
  /** Of the process that spoke. */
  readonly bootId: number;
  readonly message: DatagramMessage;
  /** Whom it does not reach: it got lost, or no cable leads there. */
  readonly missedBy: ReadonlySet<Computer>;
}

/** A word that has arrived, with all that is the same for everybody who hears it. */
export class HeardWord {
  readonly spoken: SpokenWord;
  readonly #speaker: PeerEndpoint;
  readonly #from: { readonly address: Ipv4; readonly port: number };
  readonly #mix: number;

  constructor(world: World, spoken: SpokenWord) {
    const { agentId, address, port } = spoken.from;
    this.spoken = spoken;
    this.#speaker = { agentId, address, port };
    this.#from = { address, port };
    this.#mix = world.trace.mixOf(spoken.message);
  }

  tell({ life, address: interfaceAddress }: Computer): void {
    const { bootId, message } = this.spoken;
    const speaker = this.#speaker;
    const from = this.#from;
    const word = {
      kind: 'datagramReceived',
      interfaceAddress,
      from,
      sender: speaker.agentId,
      bootId,
      message,
    } as const;
    life?.hear(word, speaker, this.#mix);
  }

  note({ trace, time }: World): void {
    trace.note(time.nowUs, time.steps, this.spoken.from.index, 'announced', this.#mix);
  }
}

/**
 * The broadcasts of one subnet on their way. When hundreds speak in the same moment, as after a start, each of them reads all that has
 * come at once, as a real computer does; what one agent keeps is then looked up once and not for every word.
 */
export class SubnetBroadcasts {
  /** By the time at which they are heard. */
  readonly #onTheirWay = new Map<number, SpokenWord[]>();

  /** `subnet`: whose broadcasts these are. */
  send(world: World, subnet: SimulatedSubnet, word: SpokenWord): void {
    if (word.missedBy.size === 0 && subnet.domain.takesNoteOf(world, word)) {
      new HeardWord(world, word).note(world);
      return;
    }
    const { time } = world;
    const heardAtUs = Math.ceil((time.nowUs + world.lanDelayUs()) / readingUs) * readingUs;
    const words = this.#onTheirWay.get(heardAtUs);
    if (words !== undefined) {
      words.push(word);
      return;
    }
    this.#onTheirWay.set(heardAtUs, [word]);
    time.at(heardAtUs, () => {
      const arrived = this.#onTheirWay.get(heardAtUs) ?? [];
      this.#onTheirWay.delete(heardAtUs);
      arrive(world, subnet, arrived);
    });
  }
}

/** Each computer reads all words before the next one does. */
function arrive(world: World, { computers, domain }: SimulatedSubnet, spoken: readonly SpokenWord[]): void {
  const { moment } = domain;
  const words = spoken.map((word) => ({ heard: new HeardWord(world, word), hearers: domain.hearersOf(world, word) }));
  for (const computer of hearersOfAny(words, computers)) {
    for (const { heard, hearers } of words) {
      const { from, missedBy } = heard.spoken;
      if (from === computer || missedBy.has(computer) || hearers?.has(computer) === false) continue;
      heard.tell(computer);
    }
  }
  for (const { heard } of words) {
    if (heard.spoken.message.kind !== 'alive') continue;
    heard.note(world);
    if (heard.spoken.missedBy.size === 0) domain.settle(heard.spoken, moment);
  }
}

function hearersOfAny(
  words: readonly { readonly hearers: ReadonlySet<Computer> | null }[],
  computers: readonly Computer[],
): Iterable<Computer> {
  const all = new Set<Computer>();
  for (const { hearers } of words) {
    if (hearers === null) return [...computers];
    for (const computer of hearers) all.add(computer);
  }
  return all;
}
