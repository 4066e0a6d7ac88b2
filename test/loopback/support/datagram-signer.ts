import { randomInt } from 'node:crypto';
import { GroupKeys, macOf } from '../../../electron/agent-worker/group-keys.ts';
import type { DatagramMessage } from '../../../shared/agent/datagram-message.ts';
import { encodeSignedPart, sealDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import type { AgentId, ServerId } from '../../../shared/base/ids.ts';
import type { GroupKey } from '../../../shared/contracts/agent-api.ts';

/** Makes datagrams as an agent does that knows these group keys, and these for ever. */
export class DatagramSigner {
  readonly #sender: { readonly agentId: AgentId; readonly serverId: ServerId };
  readonly #keys = new GroupKeys();
  readonly #bootId = randomInt(2 ** 47);
  #sequence = 0;

  constructor(sender: { readonly agentId: AgentId; readonly serverId: ServerId }, groupKeys: readonly GroupKey[]) {
    this.#sender = sender;
    this.#keys.replace(groupKeys);
  }

  sign(message: DatagramMessage): Uint8Array {
    const dateMs = Date.now();
    const key = this.#keys.signingKey(dateMs);
    if (key === null) throw new Error('there is no group key');
    this.#sequence++;
    const { agentId, serverId } = this.#sender;
    const envelope = { groupKeyId: key.id, serverId, agentId, bootId: this.#bootId, sequence: this.#sequence, dateMs };
    const signedPart = encodeSignedPart(envelope, message);
    return sealDatagram(signedPart, macOf(key, signedPart));
  }
}
