import type { AlertKind } from '../../shared/contracts/console-api.ts';
import type { DeliveryFailure } from '../../shared/contracts/deliveries.ts';
import type { claimRoles, DiagnosticsPeer } from '../../shared/contracts/diagnostics.ts';
import type { JournalReason, SourceKind } from '../../shared/contracts/journal.ts';
import type { DeliveryPriority, PackageState } from '../../shared/contracts/package-state.ts';
import type { Scope } from '../../shared/contracts/people-api.ts';
import type { Target, TargetOperation } from '../../shared/contracts/targets.ts';
import { formatQuantity } from './format.ts';

/** How the closed lists of the contracts are said to people. */
export const reasonWords: Record<JournalReason, string> = {
  lane: 'Fetched for its subnet (lane)',
  'following-claim': 'Follows the first downloader',
  'peer-has-block': 'A peer has the block',
  'no-peer-known': 'No peer known',
  'no-holder-online': 'No holder online',
  'peers-busy': 'Peers were busy',
  'peer-installing': 'Peer installs something',
  'peer-not-serving': 'Peer serves nobody now',
  'peer-timeout': 'Peer did not answer in time',
  'peer-refused': 'Peer refused',
  'peer-identity-mismatch': 'Peer had another identity',
  'hash-mismatch': 'Block failed its hash check',
  'outside-subnets': 'Outside the subnets',
  'peer-downloading-off': 'Peer downloading is off',
  excepted: 'Excepted (cloud, VPN, metered or battery)',
  'attempts-used-up': 'Download attempts used up',
  'package-server-of-site': 'Package Server of the site',
  'below-minimum-size': 'Below the smallest shared size',
  blockout: 'Blockout period',
  throttled: 'Throttled',
  'source-back-off': 'Source in back-off',
  'source-failed': 'Source failed',
  'claim-lost': 'Claim lost',
  'claim-taken-over': 'Claim taken over',
  'claim-released': 'Claim released',
  'pre-empted': 'Paused for a higher priority',
  paused: 'Paused at the computer',
  'delivery-paused': 'Delivery paused',
  'not-yet-available': 'Delivery not yet available',
  'outside-window': 'Outside of the download windows',
  resumed: 'Resumed',
  'disk-full': 'Disk full',
  'disk-error': 'Disk error',
  deleted: 'Deleted from the computer',
  withdrawn: 'Withdrawn',
  ready: 'Ready',
};

export const alertWords: Record<AlertKind, string> = {
  'corrupt-blocks': 'Hands out damaged blocks',
  'agent-cloned': 'Its identity was copied',
};

export const sourceWords: Record<SourceKind, string> = {
  peer: 'Peer',
  'notification-server': 'Notification Server',
  'package-server-own-site': 'Package Server (own site)',
  'package-server-foreign': 'Package Server (other site)',
};

export const stateWords: Record<PackageState, string> = {
  queued: 'Queued',
  downloading: 'Downloading',
  ready: 'Ready',
  failed: 'Failed',
  installing: 'Installing',
  installed: 'Installed',
  withdrawn: 'Withdrawn',
};

export const roleWords: Record<(typeof claimRoles)[number], string> = {
  none: 'None',
  wanting: 'Wanting',
  'first-downloader': 'First downloader',
  lane: 'Lane',
  following: 'Following',
  direct: 'Direct',
};

export const peerStateWords: Record<DiagnosticsPeer['state'], string> = {
  available: 'Available',
  unavailable: 'Unavailable',
  banned: 'Banned',
};

export const priorityWords: Record<DeliveryPriority, string> = {
  emergency: 'Emergency',
  normal: 'Normal',
  background: 'Background',
};

const operationWords: Record<TargetOperation, string> = { union: 'and', intersect: 'only in', except: 'without' };

/** A target in a few words; `siteName` finds the name of a site id. */
export function targetWords(target: Target, siteName: (id: string) => string | undefined): string {
  switch (target.kind) {
    case 'all':
      return 'All agents';
    case 'sites': {
      const names = target.siteIds.map((id) => siteName(id) ?? id);
      return `${listWords(names, 'site')}${target.withChildren === true ? ' and below' : ''}`;
    }
    case 'subnets':
      return listWords(target.subnets, 'subnet');
    case 'agents':
      return formatQuantity(target.agentIds.length, 'agent');
    case 'names':
      return listWords(target.patterns, 'name pattern');
    case 'tags':
      return listWords(target.tags, 'tag');
    case 'rows': {
      const rows = target.next.map(
        ({ operation, filter }) => `${operationWords[operation]} ${targetWords(filter, siteName)}`,
      );
      return [targetWords(target.first, siteName), ...rows].join(' ');
    }
  }
}

function listWords(names: readonly string[], noun: string): string {
  return names.length <= 3 ? names.join(', ') : formatQuantity(names.length, noun);
}

/** What somebody may do. */
export const scopeWords: Record<Scope, string> = {
  administrator: 'Administrator',
  helpdesk: 'Helpdesk',
  read: 'Reads only',
};

/** Why an agent failed in a delivery. */
export const failureWords: Record<DeliveryFailure, string> = {
  'invalid-snapshot': 'Snapshot not valid',
  'disk-full': 'Disk full',
  'disk-error': 'Disk error',
  'execution-not-allowed': 'May not run commands',
  'could-not-start': 'Command did not start',
  'exit-code': 'Command failed',
  timeout: 'Command took too long',
  signal: 'Command was ended',
  interrupted: 'Agent ended meanwhile',
};
