import type { FaultProfile, SimulationRequest } from '../../contracts/simulation.ts';
import { agentsOf } from './rollout-sites.ts';
import type { SiteSample } from './site-sample.ts';

const faultWords: { readonly [Profile in FaultProfile]: string } = {
  none: 'Nothing fails.',
  reboots: 'One computer in twenty loses power while the package spreads, and is back after 1 to 3 minutes.',
  'first-downloaders-killed':
    'In every subnet, the computer that fetches first over the WAN is killed half-way and is back after a minute.',
  'wan-outages': 'One site in five loses its WAN link for 30 to 120 seconds.',
  'corrupting-peers': 'One computer in a hundred sends damaged blocks to its peers all the time.',
  'bad-day':
    'One computer in twenty loses power, every first downloader is killed half-way, one site in ten loses its WAN link, one computer in two hundred sends damaged blocks, and the Notification Server is away for a minute.',
};

/** What the model takes for granted, for whoever has to decide by its result. */
export function assumptionsOf({ organisation, faults, settings }: SimulationRequest, sample: SiteSample): string[] {
  return [
    sampleWords(sample),
    organisation.kind === 'sites'
      ? 'Sites, their links and how many agents they have are those that the server knows; nothing else uses the links.'
      : 'All branches are alike, and all regions; nothing else uses their links.',
    'A link carries 1448 bytes of blocks in every 1514 bytes; transfers share it evenly; broadcasts inside a subnet arrive.',
    'The WAN adds 20 ms each way, the LAN 0.2 ms; a block is on the disk 4 ms after its last byte.',
    organisation.onlineHours === 'always'
      ? 'All computers are on from the beginning.'
      : `Virtual time begins on a Monday at 00:00 UTC. Computers are on in local office hours, Package Servers and some desktops always; ${organisation.laptopPercent} % are laptops, which are away on some days and in another site of their region on others.`,
    ...(settings === null
      ? ['Agents have the settings of a new server with peer downloading on.']
      : [
          'Every agent has the settings of the policy; its additional subnets are left out, because addresses are made up.',
        ]),
    ...(settings?.peerDownloading === false
      ? ['The policy has peer downloading off: every computer fetches for itself.']
      : []),
    faultWords[faults],
  ];
}

function sampleWords({ sites, sampledFrom, isPartOfSite }: SiteSample): string {
  const agents = grouped(agentsOf(sites));
  if (sampledFrom === null) return `All ${agents} agents of ${sites.length} sites are simulated.`;
  const of = `${agents} of ${grouped(sampledFrom)} agents are simulated`;
  return isPartOfSite
    ? `${of}: a part of the smallest site alone, because no whole site has so few. Bytes are scaled to the whole organisation; core clients and WAN copies are those of that part.`
    : `${of}: whole sites, drawn by kind and size. Bytes are scaled to the whole organisation; core clients and WAN copies are those of the drawn sites.`;
}

/** 54,000 */
function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
