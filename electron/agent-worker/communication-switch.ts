import type { CommunicationPort } from '../../shared/agent/ports.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { CertificateRenewal } from './certificate-renewal.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { DatagramAdapter } from './datagram-adapter.ts';
import type { ExchangePool } from './exchange-pool.ts';
import type { FeedConnection } from './feed-connection.ts';

export interface SwitchedParts {
  readonly datagrams: DatagramAdapter;
  /** To the server's interface. */
  readonly pool: ConnectionPool;
  /** To peers, and to whoever sends blocks. */
  readonly exchanges: ExchangePool;
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
    parts.pool.setOpen(false);
    parts.exchanges.setOpen(false);
  }

  setAllowed(isAllowed: boolean): void {
    const { datagrams, pool, exchanges, feed, renewal, logger } = this.#parts;
    datagrams.setSilent(!isAllowed);
    pool.setOpen(isAllowed);
    exchanges.setOpen(isAllowed);
    if (isAllowed) {
      feed.open();
      void renewal.renewIfDue(Date.now());
    } else feed.close();
    if (!isAllowed) logger.info({}, 'the policy forbids any communication now');
    else if (this.#wasForbidden) logger.info({}, 'communication is allowed again');
    this.#wasForbidden = !isAllowed;
  }
}
