import { computedCampaigns } from './campaigns.ts';
import { testShareOf } from './support/share.ts';

testShareOf(computedCampaigns);
