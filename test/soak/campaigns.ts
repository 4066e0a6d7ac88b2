import { answerCampaign } from './answers/answer-campaign.ts';
import { crashCampaign } from './crash/crash-campaign.ts';
import { datagramCampaign } from './datagrams/datagram-campaign.ts';
import { decoderCampaign } from './datagrams/decoder-campaign.ts';
import { agentHttpCampaign, serverHttpCampaign } from './http/http-campaigns.ts';
import { serverCrashCampaign } from './server-crash/server-crash-campaign.ts';
import { simulationCampaign } from './simulations.ts';
import type { Campaign } from './support/campaign.ts';

/** Every campaign that there is: `npm run soak -- NAME` runs one whole, `npm test` a share of each. */
export const campaigns: readonly Campaign[] = [
  decoderCampaign,
  datagramCampaign,
  agentHttpCampaign,
  serverHttpCampaign,
  answerCampaign,
  crashCampaign,
  serverCrashCampaign,
  simulationCampaign,
];
