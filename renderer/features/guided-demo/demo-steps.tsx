import { Button, Field, Input, Link } from '@fluentui/react-components';
import { FlashRegular, SendRegular, ShieldCheckmarkRegular, ShieldDismissRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { formatBytes, formatClockTime, formatCopies, formatQuantity, formatShare } from '../../components/format.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { act } from '../fleet/fleet-deeds.ts';
import { namesOf } from '../fleet/fleet-rules.ts';
import { linkWords } from '../sites/hours-words.ts';
import { corruptFirstDownloader, deliverDemo, killFirstDownloader } from './demo-deeds.ts';
import { type DemoMemory, demo } from './demo-memory.ts';
import { Buttons, LinkTable, Told, Words } from './demo-parts.tsx';
import {
  type DemoWorld,
  demoDelivery,
  demoLinks,
  isComplete,
  killedBar,
  refusalsOf,
  successorOf,
  victimOf,
} from './demo-story.ts';

export interface StepProps {
  readonly world: DemoWorld;
  readonly memory: DemoMemory;
  readonly isBusy: boolean;
  /** Of the server's computer; '' = none is known. */
  readonly path: string;
  /** The clock of the server. */
  readonly nowMs: number;
}

export function FleetStep({ world: { fleet } }: StepProps) {
  const running = fleet.agents.filter(({ state }) => state === 'running').length;
  const [first] = fleet.subnets;
  return (
    <>
      <Words>
        Each subnet stands for an office: a site behind a WAN link. The agents of a subnet find each other by
        broadcasts, and know nobody of another one. What enters a site from the server is held to its link.
      </Words>
      <Told>
        {running} of {formatQuantity(fleet.agents.length, 'agent')} run in{' '}
        {formatQuantity(fleet.subnets.length, 'subnet')}
        {first !== undefined && `, the first behind a link of ${linkWords(first.wanKilobitsPerSecond).toLowerCase()}`}.
      </Told>
      <Buttons>
        <Link href="#/sites/topology">See the links as a picture</Link>
      </Buttons>
    </>
  );
}

export function DeliverStep(props: StepProps) {
  const { world, isBusy } = props;
  const delivery = demoDelivery(world);
  const [path, setPath] = useState(props.path);
  return (
    <>
      <Words>
        One package goes to all agents. In each subnet one agent claims it and fetches it over the WAN link; the others
        take its blocks from that one, and from each other, while they arrive.
      </Words>
      {delivery !== null && <DeliveryWords delivery={delivery} world={world} />}
      <Field
        label="File of the server’s computer"
        hint="It becomes the next version of “Demo package”; versions before are withdrawn, so that the disk does not fill."
      >
        <Input value={path} autoComplete="off" onChange={(_event, { value }) => setPath(value)} />
      </Field>
      <Buttons>
        <Button
          appearance={delivery === null || isComplete(delivery) ? 'primary' : 'secondary'}
          icon={<SendRegular />}
          disabled={isBusy || path.trim() === ''}
          onClick={() => void deliverDemo(path.trim(), world.fleet)}
        >
          {delivery === null ? 'Deliver the demo package' : 'Deliver it again'}
        </Button>
      </Buttons>
    </>
  );
}

function DeliveryWords({ delivery, world }: { delivery: Delivery; world: DemoWorld }) {
  const links = demoLinks(world, delivery.key);
  const size = links[0]?.totalSizeBytes;
  const what = `${delivery.packageName} ${delivery.version}${size === undefined ? '' : `, ${formatBytes(size)}`}`;
  return (
    <>
      <Told>
        {what}: {delivery.ready} of {formatQuantity(delivery.agents, 'agent')} have it.
        {isComplete(delivery) &&
          links.length > 0 &&
          ` Copies over each WAN link, counted at the server’s sockets: ${links.map(({ copies }) => formatCopies(copies)).join(', ')}. Without peers each agent would have fetched its own.`}
      </Told>
      {links.length > 0 && <LinkTable links={links} />}
    </>
  );
}

export function KillStep({ world, memory, isBusy, path, nowMs }: StepProps) {
  const delivery = demoDelivery(world);
  const { killed } = memory;
  const isKilledNow = killed !== null && killed.key === delivery?.key;
  const victim = delivery === null || isKilledNow ? null : victimOf(world, delivery);
  const isUnderWay = delivery !== null && !isComplete(delivery);
  return (
    <>
      <Words>
        The agent that fetches for its subnet may die in the middle. Another one takes the claim over and fetches only
        what nobody there has: the bar is {formatCopies(killedBar)} copies over the link.
      </Words>
      {delivery !== null && isUnderWay && !isKilledNow && (
        <Told>
          {victim === null
            ? 'On its way. A first downloader can be killed as soon as it has told of its claim and a tenth has crossed its link.'
            : `${victim.agent.name} is the first downloader of ${victim.link.name}: ${formatShare(victim.link.copies, 1)} of the package has crossed the link.${victim.others.length === 0 ? '' : ` In the same process: ${namesOf(victim.others.map((name) => ({ name })))}.`}`}
        </Told>
      )}
      {isKilledNow && delivery !== null && <KilledWords world={world} memory={memory} delivery={delivery} />}
      {delivery !== null && (isUnderWay || isKilledNow) && <LinkTable links={demoLinks(world, delivery.key)} />}
      <Buttons>
        {victim !== null && delivery !== null && isUnderWay && (
          <Button
            appearance="primary"
            icon={<FlashRegular />}
            disabled={isBusy}
            onClick={() => void killFirstDownloader(victim, delivery.key, world, nowMs)}
          >
            Kill {victim.agent.name} now
          </Button>
        )}
        {victim === null && <DeliverAgain isBusy={isBusy} isFirst={!isUnderWay} path={path} world={world} />}
      </Buttons>
    </>
  );
}

function KilledWords({
  world,
  memory: { killed },
  delivery,
}: Pick<StepProps, 'world' | 'memory'> & { delivery: Delivery }) {
  if (killed === null) return null;
  const successor = successorOf(world, killed);
  const link = demoLinks(world, killed.key).find(({ subnet }) => subnet === killed.subnet);
  const withIt = killed.others.length === 0 ? '' : `, and ${namesOf(killed.others.map((name) => ({ name })))} with it`;
  return (
    <Told>
      {killed.name} was killed at {formatClockTime(killed.atMs)}
      {withIt}, when {formatShare(killed.copies, 1)} had crossed the link.{' '}
      {successor === null
        ? 'Who goes on is told within some seconds.'
        : successor.agentId === killed.agentId
          ? `It came back and claimed the rest itself at ${formatClockTime(successor.claimedAtMs)}.`
          : `${successor.agentName} claimed the rest at ${formatClockTime(successor.claimedAtMs)}.`}{' '}
      {link !== undefined &&
        isComplete(delivery) &&
        (link.copies <= killedBar
          ? `All agents have the package all the same, and ${formatCopies(link.copies)} copies crossed the link.`
          : `All agents have the package all the same, but ${formatCopies(link.copies)} copies crossed the link: more than the bar.`)}
    </Told>
  );
}

export function CorruptStep({ world, memory, isBusy, path, nowMs }: StepProps) {
  const delivery = demoDelivery(world);
  const { corrupted } = memory;
  const isCorruptedNow = corrupted !== null && corrupted.key === delivery?.key;
  const victim = delivery === null || isCorruptedNow ? null : victimOf(world, delivery);
  const known = world.fleet.agents.find(({ name, impairments }) => name === corrupted?.name && impairments.corrupts);
  const isUnderWay = delivery !== null && !isComplete(delivery);
  return (
    <>
      <Words>
        An agent may hand out what is not what it seems: a bad disk, bad memory, or malice. Every block is checked
        against the package’s signed list of hashes before it is kept or handed on. Who sent a damaged one is asked for
        nothing more of the package, and is shunned for a day where it happens again.
      </Words>
      {isUnderWay && !isCorruptedNow && (
        <Told>
          {victim === null
            ? 'On its way. A first downloader can be made to damage blocks as soon as it has told of its claim.'
            : `${victim.agent.name} is the first downloader of ${victim.link.name}: all others there ask it for blocks.`}
        </Told>
      )}
      {isCorruptedNow && <CorruptedWords world={world} memory={memory} delivery={delivery} />}
      {delivery !== null && isCorruptedNow && <LinkTable links={demoLinks(world, delivery.key)} />}
      <Buttons>
        {victim !== null && delivery !== null && isUnderWay ? (
          <Button
            appearance="primary"
            icon={<ShieldDismissRegular />}
            disabled={isBusy}
            onClick={() => void corruptFirstDownloader(victim, delivery.key, nowMs)}
          >
            Let {victim.agent.name} damage blocks now
          </Button>
        ) : (
          <DeliverAgain isBusy={isBusy} isFirst={!isUnderWay} path={path} world={world} />
        )}
        {known !== undefined && (
          <Button
            icon={<ShieldCheckmarkRegular />}
            disabled={isBusy}
            onClick={() => void act({ kind: 'stop-corrupting' }, [known])}
          >
            Let {known.name} hand out sound blocks again
          </Button>
        )}
      </Buttons>
    </>
  );
}

function CorruptedWords({
  world,
  memory: { corrupted },
  delivery,
}: Pick<StepProps, 'world' | 'memory'> & { delivery: Delivery | null }) {
  if (corrupted === null || delivery === null) return null;
  const refused = refusalsOf(world, corrupted.agentId, corrupted.atMs);
  const link = demoLinks(world, corrupted.key).find(({ subnet }) => subnet === corrupted.subnet);
  return (
    <Told>
      {refused.blocks === 0
        ? `${corrupted.name} damages blocks; nobody has told of one yet.`
        : `${corrupted.name} damages blocks: ${formatQuantity(refused.blocks, 'block was', 'blocks were')} refused, by ${refused.reporters.join(', ')}.`}{' '}
      {delivery.ready} of {formatQuantity(delivery.agents, 'agent')} have the package
      {!isComplete(delivery)
        ? '.'
        : `, every block of it verified.${link === undefined ? '' : ` ${formatCopies(link.copies)} copies crossed the link of ${corrupted.subnetName}${link.copies > killedBar ? ': whom nobody believes fetches for itself alone, and another one for the rest' : ''}.`}`}
    </Told>
  );
}

export function SourcesStep({ world }: StepProps) {
  const delivery = demoDelivery(world);
  const links = delivery === null ? [] : demoLinks(world, delivery.key);
  const neededBytes = links.reduce((sum, { ready, totalSizeBytes }) => sum + ready * totalSizeBytes, 0);
  const crossedBytes = links.reduce((sum, { wanBytes }) => sum + wanBytes, 0);
  const claim = world.claims.find(({ key }) => key === delivery?.key);
  const place = world.fleet.agents.find(({ agentId }) => agentId === claim?.agentId);
  const follower = world.fleet.agents.find(
    ({ subnet, agentId }) => subnet === (place?.subnet ?? world.fleet.subnets[0]?.subnet) && agentId !== claim?.agentId,
  );
  const look = () => demo.remember({ hasLooked: true });
  return (
    <>
      <Words>Of every block its agent knows which source gave it, and why it was that one.</Words>
      {neededBytes > 0 && (
        <Told>
          {formatBytes(neededBytes)} reached the agents that have the package; {formatBytes(crossedBytes)} of it crossed
          WAN links, {formatShare(crossedBytes, neededBytes)}. The rest they had from each other.
        </Told>
      )}
      <Buttons>
        {claim !== undefined && (
          <Link href={`#${agentPath(claim.agentId)}`} onClick={look}>
            Why {claim.agentName} fetched for its subnet
          </Link>
        )}
        {follower?.agentId != null && (
          <Link href={`#${agentPath(follower.agentId)}`} onClick={look}>
            Where {follower.name} has its blocks from
          </Link>
        )}
        <Link href="#/reports/first-downloaders" onClick={look}>
          All first downloaders
        </Link>
        <Link href="#/reports/reasons" onClick={look}>
          Why bytes came directly
        </Link>
      </Buttons>
    </>
  );
}

/** Always there: an agent that was stopped would keep a delivery from its end. */
function DeliverAgain({
  isBusy,
  isFirst,
  path,
  world,
}: Pick<StepProps, 'isBusy' | 'path' | 'world'> & { isFirst: boolean }) {
  return (
    <Button
      appearance={isFirst ? 'primary' : 'secondary'}
      icon={<SendRegular />}
      disabled={isBusy || path === ''}
      onClick={() => void deliverDemo(path, world.fleet)}
    >
      Deliver it again
    </Button>
  );
}
