import type { Ipv4 } from '../base/ipv4.ts';
import { formatIpv4 } from '../base/ipv4.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';

export interface JournalSubject {
  readonly reason: JournalReason;
  readonly source: SourceKind | null;
  /** 0 = about the package as a whole. */
  readonly blocks: number;
  readonly peerName: string;
  readonly peerAddress: Ipv4 | null;
}

/** A journal entry as helpdesk staff read it. */
export function journalSentence(subject: JournalSubject): string {
  return subject.blocks > 0 ? blocksSentence(subject) : decisionSentence(subject);
}

function blocksSentence(subject: JournalSubject): string {
  const amount = subject.blocks === 1 ? '1 block' : `${subject.blocks} blocks`;
  return `Got ${amount} from ${sourceName(subject)}: ${because(subject.reason)}.`;
}

/** Why blocks came from where they came, as the end of a sentence. */
export function because(reason: JournalReason): string {
  switch (reason) {
    case 'lane':
      return 'this computer fetches the package over the WAN for its whole subnet';
    case 'following-claim':
      return 'another computer of the subnet fetches the package over the WAN and passes it on';
    case 'peer-has-block':
      return 'the peer has them already';
    case 'no-peer-known':
      return 'no other computer of the subnet is known';
    case 'no-holder-online':
      return 'no computer of the subnet that is online has them';
    case 'attempts-used-up':
      return 'the peers that have them failed too often';
    case 'peer-downloading-off':
      return 'the policy does not allow downloads from peers';
    case 'excepted':
      return 'the policy does without peers in the condition that the computer is in';
    case 'below-minimum-size':
      return 'the package is smaller than the policy shares with peers';
    case 'resumed':
      return 'they were missing after a restart';
    default:
      return reason.replaceAll('-', ' ');
  }
}

function decisionSentence(subject: JournalSubject): string {
  const peer = sourceName(subject);
  switch (subject.reason) {
    case 'lane':
      return 'Started to fetch the package over the WAN for the whole subnet, because no computer there has it.';
    case 'following-claim':
      return `Follows ${peer}, which fetches the package over the WAN for the whole subnet.`;
    case 'peer-has-block':
      return 'Downloads from peers that have the package.';
    case 'no-peer-known':
      return 'Downloads from the server, because no other computer of the subnet is known.';
    case 'no-holder-online':
      return 'Downloads from the server, because no computer of the subnet that is online has the package.';
    case 'peers-busy':
      return `Tries again later: ${peer} has no free slot.`;
    case 'peer-installing':
      return `Waits for ${peer}: it is installing software, and gives what it has afterwards.`;
    case 'peer-not-serving':
      return `Does without ${peer} for now: it is on battery, too busy, or installing software for long.`;
    case 'peer-timeout':
      return `Stopped waiting for ${peer}: nothing came within the HTTP request timeout.`;
    case 'peer-refused':
      return `${capitalised(peer)} could not be reached or refused the request.`;
    case 'peer-identity-mismatch':
      return `Did not download from ${peer}: another computer answered under its address.`;
    case 'hash-mismatch':
      return `Dropped ${peer} as a source: a block from it did not match the signed snapshot.`;
    case 'attempts-used-up':
      return 'The missing blocks are fetched from the server, because all download attempts from peers are used up.';
    case 'peer-downloading-off':
      return 'Downloads from the server, because the policy does not allow downloads from peers.';
    case 'excepted':
      return 'Downloads from servers only, because of the condition that the computer is in.';
    case 'below-minimum-size':
      return 'Downloads from the server, because the package is smaller than the policy shares with peers.';
    case 'source-back-off':
      return 'Waits before asking the server again, because it could not be reached.';
    case 'source-failed':
      return 'The server could not be reached or refused the request.';
    case 'claim-lost':
      return `Left the WAN download to ${peer}, which claimed it with a higher rank.`;
    case 'claim-taken-over':
      return `Takes the WAN download over from ${peer}, which stopped or became too slow.`;
    case 'claim-released':
      return `${capitalised(peer)} gave up the WAN download.`;
    case 'resumed':
      return 'Resumes after a restart with the blocks that were verified before.';
    case 'disk-full':
      return 'Stopped: the disk is full. It goes on once there is room.';
    case 'disk-error':
      return 'Stopped: the disk reported an error.';
    case 'pre-empted':
      return 'Waits: more urgent packages go first. It goes on from what is there.';
    case 'paused':
      return 'Paused by the person at the computer. It goes on from what is there.';
    case 'delivery-paused':
      return 'Waits: an administrator paused the delivery. It goes on from what is there.';
    case 'not-yet-available':
      return 'Waits for the time from which the delivery is available.';
    case 'outside-window':
      return 'Waits for the next download window of the delivery. It goes on from what is there.';
    case 'deleted':
      return 'Deleted from this computer.';
    case 'withdrawn':
      return 'Deleted, because an administrator withdrew this version.';
    case 'ready':
      return 'Complete: every block is verified and the files are in place.';
    default:
      return `${subject.reason.replaceAll('-', ' ')}.`;
  }
}

function sourceName(subject: JournalSubject): string {
  switch (subject.source) {
    case 'notification-server':
      return 'the Notification Server';
    case 'package-server-own-site':
      return 'the Package Server of the site';
    case 'package-server-foreign':
      return 'a Package Server of another site';
    default: {
      const address = subject.peerAddress === null ? '' : formatIpv4(subject.peerAddress);
      if (subject.peerName !== '' && address !== '') return `${subject.peerName} (${address})`;
      return subject.peerName || address || 'a peer';
    }
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
