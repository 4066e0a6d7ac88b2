import type { Target } from '../../../shared/contracts/targets.ts';
import { useTopic } from '../../components/hooks.ts';
import { agentsInTarget } from '../../stores/agents-in-target.ts';
import { membersOfStages } from './wizard-form.ts';

interface Reach {
  readonly siteName: (id: string) => string | undefined;
  /** How many agents each stage has for itself now; null until the console knows all agents and sites. */
  readonly members: readonly number[] | null;
}

export function useReach(targets: readonly Target[]): Reach {
  const agents = useTopic('agents');
  const sites = useTopic('sites');
  return {
    siteName: (id) => sites?.find((site) => site.id === id)?.name,
    members:
      agents === null || sites === null
        ? null
        : membersOfStages(targets, (target) => agentsInTarget(target, agents, sites)),
  };
}
