import type { CommunicationPort } from '../../shared/agent/ports.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { CertificateRenewal } from './certificate-renewal.ts';
import type { DatagramAdapter } from './datagram-adapter.ts';
import type { ExchangePool } from './exchange-pool.ts';
import type { FeedConnection } from './feed-connection.ts';
import type { ImpairmentSwitch } from './impairment-switch.ts';

export interface SwitchedParts {
  readonly datagrams: DatagramAdapter;
  readonly pools: readonly ExchangePool[];
  readonly feed: FeedConnection;
  readonly renewal: CertificateRenewal;
  readonly impairments: ImpairmentSwitch;
  readonly logger: AgentLogger;
}

const blockoutDetail = 'the policy forbids any communication now';
const unpluggedDetail = 'the network cable is unplugged';

/**
 * Communication port: all ways out of the computer at once. The HTTP server for peers is not among them, because the core
 * closes it through its own port. A cable that somebody pulled closes them as well, without a word to the core.
 */
export class CommunicationSwitch implements CommunicationPort {
  readonly #parts: SwitchedParts;
  /** Not until the core has looked at the policy and the clock. */
  #isAllowed = false;
  #wasForbidden = false;

  constructor(parts: SwitchedParts) {
    this.#parts = parts;
    this.#apply();
    parts.impairments.onCable(() => {
      parts.logger.info(
        { isUnplugged: parts.impairments.isUnplugged },
        'somebody pulled the network cable, or plugged it in',
      );
      this.#apply();
    });
  }

  setAllowed(isAllowed: boolean): void {
    const { datagrams, logger } = this.#parts;
    this.#isAllowed = isAllowed;
    datagrams.setSilent(!isAllowed);
    this.#apply();
    if (!isAllowed) logger.info({}, blockoutDetail);
    else if (this.#wasForbidden) logger.info({}, 'communication is allowed again');
    this.#wasForbidden = !isAllowed;
  }

  #apply(): void {
    const { pools, feed, renewal, impairments } = this.#parts;
    const why = !this.#isAllowed ? blockoutDetail : impairments.isUnplugged ? unpluggedDetail : null;
    for (const pool of pools) pool.setClosed(why);
    if (why === null) {
      feed.open();
      void renewal.renewIfDue();
    } else feed.close();
  }
}
