import { expect, it } from 'vitest';
import { planMove } from '../../electron/fleet/fleet-move.ts';
import { loopbackPlan, parseFleetPlan, singleAddressPlan } from '../../electron/fleet/fleet-plan.ts';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';

const [first, second] = ['127.77.1.0/24', '127.77.2.0/24'];
const everywhere = async () => true;

function planOf(agents: number, subnets: number): FleetPlan {
  const plan = loopbackPlan({ agents, subnets });
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

it('gives the agent the first free address of the other subnet, and everything else stays', async () => {
  const plan = planOf(4, 2);
  const moved = await planMove(plan, 'a-01', second, everywhere);
  if (!moved.ok) throw new Error(moved.error);
  const before = plan.subnets[0]?.agents[0];
  expect(moved.value.agent).toEqual({ ...before, address: '127.77.2.3' });
  const after = moved.value.plan;
  expect(after.subnets.map(({ agents }) => agents.map(({ name }) => name))).toEqual([
    ['a-02'],
    ['b-01', 'b-02', 'a-01'],
  ]);
  expect(parseFleetPlan(after)).toEqual({ ok: true, value: after });
  // The address that it left is the first free one for the next who comes.
  const back = await planMove(after, 'b-02', first, everywhere);
  expect(back.ok && back.value.agent.address).toBe('127.77.1.1');
});

it('passes over addresses where somebody else listens', async () => {
  const asked: string[] = [];
  const moved = await planMove(planOf(2, 2), 'a-01', second, async (address, port) => {
    asked.push(`${address}:${port}`);
    return address === '127.77.2.4';
  });
  expect(moved.ok && moved.value.agent.address).toBe('127.77.2.4');
  expect(asked).toEqual(['127.77.2.2:27801', '127.77.2.3:27801', '127.77.2.4:27801']);
});

it('moves an agent into a subnet that everybody has left', async () => {
  const left = await planMove(planOf(2, 2), 'a-01', second, everywhere);
  const back = left.ok ? await planMove(left.value.plan, 'b-01', first, everywhere) : left;
  expect(back.ok && back.value.plan.subnets.map(({ agents }) => agents.map(({ address }) => address))).toEqual([
    ['127.77.1.1'],
    ['127.77.2.2'],
  ]);
});

it('says why an agent cannot move', async () => {
  const problem = async (plan: FleetPlan, name: string, to: string, isFree = everywhere) => {
    const moved = await planMove(plan, name, to, isFree);
    return moved.ok ? '' : moved.error;
  };
  const plan = planOf(4, 2);
  expect(await problem(plan, 'a-01', first)).toBe(`a-01 is in ${first} already. Choose another subnet.`);
  expect(await problem(plan, 'a-01', '10.1.2.0/24')).toBe(
    `10.1.2.0/24 is not a subnet of this fleet. Choose one of ${first}, ${second}.`,
  );
  expect(await problem(plan, 'c-09', second)).toContain('not in the plan');
  expect(await problem(plan, 'a-01', second, async () => false)).toContain('no free address');
  const one = singleAddressPlan({ agents: 2, subnets: 1 });
  expect(one.ok && (await problem(one.value, 'a-01', '127.0.0.0/24'))).toContain('one subnet only');
});
