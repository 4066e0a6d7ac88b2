import { additionalSubnetsOf } from '../agent/additional-subnets.ts';
import type { ProbeTarget } from '../agent/ports.ts';
import { agentCertificateName } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import { cidrContains } from '../base/ipv4.ts';
import type { AgentLife } from './agent-life.ts';
import type { SimulatedServing } from './simulated-serving.ts';

/**
 * Brings a request to a peer, as TCP and TLS would: silence where no packet gets through, `refused` where nothing listens,
 * `identity-mismatch` where another agent answers at that address, `outside-subnets` where the asking one may not ask.
 */
export function routeToPeer(
  life: AgentLife,
  peer: ProbeTarget,
  ways: {
    isAbandoned(): boolean;
    failed(code: 'refused' | 'identity-mismatch' | 'outside-subnets'): void;
    arrived(serving: SimulatedServing): void;
  },
): void {
  const { world, computer } = life;
  world.time.after(world.lanDelayUs(), () => {
    const target = world.computerAt(peer.address, peer.port);
    if (ways.isAbandoned() || (target !== null && !computer.reaches(target))) return;
    const serving = target?.life?.serving;
    if (target === null || serving?.isEnabled !== true) fail('refused');
    else if (peer.agentId !== null && target.agentId !== peer.agentId) fail('identity-mismatch');
    else if (target.life !== null && !hears(target.life, computer.address)) fail('outside-subnets');
    else ways.arrived(serving);
  });

  function fail(code: 'refused' | 'identity-mismatch' | 'outside-subnets'): void {
    world.time.after(world.lanDelayUs(), () => {
      if (!ways.isAbandoned()) ways.failed(code);
    });
  }
}

/** The same to a Package Server, which serves every agent of the organisation. */
export function routeToPackageServer(
  life: AgentLife,
  certificateName: string,
  place: { readonly address: Ipv4; readonly port: number },
  ways: {
    isAbandoned(): boolean;
    failed(code: 'refused' | 'identity-mismatch'): void;
    arrived(serving: SimulatedServing): void;
  },
): void {
  const { world, computer } = life;
  const target = world.computerAt(place.address, place.port);
  const delayUs = () => (target?.subnet.site === computer.subnet.site ? world.lanDelayUs() : world.wanDelayUs());
  world.time.after(delayUs(), () => {
    if (ways.isAbandoned() || (target !== null && !computer.reachesServing(target))) return;
    const serving = target?.life?.serving;
    if (target === null || serving?.isEnabled !== true) fail('refused');
    else if (agentCertificateName(target.agentId) !== certificateName) fail('identity-mismatch');
    else ways.arrived(serving);
  });

  function fail(code: 'refused' | 'identity-mismatch'): void {
    world.time.after(delayUs(), () => {
      if (!ways.isAbandoned()) ways.failed(code);
    });
  }
}

/** What the adapters of an agent let through: its own subnet and the additional ones. */
export function hears(life: AgentLife, address: Ipv4): boolean {
  if (cidrContains(life.computer.subnet.cidr, address)) return true;
  const { configuration } = life;
  return configuration !== null && additionalSubnetsOf(configuration).some((cidr) => cidrContains(cidr, address));
}
