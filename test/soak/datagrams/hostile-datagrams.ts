import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { DatagramMessage } from '../../../shared/agent/datagram-message.ts';
import { maxDatagramBytes } from '../../../shared/agent/datagram-message.ts';
import { encodeSignedPart, sealDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import { macLengthBytes } from '../../../shared/agent/datagrams/envelope.ts';
import type { AgentId, PackageKey, ServerId } from '../../../shared/base/ids.ts';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { message } from '../../helpers/datagram-arbitraries.ts';
import { mutated, onceIn, oneOf, randomBytesOf, randomHex } from '../support/choices.ts';

export interface HostileSubject {
  readonly serverId: ServerId;
  readonly groupKey: { readonly id: number; readonly key: string };
  /** A package that the agent holds. */
  readonly key: PackageKey;
  /** The agent under attack. */
  readonly agentId: AgentId;
}

const sampleSize = 1000;
/** Who speaks: a subnet's agents, and now and then one that nobody has heard before. */
const regularSenders = 60;

interface Sender {
  readonly agentId: AgentId;
  readonly bootId: number;
  sequence: number;
}

/** Makes datagrams from random ones to ones that nothing but their content betrays. */
export class HostileDatagrams {
  readonly #random: Xoshiro128;
  readonly #subject: HostileSubject;
  readonly #messages: readonly DatagramMessage[];
  readonly #senders: Sender[];

  constructor(random: Xoshiro128, subject: HostileSubject, seed: number) {
    this.#random = random;
    this.#subject = subject;
    this.#messages = fc.sample(message, { seed, numRuns: sampleSize });
    this.#senders = Array.from({ length: regularSenders }, () => this.#newSender());
  }

  next(): Uint8Array {
    const random = this.#random;
    if (onceIn(random, 20)) return randomBytesOf(random, random.below(1500));
    const sender = onceIn(random, 5) ? this.#newSender() : oneOf(random, this.#senders);
    const { signedPart } = this.#valid(sender);
    const kind = random.below(10);
    // As an agent would send it.
    if (kind < 3) return this.#sealed(signedPart);
    // A right MAC around a wrong body.
    if (kind < 8) return this.#sealed(this.#changed(signedPart));
    // Changed behind the MAC.
    return mutated(random, this.#sealed(signedPart), signedPart, maxDatagramBytes + 200);
  }

  /** A WANT by a sender that the agent has not heard before. */
  want(key: PackageKey): Uint8Array {
    const { serverId, groupKey } = this.#subject;
    const { agentId, bootId } = this.#newSender();
    const envelope = { groupKeyId: groupKey.id, serverId, agentId, bootId, sequence: 1, dateMs: Date.now() };
    return this.#sealed(encodeSignedPart(envelope, { kind: 'want', key }));
  }

  #valid(sender: Sender): { readonly signedPart: Uint8Array } {
    const random = this.#random;
    const { groupKey, serverId, agentId: target } = this.#subject;
    const skipped = onceIn(random, 50) ? random.below(200) : 1;
    sender.sequence = (sender.sequence + skipped) % 2 ** 32;
    const envelope = {
      groupKeyId: onceIn(random, 100) ? random.below(2 ** 31) : groupKey.id,
      serverId: onceIn(random, 100) ? (randomHex(random, 16) as ServerId) : serverId,
      agentId: onceIn(random, 200) ? target : sender.agentId,
      bootId: onceIn(random, 50) ? random.below(2 ** 31) : sender.bootId,
      sequence: sender.sequence,
      dateMs: onceIn(random, 50) ? random.below(2 ** 31) : Date.now(),
    };
    return { signedPart: encodeSignedPart(envelope, this.#withKnownNames(oneOf(random, this.#messages))) };
  }

  /** Random keys and ids would touch nothing that the agent has. */
  #withKnownNames(of: DatagramMessage): DatagramMessage {
    const random = this.#random;
    const { key, agentId } = this.#subject;
    if ('key' in of && !onceIn(random, 3)) {
      const about = { ...of, key };
      return about.kind === 'claim' && onceIn(random, 3) ? { ...about, lanes: [agentId] } : about;
    }
    if (of.kind === 'alive') {
      const packages = of.packages.map((told) => ({ ...told, key: randomHex(random, 20) as PackageKey }));
      return { ...of, packages };
    }
    if (of.kind === 'dht' && 'key' in of.message && !onceIn(random, 3))
      return { ...of, message: { ...of.message, key } };
    return of;
  }

  /** Half of them with a sound envelope, so that the body is looked at. */
  #changed(signedPart: Uint8Array): Uint8Array {
    const random = this.#random;
    const other = encodeSignedPart(
      {
        groupKeyId: 1,
        serverId: this.#subject.serverId,
        agentId: this.#subject.agentId,
        bootId: 1,
        sequence: 1,
        dateMs: 1,
      },
      oneOf(random, this.#messages),
    );
    const isText = signedPart[0] === 'N'.charCodeAt(0);
    const head = isText || onceIn(random, 2) ? 0 : 56;
    const body = mutated(
      random,
      signedPart.subarray(head),
      other.subarray(head),
      maxDatagramBytes - macLengthBytes - head,
    );
    return Buffer.concat([signedPart.subarray(0, head), body]);
  }

  #sealed(signedPart: Uint8Array): Uint8Array {
    const isText = signedPart[0] === 'N'.charCodeAt(0);
    const room = maxDatagramBytes - (isText ? 2 * macLengthBytes + 9 : macLengthBytes);
    const covered = signedPart.subarray(0, room);
    const key = Buffer.from(this.#subject.groupKey.key, 'base64');
    return sealDatagram(covered, createHmac('sha256', key).update(covered).digest());
  }

  #newSender(): Sender {
    const agentId = randomHex(this.#random, 16) as AgentId;
    return { agentId, bootId: 1 + this.#random.below(2 ** 31 - 1), sequence: this.#random.below(1000) };
  }
}
