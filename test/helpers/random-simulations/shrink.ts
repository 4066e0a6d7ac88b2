import type { Fault, SimulationPlan, SubnetPlan } from '../../../shared/sim/simulation-plan.ts';
import type { SimulationCase } from './simulation-case.ts';

/** Enough for the largest random case to lose all that it can; a run takes a fraction of a second. */
const maxTries = 400;

/**
 * The smallest case found that still fails: every part that it goes without is left out, until nothing more can be. The same
 * case and the same `fails` give the same result.
 *
 * @param fails whether the case fails in the same way as the first one did
 */
export function shrunk(failing: SimulationCase, fails: (subject: SimulationCase) => boolean): SimulationCase {
  let best = failing;
  let tries = 0;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    // What was left out may have made more superfluous: candidates are made anew from the smaller case.
    for (let index = 0; tries < maxTries; index++) {
      const candidate = candidatesOf(best)[index];
      if (candidate === undefined) break;
      tries++;
      if (!fails(candidate)) continue;
      best = candidate;
      hasShrunk = true;
      // The same place again: what came after the part that is gone stands there now.
      index--;
    }
  }
  return best;
}

/** Cases with one part less each, the largest parts first. */
function candidatesOf(subject: SimulationCase): SimulationCase[] {
  const { plan, faults } = subject;
  return [
    ...halvesOf(faults).map((fewer) => ({ ...subject, faults: fewer })),
    ...plan.subnets.map((_, index) => withoutSubnet(subject, index)),
    ...plan.packages.map((_, index) => withoutPackage(subject, index)),
    ...faults.map((_, index) => ({ ...subject, faults: faults.filter((__, at) => at !== index) })),
    ...smallerPlans(plan).map((smaller) => ({ ...subject, plan: smaller })),
  ].filter(({ plan: { subnets, packages } }) => subnets.length > 0 && packages.length > 0);
}

function halvesOf(faults: readonly Fault[]): (readonly Fault[])[] {
  const middle = Math.floor(faults.length / 2);
  return middle < 2 ? [] : [faults.slice(middle), faults.slice(0, middle)];
}

function withoutSubnet(subject: SimulationCase, gone: number): SimulationCase {
  const { plan, faults } = subject;
  const moved = (subnet: number): number => (subnet > gone ? subnet - 1 : subnet);
  const all = (subnets: readonly number[]): number[] => subnets.filter((subnet) => subnet !== gone).map(moved);
  return {
    ...subject,
    plan: {
      ...plan,
      subnets: plan.subnets
        .filter((_, index) => index !== gone)
        .map(({ parent, ...subnet }) =>
          parent === undefined || parent === gone ? subnet : { ...subnet, parent: moved(parent) },
        ),
      packages: plan.packages.map(({ subnets, delivery, preposition, ...entry }) => ({
        ...entry,
        ...(subnets === undefined ? {} : { subnets: all(subnets) }),
        ...(preposition === undefined ? {} : { preposition: { ...preposition, subnets: all(preposition.subnets) } }),
        ...(delivery === undefined
          ? {}
          : {
              delivery: {
                ...delivery,
                ...(delivery.stages === undefined
                  ? {}
                  : { stages: delivery.stages.map((stage) => ({ ...stage, subnets: all(stage.subnets) })) }),
              },
            }),
      })),
    },
    faults: faults.flatMap((fault) => faultWithoutSubnet(fault, gone, moved)),
  };
}

function faultWithoutSubnet(fault: Fault, gone: number, moved: (subnet: number) => number): Fault[] {
  if ('subnet' in fault) return fault.subnet === gone ? [] : [{ ...fault, subnet: moved(fault.subnet) }];
  if (!('agent' in fault)) return [fault];
  const { agent } = fault;
  const subnet = 'subnet' in agent ? agent.subnet : agent.firstDownloaderOf;
  if (subnet === gone || (fault.kind === 'roam' && fault.toSubnet === gone)) return [];
  const there = moved(subnet);
  const chosen = 'subnet' in agent ? { ...agent, subnet: there } : { firstDownloaderOf: there };
  if (fault.kind === 'roam') return [{ ...fault, agent: chosen, toSubnet: moved(fault.toSubnet) }];
  return [{ ...fault, agent: chosen }];
}

function withoutPackage(subject: SimulationCase, gone: number): SimulationCase {
  return {
    ...subject,
    plan: { ...subject.plan, packages: subject.plan.packages.filter((_, index) => index !== gone) },
    faults: subject.faults.flatMap((fault): Fault[] => {
      if (!('package' in fault)) return [fault];
      if (fault.package === gone) return [];
      return [{ ...fault, package: fault.package > gone ? fault.package - 1 : fault.package }];
    }),
  };
}

function smallerPlans(plan: SimulationPlan): SimulationPlan[] {
  const { subnets, packages } = plan;
  return [
    ...subnets.flatMap((subnet, index) =>
      smallerSubnets(subnet).map((smaller) => ({ ...plan, subnets: replaced(subnets, index, smaller) })),
    ),
    ...packages.flatMap((entry, index) => {
      const smaller = [
        ...without(entry, ['delivery', 'preposition', 'priority', 'deliverAtMs']),
        // Of a delivery in stages everybody is in one of them: the first goes to no more than it is said.
        ...(entry.delivery?.stages === undefined ? without(entry, ['subnets']) : []),
        ...halved(entry.totalSizeBytes).map((totalSizeBytes) => ({ ...entry, totalSizeBytes })),
      ];
      return smaller.map((one) => ({ ...plan, packages: replaced(packages, index, one) }));
    }),
    ...without(plan, ['directory', 'network', 'settings']),
    ...(plan.settings === undefined ? [] : withoutEach(plan.settings).map((settings) => ({ ...plan, settings }))),
    ...(plan.network === undefined ? [] : withoutEach(plan.network).map((network) => ({ ...plan, network }))),
  ];
}

function smallerSubnets(subnet: SubnetPlan): SubnetPlan[] {
  const { special = {} } = subnet;
  return [
    ...halved(subnet.agents).map((agents) => ({ ...subnet, agents })),
    ...(subnet.agents > 1 ? [{ ...subnet, agents: subnet.agents - 1 }] : []),
    ...without(subnet, [
      'special',
      'packageServers',
      'packageServerUpload',
      'site',
      'parent',
      'locationType',
      'inboundKilobytesPerSecond',
      'outboundKilobytesPerSecond',
      'utcOffsetMinutes',
      'uploadBytesPerSecond',
      'downloadBytesPerSecond',
      'wanBytesPerSecond',
      'startAtMs',
    ]),
    ...withoutEach(special).map((fewer) => ({ ...subnet, special: fewer })),
    ...Object.entries(special).flatMap(([number, agent]) =>
      withoutEach(agent).map((smaller) => ({ ...subnet, special: { ...special, [number]: smaller } })),
    ),
  ];
}

function halved(amount: number): number[] {
  return amount < 2 ? [] : [Math.ceil(amount / 2)];
}

function replaced<Value>(values: readonly Value[], index: number, value: Value): Value[] {
  return values.map((known, at) => (at === index ? value : known));
}

/** The same without each of these that it has, one at a time. */
function without<Value extends object>(value: Value, optional: readonly (keyof Value & string)[]): Value[] {
  return optional.filter((key) => key in value).map((key) => omitting(value, key));
}

function withoutEach<Value extends object>(value: Value): Value[] {
  return Object.keys(value).map((key) => omitting(value, key));
}

function omitting<Value extends object>(value: Value, key: string): Value {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Value;
}
