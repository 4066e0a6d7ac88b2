import type { AgentLife, MakeAgent } from '../agent-life.ts';
import type { World } from '../world.ts';
import { BackOffRule } from './back-off-rule.ts';
import { ClaimRule } from './claim-rule.ts';
import { ContentRule } from './content-rule.ts';
import { watchedCore, watchedPorts } from './port-watch.ts';
import { SourceRule } from './source-rule.ts';
import { SpeechRule } from './speech-rule.ts';
import { VerifiedBlocks } from './verified-blocks.ts';
import { WatchedLife } from './watched-life.ts';
import { WindowRule } from './window-rule.ts';

/**
 * The same agents, whose every word and deed is held against the rules; what breaks one is a violation of the run. It costs
 * about as much as the agents themselves: for tests, not for rollouts of thousands.
 */
export function underRules(makeAgent: MakeAgent): MakeAgent {
  const worlds = new WeakMap<World, VerifiedBlocks>();
  return (ports, identity, life) => {
    const watches = watchesOf(life, verifiedIn(worlds, life.world));
    return watchedCore(makeAgent(watchedPorts(ports, watches), identity, life), watches);
  };
}

function verifiedIn(worlds: WeakMap<World, VerifiedBlocks>, world: World): VerifiedBlocks {
  const known = worlds.get(world);
  if (known !== undefined) return known;
  const made = new VerifiedBlocks(world);
  worlds.set(world, made);
  return made;
}

function watchesOf(life: AgentLife, verified: VerifiedBlocks) {
  const watched = new WatchedLife(life, verified);
  const rules = [
    new ContentRule(watched),
    new ClaimRule(watched),
    new BackOffRule(watched),
    new WindowRule(watched),
    new SourceRule(watched),
    new SpeechRule(watched),
  ];
  // The rules see a request before it is one of those under way.
  return [...rules, watched];
}
