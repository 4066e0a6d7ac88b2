import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import { claimTimes } from './claim-times.ts';
import type { CommandResult } from './pending-commands.ts';

export interface ClaimerProbeOwner {
  /** The claimer lives: its block map, with what need not cross the WAN again. */
  answered(result: CommandResult): void;
  /** It lives, but has lost the package. */
  answeredWithout(): void;
  failed(): void;
}

/** Asks a claimer that has fallen silent for its block map: not a bare hello, because the map is worth more. */
export function probeClaimer(context: AgentContext, key: PackageKey, claimer: AgentId, owner: ClaimerProbeOwner): void {
  const peer = context.peers.find(claimer);
  if (peer === null) {
    owner.failed();
    return;
  }
  const commandId = context.commands.begin((result) => {
    if (result.kind === 'blockMapReceived') owner.answered(result);
    else if (result.kind === 'peerRequestFailed' && result.code === 'not-available') owner.answeredWithout();
    else {
      context.peers.markUnreachable(claimer);
      owner.failed();
    }
  });
  context.ports.transfers.fetchBlockMap({ commandId, key, peer, timeoutMs: claimTimes.probeTimeoutMs });
}
