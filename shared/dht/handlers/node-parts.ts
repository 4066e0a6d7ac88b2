import type { PackageKey } from '../../base/ids.ts';
import type { Ipv4 } from '../../base/ipv4.ts';
import type { Contact } from '../contact.ts';
import type { PackageEntry } from '../messages.ts';
import type { PackageStateStore } from '../package-state-store.ts';
import type { RoutingTable } from '../routing-table.ts';
import type { WriteTokens } from '../write-tokens.ts';

/** What a node answers from. */
export interface NodeParts {
  readonly self: Contact;
  readonly table: RoutingTable;
  readonly store: PackageStateStore;
  readonly tokens: WriteTokens;
  readonly isOfSubnet: (address: Ipv4) => boolean;
  /** What this agent holds of the package itself, or null. */
  readonly ownHolding: (key: PackageKey) => PackageEntry | null;
}
