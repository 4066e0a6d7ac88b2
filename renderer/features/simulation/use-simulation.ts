import { useEffect, useState } from 'react';
import type { SimulationJob } from '../../../shared/contracts/simulations-api.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { isUnderWay } from './simulation-words.ts';

const lookEveryMs = 500;

export interface FollowedSimulation {
  readonly job: SimulationJob | null;
  readonly problem: string | null;
  askAgain(): void;
}

/** A simulation while it goes on, and what came of it; null id = none. */
export function useSimulation(id: string | null): FollowedSimulation {
  const [endedId, setEndedId] = useState<string | null>(null);
  const answer = useAnswer(
    'simulation',
    { params: { id: id ?? '' } },
    { isAsked: id !== null, ...(endedId === id ? {} : { everyMs: lookEveryMs }) },
  );
  const job = answer.data?.id === id ? answer.data : null;
  const isEnded = job !== null && !isUnderWay(job);
  useEffect(() => {
    if (isEnded) setEndedId(id);
  }, [isEnded, id]);
  return { job, problem: answer.problem, askAgain: answer.askAgain };
}
