import type { PeerEndpoint } from '../agent/ports.ts';
import type { AgentLife } from './agent-life.ts';
import type { SimulatedServing } from './simulated-serving.ts';

/**
 * Brings a request to a peer, as TCP and TLS would: silence where no packet gets through, `refused` where nothing listens,
 * `identity-mismatch` where another agent answers at that address.
 */
export function routeToPeer(
  life: AgentLife,
  peer: PeerEndpoint,
  ways: {
    isAbandoned(): boolean;
    failed(code: 'refused' | 'identity-mismatch'): void;
    arrived(serving: SimulatedServing): void;
  },
): void {
  const { world, computer } = life;
  world.time.after(world.lanDelayUs(), () => {
    const target = world.computerAt(peer.address, peer.port);
    if (ways.isAbandoned() || (target !== null && !computer.reaches(target))) return;
    const serving = target?.life?.serving;
    if (target === null || serving?.isEnabled !== true) fail('refused');
    else if (target.agentId !== peer.agentId) fail('identity-mismatch');
    else ways.arrived(serving);
  });

  function fail(code: 'refused' | 'identity-mismatch'): void {
    world.time.after(world.lanDelayUs(), () => {
      if (!ways.isAbandoned()) ways.failed(code);
    });
  }
}
