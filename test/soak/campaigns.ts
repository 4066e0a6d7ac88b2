import { answerCampaign } from './answers/answer-campaign.ts';
import { crashCampaign } from './crash/crash-campaign.ts';
import { datagramCampaign } from './datagrams/datagram-campaign.ts';
import { decoderCampaign } from './datagrams/decoder-campaign.ts';
import { agentHttpCampaign, serverHttpCampaign } from './http/http-campaigns.ts';
import { serverCrashCampaign } from './server-crash/server-crash-campaign.ts';
import { simulationCampaign } from './simulations.ts';
import type { Campaign } from './support/campaign.ts';

/** Those that compute, and start nothing. */
export const computedCampaigns: readonly Campaign[] = [decoderCampaign, simulationCampaign];

/** Those over sockets, most of them against processes. */
export const processCampaigns: readonly Campaign[] = [
  datagramCampaign,
  agentHttpCampaign,
  serverHttpCampaign,
  answerCampaign,
  crashCampaign,
  serverCrashCampaign,
];

/** Every campaign that there is: `npm run soak -- NAME` runs one whole, `npm test` a share of each. */
export const campaigns: readonly Campaign[] = [...computedCampaigns, ...processCampaigns];
