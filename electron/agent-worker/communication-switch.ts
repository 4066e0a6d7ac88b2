import type { CommunicationPort } from '../../shared/agent/ports.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { CertificateRenewal } from './certificate-renewal.ts';
import type { DatagramAdapter } from './datagram-adapter.ts';
import type { ExchangePool } from './exchange-pool.ts';
import type { FeedConnection } from './feed-connection.ts';

export interface SwitchedParts {
  readonly datagrams: DatagramAdapter;
  readonly pools: readonly ExchangePool[];
  readonly feed: FeedConnection;
  readonly renewal: CertificateRenewal;
  readonly logger: AgentLogger;
}

/**
 * Communication port: all ways out of the computer at once. The HTTP server for peers is not among them, because the core
 * closes it through its own port.
 */
export class CommunicationSwitch implements CommunicationPort {
  readonly #parts: SwitchedParts;
  #wasForbidden = false;

  constructor(parts: SwitchedParts) {
    this.#parts = parts;
    // Until the core has looked at the policy and the clock.
    for (const pool of parts.pools) pool.setOpen(false);
  }

  setAllowed(isAllowed: boolean): void {
    const { datagrams, pools, feed, renewal, logger } = this.#parts;
    datagrams.setSilent(!isAllowed);
    for (const pool of pools) pool.setOpen(isAllowed);
    if (isAllowed) {
      feed.open();
      void renewal.renewIfDue();
    } else feed.close();
    if (!isAllowed) logger.info({}, 'the policy forbids any communication now');
    else if (this.#wasForbidden) logger.info({}, 'communication is allowed again');
    this.#wasForbidden = !isAllowed;
  }
}
